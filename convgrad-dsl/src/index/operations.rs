//! The operations on normal forms: what stays a sum of digits, and what has to be kept whole.

use crate::nest::Scalar;
use crate::sema::model::BinaryOp;

use super::linear::{Linear, Opaque};
use super::poly::{Checked, Poly, TooLarge};
use super::space::{Range, Space};

/// More values than this are not compared with each other.
const MAX_OPERANDS: usize = 64;

impl Space {
    /// The range of a form as numbers, where it has such.
    fn numbers(&mut self, form: &Linear) -> (Option<i128>, Option<i128>) {
        let Ok(range) = self.range(form) else {
            return (None, None);
        };
        let number = |p: Option<Poly>| p.and_then(|p| p.as_constant());
        (number(range.min), number(range.max))
    }

    /// `a / b`, rounded down or up, or `a % b`, for a divisor that is at least 1.
    pub(super) fn division(&mut self, op: BinaryOp, a: Linear, b: Linear) -> Checked<Linear> {
        let Some(divisor) = b.as_constant().cloned() else {
            return self.keep_division(op, a, b);
        };
        if let Some(numerator) = a.as_constant() {
            let symbols = &mut self.symbols;
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
            BinaryOp::Rem => self.divmod(&a, &divisor).map(|(_, remainder)| remainder),
            BinaryOp::Div => self.divmod(&a, &divisor).map(|(quotient, _)| quotient),
            _ => {
                let up = a.plus(&Linear::constant(divisor.plus_constant(-1)?))?;
                self.divmod(&up, &divisor).map(|(quotient, _)| quotient)
            }
        }
    }

    /// A division by something that iterates.
    fn keep_division(&mut self, op: BinaryOp, a: Linear, b: Linear) -> Checked<Linear> {
        let a = match op {
            BinaryOp::CeilDiv => a.plus(&b)?.plus(&Linear::constant(Poly::constant(-1)))?,
            _ => a,
        };
        let (above, below) = (self.range(&a)?, self.range(&b)?);
        let nonneg = above
            .min
            .as_ref()
            .is_some_and(|min| self.symbols.nonneg(min));
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
        self.kept(Opaque::Binary(op, a, b), min, max)
    }

    fn kept(&mut self, opaque: Opaque, min: Option<Poly>, max: Option<Poly>) -> Checked<Linear> {
        let range = Range {
            min,
            max,
            exact: false,
        };
        self.keep(opaque, range).map(Linear::piece)
    }

