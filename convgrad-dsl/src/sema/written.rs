//! Scalars of sizes as expressions that a person would have written.

use std::sync::Arc;

use crate::nest::Scalar;
use crate::sema::model::{BinaryOp, Expr, ExprKind};
use crate::source::Span;

/// A scalar of sizes, with one span for all of it.
pub(crate) fn written(value: &Scalar, span: Span) -> Expr {
    let go = |s: &Scalar| written(s, span);
    let all = |list: &[Scalar]| list.iter().map(go).collect::<Vec<_>>();
    let make = |kind| Expr { kind, span };
    let two = |op, a: Expr, b: Expr| make(ExprKind::Binary(op, Arc::new(a), Arc::new(b)));
    let fold = |op, list: &[Scalar]| {
        let parts = list.iter().map(go).reduce(|a, b| two(op, a, b));
        parts.unwrap_or(make(ExprKind::Int(0)))
    };
    match value {
        Scalar::Const(n) => make(ExprKind::Int(*n)),
        Scalar::Size(id) => make(ExprKind::Size(*id)),
        // Scalars of sizes have no variables.
        Scalar::Var(_) => make(ExprKind::Int(0)),
        Scalar::Sum(terms) => {
            let (first, rest) = terms
                .split_first()
                .map_or((make(ExprKind::Int(0)), &[][..]), |(a, b)| (go(a), b));
            rest.iter().fold(first, |sum, term| match opposite(term) {
                Some(positive) => two(BinaryOp::Sub, sum, go(&positive)),
                None => two(BinaryOp::Add, sum, go(term)),
            })
        }
        Scalar::Product(factors) => fold(BinaryOp::Mul, factors),
        Scalar::Div(a, b) => match numerator(a, b) {
            Some(numerator) => two(BinaryOp::CeilDiv, go(&numerator), go(b)),
            None => two(BinaryOp::Div, go(a), go(b)),
        },
        Scalar::Rem(a, b) => two(BinaryOp::Rem, go(a), go(b)),
        Scalar::Min(list) => make(ExprKind::Min(all(list))),
        Scalar::Max(list) => make(ExprKind::Max(all(list))),
        Scalar::Abs(a) => make(ExprKind::Abs(Arc::new(go(a)))),
        Scalar::Xor(a, b) => two(BinaryOp::Xor, go(a), go(b)),
        Scalar::And(a, b) => two(BinaryOp::And, go(a), go(b)),
        Scalar::Or(a, b) => two(BinaryOp::Or, go(a), go(b)),
        Scalar::Shl(a, b) => two(BinaryOp::Shl, go(a), go(b)),
        Scalar::Shr(a, b) => two(BinaryOp::Shr, go(a), go(b)),
    }
}

/// The opposite of a term with a minus sign.
fn opposite(term: &Scalar) -> Option<Scalar> {
    match term {
        Scalar::Const(n) if *n < 0 => n.checked_neg().map(Scalar::Const),
        Scalar::Product(factors) => match factors.as_slice() {
            [Scalar::Const(n), rest @ ..] if *n < 0 => {
                let number = Scalar::Const(n.checked_neg()?);
                Some(Scalar::product([&[number], rest].concat()))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The numerator of `ceil(n/d)`, if `a/d` is that: `(N + 15)/16`.
fn numerator(a: &Scalar, d: &Scalar) -> Option<Scalar> {
    let (Scalar::Sum(terms), Scalar::Const(d)) = (a, d) else {
        return None;
    };
    let (last, rest) = terms.split_last()?;
    (*last == Scalar::Const(d - 1)).then(|| Scalar::sum(rest.to_vec()))
}
