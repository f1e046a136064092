//! Two converters over one list of sizes: those of the second are expressed by those of the first where the extents of the
//! inputs, or else their names, say how they belong together.

use std::sync::Arc;

use crate::sema::model::{BinaryOp, Comparison, Cond, CondKind, Converter, Expr, ExprKind, SizeId};
use crate::source::Span;

/// Both converters, with the same sizes and the same requirements.
#[derive(Clone, Debug)]
pub(super) struct Joint {
    pub(super) f: Converter,
    pub(super) g: Converter,
    /// How many of the sizes are the first converter's; the others are the second's.
    pub(super) own: usize,
}

impl Joint {
    /// For converters whose inputs have the same rank; free sizes that are among `given` get that value.
    pub(super) fn new(f: &Converter, g: &Converter, given: &[(String, i64)]) -> Self {
        let own = f.sizes.len();
        let mut joint = Joint {
            f: f.clone(),
            g: renumbered(g, own),
            own,
        };
        joint.f.sizes.append(&mut joint.g.sizes);
        joint.give(given);
        joint.by_plain_extents();
        joint.by_names();
        joint.by_multiples();
        joint.use_roots();
        joint.require();
        joint.g.sizes = joint.f.sizes.clone();
        joint
    }

    fn give(&mut self, given: &[(String, i64)]) {
        for size in self.f.sizes.iter_mut().filter(|s| s.value.is_none()) {
            let value = given.iter().find(|(name, _)| *name == size.name.text);
            size.value = value.map(|(_, value)| int(*value, size.name.span));
        }
    }

    /// The extents of the inputs, axis by axis.
    fn axes(&self) -> Vec<(Expr, Expr)> {
        let (f, g) = (&self.f.input.extents, &self.g.input.extents);
        f.iter().cloned().zip(g.iter().cloned()).collect()
    }

    /// The size that an expression is, and nothing else, if it has no value (of its own or by being matched).
    fn free(&self, expr: &Expr) -> Option<usize> {
        let ExprKind::Size(id) = expr.kind else {
            return None;
        };
        match &self.f.sizes[id.index()].value {
            None => Some(id.index()),
            Some(value) => self.free(value),
        }
    }

    /// Whether the value of an expression changes with a size.
    fn depends(&self, expr: &Expr, on: usize) -> bool {
        let mut found = false;
        expr.walk(&mut |part| {
            if let ExprKind::Size(id) = part.kind {
                let value = &self.f.sizes[id.index()].value;
                let inner = value.as_ref().is_some_and(|v| self.depends(v, on));
                found |= id.index() == on || inner;
            }
        });
        found
    }

    /// Gives a free size a value, unless that would be a circle.
    fn bind(&mut self, size: usize, value: Expr) {
        if !self.depends(&value, size) {
            self.f.sizes[size].value = Some(value);
        }
    }

    /// An axis whose extent is a size: the extent of the other input there is its value.
    fn by_plain_extents(&mut self) {
        for both in [true, false] {
            for (a, b) in self.axes() {
                match (self.free(&a), self.free(&b)) {
                    (Some(x), Some(y)) if both && x != y => self.bind(y, size(x, a.span)),
                    (Some(x), None) if !both => self.bind(x, b),
                    (None, Some(y)) if !both => self.bind(y, a),
                    _ => {}
                }
            }
        }
    }

    fn by_names(&mut self) {
        for y in self.own..self.f.sizes.len() {
            let name = &self.f.sizes[y].name.text;
            let same = self.f.sizes[..self.own]
                .iter()
                .position(|s| s.name.text == *name);
            let Some(x) = same else { continue };
            let (left, right) = (&self.f.sizes[x], &self.f.sizes[y]);
            let span = left.name.span;
            if right.value.is_none() {
                self.bind(y, size(x, span));
            } else if left.value.is_none() {
                self.bind(x, size(y, span));
            }
        }
    }

