//! Polynomials in symbols with integer coefficients: what scales, extents and offsets are made of.
//!
//! Coefficients are kept below 2^96, so that sums of products never leave 128 bits; beyond that is [`TooLarge::Number`].

use std::cmp::Ordering;

pub(crate) use super::monomial::Monomial;

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

const LIMIT: i128 = 1 << 96;
const MAX_TERMS: usize = 256;
const MAX_DEGREE: usize = 24;

/// A polynomial: monomials in order, each with a coefficient that is not 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Poly {
    terms: Vec<(Monomial, i128)>,
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
        Self::term(Monomial::of(&[symbol]), 1)
    }

    pub(crate) fn term(monomial: Monomial, coefficient: i128) -> Self {
        if coefficient == 0 {
            return Self::zero();
        }
        Self {
            terms: vec![(monomial, coefficient)],
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
        match self.terms.as_slice() {
            [] => Some(0),
            [(monomial, c)] if monomial.symbols().is_empty() => Some(*c),
            _ => None,
        }
    }

    /// The part without symbols.
    pub(crate) fn constant_part(&self) -> i128 {
        let first = self.terms.first();
        first.map_or(0, |(m, c)| if m.symbols().is_empty() { *c } else { 0 })
    }

    pub(crate) fn plus(&self, other: &Poly) -> Checked<Poly> {
        self.plus_times(other, 1)
    }

    /// `self + factor * other` for a factor of 1 or -1.
    fn plus_times(&self, other: &Poly, factor: i128) -> Checked<Poly> {
        let mut terms = Vec::with_capacity(self.terms.len() + other.terms.len());
        let (mut a, mut b) = (self.terms.as_slice(), other.terms.as_slice());
        while let ([(m, c), after_a @ ..], [(n, d), after_b @ ..]) = (a, b) {
            match m.cmp(n) {
                Ordering::Less => {
                    terms.push((m.clone(), *c));
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
        terms.extend_from_slice(a);
        terms.extend(b.iter().map(|(n, d)| (n.clone(), factor * d)));
        Self { terms }.checked()
    }

    fn checked(self) -> Checked<Poly> {
        if self.terms.len() > MAX_TERMS
            || self
                .terms
                .iter()
                .any(|(m, _)| m.symbols().len() > MAX_DEGREE)
        {
            return Err(TooLarge::Formula);
        }
        let fits = self.terms.iter().all(|(_, c)| c.abs() < LIMIT);
        if fits {
            Ok(self)
        } else {
            Err(TooLarge::Number)
        }
    }

    pub(crate) fn negated(&self) -> Poly {
        let terms = self.terms.iter().map(|(m, c)| (m.clone(), -c));
        Self {
            terms: terms.collect(),
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
        let mut sum = Poly::zero();
        for (m, c) in &self.terms {
            let mut row = Vec::with_capacity(other.terms.len());
            for (n, d) in &other.terms {
                row.push((m.times(n), c.checked_mul(*d).ok_or(TooLarge::Number)?));
            }
            // The order of products with one monomial is not the order of the factors.
            row.sort_unstable();
            sum = sum.plus(&Self { terms: row }.checked()?)?;
        }
        Ok(sum)
    }

    /// `factor * self`.
    fn scaled(&self, factor: i128) -> Checked<Poly> {
        if factor == 0 {
            return Ok(Poly::zero());
        }
        let scale = |(m, c): &(Monomial, i128)| {
            let product = c.checked_mul(factor).ok_or(TooLarge::Number);
            product.map(|c| (m.clone(), c))
        };
        let terms = self.terms.iter().map(scale).collect::<Checked<_>>()?;
        Self { terms }.checked()
    }

    /// `self / divisor`, if that is a polynomial with integer coefficients. A divisor of one term always finds it;
    /// one of several terms finds most.
    pub(crate) fn over(&self, divisor: &Poly) -> Option<Poly> {
        let (lead, lead_c) = divisor.terms.last()?;
        if divisor.terms.len() == 1 {
            // The order of the terms stays.
            let part = |(m, c): &(Monomial, i128)| {
                let whole = (c % lead_c == 0).then_some(c / lead_c)?;
                Some((m.over(lead)?, whole))
            };
            let terms = self.terms.iter().map(part).collect::<Option<_>>()?;
            return Some(Self { terms });
        }
        // A multiple of several terms has several terms.
        if self.terms.len() == 1 {
            return None;
        }
        let (mut rest, mut quotient) = (self.clone(), Poly::zero());
        for _ in 0..MAX_TERMS {
            let Some((m, c)) = rest.terms.last() else {
                return Some(quotient);
            };
            if c % lead_c != 0 {
                return None;
            }
            let part = Poly::term(m.over(lead)?, c / lead_c);
            rest = rest.minus(&part.times(divisor).ok()?).ok()?;
            quotient = quotient.plus(&part).ok()?;
        }
        None
    }

    /// The greatest monomial with coefficient that divides every term of both.
    pub(crate) fn common_factor(&self, other: &Poly) -> Poly {
        let mut all = self.terms.iter().chain(&other.terms);
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
        match self.terms.as_slice() {
            [(monomial, _)] => monomial
                .symbols()
                .iter()
                .map(|s| Poly::symbol(*s))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The polynomial with each symbol replaced by what `value` says.
    pub(crate) fn substitute(&self, value: impl Fn(SymbolId) -> Poly) -> Checked<Poly> {
        let mut sum = Poly::zero();
        for (monomial, c) in &self.terms {
            let mut product = Poly::term(Monomial::default(), *c);
            for symbol in monomial.symbols() {
                product = product.times(&value(*symbol))?;
            }
            sum = sum.plus(&product)?;
        }
        Ok(sum)
    }
}

/// The greatest common divisor, never negative.
pub(crate) fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.abs(), b.abs());
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
        let six = ab.times(&Poly::constant(6)).unwrap();
        let four = a.times(&Poly::constant(4)).unwrap();
        assert_eq!(
            six.common_factor(&four),
            a.times(&Poly::constant(2)).unwrap()
        );
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
