//! Squares of elements, as many rows as a register has elements.
//!
//! Rows and columns that no whole square covers are covered by one that overlaps the square before.

use std::arch::x86_64::*;

use super::super::plan::Step;
use super::walk::Walk;
use super::{LINE, Tile, turn};

/// Columns of a square, each in a register; they lie `way` bytes apart.
///
/// # Safety
/// All of them are there.
#[inline(always)]
pub(super) unsafe fn columns<R: Copy, const SIDE: usize>(x: *const u8, way: isize) -> [R; SIDE] {
    std::array::from_fn(|k| {
        let column = x.wrapping_offset(k as isize * way).cast::<R>();
        // SAFETY: as the caller says.
        unsafe { column.read_unaligned() }
    })
}

/// Defines the mover of squares of `$rows` rows.
macro_rules! square {
    ($name:ident, $features:literal, $size:literal, $rows:literal, $register:ty, $stream:ident) => {
        /// Moves the elements of a tile that has at least as many rows and columns as the square, in every turn.
        ///
        /// # Safety
        /// The processor has these vectors. All places lie inside of their tensors, which do not overlap.
        #[target_feature(enable = $features)]
        pub(super) unsafe fn $name(tile: &Tile, repeat: Step, y: *mut u8, x: *const u8) {
            const WIDTH: usize = $rows * $size;
            let lines = match WIDTH {
                LINE => tile.y % LINE as isize == 0,
                // Rows that follow each other fill lines.
                _ => tile.y == WIDTH as isize,
            };
            let walk = Walk {
                tile,
                size: $size,
                repeat,
                turns: 1,
                rows: $rows,
                columns: $rows,
            };
            walk.each(y, x, |square| {
                let (to, from) = square.places(square.row);
                // SAFETY: the square lies inside of the tile, whose places lie inside of the tensor.
                let registers: [$register; $rows] = unsafe { columns(from, tile.x) };
                let streams = tile.streams && lines && to.addr() % WIDTH == 0;
                for (k, register) in turn::$name(registers).into_iter().enumerate() {
                    let to = to.wrapping_offset(k as isize * tile.y).cast::<$register>();
                    // SAFETY: the square lies inside of the tile, whose places lie inside of the tensor; what is streamed is
                    // aligned.
                    unsafe {
                        match streams {
                            true => $stream(to.cast(), register),
                            false => to.write_unaligned(register),
                        }
                    }
                }
            });
        }
    };
}

square!(bytes_16, "avx2", 1, 16, __m128i, _mm_stream_si128);
square!(pairs_8, "avx2", 2, 8, __m128i, _mm_stream_si128);
square!(fours_4, "avx2", 4, 4, __m128i, _mm_stream_si128);
square!(eights_2, "avx2", 8, 2, __m128i, _mm_stream_si128);
square!(pairs_16, "avx2", 2, 16, __m256i, _mm256_stream_si256);
square!(fours_8, "avx2", 4, 8, __m256i, _mm256_stream_si256);
square!(eights_4, "avx2", 8, 4, __m256i, _mm256_stream_si256);
square!(
    bytes_32,
    "avx2,avx512f,avx512bw,avx512vl",
    1,
    32,
    __m256i,
    _mm256_stream_si256
);
square!(
    pairs_32,
    "avx2,avx512f,avx512bw,avx512vl",
    2,
    32,
    __m512i,
    _mm512_stream_si512
);
square!(
    fours_16,
    "avx2,avx512f,avx512bw,avx512vl",
    4,
    16,
    __m512i,
    _mm512_stream_si512
);
square!(
    eights_8,
    "avx2,avx512f,avx512bw,avx512vl",
    8,
    8,
    __m512i,
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
