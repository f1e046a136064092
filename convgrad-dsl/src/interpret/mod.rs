//! The naive interpreter: a rule run element by element, exactly as it reads. Slow, and the measure of everything fast:
//! it shares nothing with the proofs and the loop nests that it is compared with.

mod map;
mod run;

use std::fmt;

use crate::diagnostic::Code;
use crate::sema::eval::{self, Values};
use crate::sema::model::{Converter, Expr, Operand};
use crate::source::Span;

pub use map::{Held, Map};
use run::Run;
pub(crate) use run::unflatten;

/// The most places and iterations that the interpreter takes on.
pub const BUDGET: i64 = 1 << 22;

/// Why a converter does not run at given sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind of fault.
    pub code: Code,
    /// What is wrong, with the numbers.
    pub message: String,
    /// The part of the formula at fault.
    pub span: Span,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)
    }
}

impl std::error::Error for Fault {}

impl From<eval::Fault> for Fault {
    fn from(fault: eval::Fault) -> Self {
        let diagnostic = fault.diagnostic();
        Fault {
            code: diagnostic.code,
            message: diagnostic.message,
            span: diagnostic.span,
        }
    }
}

fn fault<T>(code: Code, span: Span, message: impl Into<String>) -> Result<T, Fault> {
    Err(Fault {
        code,
        message: message.into(),
        span,
    })
}

/// What a converter does where its sizes, in the order of declaration and with those that have values, are given.
///
/// # Errors
/// Sizes that are no sizes of the converter, that violate `requires` or make an extent negative; arithmetic beyond 64 bits
/// or by a divisor that is not positive; reads and writes that the rules forbid; and more than [`BUDGET`] places.
pub fn source_map(converter: &Converter, given: &[i64]) -> Result<Map, Fault> {
    let sizes = checked_sizes(converter, given)?;
    let of_sizes = Values::of_sizes(&sizes);
    for condition in &converter.requires {
        if !of_sizes.holds(condition)? {
            return fault(
                Code::RequirementViolated,
                condition.span,
                "a requirement is violated",
            );
        }
    }
    let input_shape = shape(&converter.input, &of_sizes)?;
    let output_shape = shape(&converter.output, &of_sizes)?;
    let places = product(&output_shape, converter.output.span)?;
    product(&input_shape, converter.input.span)?;
    if places > BUDGET {
        return fault(
            Code::ExpansionTooLarge,
            converter.output.span,
            format!("{places} places are too many to interpret"),
        );
    }
    for stage in &converter.stages {
        // What the formulas refuse that it is made of. Their sizes are its sizes.
        let stage = Converter {
            sizes: converter.sizes.clone(),
            requires: converter.requires.clone(),
            ..stage.clone()
        };
        source_map(&stage, given)?;
    }
    let mut run = Run::new(
        converter,
        &sizes,
        (input_shape, output_shape),
        places as usize,
    );
    if places > 0 {
        run.all()?;
    }
    Ok(run.finish())
}

/// The sizes, if they can be those of the converter.
fn checked_sizes(converter: &Converter, sizes: &[i64]) -> Result<Vec<Option<i64>>, Fault> {
    if sizes.len() != converter.sizes.len() {
        let message = format!("{} sizes given, not {}", sizes.len(), converter.sizes.len());
        return fault(Code::SizeMissing, converter.name.span, message);
    }
    let known: Vec<Option<i64>> = sizes.iter().copied().map(Some).collect();
    for (size, &given) in converter.sizes.iter().zip(sizes) {
        let name = &size.name.text;
        if given < 0 {
            return fault(
                Code::SizeMismatch,
                size.name.span,
                format!("size {name} is {given}, but sizes are at least 0"),
            );
        }
        if let Some(value) = &size.value {
            let value = Values::of_sizes(&known).number(value)?;
            if value != given {
                return fault(
                    Code::SizeMismatch,
                    size.name.span,
                    format!("size {name} is {value}, not {given}"),
                );
            }
        }
    }
    Ok(known)
}

fn shape(operand: &Operand, sizes: &Values<'_>) -> Result<Vec<i64>, Fault> {
    let name = &operand.name.text;
    let extent = |(axis, expr): (usize, &Expr)| match sizes.number(expr)? {
        n if n < 0 => fault(
            Code::NegativeExtent,
            expr.span,
            format!("axis {axis} of {name} has the extent {n}"),
        ),
        n => Ok(n),
    };
    operand.extents.iter().enumerate().map(extent).collect()
}

/// The number of elements of a shape; 0 if an extent is 0, however large the others are.
fn product(shape: &[i64], span: Span) -> Result<i64, Fault> {
    if shape.contains(&0) {
        return Ok(0);
    }
    match shape
        .iter()
        .try_fold(1i64, |n, &extent| n.checked_mul(extent))
    {
        Some(n) => Ok(n),
        None => fault(
            Code::Overflow,
            span,
            "the number of elements does not fit 64 bits",
        ),
    }
}