    /// `a * b` where both iterate.
    pub(super) fn product(&mut self, a: Linear, b: Linear) -> Checked<Linear> {
        let (x, y) = (self.range(&a)?, self.range(&b)?);
        let symbols = &self.symbols;
        let nonneg = |p: &Option<Poly>| p.as_ref().is_some_and(|p| symbols.nonneg(p));
        let corners =
            [&x.min, &x.max, &y.min, &y.max].map(|p| p.as_ref().and_then(Poly::as_constant));
        let (min, max) = if let [Some(a), Some(b), Some(c), Some(d)] = corners {
            let mut products = Vec::new();
            for (p, q) in [(a, c), (a, d), (b, c), (b, d)] {
                products.push(p.checked_mul(q).ok_or(TooLarge::Number)?);
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
        self.kept(Opaque::Binary(BinaryOp::Mul, a, b), min, max)
    }

    /// `a << b` or `a >> b` for a shift by 0 to 62 places.
    pub(super) fn shift(&mut self, op: BinaryOp, a: Linear, b: Linear) -> Checked<Linear> {
        let amount = b.as_constant().and_then(Poly::as_constant);
        if let Some(amount) = amount {
            let power = Poly::zero().plus_constant(1 << amount)?;
            return match op {
                BinaryOp::Shl => a.times(&power),
                _ => self.division(BinaryOp::Div, a, Linear::constant(power)),
            };
        }
        if let Some(value) = self.of_sizes(op, &a, &b)? {
            let lower = self.range(&a)?.min.filter(|m| self.symbols.nonneg(m));
            let symbol = self.symbols.opaque(value, lower.map(|_| 0));
            return Ok(Linear::constant(symbol));
        }
        let (x, (_, most)) = (self.numbers(&a), self.numbers(&b));
        let bounds = match (x, most) {
            ((Some(low), Some(high)), Some(most)) if op == BinaryOp::Shl => {
                let far = |v: i128| v.checked_mul(1 << most).ok_or(TooLarge::Number);
                Some((low.min(far(low)?), high.max(far(high)?)))
            }
            ((Some(low), Some(high)), _) => Some((low.min(0), high.max(0))),
            _ => None,
        };
        let bound = |v: i128| Poly::zero().plus_constant(v);
        let min = bounds.map(|(min, _)| bound(min)).transpose()?;
        let max = bounds.map(|(_, max)| bound(max)).transpose()?;
        self.kept(Opaque::Binary(op, a, b), min, max)
    }

    /// `a ^ b`, `a & b` or `a | b`.
    pub(super) fn bits(&mut self, op: BinaryOp, a: Linear, b: Linear) -> Checked<Linear> {
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
        let (x, y) = (self.range(&a)?, self.range(&b)?);
        let symbols = &self.symbols;
        let nonneg = |p: &Option<Poly>| p.as_ref().is_some_and(|p| symbols.nonneg(p));
        let both = nonneg(&x.min) && nonneg(&y.min);
        if let Some(value) = self.of_sizes(op, &a, &b)? {
            let symbol = self.symbols.opaque(value, both.then_some(0));
            return Ok(Linear::constant(symbol));
        }
        // Two's complement: the smallest power of two beyond both bounds the result, the smaller operand an `and`.
        let bits = [&x.max, &y.max].map(|p| p.as_ref().and_then(|p| self.bits_of(p)));
        let top = match (op, bits) {
            _ if !both => None,
            (BinaryOp::And, [Some(p), Some(q)]) => Some(p.min(q)),
            (BinaryOp::And, [p, q]) => p.or(q),
            (_, [p, q]) => p.zip(q).map(|(p, q)| p.max(q)),
        };
        let top = top.map(|bits| Poly::zero().plus_constant((1 << bits) - 1));
        let (min, max) = (both.then(Poly::zero), top.transpose()?);
        self.kept(Opaque::Binary(op, a, b), min, max)
    }

    /// How many bits a value of at most `max` takes, if that is known.
    fn bits_of(&self, max: &Poly) -> Option<u32> {
        (0..=62).find(|bits| {
            let top = Poly::zero().plus_constant((1i128 << bits) - 1);
            top.is_ok_and(|top| self.symbols.le(max, &top))
        })
    }

    /// The operation as a scalar, if no iterator is in it.
    fn of_sizes(&self, op: BinaryOp, a: &Linear, b: &Linear) -> Checked<Option<Scalar>> {
        let make = match op {
            BinaryOp::Xor => Scalar::Xor,
            BinaryOp::And => Scalar::And,
            BinaryOp::Or => Scalar::Or,
            BinaryOp::Shl => Scalar::Shl,
            BinaryOp::Shr => Scalar::Shr,
            _ => return Ok(None),
        };
        let Some((a, b)) = a.as_constant().zip(b.as_constant()) else {
            return Ok(None);
        };
        self.symbols.within_weight(&[a, b])?;
        let scalar = |p: &Poly| Box::new(self.symbols.scalar(p));
        Ok(Some(make(scalar(a), scalar(b))))
    }

    /// `min` or `max`: what can never be the extreme is dropped.
    pub(super) fn extreme(&mut self, forms: Vec<Linear>, smallest: bool) -> Checked<Linear> {
        if forms.len() > MAX_OPERANDS {
            return Err(TooLarge::Formula);
        }
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
                let range = self.range(&gap)?;
                let symbols = &self.symbols;
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
                let symbols = &mut self.symbols;
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
            let range = self.range(form)?;
            for (best, value) in [(&mut min, range.min), (&mut max, range.max)] {
                let joined = match best.take() {
                    None => value,
                    Some(known) => match (known, value) {
                        (Some(a), Some(b)) if smallest => Some(self.symbols.min(&a, &b)?),
                        (Some(a), Some(b)) => Some(self.symbols.max(&a, &b)?),
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
        self.kept(opaque, min.flatten(), max.flatten())
    }

    /// `abs(form)`.
    pub(super) fn absolute(&mut self, form: Linear) -> Checked<Linear> {
        let range = self.range(&form)?;
        let symbols = &mut self.symbols;
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
        self.kept(Opaque::Abs(form), Some(Poly::zero()), max)
    }
}
