//! Squares of elements, as many rows as a register has elements.
//!
//! Rows and columns that no whole square covers are covered by one that overlaps the square before.

use std::arch::x86_64::*;
use std::ops::Range;

use super::super::plan::Step;
use super::{LINE, Tile, turn};

/// Neighbours along one side, before the next ones along the other side.
pub(super) const NEIGHBOURS: usize = 256;

/// Bytes ahead in every column that are asked for, where many are read by turns and the output does not go through the caches.
pub(super) const AHEAD: usize = 128;

/// Where squares of `SIDE` elements begin along a side of a tile: first where the side does, then where lines of memory do, so
/// that no register lies in two of them; the last one ends with the side.
#[derive(Clone, Copy)]
pub(super) struct Side<const SIDE: usize> {
    count: usize,
    lead: usize,
}

impl<const SIDE: usize> Side<SIDE> {
    /// `at` is where the side begins, and `way` the bytes from one side to the next.
    #[inline(always)]
    pub(super) fn new(count: usize, at: usize, way: isize, size: usize) -> Self {
        let behind = at.wrapping_neg() % LINE;
        let aligns = way % LINE as isize == 0 && behind.is_multiple_of(size) && count >= 4 * SIDE;
        Side {
            count,
            lead: if aligns { behind / size % SIDE } else { 0 },
        }
    }

    #[inline(always)]
    pub(super) fn squares(&self) -> usize {
        (self.count - self.lead).div_ceil(SIDE) + usize::from(self.lead > 0)
    }

    #[inline(always)]
    pub(super) fn start(&self, square: usize) -> usize {
        match (self.lead, square) {
            (1.., 0) => 0,
            (1.., _) => (self.lead + (square - 1) * SIDE).min(self.count - SIDE),
            _ => (square * SIDE).min(self.count - SIDE),
        }
    }

    /// What no square before has covered, up to where the next one begins.
    #[inline(always)]
    pub(super) fn part(&self, square: usize) -> Range<usize> {
        let (start, end) = match (self.lead, square) {
            (1.., 0) => (0, self.lead),
            (1.., _) => (self.lead + (square - 1) * SIDE, self.lead + square * SIDE),
            _ => (square * SIDE, square * SIDE + SIDE),
        };
        start..end.min(self.count)
    }
}

/// Defines the walk over the squares of `$rows` rows.
macro_rules! square {
    ($name:ident, $features:literal, $size:literal, $rows:literal, $zero:ident, $load:path, $store:ident, $stream:ident) => {
        /// Moves the elements of a tile that has at least as many rows and columns as the square, in every turn.
        ///
        /// # Safety
        /// The processor has these vectors. All places lie inside of their tensors, which do not overlap.
        #[target_feature(enable = $features)]
        pub(super) unsafe fn $name(tile: &Tile, repeat: Step, y: *mut u8, x: *const u8) {
            const SIDE: usize = $rows;
            // Squares follow each other where lines of the side that moves by long ways do: the processor fetches them ahead.
            let along_output = tile.goes_along_output($size);
            let asks = tile.asks($size);
            let (mut y, mut x) = (y, x);
            for _ in 0..repeat.count {
                tile.ask_for_later($size, repeat.x, x);
                let columns = Side::<SIDE>::new(tile.columns, y.addr(), tile.y, $size);
                let rows = Side::<SIDE>::new(tile.rows, x.addr(), tile.x, $size);
                // Lines that no square covers wholly are met again by the next squares on the other side.
                let block = match y.addr() % LINE == 0 && x.addr() % LINE == 0 {
                    true => NEIGHBOURS / SIDE,
                    false => 4,
                };
                let (slow_side, fast_side) = match along_output {
                    true => (rows, columns),
                    false => (columns, rows),
                };
                for begin in (0..fast_side.squares()).step_by(block) {
                    for slow in 0..slow_side.squares() {
                        let slow = slow_side.start(slow);
                        for fast in begin..fast_side.squares().min(begin + block) {
                            let fast = fast_side.start(fast);
                            let (row, column) = match along_output {
                                true => (slow as isize, fast as isize),
                                false => (fast as isize, slow as isize),
                            };
                            let to = y.wrapping_offset(row * tile.y + column * $size);
                            let from = x.wrapping_offset(column * tile.x + row * $size);
                            let mut registers = [$zero(); SIDE];
                            if asks {
                                for k in 0..SIDE as isize {
                                    let row = from.wrapping_offset(k * tile.x);
                                    let ahead = row.wrapping_add(AHEAD).cast();
                                    _mm_prefetch::<_MM_HINT_T0>(ahead);
                                }
                            }
                            for (k, register) in registers.iter_mut().enumerate() {
                                // SAFETY: the square lies inside of the tile, whose places lie inside of the tensor.
                                *register = unsafe {
                                    $load(from.wrapping_offset(k as isize * tile.x).cast())
                                };
                            }
                            let registers = turn::$name(registers);
                            const WIDTH: usize = SIDE * $size;
                            let lines = match WIDTH {
                                LINE => tile.y % LINE as isize == 0,
                                // Rows that follow each other fill lines.
                                _ => tile.y == WIDTH as isize,
                            };
                            let streams = tile.streams && lines && to.addr() % WIDTH == 0;
                            for (k, register) in registers.into_iter().enumerate() {
                                let to = to.wrapping_offset(k as isize * tile.y);
                                // SAFETY: the square lies inside of the tile, whose places lie inside of the tensor; what is
                                // streamed is aligned.
                                unsafe {
                                    match streams {
                                        true => $stream(to.cast(), register),
                                        false => $store(to.cast(), register),
                                    }
                                }
                            }
                        }
                    }
                }
                (y, x) = (y.wrapping_offset(repeat.y), x.wrapping_offset(repeat.x));
            }
        }
    };
}