    /// An extent `C/16` alone means the exact multiple where nothing else tells what `C` is.
    fn by_multiples(&mut self) {
        for (a, b) in self.axes() {
            match (self.quotient(&a), self.quotient(&b)) {
                (Some((x, k)), Some((y, l))) if k == l && x != y => self.bind(y, size(x, a.span)),
                (Some((x, k)), None) => self.bind(x, binary(BinaryOp::Mul, b, int(k, a.span))),
                (None, Some((y, l))) => self.bind(y, binary(BinaryOp::Mul, a, int(l, b.span))),
                _ => {}
            }
        }
    }

    /// A free size divided by a number, rounded down.
    fn quotient(&self, expr: &Expr) -> Option<(usize, i64)> {
        let ExprKind::Binary(BinaryOp::Div, size, by) = &expr.kind else {
            return None;
        };
        match (self.free(size), &by.kind) {
            (Some(size), ExprKind::Int(by)) if *by > 0 => Some((size, *by)),
            _ => None,
        }
    }

    /// Replaces every size that is another one by that one, so that what is stated of one is stated of both.
    fn use_roots(&mut self) {
        let roots: Vec<Option<usize>> = (0..self.f.sizes.len())
            .map(|at| self.free(&size(at, Span::default())))
            .collect();
        let name = |kind: &ExprKind| match kind {
            ExprKind::Size(id) => roots[id.index()].map(|root| size(root, Span::default()).kind),
            _ => None,
        };
        (self.f, self.g) = (self.f.replaced(&name), self.g.replaced(&name));
    }

    /// Both converters run only where both requirements hold and the inputs have the same shape.
    fn require(&mut self) {
        let mut all = Vec::new();
        for (a, b) in self.axes() {
            all.extend(self.multiple(&a, &b).or_else(|| self.multiple(&b, &a)));
        }
        all.append(&mut self.f.requires);
        all.append(&mut self.g.requires);
        for at in 0..self.f.sizes.len() {
            let (name, value) = (&self.f.sizes[at].name, &self.f.sizes[at].value);
            if value.is_some() {
                let zero = int(0, name.span);
                all.push(compare(Comparison::Ge, size(at, name.span), zero));
            }
        }
        for (a, b) in self.axes() {
            all.push(compare(Comparison::Eq, a, b));
        }
        self.f.requires = all;
    }

    /// `C/16` is `ceil(C/16)` for multiples of 16 only.
    fn multiple(&self, down: &Expr, up: &Expr) -> Option<Cond> {
        let (ExprKind::Binary(BinaryOp::Div, a, k), ExprKind::Binary(BinaryOp::CeilDiv, b, l)) =
            (&down.kind, &up.kind)
        else {
            return None;
        };
        let (x, y) = (self.free(a)?, self.free(b)?);
        let (ExprKind::Int(k), ExprKind::Int(l)) = (&k.kind, &l.kind) else {
            return None;
        };
        (x == y && k == l && *k > 0).then(|| {
            let span = down.span;
            let rest = binary(BinaryOp::Rem, size(x, span), int(*k, span));
            compare(Comparison::Eq, rest, int(0, span))
        })
    }
}

/// The same converter with its sizes numbered from `first`.
fn renumbered(converter: &Converter, first: usize) -> Converter {
    let name = |kind: &ExprKind| match kind {
        ExprKind::Size(id) => {
            let at = u32::try_from(first)
                .unwrap_or(u32::MAX)
                .saturating_add(id.0);
            Some(ExprKind::Size(SizeId(at)))
        }
        _ => None,
    };
    converter.replaced(&name)
}

fn size(at: usize, span: Span) -> Expr {
    Expr {
        kind: ExprKind::Size(SizeId(u32::try_from(at).unwrap_or(u32::MAX))),
        span,
    }
}

fn int(value: i64, span: Span) -> Expr {
    Expr {
        kind: ExprKind::Int(value),
        span,
    }
}

fn binary(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    Expr {
        span: a.span,
        kind: ExprKind::Binary(op, Arc::new(a), Arc::new(b)),
    }
}

fn compare(op: Comparison, a: Expr, b: Expr) -> Cond {
    Cond {
        span: a.span,
        kind: CondKind::Compare(op, a, b),
    }
}
