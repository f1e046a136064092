//! How symbols and polynomials of them are computed, and how much work that may be.

use crate::index::poly::{Checked, Monomial, Poly, TooLarge};
use crate::nest::Scalar;

use super::Symbols;

/// The most operations and operands of one symbol's value. Values hold those of the symbols that they are made of, so
/// that `a1 = min(a0, a0/2 + 1), a2 = min(a1, a1/2 + 1), …` would double at every step.
const MAX_WEIGHT: usize = 1 << 12;

impl Symbols {
    /// The polynomial as something to compute.
    pub(crate) fn scalar(&self, p: &Poly) -> Scalar {
        let mut terms: Vec<Scalar> = p.terms().map(|(m, c)| self.product(m, c)).collect();
        if let [term] = terms.as_mut_slice() {
            return std::mem::replace(term, Scalar::Const(0));
        }
        // Numbers read better behind names: `C - 1`.
        terms.rotate_left(usize::from(p.constant_part() != 0));
        Scalar::sum(terms)
    }

    fn product(&self, monomial: &Monomial, mut c: i128) -> Scalar {
        let mut factors = Vec::with_capacity(1 + monomial.degree());
        factors.push(Scalar::Const(1));
        for id in monomial.symbols() {
            let symbol = self.symbol(id);
            match symbol.part_of {
                Some((size, factor)) if c % i128::from(factor) == 0 => {
                    c /= i128::from(factor);
                    factors.push(Scalar::Size(size));
                }
                _ => factors.push(symbol.value.clone()),
            }
        }
        // Coefficients beyond 64 bits cannot occur in anything that is computed: see `Checked`.
        let c = i64::try_from(c).unwrap_or(if c < 0 { i64::MIN } else { i64::MAX });
        factors[0] = Scalar::Const(c);
        Scalar::product(factors)
    }

    /// Refuses to make one more symbol of these polynomials if its value would be too long.
    pub(crate) fn within_weight(&self, polys: &[&Poly]) -> Checked<()> {
        let terms = polys.iter().flat_map(|p| p.terms());
        let weight: usize = terms
            .map(|(monomial, _)| {
                let symbols = monomial.symbols();
                1 + symbols.map(|id| self.symbol(id).weight).sum::<usize>()
            })
            .sum();
        if weight > MAX_WEIGHT {
            return Err(TooLarge::Formula);
        }
        Ok(())
    }
}

/// How many operations and operands a value has.
pub(super) fn weight(value: &Scalar) -> usize {
    let mut count = 0;
    value.any(&mut |_| {
        count += 1;
        false
    });
    count
}
