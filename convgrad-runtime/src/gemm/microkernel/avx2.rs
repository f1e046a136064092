//! 256-bit vectors with fused multiply-adds: 16 registers, six rows of two vectors.

use std::arch::x86_64::*;
use std::ops::AddAssign;

use super::assemble::{Piece, assemble, interleave_each, merge_each, pick_each, transpose_each};
use super::gather::{Gather, gather};
use super::instruction_set::{first, functions, table, vectors};
use super::lines::{Taps, meet, slide};
use super::pixels::{Area, blend, weigh};
use super::spread::{Spread, spread};
use super::tile::{Vector, tile};
use super::{Kernel, Kernels, MOST_LANES, Operands};

/// Lanes with the sign set where the mask has a bit.
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn lanes_of_32(mask: u32) -> __m256i {
    // SAFETY: the caller vouches for the processor.
    unsafe {
        _mm256_sllv_epi32(
            _mm256_set1_epi32(mask as i32),
            _mm256_setr_epi32(31, 30, 29, 28, 27, 26, 25, 24),
        )
    }
}

/// As [`lanes_of_32`].
///
/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn lanes_of_64(mask: u32) -> __m256i {
    // SAFETY: the caller vouches for the processor.
    unsafe {
        _mm256_sllv_epi64(
            _mm256_set1_epi64x(i64::from(mask)),
            _mm256_setr_epi64x(63, 62, 61, 60),
        )
    }
}

macro_rules! masks {
    ($vector:ty, $element:ty, $lanes:ident, $load:ident, $blend:ident, $cast:ident, $store:ident; $merge:ident, $store_some:ident) => {
        /// Replaces the lanes of a mask by what lies at their places.
        ///
        /// # Safety
        /// As [`Vector::merge`].
        #[inline(always)]
        unsafe fn $merge(vector: $vector, mask: u32, from: *const $element) -> $vector {
            // SAFETY: the caller vouches for the processor and the elements that the mask names.
            unsafe {
                let mask = $lanes(mask);
                $blend(vector, $load(from, mask), $cast(mask))
            }
        }

        /// Stores the lanes of a mask.
        ///
        /// # Safety
        /// As [`Vector::store_first`].
        #[inline(always)]
        unsafe fn $store_some(to: *mut $element, mask: u32, vector: $vector) {
            // SAFETY: the caller vouches for the processor and the elements that the mask names.
            unsafe { $store(to, $lanes(mask), vector) }
        }
    };
}

masks!(__m256, f32, lanes_of_32, _mm256_maskload_ps, _mm256_blendv_ps, _mm256_castsi256_ps, _mm256_maskstore_ps; merge_32, store_32);
masks!(__m256d, f64, lanes_of_64, _mm256_maskload_pd, _mm256_blendv_pd, _mm256_castsi256_pd, _mm256_maskstore_pd; merge_64, store_64);

/// [`Vector::pick`] of eight lanes.
///
/// # Safety
/// As there.
#[inline(always)]
unsafe fn pick_32(vector: __m256, mask: u32, places: &[u32; MOST_LANES]) -> __m256 {
    // SAFETY: the caller vouches for the processor; there are more than eight places.
    unsafe {
        let places = _mm256_loadu_si256(places.as_ptr().cast());
        let picked = _mm256_permutevar8x32_ps(vector, places);
        _mm256_blendv_ps(
            _mm256_setzero_ps(),
            picked,
            _mm256_castsi256_ps(lanes_of_32(mask)),
        )
    }
}

vectors! {
    __m256: f32, 8, half __m256;
        _mm256_setzero_ps, _mm256_set1_ps, _mm256_fmadd_ps, _mm256_add_ps, _mm256_loadu_ps, _mm256_storeu_ps;
        masks merge_32, merge_each, store_32, pick_32;
    __m256d: f64, 4, half __m256d;
        _mm256_setzero_pd, _mm256_set1_pd, _mm256_fmadd_pd, _mm256_add_pd, _mm256_loadu_pd, _mm256_storeu_pd;
        masks merge_64, merge_each, store_64, pick_each;
}

functions!("avx2,fma");

macro_rules! kernels {
    ($vector:ty, $lanes:literal) => {
        table!(
            "avx2", $vector, grain $lanes, rows [1 2 3 4 5 6], widths [(1, false) (2, false)];
            run, put_together::<$vector>, sliding::<$vector>, meeting::<$vector>, spreading::<$vector>,
            gathering::<$vector>, blending::<$vector>, weighing::<$vector>, transpose_each::<_, $lanes>,
            interleave_each
        )
    };
}

pub(super) static F32: Kernels<f32> = kernels!(__m256, 8);
pub(super) static F64: Kernels<f64> = kernels!(__m256d, 4);
