//! Neighbours that change their type, with the vectors that the processor has.

use std::any::TypeId;

use super::super::level::Level;
use crate::convert::Convert;

/// Converts neighbours, and writes them to neighbours from `y`, whatever is there.
///
/// # Safety
/// The processor has the vectors of `level`. As many places are there behind `y`, and none of them is one of `x`.
#[inline]
pub(in super::super) unsafe fn row<X: Copy + 'static, Y: 'static, C: Convert<X, Y>>(
    level: Level,
    conversion: C,
    x: &[X],
    y: *mut Y,
) {
    // SAFETY: as the caller says.
    unsafe {
        match level {
            Level::Portable => each(conversion, x, y),
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => avx2(conversion, x, y),
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => avx512(conversion, x, y),
        }
    }
}

/// One element after the other; the compiler makes vectors of it that its caller is compiled for.
///
/// # Safety
/// As many places are there behind `y`.
#[inline(always)]
unsafe fn each<X: Copy, Y, C: Convert<X, Y>>(conversion: C, x: &[X], y: *mut Y) {
    for (at, x) in x.iter().enumerate() {
        // SAFETY: as the caller says.
        unsafe { y.add(at).write(conversion.one(*x)) }
    }
}

/// Defines the row of a level: halves by the processor's instructions, all other types by the definition of their conversion, made
/// vectors of by the compiler.
macro_rules! row {
    ($name:ident, $features:literal, $halves:ident) => {
        /// # Safety
        /// The processor has the features. As many places are there behind `y`, and none of them is one of `x`.
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = $features)]
        unsafe fn $name<X: Copy + 'static, Y: 'static, C: Convert<X, Y>>(
            conversion: C,
            x: &[X],
            y: *mut Y,
        ) {
            use crate::convert::Cast;
            use half::f16;
            let same = |other| TypeId::of::<(C, X, Y)>() == other;
            let (count, places) = (x.len(), (y, x.as_ptr()));
            if count >= $halves::LANES {
                if same(TypeId::of::<(Cast, f32, f16)>()) {
                    // SAFETY: the types are these, and both sides have `count` elements.
                    return unsafe { $halves::narrow(places.0.cast(), places.1.cast(), count) };
                }
                if same(TypeId::of::<(Cast, f16, f32)>()) {
                    // SAFETY: the types are these, and both sides have `count` elements.
                    return unsafe { $halves::widen(places.0.cast(), places.1.cast(), count) };
                }
            }
            // SAFETY: as the caller says.
            unsafe { each(conversion, x, y) }
        }
    };
}

row!(avx2, "avx2,f16c", of_8);
row!(avx512, "avx2,f16c,avx512f,avx512bw,avx512vl", of_16);

/// Defines casts between `f32` and `f16`, so many at a time; the last ones overlap those before.
macro_rules! halves {
    ($name:ident, $features:literal, $lanes:literal, $load:ident, $store:ident, $narrow:path, $widen:path, $load_halves:ident, $store_halves:ident) => {
        #[cfg(target_arch = "x86_64")]
        mod $name {
            use std::arch::x86_64::*;

            pub(super) const LANES: usize = $lanes;

            /// Where vectors begin that cover `count` elements.
            fn starts(count: usize) -> impl Iterator<Item = usize> {
                let starts = (0..count).step_by(LANES);
                starts.map(move |at| at.min(count - LANES))
            }

            /// # Safety
            /// There are `count` elements on both sides, at least as many as a vector has.
            #[target_feature(enable = $features)]
            #[inline]
            pub(super) unsafe fn narrow(y: *mut u16, x: *const f32, count: usize) {
                for at in starts(count) {
                    // SAFETY: the vector ends with the last element or before.
                    unsafe { $store_halves(y.add(at).cast(), $narrow($load(x.add(at)))) }
                }
            }

            /// # Safety
            /// There are `count` elements on both sides, at least as many as a vector has.
            #[target_feature(enable = $features)]
            #[inline]
            pub(super) unsafe fn widen(y: *mut f32, x: *const u16, count: usize) {
                for at in starts(count) {
                    // SAFETY: the vector ends with the last element or before.
                    unsafe { $store(y.add(at), $widen($load_halves(x.add(at).cast()))) }
                }
            }
        }
    };
}

halves!(
    of_8,
    "avx2,f16c",
    8,
    _mm256_loadu_ps,
    _mm256_storeu_ps,
    _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>,
    _mm256_cvtph_ps,
    _mm_loadu_si128,
    _mm_storeu_si128
);
halves!(
    of_16,
    "avx2,f16c,avx512f,avx512bw,avx512vl",
    16,
    _mm512_loadu_ps,
    _mm512_storeu_ps,
    _mm512_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>,
    _mm512_cvtph_ps,
    _mm256_loadu_si256,
    _mm256_storeu_si256
);
