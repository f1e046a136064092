//! What a tensor may hold.

use std::fmt;

use half::{bf16, f16};

use crate::convert::round::{int_to_odd, to_odd};

/// A number as a formula writes it after `else`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// An integer, with its sign.
    Int(i128),
    /// A float or an infinity, with its sign.
    Float(f64),
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Int(value) => write!(f, "{value}"),
            Number::Float(value) => write!(f, "{value:?}"),
        }
    }
}

/// The element of a tensor that a converter moves.
///
/// Converters only copy elements, fill places with numbers of the formula, and where it says `+=` add elements up, so this is
/// all that they ask of a type.
pub trait Element: Copy + Default + Send + Sync + 'static {
    /// The name of the type in errors.
    const NAME: &'static str;

    /// The element that stands for a number; None if the type cannot hold it.
    ///
    /// Floats take every finite number whose nearest float is finite, and infinities; integers take
    /// what they hold exactly, also where it is written as a float.
    fn from_number(number: Number) -> Option<Self>;

    /// The sum of two elements: integers wrap around, as in NumPy; floats round to the nearest of their type.
    #[must_use]
    fn plus(self, other: Self) -> Self;
}

macro_rules! integer_elements {
    ($($type:ty),*) => {$(
        impl Element for $type {
            const NAME: &'static str = stringify!($type);

            fn from_number(number: Number) -> Option<Self> {
                integer(number)?.try_into().ok()
            }

            #[inline]
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
        }
    )*};
}

integer_elements!(
    i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize
);

macro_rules! float_elements {
    ($($type:ty: $from_int:expr, $from_float:expr;)*) => {$(
        impl Element for $type {
            const NAME: &'static str = stringify!($type);

            fn from_number(number: Number) -> Option<Self> {
                let (value, may_be_infinite): ($type, bool) = match number {
                    Number::Int(int) => ($from_int(int), false),
                    Number::Float(float) => ($from_float(float), float.is_infinite()),
                };
                (value.is_finite() || may_be_infinite).then_some(value)
            }

            #[inline]
            fn plus(self, other: Self) -> Self {
                self + other
            }
        }
    )*};
}

float_elements! {
    f64: |int| int as f64, |float| float;
    f32: |int| int as f32, |float| float as f32;
    f16: |int| f16::from_f32(int as f32), |float| f16::from_f32(to_odd(float));
    bf16: |int| bf16::from_f32(int_to_odd(int)), |float| bf16::from_f32(to_odd(float));
}

/// The integer that a number is; None if it has a fraction or is infinite.
fn integer(number: Number) -> Option<i128> {
    match number {
        Number::Int(int) => Some(int),
        // 2^127 is a float, so that the comparison is exact.
        Number::Float(float) if float.fract() == 0.0 && float.abs() < 2f64.powi(127) => {
            Some(float as i128)
        }
        Number::Float(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_take_what_they_hold() {
        assert_eq!(i8::from_number(Number::Int(-128)), Some(-128));
        assert_eq!(i8::from_number(Number::Int(128)), None);
        assert_eq!(u8::from_number(Number::Int(-1)), None);
        assert_eq!(i32::from_number(Number::Float(3.0)), Some(3));
        assert_eq!(i32::from_number(Number::Float(0.5)), None);
        assert_eq!(i8::from_number(Number::Float(f64::NEG_INFINITY)), None);
        assert_eq!(i128::from_number(Number::Float(2f64.powi(127))), None);
        assert_eq!(
            i128::from_number(Number::Float(-2f64.powi(126))),
            Some(-(1 << 126))
        );
    }

    #[test]
    fn sums_of_integers_wrap_around() {
        assert_eq!(127i8.plus(2), -127);
        assert_eq!(u64::MAX.plus(1), 0);
        assert_eq!(0.1f64.plus(0.2), 0.1 + 0.2);
        assert_eq!(f16::MAX.plus(f16::MAX), f16::INFINITY);
    }

    #[test]
    fn floats_round_to_the_nearest() {
        assert_eq!(f32::from_number(Number::Float(0.1)), Some(0.1f32));
        assert_eq!(
            f32::from_number(Number::Int((1 << 24) + 1)),
            Some(16_777_216.0)
        );
        assert_eq!(f32::from_number(Number::Float(1e39)), None);
        assert_eq!(
            f32::from_number(Number::Float(f64::INFINITY)),
            Some(f32::INFINITY)
        );
        assert_eq!(f64::from_number(Number::Float(1e300)), Some(1e300));
    }

    #[test]
    fn half_floats_round_once() {
        assert_eq!(f16::from_number(Number::Float(1e10)), None);
        assert_eq!(f16::from_number(Number::Float(65519.0)), Some(f16::MAX));
        assert_eq!(f16::from_number(Number::Float(65520.0)), None);
        assert_eq!(f16::from_number(Number::Int(65520)), None);
        // Just above the middle of 1 and its successor: rounding to f32 on the way would make it a tie.
        let above = 1.0 + 2f64.powi(-11) + 2f64.powi(-40);
        assert_eq!(
            f16::from_number(Number::Float(above)),
            Some(f16::from_bits(0x3c01))
        );
        let above = -(1.0 + 2f64.powi(-8) + 2f64.powi(-40));
        assert_eq!(
            bf16::from_number(Number::Float(above)),
            Some(bf16::from_bits(0xbf81))
        );
        let above = (1 << 62) + (1 << 54) + 1;
        assert_eq!(
            bf16::from_number(Number::Int(above)),
            Some(bf16::from_bits(0x5e81))
        );
        let below = 1.0 + 2f64.powi(-11) - 2f64.powi(-40);
        assert_eq!(f16::from_number(Number::Float(below)), Some(f16::ONE));
    }
}
