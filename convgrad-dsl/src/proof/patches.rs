//! The patches of a rule: each is a rule of its own, over its own iterators, that reads nothing.

use std::rc::Rc;

use crate::index::normal::forms;
use crate::index::space::Space;
use crate::sema::model::{Converter, Expr};

use super::Counts;
use super::setup::{Model, extents, not_negative};

/// The converter's patches as converters.
pub(crate) fn rules(converter: &Converter) -> Vec<Converter> {
    let patches = converter.rule.patches.iter();
    patches
        .map(|patch| Converter {
            rule: patch.as_rule(converter.rule.span),
            ..converter.clone()
        })
        .collect()
}

/// The index space of a patch, with the sizes of its rule; None if something is wrong with it, which is reported there.
pub(crate) fn model<'p>(of: &mut Model<'_>, patch: &'p Converter) -> Option<Model<'p>> {
    let mut space = Space::new(of.space.symbols.clone());
    let mut errors = Vec::new();
    let mut obligations = Vec::new();
    let limits: Vec<Expr> = patch
        .rule
        .iterators
        .iter()
        .map(|iterator| iterator.extent.clone())
        .collect();
    let ranges = extents(&limits, &mut space, &mut errors);
    if errors.is_empty() {
        for (expr, range) in limits.iter().zip(&ranges) {
            not_negative(
                patch,
                &mut space,
                expr,
                range,
                &mut obligations,
                &mut errors,
            );
        }
        space.iterate(ranges);
    }
    // The patches stand in the loops, which run only where the output is not empty.
    for obligation in &mut obligations {
        obligation.counts = Counts::OutputNotEmpty;
    }
    let forms = match errors.is_empty() {
        true => forms(&patch.rule, &mut space).map_err(|more| errors.extend(more)),
        false => Err(()),
    };
    of.diagnostics.extend(errors);
    Some(Model {
        converter: patch,
        space,
        symbols: of.symbols.clone(),
        input: Vec::new(),
        output: of.output.clone(),
        forms: forms.ok()?,
        obligations,
        diagnostics: Vec::new(),
        sizes: of.sizes.clone(),
        input_shape: Rc::default(),
        output_shape: of.output_shape.clone(),
        constant: of.constant,
        one_call: of.one_call,
    })
}

/// Hands what was found out about a patch to its rule.
pub(crate) fn settle(of: &mut Model<'_>, patch: &mut Model<'_>) {
    of.diagnostics.append(&mut patch.diagnostics);
    for obligation in patch.obligations.drain(..) {
        if of
            .obligations
            .iter()
            .all(|known| known.text != obligation.text)
        {
            of.obligations.push(obligation);
        }
    }
}
