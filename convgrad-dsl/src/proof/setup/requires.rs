//! What `requires` states: facts for the proofs, and obligations of every call.

use crate::diagnostic::{Code, Diagnostic};
use crate::index::linear::{Linear, Test};
use crate::index::normal::Normalizer;
use crate::index::space::Space;
use crate::nest::{Condition, Scalar};
use crate::proof::{Check, Counts, Obligation, text};
use crate::sema::model::{BinaryOp, Cond, CondKind, Converter, Expr, ExprKind};
use crate::sizes;

pub(super) fn has_valued_size(converter: &Converter, cond: &Cond) -> bool {
    let mut found = false;
    cond.walk(&mut |expr| {
        if let ExprKind::Size(id) = expr.kind {
            found |= converter.sizes[id.index()].value.is_some();
        }
    });
    found
}

/// Notes what `requires` states; every call checks it, unless it is known.
pub(super) fn requirements(
    converter: &Converter,
    requires: &[&Cond],
    space: &mut Space,
    obligations: &mut Vec<Obligation>,
    errors: &mut Vec<Diagnostic>,
) {
    for &cond in requires {
        let mut normalizer = Normalizer::new(space);
        let test = normalizer.test(cond, true);
        errors.append(&mut normalizer.errors);
        let Some(test) = test else { continue };
        // As it is written: a size that is known to be a multiple has lost its remainder in the test.
        let condition = written(space, cond);
        let free = mentions_sizes(&condition);
        match truth(space, &test) {
            Some(true) if !free => {}
            Some(false) => {
                let shown = text::cond(cond, converter);
                let (code, message) = if free || !given(converter, cond) {
                    let message = format!("no sizes fulfil the requirement {shown}");
                    (Code::RequiresContradict, message)
                } else {
                    let message = format!("the requirement {shown} does not hold at these sizes");
                    (Code::RequirementViolated, message)
                };
                let help = match code {
                    Code::RequiresContradict => {
                        "mend or remove it: what is stated before it, or the values of sizes, exclude it"
                    }
                    _ => "choose sizes for which it holds",
                };
                let error = Diagnostic::new(code, cond.span, message).help(help);
                errors.push(match code {
                    Code::RequiresContradict => error.label("never true"),
                    _ => error.label(format!("at {}", values(converter, cond, space))),
                });
            }
            _ => {
                for part in test.conjuncts() {
                    match part {
                        Test::AtLeast0(form) => space.symbols.assume(form.constant.clone()),
                        Test::Is0(form) => {
                            space.symbols.assume(form.constant.clone());
                            space.symbols.assume(form.constant.negated());
                        }
                        _ => {}
                    }
                }
                obligations.push(Obligation {
                    text: text::cond(cond, converter),
                    span: cond.span,
                    counts: Counts::Always,
                    check: Check::Holds(condition),
                });
            }
        }
    }
}

/// The sizes of a condition that have numbers: `N = 3, C = 20`.
fn values(converter: &Converter, cond: &Cond, space: &Space) -> String {
    let mut used = Vec::new();
    cond.walk(&mut |expr| match expr.kind {
        ExprKind::Size(id) if !used.contains(&id) => used.push(id),
        _ => {}
    });
    let known = used.into_iter().filter_map(|id| {
        let value = space.symbols.size(id).as_constant()?;
        Some(format!(
            "{} = {value}",
            converter.sizes[id.index()].name.text
        ))
    });
    known.collect::<Vec<_>>().join(", ")
}

/// Whether a condition is about a size whose value the text does not say.
fn given(converter: &Converter, cond: &Cond) -> bool {
    let baked = sizes::bake(converter).unwrap_or_default();
    let mut given = false;
    cond.walk(&mut |expr| {
        if let ExprKind::Size(id) = expr.kind {
            given |= baked.get(id.index()).copied().flatten().is_none();
        }
    });
    given
}

