//! From expressions to normal forms.
//!
//! The passes run until no new cut turns up: a cut found in one index splits the iterator in all of them, which is
//! what makes `j0/W - (j0/(H*W))*H` the digit `(j0/W) % H`.

use crate::diagnostic::{Code, Diagnostic};
use crate::nest::Scalar;
use crate::sema::model::{BinaryOp, Comparison, Cond, CondKind, Expr, ExprKind, Rule};

use super::linear::{Linear, Opaque, Test};
use super::poly::{Checked, Poly};
use super::space::{Range, Space};

/// The normal forms of a rule.
#[derive(Clone, Debug, Default)]
pub(crate) struct Forms {
    /// One an output axis.
    pub(crate) left: Vec<Linear>,
    /// One an input axis.
    pub(crate) source: Vec<Linear>,
    /// The `if`.
    pub(crate) guard: Option<Test>,
}

/// Brings all indices of a rule to normal form over `space`, whose axes are declared.
pub(crate) fn forms(rule: &Rule, space: &mut Space) -> Result<Forms, Vec<Diagnostic>> {
    // Each pass adds a cut or makes an iterator whole, so that this ends; the bound is for safety.
    for _ in 0..64 {
        space.changed = false;
        let mut pass = Normalizer::new(space);
        let forms = pass.rule(rule);
        let errors = std::mem::take(&mut pass.errors);
        if !errors.is_empty() {
            return Err(errors);
        }
        if !space.changed {
            return Ok(forms);
        }
    }
    Err(vec![
        Diagnostic::new(
            Code::ExpansionTooLarge,
            rule.span,
            "the indices of this rule cannot be brought to normal form within the budget",
        )
        .help("split the formula into two converters"),
    ])
}

/// Turns expressions into normal forms and collects what is wrong with them.
pub(crate) struct Normalizer<'s> {
    space: &'s mut Space,
    definitions: Vec<Option<Linear>>,
    /// What was wrong with the expressions so far.
    pub(crate) errors: Vec<Diagnostic>,
}

impl<'s> Normalizer<'s> {
    pub(crate) fn new(space: &'s mut Space) -> Self {
        Self {
            space,
            definitions: Vec::new(),
            errors: Vec::new(),
        }
    }

    fn rule(&mut self, rule: &Rule) -> Forms {
        for definition in &rule.definitions {
            let form = self.form(&definition.value);
            self.definitions.push(form);
        }
        let mut all = |exprs: &[Expr]| -> Vec<Linear> {
            exprs.iter().filter_map(|expr| self.form(expr)).collect()
        };
        Forms {
            left: all(&rule.left),
            source: all(&rule.source),
            guard: rule.guard.as_ref().and_then(|cond| self.test(cond, true)),
        }
    }

    /// The value of an expression of sizes only.
    pub(crate) fn size(&mut self, expr: &Expr) -> Option<Poly> {
        self.form(expr).map(|form| form.constant)
    }

    /// The normal form of an expression; None if something was wrong with it (or with a definition it uses).
    pub(crate) fn form(&mut self, expr: &Expr) -> Option<Linear> {
        let known = self.errors.len();
        let form = self.try_form(expr)?.and_then(Linear::computable);
        if form.is_err() && self.errors.len() == known {
            self.errors.push(
                Diagnostic::new(
                    Code::Overflow,
                    expr.span,
                    "index arithmetic leaves 64 bits here",
                )
                .help("use smaller numbers, or fewer factors"),
            );
        }
        form.ok()
    }

    /// None: reported already. Err: an overflow, to be reported at the smallest expression it happened in.
    fn try_form(&mut self, expr: &Expr) -> Option<Checked<Linear>> {
        let form = match &expr.kind {
            ExprKind::Int(value) => Ok(Linear::constant(Poly::constant(*value))),
            ExprKind::Size(id) => Ok(Linear::constant(self.space.symbols.size(*id))),
            ExprKind::Iter(id) => {
                let unit = self.space.axis(*id).extent.is_one();
                Ok(if unit {
                    Linear::default()
                } else {
                    self.space.digits(*id)
                })
            }
            ExprKind::Def(id) => Ok(self.definitions.get(id.index()).cloned().flatten()?),
            ExprKind::Neg(a) => self.form(a)?.times(&Poly::constant(-1)),
            ExprKind::Binary(op, a, b) => {
                let (left, right) = (self.form(a), self.form(b));
                self.binary(*op, left?, right?, expr, b)?
            }
            ExprKind::Min(all) => {
                let forms: Option<Vec<Linear>> = self.each(all).into_iter().collect();
                self.extreme(forms?, true)
            }
            ExprKind::Max(all) => {
                let forms: Option<Vec<Linear>> = self.each(all).into_iter().collect();
                self.extreme(forms?, false)
            }
            ExprKind::Abs(a) => {
                let form = self.form(a)?;
                self.absolute(form)
            }
        };
        Some(form)
    }

