//! Integers that remember an overflow, and truths about them.
//!
//! A constructor of generated code computes with these once: extents and obligations are written as in the formula,
//! and an overflow surfaces where the result is used.

use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Rem, Shl, Shr, Sub};

use super::bound::Bound;

/// A mathematical integer, or nothing if it was too large to compute (128 bits) or was divided by 0.
#[derive(Clone, Copy, Debug)]
pub struct Int(Option<i128>);

impl Int {
    /// A number.
    pub fn of(value: i64) -> Self {
        Int(Some(value.into()))
    }

    /// The value, if it fits 64 bits.
    pub fn get(self) -> Option<i64> {
        self.0?.try_into().ok()
    }

    /// The value of a size, which is known to fit 64 bits.
    pub fn value(self) -> i64 {
        self.get().unwrap_or_default()
    }

    /// The bound of the absolute value.
    pub fn bound(self) -> Bound {
        self.get().map_or(Bound::of(i64::MIN), Bound::of)
    }

    /// The smaller one.
    pub fn min(self, other: impl Into<Int>) -> Self {
        self.with(other, |a, b| Some(a.min(b)))
    }

    /// The larger one.
    pub fn max(self, other: impl Into<Int>) -> Self {
        self.with(other, |a, b| Some(a.max(b)))
    }

    /// The absolute value.
    pub fn abs(self) -> Self {
        Int(self.0.and_then(i128::checked_abs))
    }

    /// `self == other`
    pub fn eq(self, other: impl Into<Int>) -> Truth {
        self.compare(other, |a, b| a == b)
    }

    /// `self != other`
    pub fn ne(self, other: impl Into<Int>) -> Truth {
        self.compare(other, |a, b| a != b)
    }

    /// `self < other`
    pub fn lt(self, other: impl Into<Int>) -> Truth {
        self.compare(other, |a, b| a < b)
    }

    /// `self <= other`
    pub fn le(self, other: impl Into<Int>) -> Truth {
        self.compare(other, |a, b| a <= b)
    }

    /// `self > other`
    pub fn gt(self, other: impl Into<Int>) -> Truth {
        self.compare(other, |a, b| a > b)
    }

    /// `self >= other`
    pub fn ge(self, other: impl Into<Int>) -> Truth {
        self.compare(other, |a, b| a >= b)
    }

    fn with(self, other: impl Into<Int>, f: impl Fn(i128, i128) -> Option<i128>) -> Self {
        Int(self.0.zip(other.into().0).and_then(|(a, b)| f(a, b)))
    }

    fn compare(self, other: impl Into<Int>, f: impl Fn(&i128, &i128) -> bool) -> Truth {
        Truth(self.0.zip(other.into().0).map(|(a, b)| f(&a, &b)))
    }
}

impl From<i64> for Int {
    fn from(value: i64) -> Self {
        Int::of(value)
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident: $with:expr;)*) => {$(
        impl<I: Into<Int>> $trait<I> for Int {
            type Output = Int;

            fn $method(self, other: I) -> Int {
                self.with(other, $with)
            }
        }
    )*};
}

operators! {
    Add add: i128::checked_add;
    Sub sub: i128::checked_sub;
    Mul mul: i128::checked_mul;
    // Floor division and Euclidean remainder, by a positive divisor.
    Div div: |a, b| (b > 0).then(|| a.div_euclid(b));
    Rem rem: |a, b| (b > 0).then(|| a.rem_euclid(b));
    BitAnd bitand: |a, b| Some(a & b);
    BitOr bitor: |a, b| Some(a | b);
    BitXor bitxor: |a, b| Some(a ^ b);
    Shl shl: |a, b| match u32::try_from(b).ok()? {
        _ if a == 0 => Some(0),
        b if b < 127 => a.checked_mul(1 << b),
        _ => None,
    };
    Shr shr: |a, b| u32::try_from(b).ok().map(|b| a >> b.min(127));
}

impl Neg for Int {
    type Output = Int;

    fn neg(self) -> Int {
        Int(self.0.and_then(i128::checked_neg))
    }
}

/// Whether something holds, or nothing if that could not be computed.
#[derive(Clone, Copy, Debug)]
pub struct Truth(Option<bool>);

impl Truth {
    /// A known truth.
    pub fn of(value: bool) -> Self {
        Truth(Some(value))
    }

    /// The value, if it is known.
    pub fn get(self) -> Option<bool> {
        self.0
    }
}

impl BitAnd for Truth {
    type Output = Truth;

    fn bitand(self, other: Truth) -> Truth {
        match (self.0, other.0) {
            (Some(false), _) | (_, Some(false)) => Truth(Some(false)),
            (Some(true), other) => Truth(other),
            (None, _) => Truth(None),
        }
    }
}

impl BitOr for Truth {
    type Output = Truth;

    fn bitor(self, other: Truth) -> Truth {
        !(!self & !other)
    }
}

impl Not for Truth {
    type Output = Truth;

    fn not(self) -> Truth {
        Truth(self.0.map(|value| !value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divisions_round_down_and_refuse_zero() {
        assert_eq!((Int::of(-7) / 2).get(), Some(-4));
        assert_eq!((Int::of(-7) % 2).get(), Some(1));
        assert_eq!((Int::of(7) / 0).get(), None);
        assert_eq!((Int::of(7) % Int::of(0)).get(), None);
    }

    #[test]
    fn overflows_surface_at_the_end() {
        let large = Int::of(i64::MAX);
        assert_eq!((large + 1).get(), None);
        assert_eq!((large + 1 - 1).get(), Some(i64::MAX));
        assert_eq!((large * large * large - 1).get(), None);
        assert_eq!((Int::of(1) << 200).get(), None);
        assert_eq!((Int::of(0) << 200).get(), Some(0));
        assert_eq!((Int::of(-5) >> 200).get(), Some(-1));
        assert_eq!((Int::of(5) << 3).get(), Some(40));
        assert_eq!((Int::of(5) << -1).get(), None);
        assert_eq!((-Int::of(i64::MIN)).get(), None);
    }

    #[test]
    fn unknown_truths_matter_only_where_they_decide() {
        let unknown = (Int::of(1) / 0).gt(0);
        assert_eq!((unknown & Int::of(1).gt(2)).get(), Some(false));
        assert_eq!((unknown | Int::of(1).lt(2)).get(), Some(true));
        assert_eq!((unknown & Int::of(1).lt(2)).get(), None);
        assert_eq!((!unknown).get(), None);
    }
}
