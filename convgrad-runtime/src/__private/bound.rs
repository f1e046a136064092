//! How large the numbers of a loop nest can become.

use std::ops::{Add, Div, Mul, Shl};

/// An upper bound of absolute values. Saturates, so that no bound is ever too small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bound(u128);

impl Bound {
    /// The bound of one number.
    pub fn of(value: i64) -> Self {
        Bound(value.unsigned_abs().into())
    }

    /// Whether everything below this bound fits 64 bits.
    pub fn fits(self) -> bool {
        self.0 <= i64::MAX as u128
    }

    /// The bound of a bitwise operation: a power of two above both operands bounds the result too.
    pub fn bits(self, other: impl Into<Bound>) -> Self {
        let above = self.0.max(other.into().0).saturating_add(1);
        Bound(above.checked_next_power_of_two().unwrap_or(u128::MAX))
    }

    /// The bound of two alternatives.
    pub fn or(self, other: impl Into<Bound>) -> Self {
        self.max(other.into())
    }
}

impl From<i64> for Bound {
    fn from(value: i64) -> Self {
        Bound::of(value)
    }
}

impl<B: Into<Bound>> Add<B> for Bound {
    type Output = Bound;

    fn add(self, other: B) -> Bound {
        Bound(self.0.saturating_add(other.into().0))
    }
}

impl<B: Into<Bound>> Mul<B> for Bound {
    type Output = Bound;

    /// At least as large as each factor, so that the bound of a product holds for everything inside it.
    fn mul(self, other: B) -> Bound {
        Bound(self.0.max(1).saturating_mul(other.into().0.max(1)))
    }
}

impl Div<i64> for Bound {
    type Output = Bound;

    /// Of a floor division by a positive number.
    fn div(self, divisor: i64) -> Bound {
        Bound(self.0.div_ceil(divisor.unsigned_abs().max(1).into()))
    }
}

impl<B: Into<Bound>> Shl<B> for Bound {
    type Output = Bound;

    fn shl(self, other: B) -> Bound {
        match u32::try_from(other.into().0) {
            Ok(by) if by < 127 => self * Bound(1 << by),
            _ => Bound(u128::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_saturate() {
        let large = Bound::of(i64::MAX);
        assert!(large.fits());
        assert!(!(large + 1).fits());
        assert!(!(large * large * large * large).fits());
        assert!(!(Bound::of(1) << 500).fits());
        assert_eq!(Bound::of(-7) / 2, Bound::of(4));
        assert_eq!(Bound::of(i64::MIN), Bound(1 << 63));
    }

    #[test]
    fn bitwise_results_stay_below_their_bound() {
        for a in -9i64..10 {
            for b in -9i64..10 {
                let bound = Bound::of(a).bits(b);
                for value in [a ^ b, a & b, a | b] {
                    assert!(Bound::of(value) <= bound, "{a} {b} {value}");
                }
            }
        }
    }
}
