//! The naive interpreter: a rule run element by element, exactly as it reads. Slow, and the measure of everything fast:
//! it shares nothing with the proofs and the loop nests that it is compared with.

use std::fmt;

use crate::diagnostic::Code;
use crate::sema::eval::{self, Values};
use crate::sema::model::{Converter, Expr, Operand};
use crate::source::Span;

/// The most places and iterations that the interpreter takes on.
pub const BUDGET: i64 = 1 << 22;

/// What a converter does at given sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    /// The extents of the input.
    pub input_shape: Vec<i64>,
    /// The extents of the output.
    pub output_shape: Vec<i64>,
    /// For every output place, in C order, the input place that it copies, or None where it gets the `else` value.
    pub source: Vec<Option<usize>>,
    /// Whether every position that passes the `if` reads inside the input, `else` or not.
    pub in_bounds: bool,
}

impl Map {
    /// Whether no input element is read twice.
    pub fn injective(&self) -> bool {
        let reads = self.source.iter().flatten().count();
        self.distinct() == reads
    }

    /// Whether every input element is read.
    pub fn surjective(&self) -> bool {
        // An extent of 0 empties the input, however large the others are.
        let elements = if self.input_shape.contains(&0) {
            0
        } else {
            self.input_shape.iter().product()
        };
        self.distinct() as i64 == elements
    }

    /// Both, and every output position reads.
    pub fn bijective(&self) -> bool {
        self.source.iter().all(Option::is_some) && self.injective() && self.surjective()
    }

    /// How many input elements are read.
    fn distinct(&self) -> usize {
        let mut places: Vec<usize> = self.source.iter().copied().flatten().collect();
        places.sort_unstable();
        places.dedup();
        places.len()
    }
}

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

/// What a converter does where its sizes, in the order of declaration and with those that have values, are `sizes`.
///
/// # Errors
/// Sizes that are no sizes of the converter, that violate `requires` or make an extent negative; arithmetic beyond 64 bits
/// or by a divisor that is not positive; reads and writes that the rules forbid; and more than [`BUDGET`] places.
pub fn source_map(converter: &Converter, sizes: &[i64]) -> Result<Map, Fault> {
    let sizes = checked_sizes(converter, sizes)?;
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
    let mut run = Run {
        converter,
        sizes: &sizes,
        written: vec![None; places as usize],
        in_bounds: true,
        input_shape,
        output_shape,
    };
    if places > 0 {
        run.all()?;
    }
    let source = run.written.iter().map(|place| place.flatten()).collect();
    Ok(Map {
        input_shape: run.input_shape,
        output_shape: run.output_shape,
        source,
        in_bounds: run.in_bounds,
    })
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

/// One run of a rule.
struct Run<'c> {
    converter: &'c Converter,
    sizes: &'c [Option<i64>],
    input_shape: Vec<i64>,
    output_shape: Vec<i64>,
    /// What each output place was given: nothing yet, the `else` value, or an input element.
    written: Vec<Option<Option<usize>>>,
    in_bounds: bool,
}

impl Run<'_> {
    /// All iterations, then the places that none of them wrote.
    fn all(&mut self) -> Result<(), Fault> {
        let rule = &self.converter.rule;
        let of_sizes = Values::of_sizes(self.sizes);
        let extents: Vec<i64> = rule
            .iterators
            .iter()
            .map(|i| of_sizes.number(&i.extent))
            .collect::<Result<_, _>>()?;
        // A range whose limit is negative is as empty as one of 0.
        let counts: Vec<i64> = extents.iter().map(|&n| n.max(0)).collect();
        let iterations = product(&counts, rule.span)?;
        if iterations > BUDGET {
            return fault(
                Code::ExpansionTooLarge,
                rule.span,
                format!("{iterations} iterations are too many to interpret"),
            );
        }
        let mut iterators = vec![0; counts.len()];
        for _ in 0..iterations {
            self.one(&iterators)?;
            for (value, count) in iterators.iter_mut().zip(&counts).rev() {
                *value += 1;
                if *value < *count {
                    break;
                }
                *value = 0;
            }
        }
        match self.written.iter().position(Option::is_none) {
            Some(place) if rule.fill.is_none() => {
                let name = &self.converter.output.name.text;
                let message = format!(
                    "{name}{:?} is never written, and there is no `else`",
                    unflatten(place, &self.output_shape)
                );
                fault(Code::NotWritten, rule.span, message)
            }
            _ => Ok(()),
        }
    }

    /// One iteration.
    fn one(&mut self, iterators: &[i64]) -> Result<(), Fault> {
        let rule = &self.converter.rule;
        let values = Values::new(self.sizes, iterators, &rule.definitions);
        if let Some(guard) = &rule.guard
            && !values.holds(guard)?
        {
            return Ok(());
        }
        let left: Vec<i64> = numbers(&rule.left, &values)?;
        let source: Vec<i64> = numbers(&rule.source, &values)?;
        let (output, input) = (
            &self.converter.output.name.text,
            &self.converter.input.name.text,
        );
        let place = match flat(&left, &self.output_shape) {
            Ok(place) => place,
            Err(axis) => {
                let message = format!(
                    "{output}{left:?} is written, outside {output}{:?}",
                    self.output_shape
                );
                return fault(Code::WriteOutOfBounds, rule.left[axis].span, message);
            }
        };
        if self.written[place].is_some() {
            return fault(
                Code::WrittenTwice,
                rule.left.first().map_or(rule.span, |e| e.span),
                format!("{output}{left:?} is written twice"),
            );
        }
        self.written[place] = Some(match flat(&source, &self.input_shape) {
            Ok(place) => Some(place),
            Err(axis) => {
                self.in_bounds = false;
                if rule.fill.is_none() {
                    let code = if source[axis] < 0 {
                        Code::OutOfBoundsBelow
                    } else {
                        Code::OutOfBoundsAbove
                    };
                    let message = format!(
                        "{output}{left:?} reads {input}{source:?}, outside {input}{:?}",
                        self.input_shape
                    );
                    return fault(code, rule.source[axis].span, message);
                }
                None
            }
        });
        Ok(())
    }
}

fn numbers(exprs: &[Expr], values: &Values<'_>) -> Result<Vec<i64>, Fault> {
    exprs
        .iter()
        .map(|e| values.number(e).map_err(Fault::from))
        .collect()
}

/// The place of an index in C order, or the first axis that it leaves.
fn flat(index: &[i64], shape: &[i64]) -> Result<usize, usize> {
    let outside = index
        .iter()
        .zip(shape)
        .position(|(&at, &extent)| !(0..extent).contains(&at));
    match outside {
        Some(axis) => Err(axis),
        // Inside every axis, hence less than the number of elements, which fits.
        None => Ok(index.iter().zip(shape).fold(0, |place, (&at, &extent)| {
            place * extent as usize + at as usize
        })),
    }
}

/// The index of a place in C order.
fn unflatten(mut place: usize, shape: &[i64]) -> Vec<i64> {
    let mut index = vec![0; shape.len()];
    for (at, &extent) in index.iter_mut().zip(shape).rev() {
        *at = place as i64 % extent;
        place /= extent as usize;
    }
    index
}
