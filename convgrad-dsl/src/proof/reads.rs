//! Reads stay inside the input: known, refuted, filled by `else`, or checked once a call.

use crate::analysis::enumerate_axes;
use crate::diagnostic::{Code, Diagnostic};
use crate::index::linear::Linear;
use crate::index::poly::{Checked, Poly};
use crate::nest::{Condition, Scalar};
use crate::sema::model::{BinaryOp, Comparison, Converter, Expr, ExprKind, Form, Writes};

use super::enumerate::{Facts, Point};
use super::setup::Model;
use super::{Check, Counts, Obligation, claim, guard, text};
use super::{sample, scan};

/// What is known of the reads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reads {
    /// By input axis: reads that pass the guard may leave it (and are filled).
    pub(crate) may_leave: Vec<bool>,
    /// Every position that passes the guard reads inside.
    pub(crate) inside: Option<bool>,
}

/// Checks the reads; errors and obligations go to the model.
pub(crate) fn check(model: &mut Model<'_>, facts: Option<&Facts>) -> Checked<Reads> {
    let filled = model.converter.rule.fill.is_some();
    if let Some(facts) = facts {
        if !filled {
            let forms = model.forms.source.clone();
            for (point, axis) in leaving(model, &forms, &model.input, facts) {
                outside(model, &point, axis);
            }
        }
        let leaves = facts.leaves.is_some();
        let mut reads = symbolic(model)?;
        reads.inside = Some(!leaves);
        if !leaves {
            reads.may_leave.fill(false);
        }
        return Ok(reads);
    }
    let mut reads = symbolic(model)?;
    if filled {
        return Ok(reads);
    }
    for axis in 0..model.input.len() {
        if reads.may_leave[axis] && refuted_or_owed(model, axis)? {
            reads.inside = Some(false);
        }
    }
    Ok(reads)
}

/// The axes of a tensor that are left, each with an iteration that leaves it.
pub(super) fn leaving(
    model: &Model<'_>,
    forms: &[Linear],
    extents: &[Poly],
    facts: &Facts,
) -> Vec<(Point, usize)> {
    let Some((_, first)) = &facts.leaves else {
        return Vec::new();
    };
    let guard = model.forms.guard.as_ref();
    let of_axis = |axis: usize| {
        let (form, extent) = (forms.get(axis..=axis)?, extents.get(axis..=axis)?);
        let (point, _) = enumerate_axes(model, form, extent, guard)?.leaves?;
        Some((point, axis))
    };
    let found: Vec<(Point, usize)> = (0..forms.len()).filter_map(of_axis).collect();
    match found.iter().any(|(_, axis)| axis == first) {
        true => found,
        false => facts.leaves.clone().into_iter().collect(),
    }
}

/// What ranges and the guard tell.
fn symbolic(model: &mut Model<'_>) -> Checked<Reads> {
    let conjuncts = match &model.forms.guard {
        Some(test) => test.conjuncts().into_iter().cloned().collect(),
        None => Vec::new(),
    };
    let mut reads = Reads::default();
    for (form, extent) in model.forms.source.clone().iter().zip(model.input.clone()) {
        let last = Linear::constant(extent.plus_constant(-1)?);
        let inside = guard::implies(&mut model.space, &conjuncts, form)?
            && guard::implies(&mut model.space, &conjuncts, &last.minus(form)?)?;
        reads.may_leave.push(!inside);
    }
    reads.inside = (!reads.may_leave.contains(&true)).then_some(true);
    Ok(reads)
}

