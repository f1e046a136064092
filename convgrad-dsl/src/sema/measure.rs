//! How long formulas are.

use super::model::{Cond, CondKind, Expr, ExprKind, Rule};

impl Rule {
    /// How many operations its expressions have, and how many levels the deepest.
    pub(super) fn measure(&self) -> (usize, usize) {
        let mut operations = 0;
        let mut depth = 0;
        let mut see = |expr: &Expr| {
            expr.walk(&mut |_| operations += 1);
            depth = depth.max(expr.depth());
        };
        self.left.iter().chain(&self.source).for_each(&mut see);
        self.definitions.iter().for_each(|d| see(&d.value));
        self.iterators.iter().for_each(|i| see(&i.extent));
        for patch in &self.patches {
            patch.left.iter().for_each(&mut see);
            patch.iterators.iter().for_each(|i| see(&i.extent));
        }
        let guards = self.patches.iter().filter_map(|p| p.guard.as_ref());
        for guard in guards.chain(&self.guard) {
            guard.walk(&mut |_| operations += 1);
            depth = depth.max(guard.depth());
        }
        (operations, depth)
    }
}

impl Expr {
    /// How many levels it has.
    fn depth(&self) -> usize {
        let inner = match &self.kind {
            ExprKind::Int(_) | ExprKind::Size(_) | ExprKind::Iter(_) | ExprKind::Def(_) => 0,
            ExprKind::Neg(a) | ExprKind::Abs(a) => a.depth(),
            ExprKind::Binary(_, a, b) => a.depth().max(b.depth()),
            ExprKind::Min(all) | ExprKind::Max(all) => {
                all.iter().map(Expr::depth).max().unwrap_or(0)
            }
        };
        inner + 1
    }
}

impl Cond {
    /// How many levels it has, expressions included.
    fn depth(&self) -> usize {
        let inner = match &self.kind {
            CondKind::Compare(_, a, b) => a.depth().max(b.depth()),
            CondKind::And(a, b) | CondKind::Or(a, b) => a.depth().max(b.depth()),
            CondKind::Not(a) => a.depth(),
        };
        inner + 1
    }
}
