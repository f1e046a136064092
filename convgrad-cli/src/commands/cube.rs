//! `convgrad cube`: convolutions and their gradients on an emulated DaVinci core, in cycles.

use std::path::PathBuf;

use clap::Args;
use convgrad::cube::time::{chrome, timeline};

use crate::emulation::{self, Plan, Selection};
use crate::failure::{Failure, Result};
use crate::files::Staged;
use crate::threads::Threads;
use crate::{output, shapes};

/// Run convolutions and their gradients on an emulated DaVinci core, and say what they cost there
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The shapes: a set (paper, resnet50, mobilenetv2, depthwise, vgg16) or a JSON or CSV file
    #[arg(long, value_name = "SET|FILE", default_value = "paper")]
    shapes: String,
    /// The core: ascend910, ascend310p, ascend910b, or a JSON file
    #[arg(long, value_name = "CORE|FILE", default_value = "ascend910")]
    profile: String,
    /// Images of every shape, whatever the set says
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    batch: Option<u32>,
    /// Run only what begins so: `forward`, `dx/converters`, `dk/direct/hardware`
    #[arg(long, value_name = "PASS[/SCHEME[/IMG2COL]]", default_value = "", value_parser = Selection::new)]
    only: Selection,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
    /// Write what the pipes did in the first run, for ui.perfetto.dev
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Draw pictures into a folder, which is made if it is not there
    #[arg(long, value_name = "DIR")]
    svg: Option<PathBuf>,
    /// Say what the core is made of and who says so, and run nothing
    #[arg(long, conflicts_with_all = ["json", "trace", "svg"])]
    describe: bool,
    #[command(flatten)]
    threads: Threads,
}

/// Emulates, prints, writes.
pub(crate) fn run(options: &Options) -> Result {
    let profile = emulation::load(&options.profile)?;
    if options.describe {
        return output::print(&emulation::description(&profile));
    }
    let mut set = shapes::load(&options.shapes)?;
    if let Some(batch) = options.batch {
        set.shapes
            .iter_mut()
            .for_each(|shape| shape.n = batch as usize);
    }
    let mut staged = Staged::new();
    let trace = options.trace.as_deref();
    let trace = trace.map(|path| staged.reserve(path)).transpose()?;
    if let Some(folder) = &options.svg {
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::file(folder, format!("cannot make the folder: {error}")))?;
        // What cannot be written is better known before the work than after it.
        Staged::new().reserve(&folder.join("picture.svg"))?;
    }
    let name = set.name.clone();
    let (findings, traced) = emulation::emulate(&Plan {
        set,
        profile,
        threads: options.threads.count(),
        selection: options.only.clone(),
        traced: trace.is_some() || options.svg.is_some(),
    })?;
    let printed = if options.json {
        output::print_json(&findings)
    } else {
        output::print(&emulation::tables(&findings))
    };
    if let (Some(slot), Some(traced)) = (trace, &traced) {
        let json = chrome(&traced.title, &traced.events);
        staged.write(slot, |out| out.write_all(json.as_bytes()))?;
    }
    if let Some(folder) = &options.svg {
        let mut pictures = emulation::pictures(&findings, &name)?;
        if let Some(traced) = &traced {
            let picture = timeline(&traced.title, &traced.events, traced.cycles);
            pictures.push(("cube-timeline.svg", picture));
        }
        for (name, svg) in pictures {
            let slot = staged.reserve(&folder.join(name))?;
            staged.write(slot, |out| out.write_all(svg.as_bytes()))?;
        }
    }
    staged.publish()?;
    printed
}

#[cfg(test)]
mod tests {
    use super::*;
    use convgrad::cube::profile::Profile;

    #[test]
    fn every_chip_can_be_named_and_described() {
        for name in Profile::NAMES {
            let text = emulation::description(&emulation::load(name).unwrap());
            assert!(text.contains("gm_to_l1"), "{text}");
        }
        assert!(emulation::load("no such chip").is_err());
        assert!(Selection::new("dk/sideways").is_err());
    }
}
