//! Quantised numbers: integers that stand for floats, a scale apart.

use std::ops::{Div, Mul};

use half::{bf16, f16};

use super::Convert;
use super::round::Nearest;

/// `quantize(x, scale, zero)`: `round(x / scale) + zero`, ties to even, saturating; `zero` for NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantize {
    /// The distance of the floats that neighbouring integers stand for: positive and finite, as an f32 too.
    pub scale: f64,
    /// The integer that stands for 0; one of the type that is made.
    pub zero: i64,
}

/// `dequantize(x, scale, zero)`: `(x - zero) * scale`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dequantize {
    /// The distance of the floats that neighbouring integers stand for: positive and finite, as an f32 too.
    pub scale: f64,
    /// The integer that stands for 0; one of the type that is read.
    pub zero: i64,
}

impl<X: Real, Y: Integer<X::Wide>> Convert<X, Y> for Quantize {
    #[inline(always)]
    fn one(self, x: X) -> Y {
        let quotient = x.widen() / X::Wide::of(self.scale);
        Y::saturate(quotient.nearest(), self.zero)
    }
}

impl<X: Integer<Y::Wide>, Y: Real> Convert<X, Y> for Dequantize {
    #[inline(always)]
    fn one(self, x: X) -> Y {
        Y::narrow(x.without(self.zero) * Y::Wide::of(self.scale))
    }
}

/// A float: what it is widened to and rounded from.
pub trait Real: Copy {
    /// The type to compute in.
    type Wide: Wide;

    /// The same value.
    fn widen(self) -> Self::Wide;

    /// The nearest value.
    fn narrow(wide: Self::Wide) -> Self;
}

/// A float to compute in.
pub trait Wide: Nearest + Div<Output = Self> + Mul<Output = Self> {
    /// The nearest value.
    fn of(number: f64) -> Self;
}

/// An integer that stands for a float of the type `W`.
pub trait Integer<W>: Copy {
    /// `rounded + zero`, or the nearest integer of this type; `zero` if it is not a number.
    fn saturate(rounded: W, zero: i64) -> Self;

    /// `self - zero`, rounded once.
    fn without(self, zero: i64) -> W;
}

macro_rules! reals {
    ($($type:ty: $wide:ty, $widen:expr, $narrow:expr;)*) => {$(
        impl Real for $type {
            type Wide = $wide;

            #[inline(always)]
            fn widen(self) -> $wide {
                $widen(self)
            }

            #[inline(always)]
            fn narrow(wide: $wide) -> Self {
                $narrow(wide)
            }
        }
    )*};
}

reals! {
    f16: f32, f16::to_f32, f16::from_f32;
    bf16: f32, bf16::to_f32, bf16::from_f32;
    f32: f32, f32::from, f32::from;
    f64: f64, f64::from, f64::from;
}

impl Wide for f32 {
    #[inline(always)]
    fn of(number: f64) -> Self {
        number as f32
    }
}

impl Wide for f64 {
    #[inline(always)]
    fn of(number: f64) -> Self {
        number
    }
}

macro_rules! integers {
    ($($type:ident in $sum:ident by $whole:ident;)*) => {
        $(integers!(@ $type $sum $whole f32);)*
        $(integers!(@ $type $sum $whole f64);)*
    };
    (@ $type:ident $sum:ident $whole:ident $wide:ident) => {
        impl Integer<$wide> for $type {
            #[inline(always)]
            fn saturate(rounded: $wide, zero: i64) -> Self {
                // NaN becomes 0 and what is too large so large that sums saturate here as they do below.
                let sum = $whole!(rounded as $sum).saturating_add(zero as $sum);
                sum.clamp($type::MIN.into(), $type::MAX.into()) as $type
            }

            #[inline(always)]
            fn without(self, zero: i64) -> $wide {
                ($sum::from(self) - zero as $sum) as $wide
            }
        }
    };
}

/// An integer of 32 bits, of which only those count that reach integers of 16.
macro_rules! bounded {
    ($rounded:ident as i32) => {
        $rounded.bounded()
    };
}

/// The nearest integer.
macro_rules! saturated {
    ($rounded:ident as $sum:ident) => {
        ($rounded as $sum)
    };
}

// Each in a type that holds sums and differences with a zero point.
integers! {
    i8 in i32 by bounded;
    u8 in i32 by bounded;
    i16 in i32 by bounded;
    u16 in i32 by bounded;
    i32 in i64 by saturated;
    u32 in i64 by saturated;
    i64 in i128 by saturated;
    u64 in i128 by saturated;
}
