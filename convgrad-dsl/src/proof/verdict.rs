//! The verdicts about one converter, from what was found on the way.

use crate::index::linear::{Linear, Test};
use crate::index::poly::{Checked, Poly};
use crate::sema::model::Form;

use super::denied::{Why, denied};
use super::enumerate::Facts;
use super::reads::Reads;
use super::setup::Model;
use super::writes::Writes;
use super::{Decision, Verdicts, closed, guard};

/// Sums up: exact with facts, closed forms without.
pub(crate) fn verdicts(
    model: &mut Model<'_>,
    facts: Option<&Facts>,
    guard_holds: Option<bool>,
    reads: &Reads,
    writes: Writes,
) -> Checked<Verdicts> {
    let mut verdicts = match facts {
        Some(facts) => Verdicts {
            in_bounds: Some(facts.leaves.is_none()),
            injective: Some(facts.twice.is_none()),
            surjective: Some(facts.missed.is_none()),
            bijective: None,
            decided_by: if facts.tried {
                Decision::Enumeration
            } else {
                Decision::Symbolic
            },
        },
        None => symbolic(model, reads)?,
    };
    // An output position reads if the one iteration that writes it passes the guard and stays inside.
    let relational = model.converter.rule.form == Form::Relational;
    let every = match facts {
        Some(facts) if relational => Some(facts.leaves.is_none()),
        Some(facts) => Some(facts.all_hit),
        None if guard_holds == Some(true) && reads.inside == Some(true) => Some(true),
        None => None,
    };
    let parts = [
        verdicts
            .bijective
            .filter(|answer| !answer)
            .map_or(Some(true), Some),
        verdicts.injective,
        verdicts.surjective,
        every,
        writes.covers,
        writes.once,
    ];
    verdicts.bijective = if parts.contains(&Some(false)) {
        Some(false)
    } else {
        parts.iter().all(|part| *part == Some(true)).then_some(true)
    };
    let answers = [
        verdicts.in_bounds,
        verdicts.injective,
        verdicts.surjective,
        verdicts.bijective,
    ];
    if answers.contains(&None) {
        verdicts.decided_by = Decision::Undecided;
    }
    Ok(verdicts)
}

/// The verdicts of a converter whose output is empty: nothing is read.
pub(crate) fn of_nothing(input_empty: bool) -> Verdicts {
    Verdicts {
        in_bounds: Some(true),
        injective: Some(true),
        surjective: Some(input_empty),
        bijective: Some(input_empty),
        decided_by: Decision::Symbolic,
    }
}

fn symbolic(model: &mut Model<'_>, reads: &Reads) -> Checked<Verdicts> {
    let source = model.forms.source.clone();
    let input = model.input.clone();
    let forms: Vec<&Linear> = source.iter().collect();
    let conjuncts: Vec<Test> = match &model.forms.guard {
        Some(test) => test.conjuncts().into_iter().cloned().collect(),
        None => Vec::new(),
    };
    let (fixed, others) = closed::fixed(&mut model.space, &conjuncts)?;
    let injective = closed::injective(&mut model.space, &forms, &fixed)?;
    let axes: Vec<(Linear, Poly)> = source.iter().cloned().zip(input.iter().cloned()).collect();
    let mut surjective = model.space.iterates();
    for test in others {
        surjective = surjective && guard::implied_inside(&mut model.space, test, &axes)?;
    }
    if surjective {
        let axes: Vec<(&Linear, &Poly)> = source.iter().zip(&input).collect();
        surjective = closed::covers(&mut model.space, &axes, &fixed)? && nothing_of_nothing(model);
    }
    let denied = denied(model, reads.inside == Some(true))?;
    let either = |proved: bool, denied: Option<Why>| match denied {
        Some(_) => Some(false),
        None => proved.then_some(true),
    };
    Ok(Verdicts {
        in_bounds: reads.inside.or(denied.in_bounds.map(|_| false)),
        injective: either(injective, denied.injective),
        surjective: either(surjective, denied.surjective),
        bijective: denied.bijective.map(|_| false),
        decided_by: Decision::Symbolic,
    })
}

/// Whether the input is empty wherever the output is: otherwise there are sizes at which elements are not read.
fn nothing_of_nothing(model: &Model<'_>) -> bool {
    let symbols = &model.symbols;
    let mut zeros: Vec<Poly> = Vec::new();
    for extent in &model.output {
        let factor = extent.common_factor(extent);
        let rest = extent.over(&factor).unwrap_or_else(|| extent.clone());
        zeros.extend(factor.factors());
        zeros.push(rest);
    }
    zeros.iter().filter(|p| !symbols.positive(p)).all(|zero| {
        let mut symbols = symbols.clone();
        symbols.assume(zero.negated());
        let is_zero = |p: &Poly| symbols.nonneg(&p.negated());
        let empty = |extent: &Poly| {
            let factor = extent.common_factor(extent);
            is_zero(extent) || factor.factors().iter().any(is_zero)
        };
        model.input.iter().any(empty)
    })
}
