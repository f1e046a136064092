//! The element types that the Cube takes: rounded to f16 on the way in, from the f32 accumulators on the way out.

use half::f16;

use crate::Element;
use crate::buffer::filled;
use crate::convert::{Cast, Convert};
use crate::error::Result;

/// A number that the Cube can be given: f16, f32 or f64.
pub trait Real: Element + sealed::Sealed {
    /// Rounds numbers to the nearest halves, ties to even; what is too large becomes infinite.
    fn to_halves(numbers: &[Self], halves: &mut [f16]);

    /// The number nearest to an accumulator's.
    fn from_accumulator(value: f32) -> Self;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for half::f16 {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

impl Real for f16 {
    fn to_halves(numbers: &[f16], halves: &mut [f16]) {
        halves.copy_from_slice(numbers);
    }

    fn from_accumulator(value: f32) -> f16 {
        Cast.one(value)
    }
}

impl Real for f32 {
    fn to_halves(numbers: &[f32], halves: &mut [f16]) {
        Cast.all(numbers, halves);
    }

    fn from_accumulator(value: f32) -> f32 {
        value
    }
}

impl Real for f64 {
    fn to_halves(numbers: &[f64], halves: &mut [f16]) {
        Cast.all(numbers, halves);
    }

    fn from_accumulator(value: f32) -> f64 {
        value.into()
    }
}

/// Rounds a tensor to halves, its places unchanged.
pub(super) fn rounded<T: Real>(tensor: &'static str, data: &[T]) -> Result<Vec<f16>> {
    let mut halves = filled(tensor, &[data.len()], f16::ZERO)?;
    T::to_halves(data, &mut halves);
    Ok(halves)
}
