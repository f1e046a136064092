//! `convgrad run`: one converter on one array.

use std::path::PathBuf;

use clap::Args;
use convgrad::program::{ConvertTo, ElementType, Instance, ProgramError};
use convgrad::{Converter, TypedConverter};
use ndarray::ArrayD;

use crate::args::NamedConverter;
use crate::failure::{Failure, Result};
use crate::files::{Slot, Staged};
use crate::memory;
use crate::npy::{self, ArrayFile, DType, Stored, with_element};
use crate::threads::Threads;

/// Run a converter on an array
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    converter: NamedConverter,
    /// The array to convert
    #[arg(long = "in", value_name = "X.npy")]
    input: PathBuf,
    /// Where the result goes; its elements are of the input's type, unless the formula says another one
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
    match instance.elements() {
        None => {
            with_element!(input.dtype(), T => convert::<T>(&instance, input, &mut staged, slot))?;
        }
        Some(elements) => {
            let expected = dtype(elements.input)?;
            if input.dtype() != expected {
                return Err(input.fault(format!(
                    "holds {}, but `{}` reads {expected}",
                    input.dtype(),
                    options.converter.name
                )));
            }
            with_element!(expected, X => with_element!(dtype(elements.output)?, Y => {
                convert_typed::<X, Y>(&instance, input, &mut staged, slot)
            }))?;
        }
    }
    staged.publish()
}

/// The type of an array's elements that a formula names.
fn dtype(element: ElementType) -> Result<DType> {
    let found = DType::ALL
        .iter()
        .find(|dtype| dtype.in_formulas() == element.name());
    let missing = || Failure::environment(format!("arrays of {element} cannot be stored"));
    found.copied().ok_or_else(missing)
}

/// Sees to it that both arrays of a conversion find room.
fn ensure<X: Stored, Y: Stored>(instance: &Instance) -> Result {
    let bytes = |shape: &[usize], each: usize| {
        let elements: u128 = shape.iter().map(|&extent| extent as u128).product();
        elements * each as u128
    };
    let all = bytes(instance.input_shape(), X::BYTES) + bytes(instance.output_shape(), Y::BYTES);
    memory::ensure(all, &format!("`{}`", instance.name()))
}

fn convert_typed<X: Stored + ConvertTo<Y>, Y: Stored>(
    instance: &Instance,
    input: ArrayFile,
    staged: &mut Staged,
    slot: Slot,
) -> Result {
    ensure::<X, Y>(instance)?;
    let typed = instance.typed::<X, Y>().map_err(Failure::runtime)?;
    let x: ArrayD<X> = input.read()?;
    let y: ArrayD<Y> = typed.convert_array(&x).map_err(Failure::runtime)?;
    staged.write(slot, |out| npy::write(out, y.view()))
}

fn convert<T: Stored>(
    instance: &Instance,
    input: ArrayFile,
    staged: &mut Staged,
    slot: Slot,
) -> Result {
    ensure::<T, T>(instance)?;
    let x: ArrayD<T> = input.read()?;
    let y: ArrayD<T> = instance.convert_array(&x).map_err(Failure::runtime)?;
    staged.write(slot, |out| npy::write(out, y.view()))
}
