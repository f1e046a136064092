//! Arrays of four for vectors: on every processor, in the instructions that the compiler may always use.

use super::assemble::{assemble, interleave_each, merge_each, pick_each, transpose_each};
use super::gather::gather;
use super::instruction_set::{first, table};
use super::lines::{meet, slide};
use super::pixels::{blend, weigh};
use super::spread::spread;
use super::tile::{Vector, tile};
use super::{Kernel, Kernels, MOST_LANES};
use crate::float::Float;

const LANES: usize = 4;

#[derive(Clone, Copy)]
#[repr(transparent)]
struct Four<T>([T; LANES]);

// SAFETY: the functions do what the trait says, on any processor.
unsafe impl<T: Float> Vector for Four<T> {
    type Element = T;
    type Half = Self;
    const LANES: usize = LANES;

    #[inline(always)]
    unsafe fn zero() -> Self {
        Four([T::default(); LANES])
    }

    #[inline(always)]
    unsafe fn splat(value: T) -> Self {
        Four([value; LANES])
    }

    #[inline(always)]
    unsafe fn multiply_add(self, factor: Self, sum: Self) -> Self {
        Four(std::array::from_fn(|i| self.0[i] * factor.0[i] + sum.0[i]))
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        Four(std::array::from_fn(|i| self.0[i] + other.0[i]))
    }

    #[inline(always)]
    unsafe fn load(from: *const T) -> Self {
        // SAFETY: the caller vouches for the elements.
        unsafe { from.cast::<Self>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut T) {
        // SAFETY: the caller vouches for the elements.
        unsafe { to.cast::<Self>().write_unaligned(self) }
    }

    #[inline(always)]
    unsafe fn load_first(from: *const T, count: usize) -> Self {
        // SAFETY: the caller vouches for the elements.
        unsafe { Self::zero().merge((1 << count) - 1, from) }
    }

    #[inline(always)]
    unsafe fn merge(self, mask: u32, from: *const T) -> Self {
        // SAFETY: the caller vouches for the elements; a whole mask names all of them.
        unsafe {
            if mask & first(LANES) == first(LANES) {
                Self::load(from)
            } else {
                merge_each(self, mask, from, 1)
            }
        }
    }

    #[inline(always)]
    unsafe fn merge_apart(self, mask: u32, from: *const T, step: usize) -> Self {
        // SAFETY: the caller vouches for the elements.
        unsafe { merge_each(self, mask, from, step) }
    }

    #[inline(always)]
    unsafe fn pick(self, mask: u32, places: &[u32; MOST_LANES]) -> Self {
        // SAFETY: the places are numbers of lanes, as the caller says.
        unsafe { pick_each(self, mask, places) }
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut T, count: usize) {
        for (i, &value) in self.0[..count].iter().enumerate() {
            // SAFETY: the caller vouches for the elements.
            unsafe { *to.add(i) = value }
        }
    }
}

macro_rules! kernels {
    ($float:ty) => {
        table!(
            "portable", Four<$float>, grain LANES, rows [1 2 3 4], widths [(1, false) (2, false)];
            tile, assemble::<Four<$float>>, slide::<Four<$float>>, meet::<Four<$float>>, spread::<Four<$float>>, gather::<Four<$float>>,
            blend::<Four<$float>>, weigh::<Four<$float>>, transpose_each::<_, LANES>, interleave_each
        )
    };
}

pub(super) static F32: Kernels<f32> = kernels!(f32);
pub(super) static F64: Kernels<f64> = kernels!(f64);
