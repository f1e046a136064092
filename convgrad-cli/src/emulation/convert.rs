//! A converter on the emulated core, by itself.

use std::collections::BTreeMap;

use convgrad::Converter;
use convgrad::cube::profile::Profile;
use convgrad::cube::program::{Refusal, Relayout};
use convgrad::program::Instance;
use half::f16;
use serde::Serialize;

use super::figures::{PipeFigures, pipes};
use super::{Setting, Traced, settings};
use crate::failure::{Failure, Result};
use crate::measure::Random;
use crate::memory;
use crate::render::{ratio, table};

/// What `convgrad cube --convert … --json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Conversion {
    /// The name of the core.
    profile: String,
    /// What the core is made of, and who says so.
    settings: BTreeMap<&'static str, Setting>,
    /// The name of the converter.
    converter: String,
    input_shape: Vec<usize>,
    output_shape: Vec<usize>,
    /// Cycles in all.
    cycles: u64,
    /// Instructions, flags included.
    instructions: u64,
    /// The pipes that did anything.
    pipes: BTreeMap<&'static str, PipeFigures>,
    /// Bytes by path.
    bytes: BTreeMap<String, u64>,
    /// Whether the result has the bits of the CPU's.
    exact: bool,
}

/// Host memory for each element of input and output: addresses, halves, and what the checker knows.
const BYTES: u128 = 48;

/// Runs a converter of halves on a core, and compares what it writes with what the CPU does.
pub(crate) fn convert(
    profile: &Profile,
    instance: &Instance,
    traced: bool,
) -> Result<(Conversion, Traced)> {
    let count = |shape: &[usize]| shape.iter().product::<usize>();
    let (read, written) = (
        count(instance.input_shape()),
        count(instance.output_shape()),
    );
    let name = instance.name();
    memory::ensure(
        (read as u128 + written as u128) * BYTES,
        &format!("`{name}`"),
    )?;
    let refused = |refusal: Refusal| match refusal {
        Refusal::Error(error) => Failure::runtime(error),
        other => Failure::environment(format!("`{name}` on {}: {other}", profile.name())),
    };
    let x: Vec<f16> = Random::new(11)
        .numbers(read)
        .into_iter()
        .map(f16::from_f32)
        .collect();
    let mut expected = vec![f16::ZERO; written];
    instance
        .convert(&x, &mut expected)
        .map_err(Failure::runtime)?;
    let relayout = Relayout::new(profile, instance).map_err(refused)?;
    let mut found = vec![f16::NAN; written];
    let ran = relayout.run(&x, &mut found, traced).map_err(refused)?;
    let same = |(found, expected): (&f16, &f16)| found.to_bits() == expected.to_bits();
    if !found.iter().zip(&expected).all(same) {
        let message = format!("`{name}`: the result differs from the CPU's");
        return Err(Failure::environment(message));
    }
    let report = &ran.report;
    let conversion = Conversion {
        profile: profile.name().into(),
        settings: settings(profile),
        converter: name.into(),
        input_shape: instance.input_shape().to_vec(),
        output_shape: instance.output_shape().to_vec(),
        cycles: report.cycles,
        instructions: report.instructions,
        pipes: pipes(report),
        bytes: report.paths(),
        exact: true,
    };
    let traced = Traced {
        title: format!("{name} on {}", profile.name()),
        events: ran.trace,
        cycles: report.cycles,
    };
    Ok((conversion, traced))
}

impl Conversion {
    /// The same for people.
    pub(crate) fn to_text(&self) -> String {
        let shape = |shape: &[usize]| {
            let extents: Vec<String> = shape.iter().map(usize::to_string).collect();
            format!("[{}]", extents.join(", "))
        };
        let mut text = format!(
            "{} on {}: {} to {}, the CPU's bits\n{} cycles, {} instructions\n\n",
            self.converter,
            self.profile,
            shape(&self.input_shape),
            shape(&self.output_shape),
            self.cycles,
            self.instructions,
        );
        let pipes = self.pipes.iter().map(|(name, pipe)| {
            vec![
                (*name).into(),
                pipe.instructions.to_string(),
                pipe.busy.to_string(),
                ratio(pipe.utilisation),
            ]
        });
        let header = ["pipe", "instructions", "busy", "share"];
        text.push_str(&table(header, pipes.collect(), 1));
        text.push('\n');
        let paths = self.bytes.iter();
        let paths = paths.map(|(path, bytes)| vec![path.clone(), bytes.to_string()]);
        text.push_str(&table(["path", "bytes"], paths.collect(), 1));
        text
    }
}
