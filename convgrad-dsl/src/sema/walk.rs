//! Visiting every part of an expression or a condition.

use super::model::{Cond, CondKind, Expr, ExprKind};

impl Expr {
    /// Calls `visit` for this expression and all inside it, outermost first.
    pub fn walk(&self, visit: &mut impl FnMut(&Expr)) {
        visit(self);
        match &self.kind {
            ExprKind::Int(_) | ExprKind::Size(_) | ExprKind::Iter(_) | ExprKind::Def(_) => {}
            ExprKind::Neg(inner) | ExprKind::Abs(inner) => inner.walk(visit),
            ExprKind::Binary(_, left, right) => {
                left.walk(visit);
                right.walk(visit);
            }
            ExprKind::Min(arguments) | ExprKind::Max(arguments) => {
                arguments.iter().for_each(|a| a.walk(visit));
            }
        }
    }
}

impl Cond {
    /// Calls `visit` for every expression that is compared, and all inside it.
    pub fn walk(&self, visit: &mut impl FnMut(&Expr)) {
        match &self.kind {
            CondKind::Compare(_, left, right) => {
                left.walk(visit);
                right.walk(visit);
            }
            CondKind::And(left, right) | CondKind::Or(left, right) => {
                left.walk(visit);
                right.walk(visit);
            }
            CondKind::Not(inner) => inner.walk(visit),
        }
    }
}

/// Calls `visit` for every name in an expression of the tree, with its place.
pub(super) fn names(
    expr: &crate::syntax::tree::Expr,
    visit: &mut impl FnMut(&str, crate::source::Span),
) {
    use crate::syntax::tree::ExprKind as Tree;
    match &expr.kind {
        Tree::Int(_) | Tree::Error => {}
        Tree::Name(name) => visit(name, expr.span),
        Tree::Neg(inner) | Tree::Not(inner) => names(inner, visit),
        Tree::Binary(_, left, right)
        | Tree::Compare(_, left, right)
        | Tree::And(left, right)
        | Tree::Or(left, right) => {
            names(left, visit);
            names(right, visit);
        }
        Tree::Call(_, arguments) => arguments.iter().for_each(|a| names(a, visit)),
        Tree::Access(tensor) => tensor.list.exprs.iter().for_each(|e| names(e, visit)),
    }
}
