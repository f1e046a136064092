//! Divisors of a formula that became part of another one.
//!
//! A rule runs only where its output has elements, and may divide by what is positive there. As part of another rule it runs
//! where that one's output has elements, which may be more often: then the divisor is bounded below. Where that changes it,
//! nothing is read.

use std::sync::Arc;

use crate::index::normal::Normalizer;
use crate::index::space::Space;
use crate::sema::model::{Cond, CondKind, Converter, Expr, ExprKind, Form, Patch};

use super::expr::Maker;
use super::facts;

/// The same converter, with `max(d, 1)` for every divisor `d` of sizes that is not at least 1 wherever the output has elements.
pub(super) fn bounded(mut f: Converter) -> Converter {
    let mut bare = f.clone();
    // In gather form the iterators are the axes of the output and say nothing of their own.
    if f.rule.form == Form::Relational {
        bare.rule.iterators.clear();
    }
    bare.rule.definitions.clear();
    bare.rule.left.clear();
    bare.rule.source.clear();
    bare.rule.guard = None;
    let Ok(model) = facts::model(&bare) else {
        return f;
    };
    let mut bound = Bound {
        space: model.space,
        make: Maker { span: f.rule.span },
    };
    let rule = &mut f.rule;
    bound.all(&mut rule.left);
    bound.all(&mut rule.source);
    bound.guard(&mut rule.guard);
    for definition in &mut rule.definitions {
        bound.expr(&mut definition.value);
    }
    for Patch { left, guard, .. } in &mut rule.patches {
        bound.all(left);
        bound.guard(guard);
    }
    f
}

struct Bound {
    space: Space,
    make: Maker,
}

impl Bound {
    fn all(&mut self, exprs: &mut [Expr]) {
        exprs.iter_mut().for_each(|expr| self.expr(expr));
    }

    fn expr(&mut self, expr: &mut Expr) {
        match &mut expr.kind {
            ExprKind::Int(_) | ExprKind::Size(_) | ExprKind::Iter(_) | ExprKind::Def(_) => {}
            ExprKind::Neg(a) | ExprKind::Abs(a) => self.part(a),
            ExprKind::Min(list) | ExprKind::Max(list) => self.all(list),
            ExprKind::Binary(op, a, b) => {
                self.part(a);
                self.part(b);
                if op.divides() && self.may_be_0(b) {
                    let all = vec![(**b).clone(), self.make.int(1)];
                    *b = Arc::new(self.make.of(ExprKind::Max(all)));
                }
            }
        }
    }

    /// A part of an expression, which stays shared where nothing in it divides.
    fn part(&mut self, part: &mut Arc<Expr>) {
        let mut divides = false;
        part.walk(&mut |part| {
            divides |= matches!(&part.kind, ExprKind::Binary(op, ..) if op.divides());
        });
        if divides {
            self.expr(Arc::make_mut(part));
        }
    }

    /// Whether a divisor of sizes is not known to be positive.
    fn may_be_0(&mut self, divisor: &Expr) -> bool {
        let mut of_sizes = true;
        divisor.walk(&mut |part| {
            of_sizes &= !matches!(part.kind, ExprKind::Iter(_) | ExprKind::Def(_));
        });
        if !of_sizes {
            return false;
        }
        let value = Normalizer::new(&mut self.space).size(divisor);
        value.is_some_and(|value| !self.space.symbols.positive(&value))
    }

    fn guard(&mut self, guard: &mut Option<Cond>) {
        if let Some(guard) = guard {
            self.cond(guard);
        }
    }

    fn cond(&mut self, cond: &mut Cond) {
        match &mut cond.kind {
            CondKind::Compare(_, a, b) => {
                self.expr(a);
                self.expr(b);
            }
            CondKind::And(a, b) | CondKind::Or(a, b) => {
                self.cond(a);
                self.cond(b);
            }
            CondKind::Not(a) => self.cond(a),
        }
    }
}
