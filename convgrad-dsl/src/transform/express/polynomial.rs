//! Polynomials of sizes, with the names of the sizes that have values where that is shorter.

use crate::index::poly::Poly;
use crate::nest::Scalar;
use crate::sema::model::Expr;
use crate::sema::written::written;
use crate::transform::expr::{literal, size_id};

use super::{Signed, Writer, is_negative};

impl Writer<'_> {
    /// A polynomial of sizes. Where it is a multiple of a size with a value, of that size: `N*P*Q`.
    pub(in crate::transform) fn poly(&self, p: &Poly) -> Expr {
        self.factors(p)
            .into_iter()
            .fold(self.make.int(1), |product, factor| {
                self.make.times(product, factor)
            })
    }

    /// What a polynomial of sizes is a product of.
    pub(super) fn factors(&self, p: &Poly) -> Vec<Expr> {
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

    /// The last size with a value that a polynomial is a multiple of, and what is left of it: products are in the order of sizes.
    fn valued(&self, p: &Poly) -> Option<(usize, Poly)> {
        let mut values = self.values().into_iter().rev().filter(|_| !p.is_zero());
        values.find_map(|(at, value)| Some((at, p.over(&value)?)))
    }

    /// The terms of a constant, each with its sign.
    pub(super) fn constant(&self, p: &Poly) -> Vec<Signed> {
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
}
