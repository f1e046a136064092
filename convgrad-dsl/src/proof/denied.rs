//! What certainly fails with free sizes: at all that are accepted and give the output elements. Each with its reason, so that
//! it can be told in the user's names where no counterexample is small enough to be tried.

use crate::index::linear::Linear;
use crate::index::poly::{Checked, Poly};
use crate::nest::lower;
use crate::sema::model::{Converter, Form, IterId, Operand, Writes};

use super::setup::Model;
use super::{closed, text};

/// What fails, and why; None is "not shown".
#[derive(Clone, Debug, Default)]
pub(crate) struct Denied {
    /// Some position that passes the guard reads outside.
    pub(crate) in_bounds: Option<Why>,
    /// Some element is read twice.
    pub(crate) injective: Option<Why>,
    /// Some element is never read.
    pub(crate) surjective: Option<Why>,
    /// Input and output do not have the same number of elements.
    pub(crate) bijective: Option<Why>,
}

/// Why something fails.
#[derive(Clone, Debug)]
pub(crate) enum Why {
    /// Input and output have these numbers of elements.
    Numbers { input: Poly, output: Poly },
    /// There are fewer iterations than places.
    Few { iterations: Poly, places: Poly },
    /// The smallest index of an axis.
    From { axis: usize, first: Poly },
    /// The largest index of an axis.
    UpTo { axis: usize, last: Poly },
    /// All indices of an axis differ by multiples of this; of 0 if there is one index only.
    Gaps { axis: usize, step: Poly },
    /// An iterator that may be 0 or this while no index moves.
    Unseen { iterator: IterId, step: Poly },
}

impl Why {
    /// The reason, in words; the axes are those of an operand.
    pub(crate) fn told(&self, model: &Model<'_>, of: &Operand) -> String {
        let Converter { input, output, .. } = model.converter;
        let shown = |p: &Poly| text::scalar(&model.space.symbols.scalar(p), model.converter);
        let extent = |axis: usize| text::expr(&of.extents[axis], model.converter);
        let name = &of.name.text;
        match self {
            Why::Numbers {
                input: from,
                output: to,
            } => format!(
                "{} has {} elements, {} has {}",
                input.name.text,
                shown(from),
                output.name.text,
                shown(to)
            ),
            Why::Few { iterations, places } => format!(
                "{name} has {} elements, the rule has {} iterations",
                shown(places),
                shown(iterations)
            ),
            Why::From { axis, first } => {
                format!(
                    "the smallest index of axis {axis} of {name} is {}",
                    shown(first)
                )
            }
            Why::UpTo { axis, last } => format!(
                "the largest index of axis {axis} of {name} is {}, its extent {}",
                shown(last),
                extent(*axis)
            ),
            Why::Gaps { axis, step } if step.is_zero() => {
                format!(
                    "axis {axis} of {name} has one index only, and the extent {}",
                    extent(*axis)
                )
            }
            Why::Gaps { axis, step } => format!(
                "all indices of axis {axis} of {name} differ by multiples of {}",
                shown(step)
            ),
            Why::Unseen { iterator, step } => {
                let name = &model.converter.rule.iterators[iterator.index()].name.text;
                format!("no index tells {name} = 0 from {name} = {}", shown(step))
            }
        }
    }
}

/// Looks for what fails; `inside` says that all reads stay inside.
pub(crate) fn denied(model: &mut Model<'_>, inside: bool) -> Checked<Denied> {
    let rule = &model.converter.rule;
    if rule.writes == Writes::Add {
        return Ok(Denied::default());
    }
    let (gather, unguarded) = (rule.form == Form::Gather, rule.guard.is_none());
    let (input, output) = (
        lower::product(&model.input)?,
        lower::product(&model.output)?,
    );
    let symbols = &model.space.symbols;
    let fewer = symbols.lt(&output, &input);
    let numbers = || Why::Numbers {
        input: input.clone(),
        output: output.clone(),
    };
    let mut denied = Denied {
        bijective: (fewer || symbols.lt(&input, &output)).then(numbers),
        ..Denied::default()
    };
    let source = model.forms.source.clone();
    let iterates = model.space.iterates();
    for (axis, (form, extent)) in source.iter().zip(model.input.clone()).enumerate() {
        let range = model.space.range(form)?;
        let symbols = &model.space.symbols;
        let below = |p: &Poly| symbols.positive(&p.negated());
        let first = range
            .min
            .filter(below)
            .map(|first| Why::From { axis, first });
        let beyond = |p: &Poly| symbols.le(&extent, p);
        let last = range
            .max
            .filter(beyond)
            .map(|last| Why::UpTo { axis, last });
        if denied.in_bounds.is_none() && range.exact && iterates && unguarded {
            denied.in_bounds = first.or(last);
        }
    }
    denied.surjective = match misses(model, &source, &model.input.clone())? {
        // Every place reads one element at most.
        None if fewer && model.space.symbols.positive(&input) => Some(numbers()),
        found => found,
    };
    if gather && inside {
        denied.injective = meets(model, &source);
    }
    Ok(denied)
}

/// Why two iterations certainly have the same indices, all of which are inside.
pub(crate) fn meets(model: &mut Model<'_>, forms: &[Linear]) -> Option<Why> {
    if model.forms.guard.is_some() || !model.space.iterates() {
        return None;
    }
    let forms: Vec<&Linear> = forms.iter().collect();
    let (iterator, step) = closed::repeats(&mut model.space, &forms)?;
    Some(Why::Unseen { iterator, step })
}

/// Why some place of a tensor of these extents certainly has the indices of no iteration.
pub(crate) fn misses(
    model: &mut Model<'_>,
    forms: &[Linear],
    extents: &[Poly],
) -> Checked<Option<Why>> {
    let places = lower::product(extents)?;
    if !model.space.symbols.positive(&places) {
        return Ok(None);
    }
    for (axis, (form, extent)) in forms.iter().zip(extents).enumerate() {
        let range = model.space.range(form)?;
        let symbols = &model.space.symbols;
        if let Some(first) = range.min.filter(|min| symbols.positive(min)) {
            return Ok(Some(Why::From { axis, first }));
        }
        if let Some(last) = range.max {
            let next = last.plus_constant(1);
            if next.is_ok_and(|next| symbols.lt(&next, extent)) {
                return Ok(Some(Why::UpTo { axis, last }));
            }
        }
        if let Some(step) = gaps(model, form, extent) {
            return Ok(Some(Why::Gaps { axis, step }));
        }
    }
    let axes: Vec<Poly> = model.space.axes.iter().map(|a| a.extent.clone()).collect();
    let iterations = lower::product(&axes)?;
    let few = model.space.symbols.lt(&iterations, &places);
    Ok(few.then_some(Why::Few { iterations, places }))
}

/// The common factor of the scales of an index, where that leaves out one of two neighbouring elements.
fn gaps(model: &Model<'_>, form: &Linear, extent: &Poly) -> Option<Poly> {
    let symbols = &model.space.symbols;
    let scales = form.terms.iter().map(|term| &term.scale);
    let common = scales.fold(Poly::zero(), |common, scale| match common.is_zero() {
        true => scale.common_factor(scale),
        false => common.common_factor(scale),
    });
    let two = Poly::constant(2);
    let wide = form.terms.is_empty() || symbols.le(&two, &common);
    (wide && symbols.le(&two, extent)).then_some(common)
}
