//! 512-bit vectors: 32 registers, masks for every lane. Where a processor computes them half by half, the last columns of a tile take half a
//! vector, and half the time.

use std::arch::x86_64::*;
use std::ops::AddAssign;

use super::assemble::{Piece, assemble, interleave_each, merge_each, transpose_each};
use super::gather::{Gather, gather};
use super::instruction_set::{first, functions, table, vectors};
use super::lines::{Taps, meet, slide};
use super::pixels::{Area, blend, weigh};
use super::spread::{Spread, spread};
use super::tile::{Vector, tile};
use super::{Kernel, Kernels, MOST_LANES, Operands};

/// Lanes from elements that lie `step` apart.
///
/// # Safety
/// As [`Vector::merge_apart`].
#[inline(always)]
unsafe fn apart_f32(vector: __m512, mask: u32, from: *const f32, step: usize) -> __m512 {
    if step != 2 {
        // SAFETY: the caller's promise.
        return unsafe { merge_each(vector, mask, from, step) };
    }
    // SAFETY: the caller vouches for the processor; the two loads read the even places that the mask names, and no others.
    unsafe {
        // Whole vectors go without masks that must be made; the last odd element may lie beyond the tensor.
        let whole = mask & 0xffff == 0xffff;
        let low = if whole {
            _mm512_loadu_ps(from)
        } else {
            _mm512_maskz_loadu_ps(_pdep_u32(mask, EVEN) as __mmask16, from)
        };
        let rest = if whole {
            EVEN
        } else {
            _pdep_u32(mask >> 8, EVEN)
        };
        let high = _mm512_maskz_loadu_ps(rest as __mmask16, from.wrapping_add(16));
        let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
        _mm512_mask_blend_ps(
            mask as __mmask16,
            vector,
            _mm512_permutex2var_ps(low, even, high),
        )
    }
}

/// The even lanes of a mask.
const EVEN: u32 = 0x5555;

macro_rules! masks {
    ($vector:ty, $element:ty, $mask:ty, $load:ident, $store:ident; $merge:ident, $store_some:ident) => {
        /// Replaces the lanes of a mask by what lies at their places.
        ///
        /// # Safety
        /// As [`Vector::merge`].
        #[inline(always)]
        unsafe fn $merge(vector: $vector, mask: u32, from: *const $element) -> $vector {
            // SAFETY: the caller vouches for the processor and the elements that the mask names.
            unsafe { $load(vector, mask as $mask, from) }
        }

        /// Stores the lanes of a mask.
        ///
        /// # Safety
        /// As [`Vector::store_first`].
        #[inline(always)]
        unsafe fn $store_some(to: *mut $element, mask: u32, vector: $vector) {
            // SAFETY: the caller vouches for the processor and the elements that the mask names.
            unsafe { $store(to, mask as $mask, vector) }
        }
    };
}

masks!(__m512, f32, __mmask16, _mm512_mask_loadu_ps, _mm512_mask_storeu_ps; merge_32, store_32);
masks!(__m512d, f64, __mmask8, _mm512_mask_loadu_pd, _mm512_mask_storeu_pd; merge_64, store_64);

/// [`Vector::pick`] of sixteen lanes.
///
/// # Safety
/// As there.
#[inline(always)]
unsafe fn pick_32(vector: __m512, mask: u32, places: &[u32; MOST_LANES]) -> __m512 {
    // SAFETY: the caller vouches for the processor; there are sixteen places.
    unsafe {
        let places = _mm512_loadu_si512(places.as_ptr().cast());
        _mm512_maskz_permutexvar_ps(mask as __mmask16, places, vector)
    }
}

/// [`Vector::pick`] of eight lanes.
///
/// # Safety
/// As there.
#[inline(always)]
unsafe fn pick_64(vector: __m512d, mask: u32, places: &[u32; MOST_LANES]) -> __m512d {
    // SAFETY: the caller vouches for the processor; there are more than eight places.
    unsafe {
        let places = _mm512_cvtepu32_epi64(_mm256_loadu_si256(places.as_ptr().cast()));
        _mm512_maskz_permutexvar_pd(mask as __mmask8, places, vector)
    }
}