    fn each(&mut self, all: &[Expr]) -> Vec<Option<Linear>> {
        all.iter().map(|expr| self.form(expr)).collect()
    }

    fn binary(
        &mut self,
        op: BinaryOp,
        a: Linear,
        b: Linear,
        expr: &Expr,
        right: &Expr,
    ) -> Option<Checked<Linear>> {
        Some(match op {
            BinaryOp::Add => a.plus(&b),
            BinaryOp::Sub => a.minus(&b),
            BinaryOp::Mul => match (a.as_constant(), b.as_constant()) {
                (_, Some(factor)) => a.times(factor),
                (Some(factor), _) => b.times(factor),
                _ => self.product(a, b),
            },
            BinaryOp::Div | BinaryOp::CeilDiv | BinaryOp::Rem => {
                self.check_divisor(&b, right)?;
                self.division(op, a, b)
            }
            BinaryOp::Shl | BinaryOp::Shr => {
                self.check_shift(&b, right)?;
                self.shift(op, a, b)
            }
            BinaryOp::Xor | BinaryOp::And | BinaryOp::Or => self.bits(op, a, b, expr),
        })
    }

    /// The range of a form as numbers, where it has such.
    fn numbers(&mut self, form: &Linear) -> (Option<i128>, Option<i128>) {
        let Ok(range) = self.space.range(form) else {
            return (None, None);
        };
        let number = |p: Option<Poly>| p.and_then(|p| p.as_constant());
        (number(range.min), number(range.max))
    }

    fn check_divisor(&mut self, divisor: &Linear, at: &Expr) -> Option<()> {
        let Ok(range) = self.space.range(divisor) else {
            return None;
        };
        let symbols = &self.space.symbols;
        if range.min.as_ref().is_some_and(|min| symbols.positive(min)) {
            return Some(());
        }
        let constant = divisor.as_constant().is_some();
        let at_most = |bound: i128| {
            let room = range
                .max
                .as_ref()
                .map(|max| max.negated().plus_constant(bound));
            room.is_some_and(|room| room.is_ok_and(|room| symbols.nonneg(&room)))
        };
        let zero = range.min.as_ref().is_some_and(Poly::is_zero)
            && range.max.as_ref().is_some_and(Poly::is_zero);
        let (code, message) = if zero {
            (Code::DivisorAlwaysZero, "the divisor is always 0")
        } else if at_most(-1) {
            (Code::DivisorNegative, "the divisor is negative")
        } else if at_most(0) {
            (Code::DivisorNegative, "the divisor is never positive")
        } else if constant {
            (
                Code::DivisorUnknown,
                "cannot show that the divisor is at least 1",
            )
        } else {
            (
                Code::DivisorIterates,
                "cannot show that the divisor is at least 1 for all values of its iterators",
            )
        };
        let mut diagnostic = Diagnostic::new(code, at.span, message)
            .label("must be at least 1")
            .note(
                "division rounds down and the remainder is never negative, by a positive divisor",
            );
        if code == Code::DivisorUnknown {
            diagnostic = diagnostic
                .help("state it after the operands, `requires … >= 1`; it is checked once a call");
        }
        self.errors.push(diagnostic);
        None
    }

    fn check_shift(&mut self, amount: &Linear, at: &Expr) -> Option<()> {
        let range = self.space.range(amount).ok()?;
        let symbols = &self.space.symbols;
        let fits = range.min.is_some_and(|min| symbols.nonneg(&min))
            && range
                .max
                .is_some_and(|max| symbols.le(&max, &Poly::constant(62)));
        if fits {
            return Some(());
        }
        self.errors.push(
            Diagnostic::new(
                Code::ShiftUnknown,
                at.span,
                "cannot show that the shift is by 0 to 62 places",
            )
            .label("must be in 0..=62")
            .help("bound it, for instance by `requires … <= 62`, or multiply and divide instead"),
        );
        None
    }

