//! `convgrad run`: one converter on one array.

use std::path::PathBuf;

use clap::Args;
use convgrad::Converter;
use convgrad::program::{Instance, ProgramError};
use ndarray::ArrayD;

use crate::args::NamedConverter;
use crate::failure::{Failure, Result};
use crate::files::{Slot, Staged};
use crate::memory;
use crate::npy::{self, ArrayFile, Stored, with_element};
use crate::threads::Threads;

/// Run a converter on an array
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    converter: NamedConverter,
    /// The array to convert
    #[arg(long = "in", value_name = "X.npy")]
    input: PathBuf,
    /// Where the result goes; its elements are of the input's type
    #[arg(long = "out", value_name = "Y.npy")]
    output: PathBuf,
    #[command(flatten)]
    threads: Threads,
}

/// Converts.
pub(crate) fn run(options: &Options) -> Result {
    let (formulas, settings, program) = options.converter.open()?;
    let formula = options.converter.find(&program)?;
    let input = npy::open(&options.input)?;
    let given = settings
        .iter()
        .map(|setting| {
            Ok((
                setting.name.as_str(),
                usize::try_from(setting.value).map_err(Failure::input)?,
            ))
        })
        .collect::<Result<Vec<(&str, usize)>>>()?;
    let instance = formula
        .instance(input.shape(), &given)
        .map_err(|error| match error {
            ProgramError::Diagnostics(diagnostics) => {
                formulas.show(&diagnostics);
                let shape = npy::describe(input.shape());
                input.fault(format!(
                    "{} cannot convert an array of the shape {shape}",
                    options.converter.name
                ))
            }
            ProgramError::Runtime(error) => Failure::runtime(error),
            other => Failure::input(other),
        })?;
    let instance = instance.on(&options.threads.context()?);
    let mut staged = Staged::new();
    let slot = staged.reserve(&options.output)?;
    with_element!(input.dtype(), T => convert::<T>(&instance, input, &mut staged, slot))?;
    staged.publish()
}

fn convert<T: Stored>(
    instance: &Instance,
    input: ArrayFile,
    staged: &mut Staged,
    slot: Slot,
) -> Result {
    let elements = |shape: &[usize]| shape.iter().map(|&extent| extent as u128).product::<u128>();
    let all = elements(instance.input_shape()) + elements(instance.output_shape());
    memory::ensure(all * T::BYTES as u128, &format!("`{}`", instance.name()))?;
    let x: ArrayD<T> = input.read()?;
    let y: ArrayD<T> = instance.convert_array(&x).map_err(Failure::runtime)?;
    staged.write(slot, |out| npy::write(out, y.view()))
}
