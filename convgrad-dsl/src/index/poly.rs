//! Polynomials in symbols with integer coefficients: what scales, extents and offsets are made of.
//!
//! Coefficients are kept below 2^96, so that sums of products never leave 128 bits; beyond that is [`TooLarge::Number`].

use std::cmp::Ordering;

pub(crate) use super::monomial::Monomial;
use super::terms::{Parts, Term, Terms};

/// A number that stands for something known only when the sizes are: an index of [`Symbols`](super::symbols::Symbols).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SymbolId(pub(crate) u32);

/// Why a formula cannot be treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TooLarge {
    /// A number leaves the range in which indices can be computed.
    Number,
    /// The formula has more parts than the compiler takes on.
    Formula,
}

/// A result that may be too large.
pub(crate) type Checked<T> = Result<T, TooLarge>;

const LIMIT: u128 = 1 << 96;
const MAX_TERMS: usize = 256;
const MAX_DEGREE: usize = 24;

/// A polynomial: monomials in order, each with a coefficient that is not 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Poly {
    terms: Terms,
}

impl Poly {
    pub(crate) fn zero() -> Self {
        Self::default()
    }

    pub(crate) fn one() -> Self {
        Self::constant(1)
    }

    pub(crate) fn constant(value: i64) -> Self {
        Self::term(Monomial::default(), i128::from(value))
    }

    pub(crate) fn symbol(symbol: SymbolId) -> Self {
        Self::term(Monomial::of([symbol]), 1)
    }

    pub(crate) fn term(monomial: Monomial, coefficient: i128) -> Self {
        if coefficient == 0 {
            return Self::zero();
        }
        Self {
            terms: Terms::One((monomial, coefficient)),
        }
    }

