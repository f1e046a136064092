//! 512-bit vectors: 32 registers, masks for every lane.

use std::arch::x86_64::*;
use std::ops::AddAssign;

use super::assemble::{Piece, assemble, merge_each, transpose_each};
use super::lines::{meet, slide};
use super::tile::{Vector, tile};
use super::{Kernel, Kernels, Operands};

macro_rules! vectors {
    ($($vector:ident: $element:ty, $lanes:literal, $mask:ty;
       $zero:ident, $splat:ident, $fma:ident, $add:ident, $load:ident, $store:ident, $mask_load:ident, $mask_store:ident, $gather:path;)*) => {$(
        // SAFETY: the functions do what the trait says, with the instructions of AVX-512F.
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
                unsafe { $mask_load($zero(), first(count) as $mask, from) }
            }

            #[inline(always)]
            unsafe fn merge(self, mask: u32, from: *const $element) -> Self {
                // SAFETY: the caller vouches for the processor and the elements that the mask names.
                unsafe { $mask_load(self, mask as $mask, from) }
            }

            #[inline(always)]
            unsafe fn merge_apart(self, mask: u32, from: *const $element, step: usize) -> Self {
                // SAFETY: the caller vouches for the processor and the elements that the mask names.
                unsafe { $gather(self, mask, from, step) }
            }

            #[inline(always)]
            unsafe fn store_first(self, to: *mut $element, count: usize) {
                // SAFETY: the caller vouches for the processor and the elements that the mask names.
                unsafe { $mask_store(to, first(count) as $mask, self) }
            }
        }
    )*};
}

/// The mask of the first lanes.
#[inline(always)]
fn first(count: usize) -> u32 {
    (1 << count) - 1
}

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

vectors! {
    __m512: f32, 16, __mmask16;
        _mm512_setzero_ps, _mm512_set1_ps, _mm512_fmadd_ps, _mm512_add_ps, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_mask_loadu_ps, _mm512_mask_storeu_ps, apart_f32;
    __m512d: f64, 8, __mmask8;
        _mm512_setzero_pd, _mm512_set1_pd, _mm512_fmadd_pd, _mm512_add_pd, _mm512_loadu_pd, _mm512_storeu_pd, _mm512_mask_loadu_pd, _mm512_mask_storeu_pd, merge_each;
}

/// # Safety
/// As [`Kernel`]; the processor must have AVX-512F.
#[target_feature(enable = "avx512f,bmi2")]
unsafe fn run<V: Vector, const ROWS: usize, const VECTORS: usize, const BY_COLUMNS: bool>(
    operands: &Operands<V::Element>,
) {
    // SAFETY: the caller's promise.
    unsafe { tile::<V, ROWS, VECTORS, BY_COLUMNS>(operands) }
}

/// # Safety
/// As [`Assemble`](super::Assemble); the processor must have AVX-512F and BMI2.
#[target_feature(enable = "avx512f,bmi2")]
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
/// As [`Slide`](super::Slide); the processor must have AVX-512F and BMI2.
#[target_feature(enable = "avx512f,bmi2")]
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
/// As [`Meet`](super::Meet); the processor must have AVX-512F and BMI2.
#[target_feature(enable = "avx512f,bmi2")]
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
                run::<$vector, 7, $vectors, $by_columns>,
                run::<$vector, 8, $vectors, $by_columns>,
                run::<$vector, 9, $vectors, $by_columns>,
                run::<$vector, 10, $vectors, $by_columns>,
                run::<$vector, 11, $vectors, $by_columns>,
                run::<$vector, 12, $vectors, $by_columns>,
            ]
        }
    };
}

macro_rules! kernels {
    ($vector:ty, $transpose:path) => {
        Kernels {
            name: "avx512",
            lanes: <$vector as Vector>::LANES,
            tiles: [
                [rows!($vector, 1, false), rows!($vector, 2, false)],
                [rows!($vector, 1, true), rows!($vector, 2, true)],
            ],
            assemble: put_together::<$vector>,
            slide: sliding::<$vector>,
            meet: meeting::<$vector>,
            transpose: $transpose,
        }
    };
}

pub(super) static F32: Kernels<f32> = kernels!(__m512, transpose_f32);
pub(super) static F64: Kernels<f64> = kernels!(__m512d, transpose_each::<f64, 8>);
