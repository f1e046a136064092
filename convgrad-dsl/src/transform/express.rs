//! From normal forms back to expressions that a person would have written.

use std::cmp::Reverse;

use crate::index::linear::{Atom, Linear, Opaque, Piece, Test};
use crate::index::poly::{Checked, Poly, TooLarge};
use crate::index::space::Space;
use crate::nest::{Condition, Scalar};
use crate::sema::model::{Comparison, Cond, CondKind, Expr, ExprKind, IterId};
use crate::sema::written::written;

use super::expr::{Maker, literal, size_id};

/// The most operations of one expression: values that are kept whole are written out wherever they are used.
const MAX_OPERATIONS: usize = 1 << 12;

/// What iterators stand for: themselves, or expressions of other ones.
pub(super) type Meaning<'m> = &'m dyn Fn(IterId) -> Expr;

/// Writes normal forms over a space.
pub(super) struct Writer<'s> {
    pub(super) space: &'s mut Space,
    pub(super) make: Maker,
    pub(super) iterators: Meaning<'s>,
    /// How many operations may still be written.
    budget: usize,
}

/// An expression, and whether it is to be subtracted.
type Signed = (bool, Expr);

impl<'s> Writer<'s> {
    pub(super) fn new(space: &'s mut Space, make: Maker, iterators: Meaning<'s>) -> Self {
        Self {
            space,
            make,
            iterators,
            budget: MAX_OPERATIONS,
        }
    }

    /// A polynomial of sizes. Where it is a multiple of a size with a value, of that size: `N*P*Q`.
    pub(super) fn poly(&self, p: &Poly) -> Expr {
        self.factors(p)
            .into_iter()
            .fold(self.make.int(1), |product, factor| {
                self.make.times(product, factor)
            })
    }

    /// What a polynomial of sizes is a product of.
    fn factors(&self, p: &Poly) -> Vec<Expr> {
        let span = self.make.span;
        if let Some((at, rest)) = self.valued(p) {
            let mut factors = self.factors(&rest);
            factors.retain(|factor| literal(factor) != Some(1));
            factors.push(self.make.size(at));
            return factors;
        }
        let parts = match self.space.symbols.scalar(p) {
            Scalar::Product(parts) => parts,
            other => vec![other],
        };
        parts.iter().map(|part| written(part, span)).collect()
    }

    /// The sizes with values that are sums or quotients.
    fn values(&self) -> Vec<(usize, Poly)> {
        let symbols = &self.space.symbols;
        let sizes = (0..symbols.count()).map(|at| (at, symbols.size(size_id(at))));
        sizes
            .filter(|(_, value)| value.terms().count() > 1 || symbols.has_quotient(value))
            .collect()
    }

    /// A size with a value that a polynomial is a multiple of, and what is left of it.
    fn valued(&self, p: &Poly) -> Option<(usize, Poly)> {
        let mut values = self.values().into_iter().filter(|_| !p.is_zero());
        values.find_map(|(at, value)| Some((at, p.over(&value)?)))
    }

    /// A form: what is added before what is subtracted, large scales before small ones, the constant between or behind.
    pub(super) fn linear(&mut self, form: &Linear) -> Checked<Expr> {
        let merged = self.space.merge(form)?;
        let (mut parts, constant) = self.parts(&merged)?;
        let constant = self.constant(&constant);
        // `H - 1 - h`, but `i - j - 1`.
        let leads = constant.iter().any(|(negative, _)| !negative);
        if leads {
            let at = parts.iter().take_while(|(negative, _)| !negative).count();
            let rest = parts.split_off(at);
            parts.extend(constant);
            parts.extend(rest);
        } else {
            parts.extend(constant);
        }
        Ok(self.sum(parts))
    }