    fn division(&mut self, op: BinaryOp, a: Linear, b: Linear) -> Checked<Linear> {
        let Some(divisor) = b.as_constant().cloned() else {
            return self.keep_division(op, a, b);
        };
        if let Some(numerator) = a.as_constant() {
            let symbols = &mut self.space.symbols;
            return Ok(Linear::constant(match op {
                BinaryOp::Rem => symbols.remainder(numerator, &divisor)?,
                BinaryOp::Div => symbols.quotient(numerator, &divisor)?,
                _ => {
                    let up = numerator.plus(&divisor)?.plus_constant(-1)?;
                    symbols.quotient(&up, &divisor)?
                }
            }));
        }
        match op {
            BinaryOp::Rem => self
                .space
                .divmod(&a, &divisor)
                .map(|(_, remainder)| remainder),
            BinaryOp::Div => self
                .space
                .divmod(&a, &divisor)
                .map(|(quotient, _)| quotient),
            _ => {
                let up = a.plus(&Linear::constant(divisor.plus_constant(-1)?))?;
                self.space
                    .divmod(&up, &divisor)
                    .map(|(quotient, _)| quotient)
            }
        }
    }

    /// A division by something that iterates.
    fn keep_division(&mut self, op: BinaryOp, a: Linear, b: Linear) -> Checked<Linear> {
        let a = match op {
            BinaryOp::CeilDiv => a.plus(&b)?.plus(&Linear::constant(Poly::constant(-1)))?,
            _ => a,
        };
        let (above, below) = (self.space.range(&a)?, self.space.range(&b)?);
        let nonneg = above
            .min
            .as_ref()
            .is_some_and(|min| self.space.symbols.nonneg(min));
        let (op, min, max) = if op == BinaryOp::Rem {
            let top = below.max.map(|max| max.plus_constant(-1)).transpose()?;
            (op, Some(Poly::zero()), top)
        } else {
            (
                BinaryOp::Div,
                nonneg.then(Poly::zero),
                above.max.filter(|_| nonneg),
            )
        };
        Ok(self.keep(Opaque::Binary(op, a, b), min, max))
    }

    fn keep(&mut self, opaque: Opaque, min: Option<Poly>, max: Option<Poly>) -> Linear {
        let range = Range {
            min,
            max,
            exact: false,
        };
        Linear::piece(self.space.keep(opaque, range))
    }

    fn product(&mut self, a: Linear, b: Linear) -> Checked<Linear> {
        let (x, y) = (self.space.range(&a)?, self.space.range(&b)?);
        let symbols = &self.space.symbols;
        let nonneg = |p: &Option<Poly>| p.as_ref().is_some_and(|p| symbols.nonneg(p));
        let corners =
            [&x.min, &x.max, &y.min, &y.max].map(|p| p.as_ref().and_then(Poly::as_constant));
        let (min, max) = if let [Some(a), Some(b), Some(c), Some(d)] = corners {
            let mut products = Vec::new();
            for (p, q) in [(a, c), (a, d), (b, c), (b, d)] {
                products.push(p.checked_mul(q).ok_or(super::poly::Overflow)?);
            }
            products.sort_unstable();
            let bound = |v: i128| Poly::zero().plus_constant(v);
            (Some(bound(products[0])?), Some(bound(products[3])?))
        } else if nonneg(&x.min) && nonneg(&y.min) {
            let times = |p: &Option<Poly>, q: &Option<Poly>| {
                let both = p.as_ref().zip(q.as_ref());
                both.map(|(p, q)| p.times(q)).transpose()
            };
            (times(&x.min, &y.min)?, times(&x.max, &y.max)?)
        } else {
            (None, None)
        };
        Ok(self.keep(Opaque::Binary(BinaryOp::Mul, a, b), min, max))
    }

