//! 256-bit vectors with fused multiply-adds: 16 registers, six rows of two vectors.

use std::arch::x86_64::*;
use std::ops::AddAssign;

use super::assemble::{Piece, assemble, merge_each, transpose_each};
use super::lines::{meet, slide};
use super::tile::{Vector, tile};
use super::{Kernel, Kernels, Operands};

macro_rules! vectors {
    ($($vector:ident: $element:ty, $lanes:literal, $mask:path;
       $zero:ident, $splat:ident, $fma:ident, $add:ident, $load:ident, $store:ident, $mask_load:ident, $mask_store:ident, $blend:path;)*) => {$(
        // SAFETY: the functions do what the trait says, with the instructions of AVX2 and FMA.
        unsafe impl Vector for $vector {
            type Element = $element;
            const LANES: usize = $lanes;

            #[inline(always)]
            unsafe fn zero() -> Self {
                // SAFETY: the caller vouches for the processor.
                unsafe { $zero() }
            }

            #[inline(always)]
            unsafe fn splat(value: $element) -> Self {
                // SAFETY: the caller vouches for the processor.
                unsafe { $splat(value) }
            }

            #[inline(always)]
            unsafe fn multiply_add(self, factor: Self, sum: Self) -> Self {
                // SAFETY: the caller vouches for the processor.
                unsafe { $fma(self, factor, sum) }
            }

            #[inline(always)]
            unsafe fn add(self, other: Self) -> Self {
                // SAFETY: the caller vouches for the processor.
                unsafe { $add(self, other) }
            }

            #[inline(always)]
            unsafe fn expect(place: *const $element) {
                // SAFETY: asking does not touch.
                unsafe { _mm_prefetch::<_MM_HINT_T0>(place.cast()) }
            }

            #[inline(always)]
            unsafe fn expect_to_store(place: *const $element) {
                // SAFETY: asking does not touch.
                unsafe { _mm_prefetch::<_MM_HINT_ET0>(place.cast()) }
            }

            #[inline(always)]
            unsafe fn load(from: *const $element) -> Self {
                // SAFETY: the caller vouches for the processor and the elements.
                unsafe { $load(from) }
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut $element) {
                // SAFETY: the caller vouches for the processor and the elements.
                unsafe { $store(to, self) }
            }

            #[inline(always)]
            unsafe fn load_first(from: *const $element, count: usize) -> Self {
                // SAFETY: the caller vouches for the processor and the elements that the mask names.
                unsafe { $mask_load(from, $mask((1 << count) - 1)) }
            }

            #[inline(always)]
            unsafe fn merge(self, mask: u32, from: *const $element) -> Self {
                // SAFETY: the caller vouches for the processor and the elements that the mask names.
                unsafe { $blend(self, $mask_load(from, $mask(mask)), $mask(mask)) }
            }

            #[inline(always)]
            unsafe fn merge_apart(self, mask: u32, from: *const $element, step: usize) -> Self {
                // SAFETY: the caller's promise.
                unsafe { merge_each(self, mask, from, step) }
            }

            #[inline(always)]
            unsafe fn store_first(self, to: *mut $element, count: usize) {
                // SAFETY: the caller vouches for the processor and the elements that the mask names.
                unsafe { $mask_store(to, $mask((1 << count) - 1), self) }
            }
        }
    )*};
}

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

/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn blend_32(a: __m256, b: __m256, mask: __m256i) -> __m256 {
    // SAFETY: the caller vouches for the processor.
    unsafe { _mm256_blendv_ps(a, b, _mm256_castsi256_ps(mask)) }
}

/// # Safety
/// The processor must have AVX2.
#[inline(always)]
unsafe fn blend_64(a: __m256d, b: __m256d, mask: __m256i) -> __m256d {
    // SAFETY: the caller vouches for the processor.
    unsafe { _mm256_blendv_pd(a, b, _mm256_castsi256_pd(mask)) }
}

vectors! {
    __m256: f32, 8, lanes_of_32;
        _mm256_setzero_ps, _mm256_set1_ps, _mm256_fmadd_ps, _mm256_add_ps, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_maskload_ps, _mm256_maskstore_ps, blend_32;
    __m256d: f64, 4, lanes_of_64;
        _mm256_setzero_pd, _mm256_set1_pd, _mm256_fmadd_pd, _mm256_add_pd, _mm256_loadu_pd, _mm256_storeu_pd, _mm256_maskload_pd, _mm256_maskstore_pd, blend_64;
}

/// # Safety
/// As [`Kernel`]; the processor must have AVX2 and FMA.
#[target_feature(enable = "avx2,fma")]
unsafe fn run<V: Vector, const ROWS: usize, const VECTORS: usize, const BY_COLUMNS: bool>(
    operands: &Operands<V::Element>,
) {
    // SAFETY: the caller's promise.
    unsafe { tile::<V, ROWS, VECTORS, BY_COLUMNS>(operands) }
}

/// # Safety
/// As [`Assemble`](super::Assemble); the processor must have AVX2 and FMA.
#[target_feature(enable = "avx2,fma")]
unsafe fn put_together<V: Vector>(
    from: *const V::Element,
    step: usize,
    pieces: &[Piece],
    to: *mut V::Element,
) {
    // SAFETY: the caller's promise.
    unsafe { assemble::<V>(from, step, pieces, to) }
}

/// # Safety
/// As [`Slide`](super::Slide); the processor must have AVX2 and FMA.
#[target_feature(enable = "avx2,fma")]
unsafe fn sliding<V: Vector>(
    from: *const V::Element,
    taps: &[(usize, V::Element)],
    to: *mut V::Element,
    vectors: usize,
) {
    // SAFETY: the caller's promise.
    unsafe { slide::<V>(from, taps, to, vectors) }
}

/// # Safety
/// As [`Meet`](super::Meet); the processor must have AVX2 and FMA.
#[target_feature(enable = "avx2,fma")]
unsafe fn meeting<V: Vector<Element: AddAssign>>(
    line: *const V::Element,
    from: *const V::Element,
    offsets: &[usize],
    sums: &mut [V::Element],
    vectors: usize,
) {
    // SAFETY: the caller's promise.
    unsafe { meet::<V>(line, from, offsets, sums, vectors) }
}

macro_rules! rows {
    ($vector:ty, $vectors:literal, $by_columns:literal) => {
        const {
            &[
                run::<$vector, 1, $vectors, $by_columns> as Kernel<_>,
                run::<$vector, 2, $vectors, $by_columns>,
                run::<$vector, 3, $vectors, $by_columns>,
                run::<$vector, 4, $vectors, $by_columns>,
                run::<$vector, 5, $vectors, $by_columns>,
                run::<$vector, 6, $vectors, $by_columns>,
            ]
        }
    };
}

macro_rules! kernels {
    ($vector:ty, $lanes:literal) => {
        Kernels {
            name: "avx2",
            lanes: $lanes,
            tiles: [
                [rows!($vector, 1, false), rows!($vector, 2, false)],
                [rows!($vector, 1, true), rows!($vector, 2, true)],
            ],
            assemble: put_together::<$vector>,
            slide: sliding::<$vector>,
            meet: meeting::<$vector>,
            transpose: transpose_each::<_, $lanes>,
        }
    };
}

pub(super) static F32: Kernels<f32> = kernels!(__m256, 8);
pub(super) static F64: Kernels<f64> = kernels!(__m256d, 4);