    pub(crate) fn terms(&self) -> impl Iterator<Item = (&Monomial, i128)> {
        self.terms.iter().map(|(monomial, c)| (monomial, *c))
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    pub(crate) fn is_one(&self) -> bool {
        self.as_constant() == Some(1)
    }

    /// Its value, if no symbol is in it.
    pub(crate) fn as_constant(&self) -> Option<i128> {
        match &*self.terms {
            [] => Some(0),
            [(monomial, c)] if monomial.is_one() => Some(*c),
            _ => None,
        }
    }

    /// The part without symbols.
    pub(crate) fn constant_part(&self) -> i128 {
        let first = self.terms.first();
        first.map_or(0, |(m, c)| if m.is_one() { *c } else { 0 })
    }

    pub(crate) fn plus(&self, other: &Poly) -> Checked<Poly> {
        self.plus_times(other, 1)
    }

    /// `self + factor * other` for a factor of 1 or -1.
    fn plus_times(&self, other: &Poly, factor: i128) -> Checked<Poly> {
        let (mut a, mut b) = (&*self.terms, &*other.terms);
        match (a, b) {
            (_, []) => return Ok(self.clone()),
            ([], _) if factor == 1 => return Ok(other.clone()),
            _ => {}
        }
        let mut terms = Parts::new();
        while let ([first, after_a @ ..], [second, after_b @ ..]) = (a, b) {
            let ((m, c), (n, d)) = (first, second);
            match m.cmp(n) {
                Ordering::Less => {
                    terms.push(first.clone());
                    a = after_a;
                }
                Ordering::Greater => {
                    terms.push((n.clone(), factor * d));
                    b = after_b;
                }
                Ordering::Equal => {
                    let sum = c + factor * d;
                    if sum != 0 {
                        terms.push((m.clone(), sum));
                    }
                    (a, b) = (after_a, after_b);
                }
            }
        }
        terms.extend(a.iter().cloned());
        terms.extend(b.iter().map(|(n, d)| (n.clone(), factor * d)));
        Self::of(&terms)
    }

    /// The polynomial of sorted terms, if it is not too large.
    fn of(terms: &[Term]) -> Checked<Poly> {
        if terms.len() > MAX_TERMS || terms.iter().any(|(m, _)| m.degree() > MAX_DEGREE) {
            return Err(TooLarge::Formula);
        }
        if terms.iter().any(|(_, c)| c.unsigned_abs() >= LIMIT) {
            return Err(TooLarge::Number);
        }
        Ok(Self {
            terms: terms.into(),
        })
    }

    pub(crate) fn negated(&self) -> Poly {
        let terms = self.terms.iter().map(|(m, c)| (m.clone(), -c));
        let terms: Parts = terms.collect();
        Self {
            terms: terms.as_slice().into(),
        }
    }

    pub(crate) fn minus(&self, other: &Poly) -> Checked<Poly> {
        self.plus_times(other, -1)
    }

    pub(crate) fn plus_constant(&self, value: i128) -> Checked<Poly> {
        self.plus(&Self::term(Monomial::default(), value))
    }

    pub(crate) fn times(&self, other: &Poly) -> Checked<Poly> {
        if let (Some(c), _) | (None, Some(c)) = (self.as_constant(), other.as_constant()) {
            let all = if self.as_constant().is_some() {
                other
            } else {
                self
            };
            return all.scaled(c);
        }
        if let ([(m, c)], [(n, d)]) = (&*self.terms, &*other.terms) {
            let coefficient = c.checked_mul(*d).ok_or(TooLarge::Number)?;
            return Self::of(&[(m.times(n), coefficient)]);
        }
        let (few, many) = match self.terms.len() <= other.terms.len() {
            true => (self, other),
            false => (other, self),
        };
        let mut sum = Poly::zero();
        for (m, c) in &*few.terms {
            let product = |(n, d): &Term| {
                let coefficient = c.checked_mul(*d).ok_or(TooLarge::Number)?;
                Ok((m.times(n), coefficient))
            };
            let mut row = many.terms.iter().map(product).collect::<Checked<Parts>>()?;
            // The order of products with one monomial is not the order of the factors.
            row.sort_unstable();
            sum = sum.plus(&Self::of(&row)?)?;
        }
        Ok(sum)
    }

    /// `factor * self`.
    fn scaled(&self, factor: i128) -> Checked<Poly> {
        match factor {
            0 => return Ok(Poly::zero()),
            1 => return Ok(self.clone()),
            _ => {}
        }
        let scale = |(m, c): &Term| {
            let product = c.checked_mul(factor).ok_or(TooLarge::Number);
            product.map(|c| (m.clone(), c))
        };
        Self::of(&self.terms.iter().map(scale).collect::<Checked<Parts>>()?)
    }

    /// `self / divisor`, if that is a polynomial with integer coefficients.
    pub(crate) fn over(&self, divisor: &Poly) -> Option<Poly> {
        if divisor.is_one() {
            return Some(self.clone());
        }
        match &*divisor.terms {
            [] => None,
            [single] => self.over_term(single),
            _ => self.over_several(divisor),
        }
    }

    fn over_term(&self, (monomial, coefficient): &Term) -> Option<Poly> {
        let part = |(m, c): &Term| {
            let whole = (c % coefficient == 0).then_some(c / coefficient)?;
            Some((m.over(monomial)?, whole))
        };
        let mut terms = self.terms.iter().map(part).collect::<Option<Parts>>()?;
        // As with products, the order of what is left is another one: `ab` comes before `b`, but `a` after 1.
        terms.sort_unstable();
        Some(Self {
            terms: terms.as_slice().into(),
        })
    }

    /// Division from the leading terms on: in an order that products keep, the first term of a product is the product of the
    /// first terms, and the last one that of the last.
    fn over_several(&self, divisor: &Poly) -> Option<Poly> {
        let (first, last) = divisor.ends()?;
        let fits = |(m, c): &Term, (n, d): &Term| {
            let whole = (c % d == 0).then_some(c / d)?;
            Some((m.over(n)?, whole))
        };
        let (mut rest, mut quotient) = (self.clone(), Poly::zero());
        for _ in 0..MAX_TERMS {
            let Some((leading, trailing)) = rest.ends() else {
                return Some(quotient);
            };
            fits(trailing, last)?;
            let (m, c) = fits(leading, first)?;
            let part = Poly::term(m, c);
            rest = rest.minus(&part.times(divisor).ok()?).ok()?;
            quotient = quotient.plus(&part).ok()?;
        }
        None
    }

    /// The first and the last term by [`Monomial::leads`]; None of 0.
    fn ends(&self) -> Option<(&Term, &Term)> {
        let order = |a: &&Term, b: &&Term| a.0.leads(&b.0);
        let ends = self.terms.iter().min_by(order);
        ends.zip(self.terms.iter().max_by(order))
    }

    /// The greatest monomial with coefficient that divides every term of both.
    pub(crate) fn common_factor(&self, other: &Poly) -> Poly {
        let mut all = self.terms.iter().chain(&*other.terms);
        let Some((mut monomial, mut coefficient)) = all.next().cloned() else {
            return Poly::one();
        };
        for (m, c) in all {
            monomial = monomial.common(m);
            coefficient = gcd(coefficient, *c);
        }
        Poly::term(monomial, coefficient.abs())
    }

    /// The symbols of a polynomial of one term, each as often as it is a factor.
    pub(crate) fn factors(&self) -> Vec<Poly> {
        match &*self.terms {
            [(monomial, _)] => monomial.symbols().map(Poly::symbol).collect(),
            _ => Vec::new(),
        }
    }

    /// The symbol that is at least a number where this is at least 0, and the number, if it says no more than that.
    pub(crate) fn as_bound(&self) -> Option<(SymbolId, i128)> {
        let (monomial, bound) = match &*self.terms {
            [(monomial, 1)] => (monomial, 0),
            [(one, c), (monomial, 1)] if one.is_one() => (monomial, -c),
            _ => return None,
        };
        let mut symbols = monomial.symbols();
        let symbol = symbols.next()?;
        symbols.next().is_none().then_some((symbol, bound))
    }

    /// The polynomial with `s + by(s)` in the place of every symbol `s`.
    pub(crate) fn shifted(&self, by: impl Fn(SymbolId) -> i128) -> Checked<Poly> {
        let mut sum = Parts::new();
        for (monomial, c) in &*self.terms {
            let mut product = Parts::new();
            product.push((Monomial::default(), *c));
            for symbol in monomial.symbols() {
                let (symbol, shift) = (Monomial::of([symbol]), by(symbol));
                for at in 0..product.len() {
                    let (m, c) = product[at].clone();
                    product[at].0 = m.times(&symbol);
                    if shift != 0 {
                        let part = c.checked_mul(shift).ok_or(TooLarge::Number)?;
                        product.push((m, part));
                    }
                }
                join(&mut product)?;
            }
            sum.extend(product);
        }
        join(&mut sum)?;
        Self::of(&sum)
    }
}

/// Sorts terms, and adds up those of one monomial.
fn join(terms: &mut Parts) -> Checked<()> {
    terms.sort_unstable_by(|(m, _), (n, _)| m.cmp(n));
    let mut fits = true;
    terms.dedup_by(|(m, c), (n, sum)| {
        let same = m == n;
        if same {
            let joined = sum.checked_add(*c);
            fits &= joined.is_some();
            *sum = joined.unwrap_or_default();
        }
        same
    });
    terms.retain(|(_, c)| *c != 0);
    if !fits {
        return Err(TooLarge::Number);
    }
    match terms.len() > MAX_TERMS {
        true => Err(TooLarge::Formula),
        false => Ok(()),
    }
}

/// The greatest common divisor, never negative.
pub(crate) fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        if let (Ok(small), Ok(smaller)) = (u64::try_from(a), u64::try_from(b)) {
            return i128::from(gcd_of_small(small, smaller));
        }
        (a, b) = (b, a % b);
    }
    a
}

