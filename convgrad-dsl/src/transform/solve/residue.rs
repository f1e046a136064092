//! A sum of digits whose value is known modulo something.

use crate::index::linear::{Atom, Linear, Opaque};
use crate::index::poly::{Checked, Poly, gcd};
use crate::sema::model::Expr;

use super::{Equation, Solver};

impl Solver<'_> {
    /// Tells the digits of `form == value (mod modulus)` apart, if the form does not go round.
    pub(super) fn residue(&mut self, form: &Linear, modulus: &Poly, value: Expr) -> Checked<bool> {
        if form.terms.is_empty() {
            return Ok(true);
        }
        let make = self.make;
        let value = make.minus(value, self.poly(&form.constant));
        let mut open = Linear {
            constant: Poly::zero(),
            terms: form.terms.clone(),
        };
        let mut factor = make.int(1);
        // A stride that is coprime to the modulus can be undone.
        let strides: Option<Vec<i128>> = form.terms.iter().map(|t| t.scale.as_constant()).collect();
        if let (Some(strides), Some(d)) = (strides, modulus.as_constant()) {
            let stride = strides.into_iter().fold(0, gcd);
            match inverse_modulo(stride, d) {
                Some(inverse) if stride > 1 => {
                    let stride = Poly::zero().plus_constant(stride)?;
                    for term in &mut open.terms {
                        term.scale = term.scale.over(&stride).unwrap_or_default();
                    }
                    factor = make.int(inverse);
                }
                _ => {}
            }
        }
        let range = self.space.range(&open)?;
        let (Some(min), Some(max)) = (range.min, range.max) else {
            return Ok(false);
        };
        if !self.space.symbols.lt(&max.minus(&min)?, modulus) {
            return self.carried(form, modulus, value);
        }
        let min = self.poly(&min);
        let from_min = make.minus(make.times(value, factor), min.clone());
        let value = make.plus(make.modulo(from_min, self.poly(modulus)), min);
        self.open.push(Equation::Is(open, value));
        Ok(true)
    }

    /// The upper part of a sum modulo something, where the lower part is known: then the sum is known modulo the product.
    /// `value` is without the constant of the form.
    fn carried(&mut self, form: &Linear, modulus: &Poly, value: Expr) -> Checked<bool> {
        let [term] = form.terms.as_slice() else {
            return Ok(false);
        };
        let Atom::Opaque(id) = term.piece.atom else {
            return Ok(false);
        };
        let low = self.lowest(term.piece.atom);
        let (Opaque::Sum(sum), Some((low, Some(below)))) = (self.space.opaque(id).clone(), low)
        else {
            return Ok(false);
        };
        if !term.scale.is_one() || term.piece.hi.is_some() || term.piece.lo != below {
            return Ok(false);
        }
        let high = self.make.times(value, self.poly(&below));
        let value = self.make.plus(high, low);
        self.open
            .push(Equation::Modulo(sum, below.times(modulus)?, value));
        Ok(true)
    }
}

/// The number in `0..d` whose product with `a` is 1 modulo `d`; None if they have a common factor.
fn inverse_modulo(a: i128, d: i128) -> Option<i64> {
    let (mut r, mut next_r) = (d, a.rem_euclid(d.max(1)));
    let (mut t, mut next_t) = (0i128, 1i128);
    while next_r != 0 {
        let q = r / next_r;
        (r, next_r) = (next_r, r - q * next_r);
        (t, next_t) = (next_t, t - q * next_t);
    }
    (r == 1)
        .then(|| i64::try_from(t.rem_euclid(d)).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::inverse_modulo;

    #[test]
    fn inverses() {
        for d in 1..40 {
            for a in 1..40 {
                let found = inverse_modulo(a, d);
                assert_eq!(found.is_some(), gcd(a, d) == 1, "{a} mod {d}");
                if let Some(b) = found {
                    assert_eq!(a * i128::from(b) % d, 1 % d);
                }
            }
        }
    }

    fn gcd(a: i128, b: i128) -> i128 {
        if b == 0 { a } else { gcd(b, a % b) }
    }
}