vectors! {
    __m512: f32, 16, half __m256;
        _mm512_setzero_ps, _mm512_set1_ps, _mm512_fmadd_ps, _mm512_add_ps, _mm512_loadu_ps, _mm512_storeu_ps;
        masks merge_32, apart_f32, store_32, pick_32;
    __m512d: f64, 8, half __m256d;
        _mm512_setzero_pd, _mm512_set1_pd, _mm512_fmadd_pd, _mm512_add_pd, _mm512_loadu_pd, _mm512_storeu_pd;
        masks merge_64, merge_each, store_64, pick_64;
}

functions!("avx512f,avx512vl,bmi2");

/// # Safety
/// As [`Transpose`](super::Transpose); the processor must have AVX-512F.
#[target_feature(enable = "avx512f")]
unsafe fn transpose_f32(from: *const f32, from_row: usize, to: *mut f32, to_row: usize) {
    // SAFETY: the caller vouches for the processor and for 16 x 16 elements on both sides.
    unsafe {
        // Rows i, i + 4, i + 8, i + 12 of four columns in one vector.
        let four = |i: usize, column: usize| {
            let quarter = |row: usize| _mm_loadu_ps(from.add(row * from_row + column));
            let vector = _mm512_castps128_ps512(quarter(i));
            let vector = _mm512_insertf32x4::<1>(vector, quarter(i + 4));
            let vector = _mm512_insertf32x4::<2>(vector, quarter(i + 8));
            _mm512_insertf32x4::<3>(vector, quarter(i + 12))
        };
        for column in [0, 4, 8, 12] {
            let (r0, r1, r2, r3) = (
                four(0, column),
                four(1, column),
                four(2, column),
                four(3, column),
            );
            let (t0, t1) = (_mm512_unpacklo_ps(r0, r1), _mm512_unpackhi_ps(r0, r1));
            let (t2, t3) = (_mm512_unpacklo_ps(r2, r3), _mm512_unpackhi_ps(r2, r3));
            let pair = |a, b| (_mm512_castps_pd(a), _mm512_castps_pd(b));
            let ((a, b), (c, d)) = (pair(t0, t2), pair(t1, t3));
            let columns = [
                _mm512_unpacklo_pd(a, b),
                _mm512_unpackhi_pd(a, b),
                _mm512_unpacklo_pd(c, d),
                _mm512_unpackhi_pd(c, d),
            ];
            for (i, vector) in columns.into_iter().enumerate() {
                _mm512_storeu_ps(to.add((column + i) * to_row), _mm512_castpd_ps(vector));
            }
        }
    }
}

/// # Safety
/// As [`Interleave`](super::Interleave); the processor must have AVX-512F.
#[target_feature(enable = "avx512f")]
unsafe fn interleave_f32(even: *const f32, odd: *const f32, to: *mut f32, pairs: usize) {
    // SAFETY: the caller vouches for the processor and for all pairs; the masks name no others.
    unsafe {
        let low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        let high = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        for start in (0..pairs).step_by(16) {
            let count = (pairs - start).min(16);
            let mask = first(count) as __mmask16;
            let (even, odd) = (
                _mm512_maskz_loadu_ps(mask, even.add(start)),
                _mm512_maskz_loadu_ps(mask, odd.add(start)),
            );
            let mask = u32::MAX >> (32 - 2 * count);
            let to = to.add(2 * start);
            let pairs = [low, high].map(|lanes| _mm512_permutex2var_ps(even, lanes, odd));
            if count == 16 {
                _mm512_storeu_ps(to, pairs[0]);
                _mm512_storeu_ps(to.add(16), pairs[1]);
            } else {
                _mm512_mask_storeu_ps(to, mask as __mmask16, pairs[0]);
                _mm512_mask_storeu_ps(to.wrapping_add(16), (mask >> 16) as __mmask16, pairs[1]);
            }
        }
    }
}

macro_rules! kernels {
    ($vector:ty, $half:literal, $transpose:path, $interleave:path) => {
        table!(
            "avx512", $vector, grain $half, rows [1 2 3 4 5 6 7 8 9 10 11 12],
            widths [(0, true) (1, false) (1, true) (2, false)];
            run, put_together::<$vector>, sliding::<$vector>, meeting::<$vector>, spreading::<$vector>,
            gathering::<$vector>, blending::<$vector>, weighing::<$vector>, $transpose, $interleave
        )
    };
}

pub(super) static F32: Kernels<f32> = kernels!(__m512, 8, transpose_f32, interleave_f32);
pub(super) static F64: Kernels<f64> =
    kernels!(__m512d, 4, transpose_each::<f64, 8>, interleave_each);
