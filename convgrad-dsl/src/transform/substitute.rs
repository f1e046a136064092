//! Formulas with other expressions in the place of their names, and formulas that stand elsewhere in the text.

use crate::sema::model::{
    Cond, CondKind, Converter, Definition, Expr, ExprKind, Fill, Iterator, Layout, Operand, Patch,
    Rule, Size,
};
use crate::source::Span;

impl Expr {
    /// The expression with every part replaced for which `value` knows something else.
    pub(super) fn replaced(&self, value: &dyn Fn(&Expr) -> Option<Expr>) -> Expr {
        if let Some(other) = value(self) {
            return other;
        }
        let go = |e: &Expr| e.replaced(value);
        let boxed = |e: &Expr| Box::new(e.replaced(value));
        let kind = match &self.kind {
            ExprKind::Int(_) | ExprKind::Size(_) | ExprKind::Iter(_) | ExprKind::Def(_) => {
                self.kind.clone()
            }
            ExprKind::Neg(a) => ExprKind::Neg(boxed(a)),
            ExprKind::Abs(a) => ExprKind::Abs(boxed(a)),
            ExprKind::Binary(op, a, b) => ExprKind::Binary(*op, boxed(a), boxed(b)),
            ExprKind::Min(all) => ExprKind::Min(all.iter().map(go).collect()),
            ExprKind::Max(all) => ExprKind::Max(all.iter().map(go).collect()),
        };
        Expr {
            kind,
            span: self.span,
        }
    }

    /// The expression with the n-th iterator replaced by the n-th value.
    pub(super) fn at(&self, iterators: &[Expr]) -> Expr {
        self.replaced(&|e| match e.kind {
            ExprKind::Iter(id) => iterators.get(id.index()).cloned(),
            _ => None,
        })
    }

    /// The expression with the n-th size replaced by the n-th value.
    pub(super) fn with_sizes(&self, sizes: &[Expr]) -> Expr {
        self.replaced(&|e| match e.kind {
            ExprKind::Size(id) => sizes.get(id.index()).cloned(),
            _ => None,
        })
    }
}

impl Cond {
    /// The condition with every part of its expressions replaced for which `value` knows something else.
    pub(super) fn replaced(&self, value: &dyn Fn(&Expr) -> Option<Expr>) -> Cond {
        let boxed = |c: &Cond| Box::new(c.replaced(value));
        let kind = match &self.kind {
            CondKind::Compare(op, a, b) => {
                CondKind::Compare(*op, a.replaced(value), b.replaced(value))
            }
            CondKind::And(a, b) => CondKind::And(boxed(a), boxed(b)),
            CondKind::Or(a, b) => CondKind::Or(boxed(a), boxed(b)),
            CondKind::Not(a) => CondKind::Not(boxed(a)),
        };
        Cond {
            kind,
            span: self.span,
        }
    }

    /// The condition with the n-th iterator replaced by the n-th value.
    pub(super) fn at(&self, iterators: &[Expr]) -> Cond {
        self.replaced(&|e| match e.kind {
            ExprKind::Iter(id) => iterators.get(id.index()).cloned(),
            _ => None,
        })
    }

    /// The condition with the n-th size replaced by the n-th value.
    pub(super) fn with_sizes(&self, sizes: &[Expr]) -> Cond {
        self.replaced(&|e| match e.kind {
            ExprKind::Size(id) => sizes.get(id.index()).cloned(),
            _ => None,
        })
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