/// A read without `else` that could not be shown to stay inside: an error if it leaves for all sizes (true), otherwise an
/// obligation.
fn refuted_or_owed(model: &mut Model<'_>, axis: usize) -> Checked<bool> {
    let (form, extent) = (model.forms.source[axis].clone(), model.input[axis].clone());
    let range = model.space.range(&form)?;
    let symbols = &model.space.symbols;
    let gather = model.converter.rule.form == Form::Gather;
    if range.exact && gather {
        let below = range
            .min
            .as_ref()
            .is_some_and(|min| symbols.positive(&min.negated()));
        let above = range
            .max
            .as_ref()
            .is_some_and(|max| symbols.le(&extent, max));
        if below || above {
            always_outside(
                model,
                axis,
                below,
                if below { &range.min } else { &range.max },
            );
            return Ok(true);
        }
    }
    let expr = &model.converter.rule.source[axis];
    let (span, name) = (model.blame(expr), model.converter.input.name.text.clone());
    let check = match (&range.min, &range.max) {
        (Some(min), Some(max)) if range.exact => {
            let mut parts = Vec::new();
            if !symbols.nonneg(min) {
                parts.push(Condition::Compare(
                    Comparison::Ge,
                    symbols.scalar(min),
                    Scalar::Const(0),
                ));
            }
            if !symbols.lt(max, &extent) {
                let (max, extent) = (symbols.scalar(max), symbols.scalar(&extent));
                parts.push(Condition::Compare(Comparison::Lt, max, extent));
            }
            let condition = match parts.len() {
                1 => parts.remove(0),
                _ => Condition::All(parts),
            };
            scan::unless_empty(model, condition)
        }
        _ => {
            let last = Linear::constant(extent.plus_constant(-1)?);
            scan::for_all(model, &[form.clone(), last.minus(&form)?])?
        }
    };
    let text = match &check {
        Check::Holds(condition) => {
            format!(
                "axis {axis} of {name}: {}",
                text::condition(&claim::told(condition), model.converter)
            )
        }
        _ => format!(
            "axis {axis} of {name}: 0 <= {} < {}, everywhere",
            text::expr(expr, model.converter),
            text::expr(&model.converter.input.extents[axis], model.converter),
        ),
    };
    model.obligations.push(Obligation {
        text,
        span,
        counts: Counts::OutputNotEmpty,
        check,
    });
    Ok(false)
}

/// The error for a read that leaves an axis at known sizes.
fn outside(model: &mut Model<'_>, point: &Point, axis: usize) {
    let converter = model.converter;
    let source = &converter.rule.source[axis];
    let name = &converter.input.name.text;
    let index = model
        .indices(&converter.rule.source, point)
        .map(|all| all[axis]);
    let below = index.is_some_and(|index| index < 0);
    let extent = &converter.input.extents[axis];
    let extent_text = model.extent(extent, &model.input_shape[axis]);
    let reached = index.map_or_else(String::new, |index| format!("reaches {index}"));
    let diagnostic = Diagnostic::new(
        code(model, axis, below),
        model.blame(source),
        format!("{name} is read out of bounds in axis {axis}"),
    )
    .label(format!(
        "{reached}, but axis {axis} of {name} has extent {extent_text}"
    ))
    .secondary(extent.span, format!("the extent of axis {axis}"));
    let diagnostic = ranges(model, axis, diagnostic).note(model.witness(point));
    let diagnostic = repair(model, axis, below, diagnostic);
    model.report(diagnostic);
}

/// The error for a read that leaves an axis at all sizes.
fn always_outside(model: &mut Model<'_>, axis: usize, below: bool, reached: &Option<Poly>) {
    let converter = model.converter;
    let source = &converter.rule.source[axis];
    let name = &converter.input.name.text;
    let reached = reached.as_ref().map(|p| model.space.symbols.scalar(p));
    let reached = reached.map_or_else(String::new, |s| text::scalar(&s, converter));
    let extent = &converter.input.extents[axis];
    let extent_text = model.extent(extent, &model.input_shape[axis]);
    let diagnostic = Diagnostic::new(
        code(model, axis, below),
        model.blame(source),
        format!("{name} is read out of bounds in axis {axis}, whatever the sizes are"),
    )
    .label(format!(
        "reaches {reached}, but axis {axis} of {name} has extent {extent_text}"
    ))
    .secondary(extent.span, format!("the extent of axis {axis}"));
    let mut diagnostic = ranges(model, axis, diagnostic);
    diagnostic.notes.extend(sample::witness(model, axis));
    let diagnostic = repair(model, axis, below, diagnostic);
    model.report(diagnostic);
}

