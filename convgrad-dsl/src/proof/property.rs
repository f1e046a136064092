//! Whether a converter has a property: by its verdicts, by its verdicts at given sizes, and with free sizes by trying some,
//! which can only refute.

use crate::analysis::{Analysis, Bindings, analyze, facts as facts_at};
use crate::diagnostic::{Code, Diagnostic};
use crate::interpret::{Map, source_map, unflatten};
use crate::sema::model::{Converter, Property};
use crate::sizes;

use super::denied::denied;
use super::point::place;
use super::tries::{Budget, told, tries};
use super::{Answer, Decision, Verdicts, reads, setup};

/// Decides a property of a converter with the sizes that `bindings` gives; Err if the converter has errors at these.
pub(super) fn decide(
    property: Property,
    converter: &Converter,
    bindings: &Bindings,
) -> Result<Answer, Vec<Diagnostic>> {
    let (analysis, _) = analyze(converter, bindings)?;
    let Analysis { verdicts, .. } = analysis;
    let unbound = unbound(converter, bindings);
    let answer = of(property, &verdicts);
    match (answer, unbound.as_slice()) {
        (Some(true), []) => return Ok(Answer::proved(decided_by(&verdicts))),
        (Some(true), _) => return Ok(Answer::proved(Decision::Symbolic)),
        (Some(false), []) => {
            let (code, notes) = witness(property, converter, bindings);
            return Ok(Answer::refuted(decided_by(&verdicts), code, notes));
        }
        _ => {}
    }
    Ok(match counterexample(property, converter, bindings) {
        Some((code, notes)) => Answer::refuted(Decision::Enumeration, code, notes),
        None if answer == Some(false) => {
            let notes = reason(property, converter, bindings).into_iter().collect();
            Answer::refuted(Decision::Symbolic, code(property), notes)
        }
        None => Answer::open(),
    })
}

/// Some of the sizes that `bindings` leaves open at which a property fails, and where; None if it holds at all that are tried.
pub(crate) fn counterexample(
    property: Property,
    converter: &Converter,
    bindings: &Bindings,
) -> Option<(Code, Vec<String>)> {
    let unbound = unbound(converter, bindings);
    let mut budget = Budget::default();
    for values in tries(unbound.len()) {
        let mut bindings = bindings.clone();
        for (&at, value) in unbound.iter().zip(values) {
            bindings[at] = Some(value);
        }
        let Ok(sizes) = sizes::complete(converter, bindings) else {
            continue;
        };
        let map = budget
            .allows(&[converter], &sizes)
            .then(|| source_map(converter, &sizes));
        if let Some(Ok(map)) = map {
            if !holds(property, &map) {
                let bindings: Bindings = sizes.iter().copied().map(Some).collect();
                let told = told(&converter.sizes, &sizes);
                let (code, witness) = witness(property, converter, &bindings);
                let mut notes = vec![format!("counterexample for {told}")];
                notes.extend(witness);
                return Some((code, notes));
            }
            budget.accepted += 1;
        }
        if budget.is_spent() {
            break;
        }
    }
    None
}

/// Why a property certainly fails at all sizes that `bindings` leaves open, without a counterexample.
fn reason(property: Property, converter: &Converter, bindings: &Bindings) -> Option<String> {
    let mut model = setup::model(converter, bindings).ok()?;
    let inside = reads::check(&mut model, None).ok()?.inside == Some(true);
    let denied = denied(&mut model, inside).ok()?;
    let why = match property {
        Property::Injective => denied.injective,
        Property::Surjective => denied.surjective,
        Property::InBounds => denied.in_bounds,
        Property::Bijective => denied.bijective.or(denied.injective).or(denied.surjective),
    };
    Some(why?.told(&model, &converter.input))
}

/// The sizes that neither have a value nor are given.
fn unbound(converter: &Converter, bindings: &Bindings) -> Vec<usize> {
    let sizes = converter.sizes.iter().zip(bindings).enumerate();
    let free = sizes.filter(|(_, (size, known))| size.value.is_none() && known.is_none());
    free.map(|(at, _)| at).collect()
}

/// Verdicts that are all known say how; where others than the one asked for are open, this one was not tried.
fn decided_by(verdicts: &Verdicts) -> Decision {
    match verdicts.decided_by {
        Decision::Undecided => Decision::Symbolic,
        known => known,
    }
}

fn of(property: Property, verdicts: &Verdicts) -> Option<bool> {
    match property {
        Property::Bijective => verdicts.bijective,
        Property::Injective => verdicts.injective,
        Property::Surjective => verdicts.surjective,
        Property::InBounds => verdicts.in_bounds,
    }
}

fn holds(property: Property, map: &Map) -> bool {
    match property {
        Property::Bijective => map.bijective(),
        Property::Injective => map.injective(),
        Property::Surjective => map.surjective(),
        Property::InBounds => map.in_bounds,
    }
}

/// Why a property fails at constant sizes, and where: two places that read one element, an element that is never read, a
/// place that reads nothing.
fn witness(property: Property, converter: &Converter, bindings: &Bindings) -> (Code, Vec<String>) {
    let Some((model, facts)) = facts_at(converter, bindings) else {
        let notes = reason(property, converter, bindings).into_iter();
        return (code(property), notes.collect());
    };
    let input = &converter.input.name.text;
    let twice = facts.twice.as_ref().map(|(a, b)| {
        let (here, there) = (model.written(a), model.written(b));
        let moves = a.iter().zip(b).filter(|(x, y)| x != y).count();
        let code = if moves > 1 {
            Code::Overlap
        } else {
            Code::NotInjective
        };
        (
            code,
            format!("{here} and {there} both read {}", model.read(a)),
        )
    });
    let missed = facts.missed.as_ref().map(|index| {
        let index = index.iter().filter_map(|v| i64::try_from(*v).ok());
        let missed = place(input, Some(index.collect()));
        (Code::NotCovering, format!("{missed} is never read"))
    });
    let leaves = facts.leaves.as_ref().map(|(point, axis)| {
        let indices = model.indices(&converter.rule.source, point);
        let below = indices.is_some_and(|indices| indices[*axis] < 0);
        let code = if below {
            Code::OutOfBoundsBelow
        } else {
            Code::OutOfBoundsAbove
        };
        (code, format!("{}, outside {input}", model.reading(point)))
    });
    let unread = || {
        let sizes = sizes::complete(converter, bindings.clone()).ok()?;
        let map = source_map(converter, &sizes).ok()?;
        let at = map.source.iter().position(Option::is_none)?;
        let index = unflatten(at, &map.output_shape);
        let here = place(&converter.output.name.text, Some(index));
        Some((Code::NotCovering, format!("{here} reads nothing")))
    };
    let found = match property {
        Property::Injective => twice,
        Property::Surjective => missed,
        Property::InBounds => leaves,
        Property::Bijective => twice.or(missed).or_else(unread),
    };
    match found {
        Some((why, note)) => (why, vec![note]),
        None => {
            let notes = reason(property, converter, bindings).into_iter();
            (code(property), notes.collect())
        }
    }
}

/// The code where no witness tells more.
fn code(property: Property) -> Code {
    match property {
        Property::Injective => Code::NotInjective,
        Property::Surjective | Property::Bijective => Code::NotCovering,
        Property::InBounds => Code::OutOfBoundsAbove,
    }
}
