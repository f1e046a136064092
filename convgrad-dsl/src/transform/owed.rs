//! What a formula owes to those that it is made of: sizes that one of them refuses are no sizes of it.

use crate::diagnostic::Diagnostic;
use crate::index::normal::{Normalizer, too_large};
use crate::index::poly::{Checked, Poly};
use crate::proof::setup::{self, Model};
use crate::proof::{Check, Counts, Obligation, reads, writes};
use crate::sema::model::{Comparison, Cond, Converter, Form};
use crate::transform::Made;
use crate::transform::expr::Maker;
use crate::transform::express::condition;
use crate::transform::facts;

/// The obligations of a formula on its reads and writes. Its own requirements and extents are not among them.
#[derive(Default)]
pub(super) struct Owed {
    /// Those that are conditions on the sizes, as requirements.
    pub(super) conditions: Vec<Cond>,
    /// The formula itself, if there are others: they look at every iteration. Before it, those that it is made of.
    pub(super) stages: Vec<Converter>,
}

/// Finds them.
///
/// # Errors
/// Reads and writes that are wrong at all sizes.
pub(super) fn owed(f: &Converter, make: Maker) -> Made<Owed> {
    let mut stages = f.stages.clone();
    let mut model = facts::model(f)?;
    if model.output.iter().any(Poly::is_zero) {
        return Ok(Owed {
            conditions: Vec::new(),
            stages,
        });
    }
    // Nothing is wrong with places that are written once each, and filled where nothing is read.
    if f.rule.form == Form::Gather && f.rule.fill.is_some() {
        return Ok(Owed {
            conditions: Vec::new(),
            stages,
        });
    }
    let checked = check(&mut model);
    checked.map_err(|why| vec![too_large(why, make.span)])?;
    let errors: Vec<Diagnostic> = model
        .diagnostics
        .into_iter()
        .filter(Diagnostic::is_error)
        .collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    let (mut conditions, mut looks) = (Vec::new(), false);
    let of_iterations = |obligation: &&Obligation| obligation.counts == Counts::OutputNotEmpty;
    for obligation in model.obligations.iter().filter(of_iterations) {
        let cond = match &obligation.check {
            Check::Holds(holds) => condition(holds, make),
            Check::ForAll { .. } | Check::Places { .. } => None,
        };
        match cond {
            Some(cond) => {
                let empty = maybe_empty(f, make)?;
                conditions.extend(make.any([cond].into_iter().chain(empty)));
            }
            None => looks = true,
        }
    }
    if looks {
        stages.push(Converter {
            stages: Vec::new(),
            ..f.clone()
        });
    }
    Ok(Owed { conditions, stages })
}

fn check(model: &mut Model<'_>) -> Checked<()> {
    let (reading, writing) = (facts::reads(model), facts::writes(model));
    reads::check(model, reading.as_ref())?;
    writes::check(model, writing.as_ref())?;
    Ok(())
}

/// That an extent of the output is 0, for those that can be.
fn maybe_empty(f: &Converter, make: Maker) -> Made<Vec<Cond>> {
    let mut space = setup::of_sizes(&f.sizes)?;
    let mut conds = Vec::new();
    for expr in &f.output.extents {
        let extent = Normalizer::new(&mut space).size(expr);
        if !extent.is_some_and(|extent| space.symbols.positive(&extent)) {
            conds.push(make.compare(Comparison::Eq, expr.clone(), make.int(0)));
        }
    }
    Ok(conds)
}