fn code(model: &Model<'_>, axis: usize, below: bool) -> Code {
    let source = &model.converter.rule.source[axis];
    match (below, &source.kind) {
        (true, _) => Code::OutOfBoundsBelow,
        (false, ExprKind::Iter(_)) => Code::LongerThanSource,
        (false, _) => Code::OutOfBoundsAbove,
    }
}

/// Notes the ranges of the iterators that the index uses.
fn ranges(model: &Model<'_>, axis: usize, diagnostic: Diagnostic) -> Diagnostic {
    let mut used = Vec::new();
    let index = &model.forms.source[axis];
    model.space.iterators(index, &mut used);
    let list: Vec<String> = used
        .into_iter()
        .map(|id| {
            let iterator = &model.converter.rule.iterators[id.index()];
            let extent = &model.space.axis(id).extent;
            let extent = model.extent(&iterator.extent, &model.space.symbols.scalar(extent));
            format!("{} ranges over 0..{extent}", iterator.name.text)
        })
        .collect();
    if list.is_empty() {
        diagnostic
    } else {
        diagnostic.note(list.join(", "))
    }
}

/// Whether an index is outside for all values of its iterators.
fn never_inside(model: &mut Model<'_>, axis: usize) -> bool {
    let (form, extent) = (model.forms.source[axis].clone(), model.input[axis].clone());
    let Ok(range) = model.space.range(&form) else {
        return false;
    };
    let symbols = &model.space.symbols;
    let below = range
        .max
        .is_some_and(|max| symbols.positive(&max.negated()));
    below || range.min.is_some_and(|min| symbols.le(&extent, &min))
}

fn repair(model: &mut Model<'_>, axis: usize, below: bool, diagnostic: Diagnostic) -> Diagnostic {
    let converter = model.converter;
    if let Some(help) = matching_quotient(converter, axis).filter(|_| !below) {
        return diagnostic.help(help);
    }
    if never_inside(model, axis) {
        let help = "correct the index: nothing that it reaches is inside";
        return diagnostic.help(help);
    }
    let index = text::expr(&converter.rule.source[axis], converter);
    let guard = if below {
        format!("if {index} >= 0")
    } else {
        let extent = text::expr(&converter.input.extents[axis], converter);
        format!("if {index} < {extent}")
    };
    diagnostic.help(match converter.rule.writes {
        Writes::Once => {
            format!("correct the index, or fill what lies outside: add `{guard} else 0`")
        }
        Writes::Add => format!("correct the index, or leave out what lies outside: add `{guard}`"),
    })
}

/// A quotient by another number than the remainder that another axis takes of the same value is most likely a slip.
fn matching_quotient(converter: &Converter, axis: usize) -> Option<String> {
    let resolve = |expr: &'_ Expr| match &expr.kind {
        ExprKind::Def(id) => converter.rule.definitions[id.index()].value.clone(),
        _ => expr.clone(),
    };
    let ExprKind::Binary(BinaryOp::Div, value, divisor) =
        resolve(&converter.rule.source[axis]).kind
    else {
        return None;
    };
    let shown = |e: &Expr| text::expr(e, converter);
    let (value, divisor) = (shown(&value), shown(&divisor));
    for (other, expr) in converter.rule.source.iter().enumerate() {
        if let ExprKind::Binary(BinaryOp::Rem, of, by) = resolve(expr).kind
            && shown(&of) == value
            && shown(&by) != divisor
        {
            let by = shown(&by);
            return Some(format!(
                "{value}%{by} is used in axis {other}; write {value}/{by} for the matching quotient"
            ));
        }
    }
    None
}