    fn shift(&mut self, op: BinaryOp, a: Linear, b: Linear) -> Checked<Linear> {
        let amount = b.as_constant().and_then(Poly::as_constant);
        if let Some(amount) = amount {
            let power = Poly::zero().plus_constant(1 << amount)?;
            return match op {
                BinaryOp::Shl => a.times(&power),
                _ => self.division(BinaryOp::Div, a, Linear::constant(power)),
            };
        }
        if let Some(value) = self.of_sizes(op, &a, &b) {
            let lower = self
                .space
                .range(&a)?
                .min
                .filter(|m| self.space.symbols.nonneg(m));
            let symbol = self.space.symbols.opaque(value, lower.map(|_| 0));
            return Ok(Linear::constant(symbol));
        }
        let (x, (_, most)) = (self.numbers(&a), self.numbers(&b));
        let bounds = match (x, most) {
            ((Some(low), Some(high)), Some(most)) if op == BinaryOp::Shl => {
                let far = |v: i128| v.checked_mul(1 << most).ok_or(super::poly::Overflow);
                Some((low.min(far(low)?), high.max(far(high)?)))
            }
            ((Some(low), Some(high)), _) => Some((low.min(0), high.max(0))),
            _ => None,
        };
        let bound = |v: i128| Poly::zero().plus_constant(v);
        let min = bounds.map(|(min, _)| bound(min)).transpose()?;
        let max = bounds.map(|(_, max)| bound(max)).transpose()?;
        Ok(self.keep(Opaque::Binary(op, a, b), min, max))
    }

    fn bits(&mut self, op: BinaryOp, a: Linear, b: Linear, _at: &Expr) -> Checked<Linear> {
        let constants = [&a, &b].map(|form| form.as_constant().and_then(Poly::as_constant));
        if let [Some(x), Some(y)] = constants {
            let value = match op {
                BinaryOp::Xor => x ^ y,
                BinaryOp::And => x & y,
                _ => x | y,
            };
            return Ok(Linear::constant(Poly::zero().plus_constant(value)?));
        }
        // A mask of low bits is a remainder, which keeps the digits.
        if let (BinaryOp::And, [x, y]) = (op, constants) {
            for (mask, other) in [(x, &b), (y, &a)] {
                let power = mask
                    .map(|mask| mask + 1)
                    .filter(|p| *p > 0 && p & (p - 1) == 0);
                if let Some(power) = power {
                    let power = Linear::constant(Poly::zero().plus_constant(power)?);
                    return self.division(BinaryOp::Rem, other.clone(), power);
                }
            }
        }
        let (x, y) = (self.space.range(&a)?, self.space.range(&b)?);
        let symbols = &self.space.symbols;
        let nonneg = |p: &Option<Poly>| p.as_ref().is_some_and(|p| symbols.nonneg(p));
        let both = nonneg(&x.min) && nonneg(&y.min);
        if let Some(value) = self.of_sizes(op, &a, &b) {
            let symbol = self.space.symbols.opaque(value, both.then_some(0));
            return Ok(Linear::constant(symbol));
        }
        let tops = [&x.max, &y.max].map(|p| p.as_ref().and_then(Poly::as_constant));
        let (min, max) = match (op, tops) {
            // Two's complement: the smallest power of two beyond both.
            (_, [Some(p), Some(q)]) if both => {
                let bits = 128 - (p.max(q)).leading_zeros();
                let top = match op {
                    BinaryOp::And => p.min(q),
                    _ => (1i128 << bits) - 1,
                };
                (Some(Poly::zero()), Some(Poly::zero().plus_constant(top)?))
            }
            _ if both => (Some(Poly::zero()), None),
            _ => (None, None),
        };
        Ok(self.keep(Opaque::Binary(op, a, b), min, max))
    }

    /// The operation as a scalar, if no iterator is in it.
    fn of_sizes(&self, op: BinaryOp, a: &Linear, b: &Linear) -> Option<Scalar> {
        let scalar = |form: &Linear| Some(Box::new(self.space.symbols.scalar(form.as_constant()?)));
        let (a, b) = (scalar(a)?, scalar(b)?);
        Some(match op {
            BinaryOp::Xor => Scalar::Xor(a, b),
            BinaryOp::And => Scalar::And(a, b),
            BinaryOp::Or => Scalar::Or(a, b),
            BinaryOp::Shl => Scalar::Shl(a, b),
            BinaryOp::Shr => Scalar::Shr(a, b),
            _ => return None,
        })
    }

