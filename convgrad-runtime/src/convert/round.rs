//! Rounding: the nearest integer, and the detour by odd numbers on which two roundings are as good as one.

/// Rounds to f32 such that rounding once more, to a type of fewer bits, gives what rounding in one step would:
/// of the two neighbours of an inexact value the one with an odd last bit.
pub(crate) fn to_odd(value: f64) -> f32 {
    let nearest = value as f32;
    let way = f64::from(nearest).abs().partial_cmp(&value.abs());
    odd(nearest, way)
}

/// The same for an integer.
pub(crate) fn int_to_odd(value: i128) -> f32 {
    let nearest = value as f32;
    odd(
        nearest,
        (nearest as i128)
            .abs_diff(0)
            .partial_cmp(&value.abs_diff(0)),
    )
}

/// The odd neighbour of a value, given the nearest f32 and how its magnitude compares with the value's.
fn odd(nearest: f32, way: Option<std::cmp::Ordering>) -> f32 {
    use std::cmp::Ordering::{Greater, Less};
    let bits = nearest.to_bits();
    match way {
        Some(Less) if nearest.is_finite() && bits & 1 == 0 => f32::from_bits(bits + 1),
        Some(Greater) if nearest.is_finite() && bits & 1 == 0 => f32::from_bits(bits - 1),
        _ => nearest,
    }
}

/// A type in which quotients are rounded.
pub trait Nearest: Copy {
    /// The nearest integer, ties to even. Infinities and NaN stay what they are.
    fn nearest(self) -> Self;

    /// The integer that this is; one of so large a magnitude that it is beyond all sums of 16 bits where it is larger than
    /// [`BOUND`], and 0 where it is none.
    fn bounded(self) -> i32;
}

/// The largest magnitude that [`Nearest::bounded`] tells apart: a sum with any number of 16 bits is beyond all of these.
pub(crate) const BOUND: i32 = 1 << 20;

macro_rules! nearest {
    ($($type:ty: $whole:literal, $bits:ty;)*) => {$(
        impl Nearest for $type {
            #[inline(always)]
            fn nearest(self) -> Self {
                // From here on all floats are integers, so that a sum with it has no room for a fraction. Processors without
                // an instruction for this would call a function for `round_ties_even`.
                const WHOLE: $type = $whole;
                let magnitude = self.abs();
                match magnitude < WHOLE {
                    true => ((magnitude + WHOLE) - WHOLE).copysign(self),
                    false => self,
                }
            }

            #[inline(always)]
            fn bounded(self) -> i32 {
                // The last bits of a float of this size are an integer. Processors have no instruction that bounds many floats
                // as `as i32` does, but have all of these.
                const INTEGERS: $type = 1.5 * $whole;
                let bound = BOUND as $type;
                let bounded = if self > bound { bound } else { self };
                let bounded = if bounded < -bound { -bound } else { bounded };
                let bounded = if bounded.is_nan() { 0.0 } else { bounded };
                let distance = (bounded + INTEGERS).to_bits() as $bits;
                distance.wrapping_sub(INTEGERS.to_bits() as $bits) as i32
            }
        }
    )*};
}

nearest! {
    f32: 8_388_608.0, i32;
    f64: 4_503_599_627_370_496.0, i64;
}
