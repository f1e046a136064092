//! The `if`: whether it can hold, whether it can fail, and what it says about the reads.

use crate::diagnostic::{Code, Diagnostic};
use crate::index::linear::{Linear, Test};
use crate::index::poly::{Checked, Poly};
use crate::index::space::Space;
use crate::sema::model::{Origin, Writes};

use super::enumerate::Facts;
use super::setup::Model;
use super::text;

/// Whether a test holds everywhere (true), nowhere (false), or neither is known.
pub(crate) fn verdict(space: &mut Space, test: &Test) -> Checked<Option<bool>> {
    Ok(match test {
        Test::AtLeast0(form) => {
            let range = space.range(form)?;
            let always = range.min.is_some_and(|min| space.symbols.nonneg(&min));
            let never = range
                .max
                .is_some_and(|max| space.symbols.positive(&max.negated()));
            if always {
                Some(true)
            } else {
                never.then_some(false)
            }
        }
        Test::Is0(form) | Test::Not0(form) => {
            let range = space.range(form)?;
            let apart = range
                .min
                .as_ref()
                .is_some_and(|min| space.symbols.positive(min))
                || range
                    .max
                    .as_ref()
                    .is_some_and(|max| space.symbols.positive(&max.negated()));
            let zero = range.min.is_some_and(|min| space.symbols.nonneg(&min))
                && range
                    .max
                    .is_some_and(|max| space.symbols.nonneg(&max.negated()));
            let is0 = matches!(test, Test::Is0(_));
            if zero {
                Some(is0)
            } else {
                apart.then_some(!is0)
            }
        }
        Test::All(tests) => {
            let mut all = Some(true);
            for test in tests {
                match verdict(space, test)? {
                    Some(false) => return Ok(Some(false)),
                    Some(true) => {}
                    None => all = None,
                }
            }
            all
        }
        Test::Any(tests) => {
            let mut any = Some(false);
            for test in tests {
                match verdict(space, test)? {
                    Some(true) => return Ok(Some(true)),
                    Some(false) => {}
                    None => any = None,
                }
            }
            any
        }
    })
}

/// Whether `form >= 0` everywhere where the guard holds.
pub(crate) fn implies(space: &mut Space, guard: &[Test], form: &Linear) -> Checked<bool> {
    let mut nonneg = |form: &Linear| -> Checked<bool> {
        let min = space.range(form)?.min;
        Ok(min.is_some_and(|min| space.symbols.nonneg(&min)))
    };
    if nonneg(form)? {
        return Ok(true);
    }
    for test in guard {
        let known = match test {
            Test::AtLeast0(known) => vec![known.clone()],
            Test::Is0(known) => vec![known.clone(), known.times(&Poly::constant(-1))?],
            _ => Vec::new(),
        };
        for known in known {
            if nonneg(&form.minus(&known)?)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Whether a guard's conjunct holds wherever a form is inside `0..extent`.
pub(crate) fn implied_inside(
    space: &mut Space,
    test: &Test,
    axes: &[(Linear, Poly)],
) -> Checked<bool> {
    if verdict(space, test)? == Some(true) {
        return Ok(true);
    }
    let Test::AtLeast0(form) = test else {
        return Ok(false);
    };
    for (index, extent) in axes {
        let last = Linear::constant(extent.plus_constant(-1)?);
        for inside in [index.clone(), last.minus(index)?] {
            let min = space.range(&form.minus(&inside)?)?.min;
            if min.is_some_and(|min| space.symbols.nonneg(&min)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Reports a guard that never or always holds.
pub(crate) fn check(model: &mut Model<'_>, facts: Option<&Facts>) -> Checked<Option<bool>> {
    let (Some(test), Some(cond)) = (model.forms.guard.clone(), &model.converter.rule.guard) else {
        return Ok(Some(true));
    };
    let answer = match facts {
        Some(facts) if !facts.any => return Ok(None),
        Some(facts) if facts.always => Some(true),
        Some(facts) => (!facts.passes).then_some(false),
        None => verdict(&mut model.space, &test)?,
    };
    // What never reads at these sizes may read at others: then the formula is no mistake, and all is filled. Nor did anybody
    // write the guard of a formula that is derived.
    if model.one_call || model.converter.origin != Origin::Rule {
        return Ok(answer);
    }
    let shown = text::cond(cond, model.converter);
    let adds = model.converter.rule.writes == Writes::Add;
    let rest = if adds { "0" } else { "fill" };
    let diagnostic = match answer {
        Some(true) => Diagnostic::new(
            Code::GuardAlwaysTrue,
            cond.span,
            format!("the guard {shown} is always true"),
        )
        .label("never fails")
        .help(match adds {
            true => "remove the `if`",
            false => "remove the `if`; the `else` still fills what is read outside",
        }),
        Some(false) => Diagnostic::new(
            Code::GuardNeverTrue,
            cond.span,
            format!("the guard {shown} is never true: the result is all {rest}"),
        )
        .label("never holds")
        .help("check the comparison; an iterator ranges from 0 to its extent - 1"),
        None => return Ok(None),
    };
    model.report(diagnostic);
    Ok(answer)
}
