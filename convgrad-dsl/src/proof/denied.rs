//! What certainly fails with free sizes: at all that are accepted and give the output elements.

use crate::index::linear::Linear;
use crate::index::poly::{Checked, Poly};
use crate::nest::lower;
use crate::sema::model::{Form, Writes};

use super::closed;
use super::setup::Model;

/// What fails; false is "not shown".
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Denied {
    /// Some position that passes the guard reads outside.
    pub(crate) in_bounds: bool,
    /// Some element is read twice.
    pub(crate) injective: bool,
    /// Some element is never read.
    pub(crate) surjective: bool,
    /// Input and output do not have the same number of elements.
    pub(crate) bijective: bool,
}

/// Looks for what fails; `inside` says that all reads stay inside.
pub(crate) fn denied(model: &mut Model<'_>, inside: bool) -> Checked<Denied> {
    let rule = &model.converter.rule;
    if rule.writes == Writes::Add {
        return Ok(Denied::default());
    }
    let gather = rule.form == Form::Gather;
    let (input, output) = (
        lower::product(&model.input)?,
        lower::product(&model.output)?,
    );
    let symbols = &model.space.symbols;
    let iterates = model
        .space
        .axes
        .iter()
        .all(|axis| symbols.positive(&axis.extent));
    let elements = symbols.positive(&input);
    let mut denied = Denied {
        bijective: symbols.lt(&input, &output) || symbols.lt(&output, &input),
        // Every place reads one element at most.
        surjective: elements && symbols.lt(&output, &input),
        ..Denied::default()
    };
    let source = model.forms.source.clone();
    for (form, extent) in source.iter().zip(model.input.clone()) {
        let range = model.space.range(form)?;
        let symbols = &model.space.symbols;
        let below = |bound: &Option<Poly>| {
            let negative = |p: &Poly| symbols.positive(&p.negated());
            bound.as_ref().is_some_and(negative)
        };
        let beyond = |bound: &Option<Poly>| bound.as_ref().is_some_and(|p| symbols.le(&extent, p));
        let leaves = below(&range.min) || beyond(&range.max);
        denied.in_bounds |= range.exact && iterates && rule.guard.is_none() && leaves;
        let first = range.min.is_some_and(|min| symbols.positive(&min));
        let last = range.max.is_some_and(|max| {
            let next = max.plus_constant(1);
            next.is_ok_and(|next| symbols.lt(&next, &extent))
        });
        denied.surjective |= elements && (first || last || leaves_gaps(model, form, &extent));
    }
    let forms: Vec<&Linear> = source.iter().collect();
    let plain = gather && inside && rule.guard.is_none() && iterates;
    denied.injective = plain && closed::repeats(&mut model.space, &forms);
    Ok(denied)
}

/// Whether the scales of an index have a common factor, so that of two neighbouring elements one is never read.
fn leaves_gaps(model: &Model<'_>, form: &Linear, extent: &Poly) -> bool {
    let symbols = &model.space.symbols;
    let scales = form.terms.iter().map(|term| &term.scale);
    let common = scales.fold(Poly::zero(), |common, scale| match common.is_zero() {
        true => scale.common_factor(scale),
        false => common.common_factor(scale),
    });
    let two = Poly::constant(2);
    symbols.le(&two, extent) && (form.terms.is_empty() || symbols.le(&two, &common))
}