    /// `min` or `max`: what can never be the extreme is dropped.
    fn extreme(&mut self, forms: Vec<Linear>, smallest: bool) -> Checked<Linear> {
        let mut kept: Vec<Linear> = Vec::new();
        for form in forms {
            let mut useless = false;
            let mut remaining = Vec::new();
            for other in kept {
                let gap = if smallest {
                    form.minus(&other)?
                } else {
                    other.minus(&form)?
                };
                let range = self.space.range(&gap)?;
                let symbols = &self.space.symbols;
                useless |= range.min.is_some_and(|min| symbols.nonneg(&min));
                let beaten = range.max.is_some_and(|max| symbols.nonneg(&max.negated()));
                if useless || !beaten {
                    remaining.push(other);
                }
            }
            kept = remaining;
            if !useless {
                kept.push(form);
            }
        }
        if let [only] = kept.as_slice() {
            return Ok(only.clone());
        }
        let constants: Option<Vec<Poly>> = kept.iter().map(|f| f.as_constant().cloned()).collect();
        if let Some(constants) = constants {
            let mut all = constants.into_iter();
            let mut value = all.next().unwrap_or_default();
            for other in all {
                let symbols = &mut self.space.symbols;
                value = if smallest {
                    symbols.min(&value, &other)?
                } else {
                    symbols.max(&value, &other)?
                };
            }
            return Ok(Linear::constant(value));
        }
        let (mut min, mut max): (Option<Option<Poly>>, Option<Option<Poly>>) = (None, None);
        for form in &kept {
            let range = self.space.range(form)?;
            for (best, value) in [(&mut min, range.min), (&mut max, range.max)] {
                let joined = match best.take() {
                    None => value,
                    Some(known) => match (known, value) {
                        (Some(a), Some(b)) if smallest => Some(self.space.symbols.min(&a, &b)?),
                        (Some(a), Some(b)) => Some(self.space.symbols.max(&a, &b)?),
                        _ => None,
                    },
                };
                *best = Some(joined);
            }
        }
        let opaque = if smallest {
            Opaque::Min(kept)
        } else {
            Opaque::Max(kept)
        };
        Ok(self.keep(opaque, min.flatten(), max.flatten()))
    }

    fn absolute(&mut self, form: Linear) -> Checked<Linear> {
        let range = self.space.range(&form)?;
        let symbols = &mut self.space.symbols;
        if range.min.as_ref().is_some_and(|min| symbols.nonneg(min)) {
            return Ok(form);
        }
        let negated = form.times(&Poly::constant(-1))?;
        if range
            .max
            .as_ref()
            .is_some_and(|max| symbols.nonneg(&max.negated()))
        {
            return Ok(negated);
        }
        if let Some(value) = form.as_constant() {
            let larger = symbols.max(value, &value.negated())?;
            return Ok(Linear::constant(larger));
        }
        let max = match (range.min, range.max) {
            (Some(min), Some(max)) => Some(symbols.max(&min.negated(), &max)?),
            _ => None,
        };
        Ok(self.keep(Opaque::Abs(form), Some(Poly::zero()), max))
    }

    /// The condition (or its opposite) in negation normal form.
    pub(crate) fn test(&mut self, cond: &Cond, truth: bool) -> Option<Test> {
        match &cond.kind {
            CondKind::Not(inner) => self.test(inner, !truth),
            CondKind::And(a, b) | CondKind::Or(a, b) => {
                let both = matches!(cond.kind, CondKind::And(..)) == truth;
                let (a, b) = (self.test(a, truth), self.test(b, truth));
                let parts = vec![a?, b?];
                Some(if both {
                    Test::All(parts)
                } else {
                    Test::Any(parts)
                })
            }
            CondKind::Compare(op, a, b) => {
                let (x, y) = (self.form(a), self.form(b));
                let test = compare(if truth { *op } else { opposite(*op) }, &x?, &y?);
                if test.is_err() {
                    self.errors.push(Diagnostic::new(
                        Code::Overflow,
                        cond.span,
                        "index arithmetic leaves 64 bits here",
                    ));
                }
                test.ok()
            }
        }
    }
}

fn opposite(op: Comparison) -> Comparison {
    match op {
        Comparison::Eq => Comparison::Ne,
        Comparison::Ne => Comparison::Eq,
        Comparison::Lt => Comparison::Ge,
        Comparison::Ge => Comparison::Lt,
        Comparison::Gt => Comparison::Le,
        Comparison::Le => Comparison::Gt,
    }
}

fn compare(op: Comparison, a: &Linear, b: &Linear) -> Checked<Test> {
    let less = Linear::constant(Poly::constant(-1));
    Ok(match op {
        Comparison::Eq => Test::Is0(a.minus(b)?),
        Comparison::Ne => Test::Not0(a.minus(b)?),
        Comparison::Ge => Test::AtLeast0(a.minus(b)?),
        Comparison::Le => Test::AtLeast0(b.minus(a)?),
        Comparison::Gt => Test::AtLeast0(a.minus(b)?.plus(&less)?),
        Comparison::Lt => Test::AtLeast0(b.minus(a)?.plus(&less)?),
    })
}
