//! Writes that go past the caches.

use std::ptr;

use super::super::level::Level;
use super::super::plan::Step;
use super::super::rows::turns;
use super::super::tile::LINE;

/// Whether there are such writes.
pub(in super::super) fn exists(level: Level) -> bool {
    level != Level::Portable
}

/// Asks for the line of a place that will be read soon.
#[inline(always)]
pub(in super::super) fn ask(line: *const u8) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: every processor of this kind has the instruction, which reads nothing and never fails.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.cast()) }
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = line;
}

/// Copies `bytes` neighbours, the whole lines of the output past the caches.
///
/// # Safety
/// The processor has the vectors of `level`. Both places reach so far and do not overlap.
pub(in super::super) unsafe fn copy(level: Level, y: *mut u8, x: *const u8, bytes: usize) {
    // SAFETY: as the caller says.
    unsafe { rows(level, bytes, Step::ONCE, y, x) }
}

/// Copies `bytes` neighbours in every turn, the whole lines of the output past the caches.
///
/// # Safety
/// The processor has the vectors of `level`. All places reach so far and do not overlap.
pub(in super::super) unsafe fn rows(
    level: Level,
    bytes: usize,
    repeat: Step,
    y: *mut u8,
    x: *const u8,
) {
    // SAFETY: as the caller says.
    unsafe {
        match level {
            Level::Portable => {
                turns(repeat, y, x, |y, x| ptr::copy_nonoverlapping(x, y, bytes));
            }
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => avx2(bytes, repeat, y, x),
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => avx512(bytes, repeat, y, x),
        }
    }
}

/// Makes such writes visible to whoever is told of them.
pub(in super::super) fn finish(level: Level) {
    match level {
        Level::Portable => {}
        #[cfg(target_arch = "x86_64")]
        // SAFETY: every processor with vectors has the instruction.
        _ => unsafe { std::arch::x86_64::_mm_sfence() },
    }
}

macro_rules! streaming {
    ($name:ident, $row:ident, $features:literal, $register:ty, $load:path, $stream:path) => {
        /// # Safety
        /// The processor has the features. So many bytes are there on both sides in every turn, which do not overlap.
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = $features)]
        unsafe fn $name(bytes: usize, repeat: Step, y: *mut u8, x: *const u8) {
            // SAFETY: as the caller says.
            turns(repeat, y, x, |y, x| unsafe { $row(y, x, bytes) });
        }

        /// # Safety
        /// The processor has the features. So many bytes are there on both sides, which do not overlap.
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = $features)]
        #[inline]
        unsafe fn $row(y: *mut u8, x: *const u8, bytes: usize) {
            const WIDTH: usize = size_of::<$register>();
            let head = y.align_offset(LINE).min(bytes);
            let whole = (bytes - head) / LINE * LINE;
            // SAFETY: all parts lie inside of both places, and those that are streamed begin at a line.
            unsafe {
                if head > 0 {
                    ptr::copy_nonoverlapping(x, y, head);
                }
                for at in (head..head + whole).step_by(WIDTH) {
                    $stream(y.add(at).cast::<$register>(), $load(x.add(at).cast()));
                }
                let done = head + whole;
                if done < bytes {
                    ptr::copy_nonoverlapping(x.add(done), y.add(done), bytes - done);
                }
            }
        }
    };
}

streaming!(
    avx2,
    row_avx2,
    "avx2",
    std::arch::x86_64::__m256i,
    std::arch::x86_64::_mm256_loadu_si256,
    std::arch::x86_64::_mm256_stream_si256
);
streaming!(
    avx512,
    row_avx512,
    "avx512f",
    std::arch::x86_64::__m512i,
    std::arch::x86_64::_mm512_loadu_si512,
    std::arch::x86_64::_mm512_stream_si512
);
