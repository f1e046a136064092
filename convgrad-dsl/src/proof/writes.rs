//! Writes of a relational rule: inside the output, and unless it adds, no place twice and without `else` every place.
//!
//! A gather rule writes every place once by its form.

use crate::diagnostic::{Code, Diagnostic};
use crate::index::linear::{Linear, Test};
use crate::index::poly::{Checked, Poly};
use crate::nest::lower;
use crate::sema::model::{self, Converter, Form, Origin, Rule};
use crate::source::Span;

use super::enumerate::Facts;
use super::point::place;
use super::reads::leaving;
use super::setup::Model;
use super::{Check, Counts, Obligation, closed, denied, guard, scan, text};

/// What is known of the writes; None where something is not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writes {
    /// Every place is written by an iteration that passes the guard.
    pub(crate) covers: Option<bool>,
    /// No place is written by two of them. If the rule does not add, it must be so.
    pub(crate) once: Option<bool>,
}

/// Checks the writes; errors and obligations go to the model.
pub(crate) fn check(model: &mut Model<'_>, facts: Option<&Facts>) -> Checked<Writes> {
    if model.converter.rule.form == Form::Gather {
        return Ok(Writes {
            covers: Some(true),
            once: Some(true),
        });
    }
    inside(model, facts)?;
    match facts {
        Some(facts) => Ok(decided(model, facts)),
        None => owed(model),
    }
}

/// No place outside the output is written.
pub(crate) fn inside(model: &mut Model<'_>, facts: Option<&Facts>) -> Checked<()> {
    match facts {
        Some(facts) => {
            decided_inside(model, facts);
            Ok(())
        }
        None => owed_inside(model),
    }
}

fn decided_inside(model: &mut Model<'_>, facts: &Facts) {
    let converter = model.converter;
    let rule = &converter.rule;
    let name = &converter.output.name.text;
    for (point, axis) in leaving(model, &model.forms.left, &model.output, facts) {
        let expr = &rule.left[axis];
        let extent = &converter.output.extents[axis];
        let index = model.indices(&rule.left, &point).map(|all| all[axis]);
        let reached = index.map_or_else(String::new, |index| format!("reaches {index}"));
        let extent_text = model.extent(extent, &model.output_shape[axis]);
        let diagnostic = Diagnostic::new(
            Code::WriteOutOfBounds,
            model.blame(expr),
            format!("{name} is written out of bounds in axis {axis}"),
        )
        .label(format!(
            "{reached}, but axis {axis} of {name} has extent {extent_text}"
        ))
        .secondary(extent.span, format!("the extent of axis {axis}"))
        .note(format!(
            "witness {} is written at {}",
            model.written(&point),
            model.iteration(&point)
        ))
        .help("enlarge the output, or leave these iterations out by an `if`");
        model.report(diagnostic);
    }
}

/// At constant sizes everything is known.
fn decided(model: &mut Model<'_>, facts: &Facts) -> Writes {
    let converter = model.converter;
    let rule = &converter.rule;
    let name = &converter.output.name.text;
    let total = model.output.iter().all(|extent| !extent.is_zero());
    let missed = facts.missed.as_ref().filter(|_| total);
    let known = Writes {
        covers: Some(missed.is_none()),
        once: Some(facts.twice.is_none()),
    };
    if rule.writes == model::Writes::Add {
        return known;
    }
    if let Some((a, b)) = &facts.twice {
        let note = format!(
            "witness {} is written at {} and at {}",
            model.written(a),
            model.iteration(a),
            model.iteration(b)
        );
        model.report(written_twice(converter).note(note));
    }
    if let (Some(missed), None) = (missed, &rule.fill) {
        let indices = missed
            .iter()
            .map(|i| i64::try_from(*i).unwrap_or(i64::MAX))
            .collect();
        let note = format!("witness {} is never written", place(name, Some(indices)));
        model.report(not_written(converter).note(note));
    }
    known
}

/// The indices of the left side.
fn left_side(rule: &Rule) -> Span {
    let ends = rule.left.first().zip(rule.left.last());
    ends.map_or(rule.span, |(first, last)| first.span.to(last.span))
}

