//! Formulas with other expressions in the place of their names, and formulas that stand elsewhere in the text.

use std::sync::Arc;

use crate::sema::model::{
    Cond, CondKind, Converter, Definition, Expr, ExprKind, Fill, Iterator, Layout, Operand, Patch,
    Rule, Size,
};
use crate::source::Span;

/// The n-th iterator becomes the n-th value.
fn iterator(values: &[Expr], name: &ExprKind) -> Option<ExprKind> {
    match name {
        ExprKind::Iter(id) => values.get(id.index()).map(|value| value.kind.clone()),
        _ => None,
    }
}

/// The n-th size becomes the n-th value.
fn size(values: &[Expr], name: &ExprKind) -> Option<ExprKind> {
    match name {
        ExprKind::Size(id) => values.get(id.index()).map(|value| value.kind.clone()),
        _ => None,
    }
}

impl Expr {
    /// The expression with the n-th iterator replaced by the n-th value.
    pub(super) fn at(&self, iterators: &[Expr]) -> Expr {
        self.replaced(&|name| iterator(iterators, name))
    }

    /// The expression with the n-th size replaced by the n-th value.
    pub(super) fn with_sizes(&self, sizes: &[Expr]) -> Expr {
        self.replaced(&|name| size(sizes, name))
    }
}

impl Cond {
    /// The condition with the n-th iterator replaced by the n-th value.
    pub(super) fn at(&self, iterators: &[Expr]) -> Cond {
        self.replaced(&|name| iterator(iterators, name))
    }

    /// The condition with the n-th size replaced by the n-th value.
    pub(super) fn with_sizes(&self, sizes: &[Expr]) -> Cond {
        self.replaced(&|name| size(sizes, name))
    }
}

/// Something with spans all over.
pub trait Respan {
    /// The same with `span` in the place of every span.
    fn respan(&mut self, span: Span);
}

impl<T: Respan> Respan for Vec<T> {
    fn respan(&mut self, span: Span) {
        self.iter_mut().for_each(|part| part.respan(span));
    }
}

impl<T: Respan> Respan for Option<T> {
    fn respan(&mut self, span: Span) {
        self.iter_mut().for_each(|part| part.respan(span));
    }
}

impl Respan for Arc<Expr> {
    fn respan(&mut self, span: Span) {
        // What stands there already stays shared.
        let mut elsewhere = false;
        self.walk(&mut |part| elsewhere |= part.span != span);
        if elsewhere {
            Arc::make_mut(self).respan(span);
        }
    }
}
impl Respan for Expr {
    fn respan(&mut self, span: Span) {
        self.span = span;
        match &mut self.kind {
            ExprKind::Int(_) | ExprKind::Size(_) | ExprKind::Iter(_) | ExprKind::Def(_) => {}
            ExprKind::Neg(a) | ExprKind::Abs(a) => a.respan(span),
            ExprKind::Binary(_, a, b) => {
                a.respan(span);
                b.respan(span);
            }
            ExprKind::Min(all) | ExprKind::Max(all) => all.respan(span),
        }
    }
}

impl Respan for Cond {
    fn respan(&mut self, span: Span) {
        self.span = span;
        match &mut self.kind {
            CondKind::Compare(_, a, b) => {
                a.respan(span);
                b.respan(span);
            }
            CondKind::And(a, b) | CondKind::Or(a, b) => {
                a.respan(span);
                b.respan(span);
            }
            CondKind::Not(a) => a.respan(span),
        }
    }
}

impl Respan for Size {
    fn respan(&mut self, span: Span) {
        self.name.span = span;
        self.value.respan(span);
    }
}

impl Respan for Iterator {
    fn respan(&mut self, span: Span) {
        self.name.span = span;
        self.extent.respan(span);
    }
}

impl Respan for Definition {
    fn respan(&mut self, span: Span) {
        self.name.span = span;
        self.value.respan(span);
    }
}

impl Respan for Operand {
    fn respan(&mut self, span: Span) {
        self.name.span = span;
        self.extents.respan(span);
        self.span = span;
    }
}

impl Respan for Fill {
    fn respan(&mut self, span: Span) {
        self.span = span;
    }
}

impl Respan for Patch {
    fn respan(&mut self, span: Span) {
        self.iterators.respan(span);
        self.left.respan(span);
        self.guard.respan(span);
        self.fill.respan(span);
    }
}

impl Respan for Rule {
    fn respan(&mut self, span: Span) {
        self.iterators.respan(span);
        self.definitions.respan(span);
        self.left.respan(span);
        self.source.respan(span);
        self.guard.respan(span);
        self.fill.respan(span);
        self.patches.respan(span);
        self.span = span;
    }
}

impl Respan for Converter {
    fn respan(&mut self, span: Span) {
        self.name.span = span;
        self.sizes.respan(span);
        self.input.respan(span);
        self.output.respan(span);
        self.requires.respan(span);
        self.rule.respan(span);
        self.stages.respan(span);
    }
}

impl Respan for Layout {
    fn respan(&mut self, span: Span) {
        self.name.span = span;
        self.sizes.respan(span);
        self.iterators.respan(span);
        self.left.respan(span);
        self.extents.respan(span);
        self.pad.respan(span);
        self.span = span;
    }
}
