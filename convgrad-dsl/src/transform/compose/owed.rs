//! What a composition owes to its parts: sizes that one of them refuses are no sizes of the composite.

use crate::diagnostic::Diagnostic;
use crate::index::normal::{Normalizer, too_large};
use crate::index::poly::{Checked, Poly};
use crate::proof::setup::{self, Model};
use crate::proof::{Check, Counts, reads, writes};
use crate::sema::model::{Comparison, Cond, Converter};
use crate::transform::Made;
use crate::transform::expr::Maker;
use crate::transform::express::condition;
use crate::transform::facts;

/// The obligations of a formula on its reads and writes, as requirements. Its own requirements and extents are not among them, and
/// neither are checks that look at every iteration.
///
/// # Errors
/// Reads and writes that are wrong at all sizes.
pub(super) fn owed(f: &Converter, make: Maker) -> Made<Vec<Cond>> {
    let mut model = facts::model(f)?;
    if model.output.iter().any(Poly::is_zero) {
        return Ok(Vec::new());
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
    let mut found = Vec::new();
    for obligation in &model.obligations {
        if let (Counts::OutputNotEmpty, Check::Holds(holds)) =
            (obligation.counts, &obligation.check)
            && let Some(cond) = condition(holds, make)
        {
            let empty = maybe_empty(f, make)?;
            found.extend(make.any([cond].into_iter().chain(empty)));
        }
    }
    Ok(found)
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
