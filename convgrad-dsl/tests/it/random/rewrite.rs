//! Formulas that are written otherwise and mean the same, and formulas with a small mistake.

use std::sync::Arc;

use convgrad_dsl::sema::model::{BinaryOp, Converter, Expr, ExprKind, Number};

use super::generator::Random;

/// The same formula, its source and its guard written otherwise.
pub(crate) fn rewritten(converter: &Converter, random: &mut Random) -> Converter {
    let mut other = converter.clone();
    for index in &mut other.rule.source {
        for _ in 0..random.range(0, 2) {
            *index = otherwise(index, random);
        }
    }
    for definition in &mut other.rule.definitions {
        if random.chance(30) {
            definition.value = otherwise(&definition.value, random);
        }
    }
    other
}

/// An expression of the same value.
fn otherwise(expr: &Expr, random: &mut Random) -> Expr {
    let n = int(random.range(2, 5), expr);
    let op = |op, a: &Expr, b: &Expr| binary(op, a.clone(), b.clone());
    use BinaryOp::{Add, Div, Mul, Rem, Sub};
    match random.range(0, 7) {
        0 => op(Sub, &op(Add, expr, &n), &n),
        1 => op(Add, &op(Mul, &op(Div, expr, &n), &n), &op(Rem, expr, &n)),
        2 => op(Div, &op(Mul, expr, &n), &n),
        3 => op(Sub, &n, &op(Sub, &n, expr)),
        4 => Expr {
            kind: ExprKind::Max(vec![expr.clone(), op(Sub, expr, &n)]),
            span: expr.span,
        },
        5 => {
            // In three levels: a = a/6*6 + a/2%3*2 + a%2.
            let (two, three, six) = (int(2, expr), int(3, expr), int(6, expr));
            let high = op(Mul, &op(Div, expr, &six), &six);
            let middle = op(Mul, &op(Rem, &op(Div, expr, &two), &three), &two);
            op(Add, &op(Add, &high, &middle), &op(Rem, expr, &two))
        }
        _ => match &expr.kind {
            ExprKind::Binary(Rem, a, b) => op(Sub, a, &op(Mul, &op(Div, a, b), b)),
            ExprKind::Binary(Add, a, b) => op(Add, b, a),
            _ => expr.clone(),
        },
    }
}

/// The same formula with one number changed: in an index or as the fill.
pub(crate) fn mistaken(converter: &Converter, random: &mut Random) -> Converter {
    let mut other = converter.clone();
    let rank = i64::try_from(other.rule.source.len()).unwrap_or(0);
    match &mut other.rule.fill {
        Some(fill) if rank == 0 || random.chance(20) => fill.number = Number::Int(5),
        _ if rank > 0 => {
            let at = random.range(0, rank - 1) as usize;
            let index = &mut other.rule.source[at];
            let by = int(random.range(1, 3), index);
            *index = match random.range(0, 3) {
                0 => binary(BinaryOp::Add, index.clone(), by),
                1 => binary(BinaryOp::Sub, index.clone(), by),
                2 => binary(
                    BinaryOp::Mul,
                    binary(BinaryOp::Div, index.clone(), by.clone()),
                    by,
                ),
                _ => Expr {
                    kind: ExprKind::Min(vec![index.clone(), by]),
                    span: index.span,
                },
            };
        }
        _ => {}
    }
    other
}

fn int(value: i64, at: &Expr) -> Expr {
    Expr {
        kind: ExprKind::Int(value),
        span: at.span,
    }
}

fn binary(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    Expr {
        span: a.span,
        kind: ExprKind::Binary(op, Arc::new(a), Arc::new(b)),
    }
}
