//! Quotients and remainders of polynomials: exact ones term by term, others as symbols that are defined by a division.

use crate::index::poly::{Checked, Poly, SymbolId, gcd};

use super::{Symbol, Symbols};

impl Symbols {
    /// `floor(a / b)` for `b >= 1`.
    pub(crate) fn quotient(&mut self, a: &Poly, b: &Poly) -> Checked<Poly> {
        if b.is_one() {
            return Ok(a.clone());
        }
        let (whole, rest) = self.divide_terms(a, b)?;
        if self.nonneg(&rest) && self.lt(&rest, b) {
            return Ok(whole);
        }
        let (rest, divisor) = reduce(rest, b);
        whole.plus(&self.quotient_symbol(rest, divisor)?)
    }

    /// `a mod b` for `b >= 1`.
    pub(crate) fn remainder(&mut self, a: &Poly, b: &Poly) -> Checked<Poly> {
        let quotient = self.quotient(a, b)?;
        a.minus(&quotient.times(b)?)
    }

    /// The part of `a` that `b` divides term by term, and what is left: `a = whole * b + rest`.
    pub(crate) fn divide_terms(&self, a: &Poly, b: &Poly) -> Checked<(Poly, Poly)> {
        if let Some(exact) = a.over(b) {
            return Ok((exact, Poly::zero()));
        }
        let (mut whole, mut rest) = (Poly::zero(), Poly::zero());
        // No term is a multiple of several.
        let (alone, together) = match b.terms().count() {
            1 => (a.clone(), Poly::zero()),
            _ => (Poly::zero(), a.clone()),
        };
        for (monomial, c) in alone.terms() {
            let term = Poly::term(monomial.clone(), c);
            let (part, left) = match (b.as_constant(), term.over(b)) {
                (Some(d), _) => {
                    // Truncation keeps the sign of a symbol's part; a number's rest is never negative.
                    let whole = if monomial.is_one() {
                        c.div_euclid(d)
                    } else {
                        c / d
                    };
                    (
                        Poly::term(monomial.clone(), whole),
                        Poly::term(monomial.clone(), c - whole * d),
                    )
                }
                (None, Some(part)) => (part, Poly::zero()),
                (None, None) => (Poly::zero(), term),
            };
            whole = whole.plus(&part)?;
            rest = rest.plus(&left)?;
        }
        rest = rest.plus(&together)?;
        for shift in [0, -1] {
            let base = rest.plus(&Poly::constant(-shift).times(b)?)?;
            if self.nonneg(&base) && self.lt(&base, b) {
                return Ok((whole.plus_constant(i128::from(shift))?, base));
            }
        }
        Ok((whole, rest))
    }

    fn quotient_symbol(&mut self, a: Poly, b: Poly) -> Checked<Poly> {
        let is = |symbol: &Symbol| {
            symbol
                .quotient
                .as_ref()
                .is_some_and(|(x, y)| *x == a && *y == b)
        };
        if let Some(known) = self.find(is) {
            return Ok(known);
        }
        self.within_weight(&[&a, &b])?;
        let lower = match self.nonneg(&a) {
            true => Some(0),
            // `ceil(H/S)` is one more than `(H - 1)/S`.
            false => self.nonneg(&a.plus(&b)?).then_some(-1),
        };
        let value = self.scalar(&a).over(self.scalar(&b));
        let id = self.add(value, lower);
        self.points
            .made([&a, &b], |[a, b]| (b > 0).then(|| a.div_euclid(b)));
        let q = Poly::symbol(id);
        let below = a.minus(&b.times(&q)?)?;
        let above = b.minus(&below)?.plus_constant(-1)?;
        self.symbol_mut(id).quotient = Some((a, b));
        self.define(id, [below, above]);
        Ok(q)
    }

    /// Whether a quotient that is no polynomial is in it.
    pub(crate) fn has_quotient(&self, p: &Poly) -> bool {
        let quotient = |id: SymbolId| self.symbol(id).quotient.is_some();
        p.terms().any(|(m, _)| m.symbols().any(quotient))
    }
}

/// Cancels the common factor of a numerator and a constant divisor: `floor((4C + 2) / 16) = floor(C / 4)`.
fn reduce(a: Poly, b: &Poly) -> (Poly, Poly) {
    let Some(d) = b.as_constant() else {
        return (a, b.clone());
    };
    let constant = a.constant_part();
    let free = a.plus_constant(-constant).unwrap_or_default();
    let g = free.terms().fold(d, |g, (_, c)| gcd(g, c));
    let factor = Poly::zero().plus_constant(g).unwrap_or_default();
    let parts = free.over(&factor).zip(b.over(&factor));
    match parts {
        Some((free, divisor)) if g > 1 => {
            let sum = free.plus_constant(constant.div_euclid(g));
            (sum.unwrap_or_default(), divisor)
        }
        _ => (a, b.clone()),
    }
}