fn mentions_sizes(condition: &Condition) -> bool {
    match condition {
        Condition::Compare(_, a, b) => [a, b]
            .iter()
            .any(|s| s.any(&mut |s| matches!(s, Scalar::Size(_)))),
        Condition::All(all) | Condition::Any(all) => all.iter().any(mentions_sizes),
        Condition::Not(inner) => mentions_sizes(inner),
    }
}

/// A condition of sizes as it is written, with numbers for the sizes that have them.
fn written(space: &Space, cond: &Cond) -> Condition {
    let both = |a: &Cond, b: &Cond| vec![written(space, a), written(space, b)];
    match &cond.kind {
        CondKind::Compare(op, a, b) => {
            Condition::Compare(*op, value_of(space, a), value_of(space, b))
        }
        CondKind::And(a, b) => Condition::All(both(a, b)),
        CondKind::Or(a, b) => Condition::Any(both(a, b)),
        CondKind::Not(a) => Condition::Not(Box::new(written(space, a))),
    }
}

fn value_of(space: &Space, expr: &Expr) -> Scalar {
    let go = |e: &Expr| value_of(space, e);
    let all = |list: &[Expr]| list.iter().map(go).collect();
    match &expr.kind {
        ExprKind::Int(value) => Scalar::Const(*value),
        ExprKind::Size(id) => space.symbols.scalar(&space.symbols.size(*id)),
        // Neither stands in a condition of sizes.
        ExprKind::Iter(_) | ExprKind::Def(_) => Scalar::Const(0),
        ExprKind::Neg(a) => Scalar::Const(-1).times(go(a)),
        ExprKind::Min(list) => Scalar::min(all(list)),
        ExprKind::Max(list) => Scalar::max(all(list)),
        ExprKind::Abs(a) => Scalar::Abs(Box::new(go(a))),
        ExprKind::Binary(op, a, b) => {
            let (a, b) = (go(a), go(b));
            match op {
                BinaryOp::Add => a.plus(b),
                BinaryOp::Sub => a.minus(b),
                BinaryOp::Mul => a.times(b),
                BinaryOp::Div => a.over(b),
                BinaryOp::CeilDiv => a.plus(b.clone()).plus(Scalar::Const(-1)).over(b),
                BinaryOp::Rem => a.modulo(b),
                BinaryOp::Xor => Scalar::Xor(Box::new(a), Box::new(b)),
                BinaryOp::And => Scalar::And(Box::new(a), Box::new(b)),
                BinaryOp::Or => Scalar::Or(Box::new(a), Box::new(b)),
                BinaryOp::Shl => Scalar::Shl(Box::new(a), Box::new(b)),
                BinaryOp::Shr => Scalar::Shr(Box::new(a), Box::new(b)),
            }
        }
    }
}

/// Whether a test of sizes holds for all sizes, or for none.
fn truth(space: &Space, test: &Test) -> Option<bool> {
    let constant = |form: &Linear| form.as_constant().cloned();
    let symbols = &space.symbols;
    match test {
        Test::AtLeast0(form) => {
            let p = constant(form)?;
            let no = symbols.positive(&p.negated());
            if symbols.nonneg(&p) {
                Some(true)
            } else {
                no.then_some(false)
            }
        }
        Test::Is0(form) | Test::Not0(form) => {
            let p = constant(form)?;
            let apart = symbols.positive(&p) || symbols.positive(&p.negated());
            let zero = symbols.nonneg(&p) && symbols.nonneg(&p.negated());
            let holds = matches!(test, Test::Is0(_));
            if zero {
                Some(holds)
            } else {
                apart.then_some(!holds)
            }
        }
        Test::All(tests) => {
            let parts: Vec<Option<bool>> = tests.iter().map(|t| truth(space, t)).collect();
            if parts.contains(&Some(false)) {
                Some(false)
            } else {
                parts.iter().all(|p| *p == Some(true)).then_some(true)
            }
        }
        Test::Any(tests) => {
            let parts: Vec<Option<bool>> = tests.iter().map(|t| truth(space, t)).collect();
            if parts.contains(&Some(true)) {
                Some(true)
            } else {
                parts.iter().all(|p| *p == Some(false)).then_some(false)
            }
        }
    }
}
