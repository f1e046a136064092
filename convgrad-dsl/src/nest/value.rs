//! What scalars are worth where every name in them has a number.

use crate::sema::eval::{binary, compare};
use crate::sema::model::BinaryOp;

use super::{Condition, Scalar, VarId};

/// The value of a scalar without sizes, given those of the variables; None where one is missing, or beyond 64 bits.
pub(crate) fn scalar(scalar: &Scalar, variables: &[Option<i64>]) -> Option<i64> {
    let of = |inner: &Scalar| self::scalar(inner, variables);
    let all = |list: &[Scalar], join: fn(i64, i64) -> Option<i64>| {
        let mut values = list.iter().map(of);
        let first = values.next()??;
        values.try_fold(first, |known, value| join(known, value?))
    };
    let two = |op: BinaryOp, a: &Scalar, b: &Scalar| binary(op, of(a)?, of(b)?).ok();
    match scalar {
        Scalar::Const(n) => Some(*n),
        Scalar::Size(_) => None,
        Scalar::Var(VarId(id)) => variables.get(*id as usize).copied().flatten(),
        Scalar::Sum(list) => all(list, i64::checked_add),
        Scalar::Product(list) => all(list, i64::checked_mul),
        Scalar::Min(list) => all(list, |a, b| Some(a.min(b))),
        Scalar::Max(list) => all(list, |a, b| Some(a.max(b))),
        Scalar::Abs(a) => of(a)?.checked_abs(),
        Scalar::Div(a, b) => two(BinaryOp::Div, a, b),
        Scalar::Rem(a, b) => two(BinaryOp::Rem, a, b),
        Scalar::Xor(a, b) => two(BinaryOp::Xor, a, b),
        Scalar::And(a, b) => two(BinaryOp::And, a, b),
        Scalar::Or(a, b) => two(BinaryOp::Or, a, b),
        Scalar::Shl(a, b) => two(BinaryOp::Shl, a, b),
        Scalar::Shr(a, b) => two(BinaryOp::Shr, a, b),
    }
}

/// Whether a condition holds; None where that is not known.
pub(crate) fn holds(condition: &Condition, variables: &[Option<i64>]) -> Option<bool> {
    let each = |list: &[Condition]| -> Option<Vec<bool>> {
        list.iter().map(|inner| holds(inner, variables)).collect()
    };
    Some(match condition {
        Condition::Compare(comparison, a, b) => {
            compare(*comparison, scalar(a, variables)?, scalar(b, variables)?)
        }
        Condition::All(list) => !each(list)?.contains(&false),
        Condition::Any(list) => each(list)?.contains(&true),
        Condition::Not(inner) => !holds(inner, variables)?,
    })
}
