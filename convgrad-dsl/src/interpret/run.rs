//! One run of a rule: patches, iterations, and what every place was given.

use std::collections::BTreeMap;

use super::{BUDGET, Fault, Map, fault, product};
use crate::diagnostic::Code;
use crate::sema::eval::Values;
use crate::sema::model::{self, Converter, Expr, Number, Patch, Writes};
use crate::source::Span;

/// One run of a rule.
pub(super) struct Run<'c> {
    converter: &'c Converter,
    sizes: &'c [Option<i64>],
    input_shape: Vec<i64>,
    output_shape: Vec<i64>,
    patched: BTreeMap<usize, Number>,
    written: Written,
    in_bounds: bool,
}

/// What each output place was given.
enum Written {
    /// Nothing yet, the `else` value, or an input element.
    Once(Vec<Option<Option<usize>>>),
    /// These input elements.
    Add(Vec<Vec<usize>>),
}

impl<'c> Run<'c> {
    pub(super) fn new(
        converter: &'c Converter,
        sizes: &'c [Option<i64>],
        (input_shape, output_shape): (Vec<i64>, Vec<i64>),
        places: usize,
    ) -> Self {
        Run {
            converter,
            sizes,
            input_shape,
            output_shape,
            patched: BTreeMap::new(),
            written: match converter.rule.writes {
                Writes::Once => Written::Once(vec![None; places]),
                Writes::Add => Written::Add(vec![Vec::new(); places]),
            },
            in_bounds: true,
        }
    }

    /// What came of it.
    pub(super) fn finish(self) -> Map {
        let only = |elements: &Vec<usize>| match elements[..] {
            [only] => Some(only),
            _ => None,
        };
        let (source, sums) = match self.written {
            Written::Once(places) => (places.into_iter().map(Option::flatten).collect(), None),
            Written::Add(places) => (places.iter().map(only).collect(), Some(places)),
        };
        let numbers = self.converter.rule.numbers();
        Map {
            input_shape: self.input_shape,
            output_shape: self.output_shape,
            source,
            sums,
            fill: numbers.first().copied(),
            patched: self.patched,
            in_bounds: self.in_bounds,
        }
    }

    /// The patches, all iterations, then the places that none of them wrote.
    pub(super) fn all(&mut self) -> Result<(), Fault> {
        let rule = &self.converter.rule;
        for patch in &rule.patches {
            self.each(&patch.iterators, rule.span, |run, iterators| {
                run.patch(patch, iterators)
            })?;
        }
        self.each(&rule.iterators, rule.span, Self::one)?;
        let Written::Once(written) = &self.written else {
            return Ok(());
        };
        match written.iter().position(Option::is_none) {
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

    /// Calls `body` with all values of some iterators, the last one running fastest.
    fn each(
        &mut self,
        iterators: &[model::Iterator],
        span: Span,
        mut body: impl FnMut(&mut Self, &[i64]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let of_sizes = Values::of_sizes(self.sizes);
        let extents: Vec<i64> = iterators
            .iter()
            .map(|i| of_sizes.number(&i.extent))
            .collect::<Result<_, _>>()?;
        // A range whose limit is negative is as empty as one of 0.
        let counts: Vec<i64> = extents.iter().map(|&n| n.max(0)).collect();
        let iterations = product(&counts, span)?;
        if iterations > BUDGET {
            return fault(
                Code::ExpansionTooLarge,
                span,
                format!("{iterations} iterations are too many to interpret"),
            );
        }
        let mut values = vec![0; counts.len()];
        for _ in 0..iterations {
            body(self, &values)?;
            for (value, count) in values.iter_mut().zip(&counts).rev() {
                *value += 1;
                if *value < *count {
                    break;
                }
                *value = 0;
            }
        }
        Ok(())
    }

    /// One iteration of a patch.
    fn patch(&mut self, patch: &Patch, iterators: &[i64]) -> Result<(), Fault> {
        let values = Values::new(self.sizes, iterators, &[]);
        if let Some(guard) = &patch.guard
            && !values.holds(guard)?
        {
            return Ok(());
        }
        let place = self.place(&patch.left, &values)?;
        self.patched.insert(place, patch.fill.number);
        Ok(())
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
        let place = self.place(&rule.left, &values)?;
        let source = self.source(place, &values)?;
        match &mut self.written {
            Written::Once(written) => {
                if written[place].is_some() {
                    let output = &self.converter.output.name.text;
                    let left = unflatten(place, &self.output_shape);
                    return fault(
                        Code::WrittenTwice,
                        rule.left.first().map_or(rule.span, |e| e.span),
                        format!("{output}{left:?} is written twice"),
                    );
                }
                written[place] = Some(source);
            }
            Written::Add(sums) => sums[place].extend(source),
        }
        Ok(())
    }

    /// The output place of an iteration.
    fn place(&self, left: &[Expr], values: &Values<'_>) -> Result<usize, Fault> {
        let index = numbers(left, values)?;
        flat(&index, &self.output_shape).or_else(|axis| {
            let output = &self.converter.output.name.text;
            let message = format!(
                "{output}{index:?} is written, outside {output}{:?}",
                self.output_shape
            );
            fault(Code::WriteOutOfBounds, left[axis].span, message)
        })
    }

    /// The input place of an iteration, None where it reads outside and its place is filled.
    fn source(&mut self, place: usize, values: &Values<'_>) -> Result<Option<usize>, Fault> {
        let rule = &self.converter.rule;
        let source = numbers(&rule.source, values)?;
        let axis = match flat(&source, &self.input_shape) {
            Ok(place) => return Ok(Some(place)),
            Err(axis) => axis,
        };
        self.in_bounds = false;
        if rule.fill.is_some() {
            return Ok(None);
        }
        let code = if source[axis] < 0 {
            Code::OutOfBoundsBelow
        } else {
            Code::OutOfBoundsAbove
        };
        let (output, input) = (
            &self.converter.output.name.text,
            &self.converter.input.name.text,
        );
        let left = unflatten(place, &self.output_shape);
        let message = format!(
            "{output}{left:?} reads {input}{source:?}, outside {input}{:?}",
            self.input_shape
        );
        fault(code, rule.source[axis].span, message)
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
pub(crate) fn unflatten(mut place: usize, shape: &[i64]) -> Vec<i64> {
    let mut index = vec![0; shape.len()];
    for (at, &extent) in index.iter_mut().zip(shape).rev() {
        *at = place as i64 % extent;
        place /= extent as usize;
    }
    index
}