fn written_twice(converter: &Converter) -> Diagnostic {
    let message = format!(
        "two iterations write one place of {}",
        converter.output.name.text
    );
    Diagnostic::new(Code::WrittenTwice, left_side(&converter.rule), message)
        .label("not injective")
        .help("use every iterator on the left side, with scales that do not overlap")
}

fn not_written(converter: &Converter) -> Diagnostic {
    let name = &converter.output.name.text;
    let message = format!("some places of {name} are never written");
    Diagnostic::new(Code::NotWritten, left_side(&converter.rule), message)
        .label("does not cover the output")
        .help(match converter.origin {
            // Of what chains are made of, only an inverse fills nothing.
            Origin::Chain(_) => {
                "an inverse fills nothing; the adjoint leaves 0 where nothing was read: `adjoint(…)`"
            }
            _ => "add `else 0` behind the source to fill them",
        })
}

fn owed_inside(model: &mut Model<'_>) -> Checked<()> {
    let converter = model.converter;
    let rule = &converter.rule;
    let name = converter.output.name.text.clone();
    let left = model.forms.left.clone();
    let output = model.output.clone();
    let conjuncts: Vec<Test> = match &model.forms.guard {
        Some(test) => test.conjuncts().into_iter().cloned().collect(),
        None => Vec::new(),
    };
    for (axis, (form, extent)) in left.iter().zip(&output).enumerate() {
        let last = Linear::constant(extent.plus_constant(-1)?).minus(form)?;
        let inside = guard::implies(&mut model.space, &conjuncts, form)?
            && guard::implies(&mut model.space, &conjuncts, &last)?;
        if inside {
            continue;
        }
        let shown = text::expr(&rule.left[axis], converter);
        let extent = text::expr(&converter.output.extents[axis], converter);
        let check = scan::for_all(model, &[form.clone(), last])?;
        let obligation = Obligation {
            text: format!("axis {axis} of {name}: 0 <= {shown} < {extent}, everywhere"),
            span: model.blame(&rule.left[axis]),
            counts: Counts::OutputNotEmpty,
            check,
        };
        model.obligations.push(obligation);
    }
    Ok(())
}

/// With free sizes: proved, or checked once a call.
fn owed(model: &mut Model<'_>) -> Checked<Writes> {
    let converter = model.converter;
    let rule = &converter.rule;
    let name = converter.output.name.text.clone();
    let left = model.forms.left.clone();
    let output = model.output.clone();
    let forms: Vec<&Linear> = left.iter().collect();
    let once = closed::injective(&mut model.space, &forms, &[])?;
    let axes: Vec<(&Linear, &Poly)> = left.iter().zip(&output).collect();
    let unguarded = model.forms.guard.is_none();
    let covers =
        unguarded && model.space.iterates() && closed::covers(&mut model.space, &axes, &[])?;
    if rule.writes == model::Writes::Add {
        return Ok(Writes {
            covers: covers.then_some(true),
            once: once.then_some(true),
        });
    }
    let all = rule.fill.is_none() && !covers;
    let meets = match once {
        true => None,
        false => denied::meets(model, &left),
    };
    let misses = match all {
        true => denied::misses(model, &left, &output)?,
        false => None,
    };
    for (error, why) in [
        (written_twice(converter), meets),
        (not_written(converter), misses),
    ] {
        if let Some(why) = why {
            let note = why.told(model, &converter.output);
            model.report(error.note(note));
        }
    }
    if !once || all {
        let flat = lower::flat(&left, &output)?;
        let total = model.space.symbols.scalar(&lower::product(&output)?);
        let check: Check = scan::places(model, &flat, total, all)?;
        let text = match (once, all) {
            (false, true) => format!("every place of {name} is written exactly once"),
            (false, false) => format!("no place of {name} is written twice"),
            _ => format!("every place of {name} is written"),
        };
        model.obligations.push(Obligation {
            text,
            span: rule.span,
            counts: Counts::OutputNotEmpty,
            check,
        });
    }
    Ok(Writes {
        covers: covers.then_some(true),
        once: Some(true),
    })
}
