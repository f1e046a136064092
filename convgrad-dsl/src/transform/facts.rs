//! What can be known of a formula before another one is made of it.

use crate::analysis::enumerate_axes;
use crate::diagnostic::Diagnostic;
use crate::index::linear::Linear;
use crate::index::normal::too_large;
use crate::index::poly::{Checked, Poly};
use crate::proof::denied::{self, Denied};
use crate::proof::enumerate::Facts;
use crate::proof::setup::{self, Model};
use crate::proof::{closed, reads};
use crate::sema::model::Converter;
use crate::sizes;

/// A formula with the sizes that have values.
pub(super) fn model(f: &Converter) -> Result<Model<'_>, Vec<Diagnostic>> {
    setup::model(f, &sizes::bake(f)?)
}

/// Everything about the reads, if all sizes have values and the budget suffices.
pub(super) fn reads(model: &Model<'_>) -> Option<Facts> {
    decided(model, &model.forms.source, &model.input)
}

/// Everything about the writes, if all sizes have values and the budget suffices.
pub(super) fn writes(model: &Model<'_>) -> Option<Facts> {
    decided(model, &model.forms.left, &model.output)
}

fn decided(model: &Model<'_>, forms: &[Linear], extents: &[Poly]) -> Option<Facts> {
    let empty = model.output.iter().any(Poly::is_zero);
    enumerate_axes(model, forms, extents, model.forms.guard.as_ref()).filter(|_| !empty)
}

/// What is wrong with the reads at all sizes that give the output elements. Nothing where the sizes have values: then
/// [`reads`] says it, with a witness.
pub(super) fn denied(model: &mut Model<'_>) -> Checked<Denied> {
    if model.constant {
        return Ok(Denied::default());
    }
    let inside = reads::check(model, None)?.inside == Some(true);
    denied::denied(model, inside)
}

/// Whether no two iterations have the same indices: proved for all sizes, or decided where they have values.
pub(super) fn injective(
    model: &mut Model<'_>,
    forms: &[Linear],
    facts: Option<&Facts>,
) -> Checked<bool> {
    if let Some(facts) = facts {
        return Ok(facts.twice.is_none() && facts.leaves.is_none());
    }
    let forms: Vec<&Linear> = forms.iter().collect();
    closed::injective(&mut model.space, &forms, &[])
}

/// Whether no place is written by two iterations.
pub(super) fn writes_once(f: &Converter) -> Result<bool, Vec<Diagnostic>> {
    let mut model = model(f)?;
    let (facts, left) = (writes(&model), model.forms.left.clone());
    injective(&mut model, &left, facts.as_ref()).map_err(|why| vec![too_large(why, f.rule.span)])
}

/// Whether no element is read by two iterations.
pub(super) fn reads_once(f: &Converter) -> Result<bool, Vec<Diagnostic>> {
    let mut model = model(f)?;
    let (facts, source) = (reads(&model), model.forms.source.clone());
    match facts {
        // What leaves the input is filled, or refused elsewhere.
        Some(facts) => Ok(facts.twice.is_none()),
        None => {
            injective(&mut model, &source, None).map_err(|why| vec![too_large(why, f.rule.span)])
        }
    }
}
