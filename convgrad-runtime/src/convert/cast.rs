//! Casts: the nearest value of another type.

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};

use super::Convert;
use super::round::{int_to_odd, to_odd};

/// `cast(x)`: the nearest value, ties to even. Integers are cast to integers that hold all of them, and to floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cast;

macro_rules! casts {
    ($($from:ty => $to:ty: $cast:expr $(, all $all:expr)?;)*) => {$(
        impl Convert<$from, $to> for Cast {
            #[inline(always)]
            fn one(self, x: $from) -> $to {
                $cast(x)
            }

            $(
                #[inline]
                fn all(self, x: &[$from], y: &mut [$to]) {
                    let count = x.len().min(y.len());
                    $all(&x[..count], &mut y[..count]);
                }
            )?
        }
    )*};
}

// Between floats. f32 holds all halves, so that one rounding is all. No `convert_from_f64_slice`: with F16C it rounds twice.
casts! {
    f16 => bf16: |x: f16| bf16::from_f32(x.to_f32());
    f16 => f32: f16::to_f32, all |x: &[f16], y: &mut [f32]| x.convert_to_f32_slice(y);
    f16 => f64: f16::to_f64;
    bf16 => f16: |x: bf16| f16::from_f32(x.to_f32());
    bf16 => f32: bf16::to_f32;
    bf16 => f64: bf16::to_f64;
    f32 => f16: f16::from_f32, all |x: &[f32], y: &mut [f16]| y.convert_from_f32_slice(x);
    f32 => bf16: bf16::from_f32;
    f32 => f64: f64::from;
    f64 => f16: |x| f16::from_f32(to_odd(x));
    f64 => bf16: |x| bf16::from_f32(to_odd(x));
    f64 => f32: |x| x as f32;
}

macro_rules! from_integers {
    ($($from:ident: $bf16:expr;)*) => {$(
        casts! {
            // Integers with more digits than f32 has are beyond all f16.
            $from => f16: |x| f16::from_f32(x as f32);
            $from => bf16: |x| bf16::from_f32($bf16(x));
            $from => f32: |x| x as f32;
            $from => f64: |x| x as f64;
        }
    )*};
}

from_integers! {
    i8: f32::from;
    u8: f32::from;
    i16: f32::from;
    u16: f32::from;
    i32: |x| to_odd(f64::from(x));
    u32: |x| to_odd(f64::from(x));
    i64: |x| int_to_odd(i128::from(x));
    u64: |x| int_to_odd(i128::from(x));
}

macro_rules! between_integers {
    ($($from:ident => $($to:ident)*;)*) => {
        $(casts! { $($from => $to: $to::from;)* })*
    };
}

between_integers! {
    i8 => i16 i32 i64;
    u8 => i16 u16 i32 u32 i64 u64;
    i16 => i32 i64;
    u16 => i32 u32 i64 u64;
    i32 => i64;
    u32 => i64 u64;
}