square!(
    bytes_16,
    "avx2",
    1,
    16,
    _mm_setzero_si128,
    _mm_loadu_si128,
    _mm_storeu_si128,
    _mm_stream_si128
);
square!(
    pairs_8,
    "avx2",
    2,
    8,
    _mm_setzero_si128,
    _mm_loadu_si128,
    _mm_storeu_si128,
    _mm_stream_si128
);
square!(
    fours_4,
    "avx2",
    4,
    4,
    _mm_setzero_si128,
    _mm_loadu_si128,
    _mm_storeu_si128,
    _mm_stream_si128
);
square!(
    eights_2,
    "avx2",
    8,
    2,
    _mm_setzero_si128,
    _mm_loadu_si128,
    _mm_storeu_si128,
    _mm_stream_si128
);
square!(
    pairs_16,
    "avx2",
    2,
    16,
    _mm256_setzero_si256,
    _mm256_loadu_si256,
    _mm256_storeu_si256,
    _mm256_stream_si256
);
square!(
    fours_8,
    "avx2",
    4,
    8,
    _mm256_setzero_si256,
    _mm256_loadu_si256,
    _mm256_storeu_si256,
    _mm256_stream_si256
);
square!(
    eights_4,
    "avx2",
    8,
    4,
    _mm256_setzero_si256,
    _mm256_loadu_si256,
    _mm256_storeu_si256,
    _mm256_stream_si256
);
square!(
    bytes_32,
    "avx2,avx512f,avx512bw,avx512vl",
    1,
    32,
    _mm256_setzero_si256,
    _mm256_loadu_si256,
    _mm256_storeu_si256,
    _mm256_stream_si256
);
square!(
    pairs_32,
    "avx2,avx512f,avx512bw,avx512vl",
    2,
    32,
    _mm512_setzero_si512,
    _mm512_loadu_si512,
    _mm512_storeu_si512,
    _mm512_stream_si512
);
square!(
    fours_16,
    "avx2,avx512f,avx512bw,avx512vl",
    4,
    16,
    _mm512_setzero_si512,
    _mm512_loadu_si512,
    _mm512_storeu_si512,
    _mm512_stream_si512
);
square!(
    eights_8,
    "avx2,avx512f,avx512bw,avx512vl",
    8,
    8,
    _mm512_setzero_si512,
    _mm512_loadu_si512,
    _mm512_storeu_si512,
    _mm512_stream_si512
);

/// The largest square of at most 256 bits that is not larger than `side`; false if there is none, and nothing is done.
///
/// # Safety
/// The processor has AVX2. All places lie inside of their tensors, which do not overlap.
#[target_feature(enable = "avx2")]
#[inline]
pub(super) unsafe fn small(
    size: usize,
    side: usize,
    tile: &Tile,
    repeat: Step,
    y: *mut u8,
    x: *const u8,
) -> bool {
    // SAFETY: as the caller says; no square is larger than the tile.
    unsafe {
        match (size, side) {
            (1, 16..) => bytes_16(tile, repeat, y, x),
            (2, 16..) => pairs_16(tile, repeat, y, x),
            (2, 8..) => pairs_8(tile, repeat, y, x),
            (4, 8..) => fours_8(tile, repeat, y, x),
            (4, 4..) => fours_4(tile, repeat, y, x),
            (8, 4..) => eights_4(tile, repeat, y, x),
            (8, 2..) => eights_2(tile, repeat, y, x),
            _ => return false,
        }
    }
    true
}
