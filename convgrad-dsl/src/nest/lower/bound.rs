//! Limits of loops as values that can be compared, so that `min` and `max` stand only where they are needed.

use crate::index::poly::{Checked, Poly};
use crate::index::symbols::Symbols;
use crate::nest::Scalar;

/// A limit of a loop: what to compute, its value as a polynomial if it is one, and otherwise its range if that is known.
#[derive(Clone)]
pub(super) struct Bound {
    pub(super) scalar: Scalar,
    pub(super) poly: Option<Poly>,
    range: Option<(End, End)>,
}

/// An end of a range: a quotient, rounded down, by a divisor that is at least 1. It is compared without a symbol for it.
#[derive(Clone)]
pub(super) struct End {
    numerator: Poly,
    divisor: Poly,
}

impl End {
    /// `numerator / divisor`, rounded down.
    pub(super) fn quotient(numerator: Poly, divisor: &Poly) -> Self {
        match numerator.over(divisor) {
            Some(exact) => End::from(exact),
            None => End {
                numerator,
                divisor: divisor.clone(),
            },
        }
    }

    /// Whether this is at most the other for all sizes.
    fn le(&self, other: &End, symbols: &Symbols) -> bool {
        let ((a, b), (c, d)) = (self.parts(), other.parts());
        let gap = || match (b.is_one(), d.is_one()) {
            // Of whole numbers the one is at most the quotient of others where it is their exact quotient's.
            (true, _) => c.minus(&a.times(d)?),
            (_, true) => c.plus_constant(1)?.times(b)?.minus(a)?.plus_constant(-1),
            _ if b == d => c.minus(a),
            _ => Ok(Poly::constant(-1)),
        };
        gap().is_ok_and(|gap| symbols.nonneg(&gap))
    }

    fn parts(&self) -> (&Poly, &Poly) {
        (&self.numerator, &self.divisor)
    }
}

impl From<Poly> for End {
    fn from(poly: Poly) -> Self {
        End {
            numerator: poly,
            divisor: Poly::one(),
        }
    }
}

/// The values of a loop that exist, and of these the ones that read.
pub(super) struct Interval {
    pub(super) from: Bound,
    pub(super) to: Bound,
    pub(super) low: Bound,
    pub(super) high: Bound,
}

impl Interval {
    /// All of `0..extent` exists and reads.
    pub(super) fn full(extent: Bound) -> Self {
        Interval {
            from: Bound::zero(),
            to: extent.clone(),
            low: Bound::zero(),
            high: extent,
        }
    }
}

impl Bound {
    pub(super) fn zero() -> Self {
        Bound {
            scalar: Scalar::Const(0),
            poly: Some(Poly::zero()),
            range: Some((Poly::zero().into(), Poly::zero().into())),
        }
    }

    pub(super) fn poly(poly: Poly, symbols: &Symbols) -> Self {
        Bound {
            scalar: symbols.scalar(&poly),
            poly: Some(poly.clone()),
            range: Some((poly.clone().into(), poly.into())),
        }
    }

    /// Something that changes with outer loops.
    pub(super) fn computed(scalar: Scalar, range: Option<(End, End)>) -> Self {
        Bound {
            scalar,
            poly: None,
            range,
        }
    }

    /// The bound in steps of which `factor` make one of its own.
    pub(super) fn times(&self, factor: &Poly, symbols: &Symbols) -> Checked<Bound> {
        match &self.poly {
            Some(poly) => Ok(Bound::poly(poly.times(factor)?, symbols)),
            None => Ok(Bound::computed(
                self.scalar.clone().times(symbols.scalar(factor)),
                None,
            )),
        }
    }

    /// Whether this is at most the other for all sizes and in all iterations.
    pub(super) fn le(&self, other: &Bound, symbols: &Symbols) -> bool {
        let apart = match (&self.range, &other.range) {
            (Some((_, max)), Some((min, _))) => max.le(min, symbols),
            _ => false,
        };
        let (a, b) = (shifted(&self.scalar), shifted(&other.scalar));
        apart || (a.0 == b.0 && a.1 <= b.1)
    }

    pub(super) fn larger(a: &Bound, b: &Bound, symbols: &Symbols) -> Bound {
        if a.le(b, symbols) {
            return b.clone();
        }
        if b.le(a, symbols) {
            return a.clone();
        }
        Bound {
            scalar: Scalar::max(vec![a.scalar.clone(), b.scalar.clone()]),
            poly: None,
            range: None,
        }
    }

    pub(super) fn smaller(a: &Bound, b: &Bound, symbols: &Symbols) -> Bound {
        if a.le(b, symbols) {
            return a.clone();
        }
        if b.le(a, symbols) {
            return b.clone();
        }
        let low = match (&a.range, &b.range) {
            (Some((p, _)), Some((q, _))) if p.le(q, symbols) => Some(p.clone()),
            (Some((p, _)), Some((q, _))) if q.le(p, symbols) => Some(q.clone()),
            _ => None,
        };
        let high = match (&a.range, &b.range) {
            (_, Some((_, q))) => Some(q.clone()),
            (Some((_, p)), _) => Some(p.clone()),
            _ => None,
        };
        Bound {
            scalar: Scalar::min(vec![a.scalar.clone(), b.scalar.clone()]),
            poly: None,
            range: low.zip(high),
        }
    }
}

/// A scalar as a sum of terms plus a number.
fn shifted(scalar: &Scalar) -> (&[Scalar], i64) {
    match scalar {
        Scalar::Const(n) => (&[], *n),
        Scalar::Sum(terms) => match terms.split_last() {
            Some((Scalar::Const(n), rest)) => (rest, *n),
            _ => (terms, 0),
        },
        other => (std::slice::from_ref(other), 0),
    }
}
