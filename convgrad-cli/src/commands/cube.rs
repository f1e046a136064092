//! `convgrad cube`: convolutions and their gradients on an emulated DaVinci core, in cycles.

use std::path::{Path, PathBuf};

use clap::Args;
use convgrad::cube::profile::Profile;
use convgrad::cube::time::{chrome, timeline};
use convgrad::program::{Instance, ProgramError};

use crate::args::Sizes;
use crate::emulation::{self, Plan, Selection, Traced};
use crate::failure::{Failure, Result};
use crate::files::{Slot, Staged};
use crate::formulas::FormulaFile;
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
    /// Compute and compare only so many tiles of sums of each run, spread evenly; cycles remain those of the whole
    #[arg(long, value_name = "TILES", value_parser = clap::value_parser!(u32).range(2..))]
    sample: Option<u32>,
    /// Run only what begins so: `forward`, `dx/converters`, `dk/direct/hardware`
    #[arg(long, value_name = "PASS[/SCHEME[/IMG2COL]]", default_value = "", value_parser = Selection::new)]
    only: Selection,
    /// Run a converter of halves instead, from a file of formulas or from the standard library (`std`), at the sizes of --set
    #[arg(long, num_args = 2, value_names = ["FILE", "NAME"], conflicts_with_all = ["shapes", "batch", "sample", "only", "describe"])]
    convert: Option<Vec<String>>,
    #[command(flatten)]
    sizes: Sizes,
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
    let files = Files::new(options)?;
    match options.convert.as_deref() {
        Some([file, name]) => {
            let instance = instance(options, file, name)?;
            let (found, traced) = emulation::convert(&profile, &instance, files.wanted())?;
            let printed = match options.json {
                true => output::print_json(&found),
                false => output::print(&found.to_text()),
            };
            files.write(Some(traced), Vec::new())?;
            printed
        }
        _ => shapes(options, profile, files),
    }
}

/// Every pass and scheme of a set of shapes.
fn shapes(options: &Options, profile: Profile, files: Files) -> Result {
    if !options.sizes.checked()?.is_empty() {
        return Err(Failure::environment("--set gives sizes to --convert only"));
    }
    let mut set = shapes::load(&options.shapes)?;
    if let Some(batch) = options.batch {
        set.shapes
            .iter_mut()
            .for_each(|shape| shape.n = batch as usize);
    }
    let name = set.name.clone();
    let (findings, traced) = emulation::emulate(&Plan {
        set,
        profile,
        threads: options.threads.count(),
        selection: options.only.clone(),
        traced: files.wanted(),
        sample: options.sample.map(|tiles| tiles as usize),
    })?;
    let printed = if options.json {
        output::print_json(&findings)
    } else {
        output::print(&emulation::tables(&findings))
    };
    let pictures = match &files.folder {
        Some(_) => emulation::pictures(&findings, &name)?,
        None => Vec::new(),
    };
    files.write(traced, pictures)?;
    printed
}

/// A converter at sizes that are all given.
fn instance(options: &Options, file: &str, name: &str) -> Result<Instance> {
    let formulas = FormulaFile::read(file.as_ref())?;
    let settings = options.sizes.checked()?;
    let program = formulas.program()?;
    let formula = program.converter(name).map_err(Failure::environment)?;
    let given = settings
        .iter()
        .map(|setting| {
            let value = usize::try_from(setting.value).map_err(Failure::input)?;
            Ok((setting.name.as_str(), value))
        })
        .collect::<Result<Vec<_>>>()?;
    formula.at(&given).map_err(|error| match error {
        ProgramError::Diagnostics(diagnostics) => {
            formulas.show(&diagnostics);
            Failure::Reported
        }
        ProgramError::Runtime(error) => Failure::runtime(error),
        other => Failure::input(other),
    })
}

/// What is written beside what is printed. What cannot be is better known before the work than after it.
struct Files<'o> {
    staged: Staged,
    trace: Option<Slot>,
    folder: Option<&'o Path>,
}

impl<'o> Files<'o> {
    fn new(options: &'o Options) -> Result<Self> {
        let mut staged = Staged::new();
        let trace = options.trace.as_deref();
        let trace = trace.map(|path| staged.reserve(path)).transpose()?;
        let folder = options.svg.as_deref();
        if let Some(folder) = folder {
            std::fs::create_dir_all(folder).map_err(|error| {
                Failure::file(folder, format!("cannot make the folder: {error}"))
            })?;
            Staged::new().reserve(&folder.join("picture.svg"))?;
        }
        Ok(Self {
            staged,
            trace,
            folder,
        })
    }

    /// Whether what happens is to be kept.
    fn wanted(&self) -> bool {
        self.trace.is_some() || self.folder.is_some()
    }

    /// Writes everything: the trace, and the pictures with the timeline beside them.
    fn write(self, traced: Option<Traced>, mut pictures: Vec<(&'static str, String)>) -> Result {
        let Files {
            mut staged,
            trace,
            folder,
        } = self;
        if let (Some(slot), Some(traced)) = (trace, &traced) {
            let json = chrome(&traced.title, &traced.events);
            staged.write(slot, |out| out.write_all(json.as_bytes()))?;
        }
        if let Some(folder) = folder {
            if let Some(traced) = &traced {
                let picture = timeline(&traced.title, &traced.events, traced.cycles);
                pictures.push(("cube-timeline.svg", picture));
            }
            for (name, svg) in pictures {
                let slot = staged.reserve(&folder.join(name))?;
                staged.write(slot, |out| out.write_all(svg.as_bytes()))?;
            }
        }
        staged.publish()
    }
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
