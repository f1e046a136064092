//! Tests and conditions, each comparison with what is added on either side.

use crate::index::linear::{Linear, Test};
use crate::index::poly::{Checked, Poly};
use crate::nest::Condition;
use crate::sema::model::{Comparison, Cond, CondKind};
use crate::sema::written::written;
use crate::transform::expr::Maker;

use super::{Signed, Writer};

impl Writer<'_> {
    /// A test, with everything on the side where it is positive.
    pub(in crate::transform) fn test(&mut self, test: &Test) -> Checked<Cond> {
        match test {
            Test::AtLeast0(form) => self.at_least_0(form),
            Test::Is0(form) => self.equation(form, Comparison::Eq),
            Test::Not0(form) => self.equation(form, Comparison::Ne),
            Test::All(tests) | Test::Any(tests) => {
                let conds: Vec<Cond> =
                    tests.iter().map(|t| self.test(t)).collect::<Checked<_>>()?;
                let all = matches!(test, Test::All(_));
                let joined = if all {
                    self.make.all(conds)
                } else {
                    self.make.any(conds)
                };
                let zero = || self.make.int(0);
                let op = if all { Comparison::Eq } else { Comparison::Ne };
                Ok(joined.unwrap_or_else(|| self.make.compare(op, zero(), zero())))
            }
        }
    }

    /// `positive + c >= negative`.
    fn at_least_0(&mut self, form: &Linear) -> Checked<Cond> {
        let (above, below, constant) = self.sides(form)?;
        // Over integers `a - 1 >= b` is `b < a`; what is left of a number goes beside what it is compared with.
        let strict = constant.constant_part() == -1;
        let next = constant.plus_constant(1)?;
        let number = constant.as_constant().is_some();
        Ok(match (above.is_empty(), below.is_empty()) {
            (true, false) if number || constant.constant_part() != 0 => {
                self.compared(Comparison::Lt, below, Vec::new(), &next)
            }
            (true, false) => self.compared(Comparison::Le, below, Vec::new(), &constant),
            (false, true) if strict && !number => {
                self.compared(Comparison::Gt, above, Vec::new(), &next.negated())
            }
            (false, true) => self.compared(Comparison::Ge, above, Vec::new(), &constant.negated()),
            _ if strict => self.compared(Comparison::Lt, below, above, &next),
            _ => self.compared(Comparison::Ge, above, below, &constant.negated()),
        })
    }

    /// `positive + c == negative`.
    fn equation(&mut self, form: &Linear, op: Comparison) -> Checked<Cond> {
        let (above, below, constant) = self.sides(form)?;
        Ok(match above.is_empty() {
            true => self.compared(op, below, Vec::new(), &constant),
            false => self.compared(op, above, below, &constant.negated()),
        })
    }

    /// `a op b + c`, with what is negative of `c` on the other side where that is not empty.
    fn compared(&self, op: Comparison, mut a: Vec<Signed>, mut b: Vec<Signed>, c: &Poly) -> Cond {
        let lonely = b.is_empty();
        for (negative, part) in self.constant(c) {
            if negative && !lonely {
                a.push((false, part));
            } else {
                b.push((negative, part));
            }
        }
        self.make.compare(op, self.sum(a), self.sum(b))
    }

    /// The terms that are added and those that are subtracted, all without signs, and the constant.
    fn sides(&mut self, form: &Linear) -> Checked<(Vec<Signed>, Vec<Signed>, Poly)> {
        let merged = self.space.merge(form)?;
        let (parts, constant) = self.parts(&merged)?;
        let (below, above): (Vec<Signed>, Vec<Signed>) =
            parts.into_iter().partition(|(negative, _)| *negative);
        let unsigned = |side: Vec<Signed>| side.into_iter().map(|(_, e)| (false, e)).collect();
        Ok((unsigned(above), unsigned(below), constant))
    }
}

/// A condition on sizes.
pub(in crate::transform) fn condition(value: &Condition, make: Maker) -> Option<Cond> {
    let list = |all: &[Condition]| {
        all.iter()
            .map(|c| condition(c, make))
            .collect::<Option<Vec<_>>>()
    };
    match value {
        Condition::Compare(op, a, b) => {
            Some(make.compare(*op, written(a, make.span), written(b, make.span)))
        }
        Condition::All(all) => make.all(list(all)?),
        Condition::Any(all) => make.any(list(all)?),
        Condition::Not(a) => Some(make.cond(CondKind::Not(Box::new(condition(a, make)?)))),
    }
}
