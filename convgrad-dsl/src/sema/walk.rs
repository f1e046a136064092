//! Visiting every part of an expression or a condition, and replacing the names in it.

use std::sync::Arc;

use super::model::{Cond, CondKind, Converter, Expr, ExprKind};

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

    /// The same expression with other names: a size, an iterator or a definition for which `name` has a value becomes that.
    pub fn replaced(&self, name: &dyn Fn(&ExprKind) -> Option<ExprKind>) -> Expr {
        let go = |e: &Expr| e.replaced(name);
        let shared = |e: &Expr| Arc::new(go(e));
        let kind = match &self.kind {
            ExprKind::Int(_) => self.kind.clone(),
            ExprKind::Size(_) | ExprKind::Iter(_) | ExprKind::Def(_) => {
                name(&self.kind).unwrap_or_else(|| self.kind.clone())
            }
            ExprKind::Neg(inner) => ExprKind::Neg(shared(inner)),
            ExprKind::Abs(inner) => ExprKind::Abs(shared(inner)),
            ExprKind::Binary(op, left, right) => ExprKind::Binary(*op, shared(left), shared(right)),
            ExprKind::Min(arguments) => ExprKind::Min(arguments.iter().map(go).collect()),
            ExprKind::Max(arguments) => ExprKind::Max(arguments.iter().map(go).collect()),
        };
        Expr {
            kind,
            span: self.span,
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

    /// The same condition with other names, as [`Expr::replaced`] does it.
    pub fn replaced(&self, name: &dyn Fn(&ExprKind) -> Option<ExprKind>) -> Cond {
        let go = |c: &Cond| Box::new(c.replaced(name));
        let kind = match &self.kind {
            CondKind::Compare(op, left, right) => {
                CondKind::Compare(*op, left.replaced(name), right.replaced(name))
            }
            CondKind::And(left, right) => CondKind::And(go(left), go(right)),
            CondKind::Or(left, right) => CondKind::Or(go(left), go(right)),
            CondKind::Not(inner) => CondKind::Not(go(inner)),
        };
        Cond {
            kind,
            span: self.span,
        }
    }
}

impl Converter {
    /// The same converter with other names in all its expressions, those of patches included; what names are declared
    /// stays as it is.
    pub fn replaced(&self, name: &dyn Fn(&ExprKind) -> Option<ExprKind>) -> Converter {
        let expr = |e: &mut Expr| *e = e.replaced(name);
        let cond = |c: &mut Cond| *c = c.replaced(name);
        let mut new = self.clone();
        new.sizes
            .iter_mut()
            .filter_map(|s| s.value.as_mut())
            .for_each(expr);
        new.input.extents.iter_mut().for_each(expr);
        new.output.extents.iter_mut().for_each(expr);
        new.requires.iter_mut().for_each(cond);
        let rule = &mut new.rule;
        rule.iterators.iter_mut().for_each(|i| expr(&mut i.extent));
        rule.definitions.iter_mut().for_each(|d| expr(&mut d.value));
        rule.left.iter_mut().for_each(expr);
        rule.source.iter_mut().for_each(expr);
        rule.guard.iter_mut().for_each(cond);
        for patch in &mut rule.patches {
            patch.iterators.iter_mut().for_each(|i| expr(&mut i.extent));
            patch.left.iter_mut().for_each(expr);
            patch.guard.iter_mut().for_each(cond);
        }
        new
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