    /// The scaled pieces, by falling scale, and the constant beside them.
    fn parts(&mut self, form: &Linear) -> Checked<(Vec<Signed>, Poly)> {
        let mut terms = form.terms.clone();
        terms.sort_by_key(|term| (is_negative(&term.scale), Reverse(weight(&term.scale))));
        let (mut parts, mut constant) = (Vec::new(), form.constant.clone());
        for term in &terms {
            let negative = is_negative(&term.scale);
            let scale = if negative {
                term.scale.negated()
            } else {
                term.scale.clone()
            };
            let (piece, beside) = self.piece(&term.piece)?;
            constant = constant.plus(&beside.times(&term.scale)?)?;
            parts.push((negative, self.scaled(piece, &scale)));
        }
        Ok((parts, constant))
    }

    /// The terms of a constant, each with its sign.
    fn constant(&self, p: &Poly) -> Vec<Signed> {
        let (negative, positive) = match is_negative(p) {
            true => (true, p.negated()),
            false => (false, p.clone()),
        };
        if self.valued(&positive).is_some() {
            return vec![(negative, self.poly(&positive))];
        }
        // Sizes with values that make it shorter: `P - 1`.
        let (mut rest, mut signed) = (p.clone(), Vec::new());
        for (at, value) in self.values() {
            for (negative, less) in [(false, rest.minus(&value)), (true, rest.plus(&value))] {
                if let Ok(less) = less
                    && less.terms().count() < rest.terms().count()
                {
                    rest = less;
                    signed.push((negative, self.make.size(at)));
                    break;
                }
            }
        }
        let terms = match self.space.symbols.scalar(&rest) {
            Scalar::Const(0) => Vec::new(),
            Scalar::Sum(terms) => terms,
            other => vec![other],
        };
        signed.extend(terms.iter().map(|term| self.signed(term)));
        signed.sort_by_key(|(negative, _)| *negative);
        signed
    }

    fn signed(&self, term: &Scalar) -> Signed {
        let positive = match term {
            Scalar::Const(n) => n.checked_neg().filter(|n| *n > 0).map(Scalar::Const),
            Scalar::Product(factors) => match factors.as_slice() {
                [Scalar::Const(n), rest @ ..] if *n < 0 => n.checked_neg().map(|n| {
                    let mut all = vec![Scalar::Const(n)];
                    all.extend(rest.iter().cloned());
                    Scalar::product(all)
                }),
                _ => None,
            },
            _ => None,
        };
        match positive {
            Some(positive) => (true, written(&positive, self.make.span)),
            None => (false, written(term, self.make.span)),
        }
    }

    fn sum(&self, parts: Vec<Signed>) -> Expr {
        let mut sum = None;
        for (negative, part) in parts {
            sum = Some(match (sum, negative) {
                (None, false) => part,
                (None, true) => self.make.negated(part),
                (Some(sum), false) => self.make.plus(sum, part),
                (Some(sum), true) => self.make.minus(sum, part),
            });
        }
        sum.unwrap_or_else(|| self.make.int(0))
    }

    /// `piece*H*W`: a product of sizes factor by factor.
    fn scaled(&self, piece: Expr, scale: &Poly) -> Expr {
        let factors = self.factors(scale).into_iter();
        factors.fold(piece, |product, factor| self.make.times(product, factor))
    }

    /// `(atom / lo) % radix`; the remainder is left out where the value stays below the radix anyway. Beside it what has
    /// to be added: whole turns of a sum, `(w - 3) % N` for `(w - 3 + N*(3/N)) % N`.
    fn piece(&mut self, piece: &Piece) -> Checked<(Expr, Poly)> {
        let atom = match piece.atom {
            Atom::Iter(id) => (self.iterators)(id),
            Atom::Opaque(id) => {
                let opaque = self.space.opaque(id).clone();
                if let Opaque::Sum(form) = &opaque
                    && let Some((turned, turns)) = self.turns(form, piece)?
                {
                    let value = self.opaque(&Opaque::Sum(turned))?;
                    let make = self.make;
                    let high = make.over(value, self.poly(&piece.lo));
                    return Ok(match piece.radix() {
                        Some(radix) => (make.modulo(high, self.poly(&radix)), Poly::zero()),
                        None => (high, turns),
                    });
                }
                self.opaque(&opaque)?
            }
        };
        Ok((self.digit(atom, piece)?, Poly::zero()))
    }

