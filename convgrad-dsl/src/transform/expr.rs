//! Expressions made piece by piece, all of one span; what is plain is not written: `x + 0`, `x * 1`, `2 * 3`.

use std::sync::Arc;

use crate::sema::eval;
use crate::sema::model::{BinaryOp, Comparison, Cond, CondKind, Expr, ExprKind, IterId, SizeId};
use crate::source::Span;

/// The n-th iterator.
pub(super) fn iter_id(at: usize) -> IterId {
    IterId(u32::try_from(at).unwrap_or(u32::MAX))
}

/// The n-th size.
pub(super) fn size_id(at: usize) -> SizeId {
    SizeId(u32::try_from(at).unwrap_or(u32::MAX))
}

/// Makes expressions and conditions of one span.
#[derive(Clone, Copy, Debug)]
pub(super) struct Maker {
    pub(super) span: Span,
}

impl Maker {
    pub(super) fn of(self, kind: ExprKind) -> Expr {
        Expr {
            kind,
            span: self.span,
        }
    }

    pub(super) fn int(self, value: i64) -> Expr {
        self.of(ExprKind::Int(value))
    }

    pub(super) fn iter(self, at: usize) -> Expr {
        self.of(ExprKind::Iter(iter_id(at)))
    }

    pub(super) fn size(self, at: usize) -> Expr {
        self.of(ExprKind::Size(size_id(at)))
    }

    /// `a op b`, for a divisor that is positive.
    pub(super) fn binary(self, op: BinaryOp, a: Expr, b: Expr) -> Expr {
        use BinaryOp::{Add, CeilDiv, Div, Mul, Rem, Sub};
        let numbers = (literal(&a), literal(&b));
        if let (Some(x), Some(y)) = numbers
            && let Ok(value) = eval::binary(op, x, y)
        {
            return self.int(value);
        }
        match (op, numbers) {
            (Add | Sub, (_, Some(0))) | (Mul | Div | CeilDiv, (_, Some(1))) => a,
            (Add, (Some(0), _)) | (Mul, (Some(1), _)) => b,
            (Sub, (Some(0), _)) => self.negated(b),
            (Mul, (Some(0), _) | (_, Some(0))) | (Rem, (_, Some(1))) => self.int(0),
            _ => self.of(ExprKind::Binary(op, Arc::new(a), Arc::new(b))),
        }
    }

    pub(super) fn plus(self, a: Expr, b: Expr) -> Expr {
        match b.kind {
            ExprKind::Neg(inner) => self.minus(a, Arc::unwrap_or_clone(inner)),
            ExprKind::Int(value) if value < 0 && value != i64::MIN => {
                self.minus(a, self.int(-value))
            }
            _ => self.binary(BinaryOp::Add, a, b),
        }
    }

    pub(super) fn minus(self, a: Expr, b: Expr) -> Expr {
        self.binary(BinaryOp::Sub, a, b)
    }

    pub(super) fn times(self, a: Expr, b: Expr) -> Expr {
        self.binary(BinaryOp::Mul, a, b)
    }

    pub(super) fn over(self, a: Expr, b: Expr) -> Expr {
        self.binary(BinaryOp::Div, a, b)
    }

    pub(super) fn modulo(self, a: Expr, b: Expr) -> Expr {
        self.binary(BinaryOp::Rem, a, b)
    }

    pub(super) fn negated(self, a: Expr) -> Expr {
        match a.kind {
            ExprKind::Neg(inner) => Arc::unwrap_or_clone(inner),
            ExprKind::Int(value) if value != i64::MIN => self.int(-value),
            _ => self.of(ExprKind::Neg(Arc::new(a))),
        }
    }

    pub(super) fn cond(self, kind: CondKind) -> Cond {
        Cond {
            kind,
            span: self.span,
        }
    }

    pub(super) fn compare(self, op: Comparison, a: Expr, b: Expr) -> Cond {
        self.cond(CondKind::Compare(op, a, b))
    }

    /// All of them; None if there is none.
    pub(super) fn all(self, conds: impl IntoIterator<Item = Cond>) -> Option<Cond> {
        self.joined(conds, CondKind::And)
    }

    /// One of them; None if there is none.
    pub(super) fn any(self, conds: impl IntoIterator<Item = Cond>) -> Option<Cond> {
        self.joined(conds, CondKind::Or)
    }

    fn joined(
        self,
        conds: impl IntoIterator<Item = Cond>,
        kind: fn(Box<Cond>, Box<Cond>) -> CondKind,
    ) -> Option<Cond> {
        conds
            .into_iter()
            .reduce(|a, b| self.cond(kind(Box::new(a), Box::new(b))))
    }

    /// `0 <= a < extent`, as two conditions.
    pub(super) fn inside(self, a: &Expr, extent: &Expr) -> [Cond; 2] {
        [
            self.compare(Comparison::Ge, a.clone(), self.int(0)),
            self.compare(Comparison::Lt, a.clone(), extent.clone()),
        ]
    }
}

/// The number that an expression is.
pub(super) fn literal(expr: &Expr) -> Option<i64> {
    match expr.kind {
        ExprKind::Int(value) => Some(value),
        _ => None,
    }
}
