//! A converter at concrete sizes, ready to run.

use convgrad_dsl::analysis::Analysis;
use convgrad_dsl::nest::Scalar;
use convgrad_dsl::proof::Counts;
use convgrad_dsl::sema::model::{self, Conversion, Elements, Writes};
use ndarray::IxDyn;

use super::obligations;
use super::parallel;
use super::prepare::{Scope, Step};
use super::size::Values;
use super::source::Source;
use crate::__private::{Check, Int, check_length, fill};
use crate::conv::Context;
use crate::converter::Converter;
use crate::element::{Element, Number};
use crate::error::Error;

/// A converter that was compiled at run time, with all its sizes.
#[derive(Clone, Debug)]
pub struct Instance {
    name: String,
    input: Tensor,
    output: Tensor,
    /// The numbers that the rule writes.
    numbers: Vec<Number>,
    writes: Writes,
    elements: Option<Elements>,
    slots: usize,
    /// None where the output is empty.
    step: Option<Step>,
    context: Context,
}

#[derive(Clone, Debug)]
struct Tensor {
    name: String,
    shape: Vec<usize>,
}

impl Instance {
    /// Fixes the sizes: `sizes[k]` is the value of size `k` of the converter, also of those that the analysis has bound.
    ///
    /// # Errors
    /// Sizes that violate a requirement or an obligation, or for which index arithmetic leaves 64 bits.
    pub fn new(
        converter: &model::Converter,
        analysis: &Analysis,
        sizes: &[i64],
    ) -> Result<Self, Error> {
        let name = converter.name.text.as_str();
        let mut check = Check::new(name);
        for (size, value) in converter.sizes.iter().zip(sizes) {
            check.derived(&size.name.text, Int::of(*value));
            check.natural(&size.name.text, Int::of(*value))?;
        }
        let obligations = |counts: Counts| {
            analysis
                .obligations
                .iter()
                .filter(move |obligation| obligation.counts == counts)
                .try_for_each(|obligation| obligations::check(obligation, sizes, &check))
        };
        obligations(Counts::Always)?;
        let (input, _) = tensor(&converter.input, &analysis.input_shape, sizes, &check)?;
        let (output, not_empty) = tensor(&converter.output, &analysis.output_shape, sizes, &check)?;
        let mut scope = Scope::new(name, sizes);
        let step = match not_empty {
            true => {
                obligations(Counts::OutputNotEmpty)?;
                Some(scope.step(&analysis.nest.body)?)
            }
            false => None,
        };
        Ok(Instance {
            input,
            output,
            numbers: converter.rule.numbers().into_iter().map(number).collect(),
            writes: converter.rule.writes,
            elements: converter.elements,
            slots: scope.slots(),
            step,
            name: converter.name.text.clone(),
            context: Context::single_threaded(),
        })
    }

    /// The same on the threads of a context, rather than on the caller's alone. The result does not depend on them.
    pub fn on(self, context: &Context) -> Self {
        Instance {
            context: context.clone(),
            ..self
        }
    }

    /// The shape of what it reads.
    pub fn input_shape(&self) -> &[usize] {
        &self.input.shape
    }

    /// The shape of what it writes.
    pub fn output_shape(&self) -> &[usize] {
        &self.output.shape
    }

    /// The element types that the formula says; None for any type, the same on both sides.
    pub fn elements(&self) -> Option<Elements> {
        self.elements
    }

    /// Writes every element of `y`, from an input of so many elements.
    pub(super) fn run<T: Element>(
        &self,
        elements: usize,
        x: &(impl Source<T> + ?Sized),
        y: &mut [T],
    ) -> Result<(), Error> {
        check_length(&self.input.name, &self.input.shape, elements)?;
        check_length(&self.output.name, &self.output.shape, y.len())?;
        let numbers = self.numbers.iter().map(|number| fill(&self.name, *number));
        let numbers = numbers.collect::<Result<Vec<T>, _>>()?;
        let Some(step) = &self.step else {
            return Ok(());
        };
        let job = parallel::Job {
            step,
            slots: self.slots,
            numbers: &numbers,
            writes: self.writes,
        };
        job.run(&self.context, x, y)
    }

    /// The error of elements that are of other types than the formula says.
    pub(super) fn wrong_types<X: Element, Y: Element>(&self) -> Error {
        let declared = |elements: Elements| {
            let (input, output) = (elements.input.name(), elements.output.name());
            (input.into(), output.into())
        };
        Error::ElementTypes {
            item: self.name.clone().into(),
            declared: self.elements.map(declared),
            found: (X::NAME.into(), Y::NAME.into()),
        }
    }
}

impl Converter for Instance {
    type InputDim = IxDyn;
    type OutputDim = IxDyn;

    fn name(&self) -> &str {
        &self.name
    }

    fn input_name(&self) -> &str {
        &self.input.name
    }

    fn output_name(&self) -> &str {
        &self.output.name
    }

    fn input_dim(&self) -> IxDyn {
        IxDyn(&self.input.shape)
    }

    fn output_dim(&self) -> IxDyn {
        IxDyn(&self.output.shape)
    }

    fn convert<T: Element>(&self, x: &[T], y: &mut [T]) -> Result<(), Error> {
        let fits = self.elements.is_none_or(|elements| {
            elements.conversion == Conversion::Same && elements.input.name() == T::NAME
        });
        match fits {
            true => self.run(x.len(), x, y),
            false => Err(self.wrong_types::<T, T>()),
        }
    }
}

/// A tensor with its shape, and whether it has elements.
fn tensor(
    operand: &model::Operand,
    extents: &[Scalar],
    sizes: &[i64],
    check: &Check,
) -> Result<(Tensor, bool), Error> {
    let values = Values {
        sizes,
        variables: &[],
    };
    let extents: Vec<Int> = extents.iter().map(|extent| values.scalar(extent)).collect();
    let has_elements = check.shape(&operand.name.text, &extents)?;
    let tensor = Tensor {
        name: operand.name.text.clone(),
        // The check has shown that the extents are neither negative nor too large.
        shape: extents
            .iter()
            .map(|extent| extent.value() as usize)
            .collect(),
    };
    Ok((tensor, has_elements))
}

fn number(number: model::Number) -> Number {
    match number {
        model::Number::Int(value) => Number::Int(value),
        model::Number::Float(value) => Number::Float(value),
    }
}