    /// A sum without the multiples of a divisor that no number is, and which multiple that was. None if there is none.
    fn turns(&self, form: &Linear, piece: &Piece) -> Checked<Option<(Linear, Poly)>> {
        let divisor = match (&piece.hi, piece.lo.is_one()) {
            (Some(hi), _) => hi,
            (None, false) => &piece.lo,
            (None, true) => return Ok(None),
        };
        let (mut constant, mut turns) = (Poly::zero(), Poly::zero());
        for (monomial, c) in form.constant.terms() {
            let part = Poly::term(monomial.clone(), c);
            let whole = part.over(divisor);
            match whole.filter(|_| self.space.symbols.has_quotient(&part)) {
                Some(whole) => turns = turns.plus(&whole)?,
                None => constant = constant.plus(&part)?,
            }
        }
        if turns.is_zero() {
            return Ok(None);
        }
        let terms = form.terms.clone();
        Ok(Some((Linear { constant, terms }, turns)))
    }

    /// The digit of a value.
    pub(super) fn digit(&mut self, value: Expr, piece: &Piece) -> Checked<Expr> {
        let high = self.make.over(value, self.poly(&piece.lo));
        let Some(radix) = piece.radix() else {
            return Ok(high);
        };
        let top = Piece {
            hi: None,
            ..piece.clone()
        };
        let range = self.space.piece_range(&top)?;
        let symbols = &self.space.symbols;
        let small = range.min.is_some_and(|min| symbols.nonneg(&min))
            && range.max.is_some_and(|max| symbols.lt(&max, &radix));
        Ok(match small {
            true => high,
            false => self.make.modulo(high, self.poly(&radix)),
        })
    }

    /// A value that is kept whole.
    pub(super) fn opaque(&mut self, opaque: &Opaque) -> Checked<Expr> {
        self.budget = self
            .budget
            .checked_sub(
                1 + opaque
                    .operands()
                    .iter()
                    .map(|f| f.terms.len())
                    .sum::<usize>(),
            )
            .ok_or(TooLarge::Formula)?;
        let make = self.make;
        let mut all = |forms: &[Linear]| -> Checked<Vec<Expr>> {
            forms.iter().map(|form| self.linear(form)).collect()
        };
        Ok(match opaque {
            Opaque::Sum(form) => self.linear(form)?,
            Opaque::Abs(form) => make.of(ExprKind::Abs(Box::new(self.linear(form)?))),
            Opaque::Min(forms) => make.of(ExprKind::Min(all(forms)?)),
            Opaque::Max(forms) => make.of(ExprKind::Max(all(forms)?)),
            Opaque::Binary(op, a, b) => {
                let (a, b) = (self.linear(a)?, self.linear(b)?);
                make.of(ExprKind::Binary(*op, Box::new(a), Box::new(b)))
            }
        })
    }

    /// A test, with everything on the side where it is positive.
    pub(super) fn test(&mut self, test: &Test) -> Checked<Cond> {
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

/// Whether every coefficient is negative.
fn is_negative(p: &Poly) -> bool {
    p.terms().all(|(_, c)| c < 0)
}

/// By which scales are put in order: products of sizes before numbers, large numbers before small ones.
fn weight(p: &Poly) -> (usize, i128) {
    let degree = p.terms().map(|(m, _)| m.degree()).max();
    let size = p.terms().map(|(_, c)| c.abs()).max();
    (degree.unwrap_or(0), size.unwrap_or(0))
}

/// A condition on sizes.
pub(super) fn condition(value: &Condition, make: Maker) -> Option<Cond> {
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