/// The same in 64 bits, which processors divide much faster.
fn gcd_of_small(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(n: u32) -> Poly {
        Poly::symbol(SymbolId(n))
    }

    #[test]
    fn ring() {
        let (a, b) = (s(0), s(1));
        let sum = a.plus(&b).unwrap().plus_constant(-3).unwrap();
        let square = sum.times(&sum).unwrap();
        assert_eq!(square.over(&sum), Some(sum.clone()));
        assert_eq!(square.minus(&square).unwrap(), Poly::zero());
        assert_eq!(square.constant_part(), 9);
        let ab = a.times(&b).unwrap();
        assert_eq!(ab.over(&a), Some(b.clone()));
        assert_eq!(a.over(&b), None);
        let (next, one) = (a.plus_constant(1).unwrap(), ab.plus(&b).unwrap());
        assert_eq!(one.over(&b), Some(next));
        // Neither order of the factors' terms is that of the product's.
        let (both, sum) = (a.plus(&b).unwrap(), one.plus(&a).unwrap());
        let product = both.times(&sum).unwrap();
        assert_eq!(product.over(&both), Some(sum.clone()));
        assert_eq!(product.over(&sum), Some(both.clone()));
        assert_eq!(product.plus_constant(1).unwrap().over(&both), None);
        assert_eq!(product.plus(&a).unwrap().over(&sum), None);
        let six = ab.times(&Poly::constant(6)).unwrap();
        let four = a.times(&Poly::constant(4)).unwrap();
        assert_eq!(
            six.common_factor(&four),
            a.times(&Poly::constant(2)).unwrap()
        );
    }

    #[test]
    fn shifts_expand() {
        let (a, b) = (s(0), s(1));
        let product = a.times(&a).unwrap().times(&b).unwrap();
        let p = product.minus(&a).unwrap().plus_constant(5).unwrap();
        let (up, down) = (a.plus_constant(2).unwrap(), b.plus_constant(-1).unwrap());
        let expanded = up.times(&up).unwrap().times(&down).unwrap();
        let expanded = expanded.minus(&up).unwrap().plus_constant(5).unwrap();
        let by = |symbol: SymbolId| if symbol.0 == 0 { 2 } else { -1 };
        assert_eq!(p.shifted(by), Ok(expanded));
        assert_eq!(up.as_bound(), Some((SymbolId(0), -2)));
        assert_eq!([p.as_bound(), product.as_bound()], [None; 2]);
    }

    #[test]
    fn overflow_is_noticed() {
        let p = Poly::constant(i64::MAX);
        assert!(p.times(&p).is_err());
        let p = s(0);
        assert!(
            (0..100)
                .try_fold(p.clone(), |acc, _| acc.times(&p))
                .is_err()
        );
    }
}
