//! Strips: 16 bytes of each of so many columns as fill a line of the output, for tiles of few rows, rows of part of a line, and
//! elements of which a square of whole lines would not fit into the registers.
//!
//! Each part of 128 bits of a register is loaded from its own place, so that what is in the parts needs to be turned over only.
//! Where rows are parts of a line that the next turn continues, a strip takes the columns of 2 or 4 turns, and writes whole lines.

use std::arch::x86_64::*;

use super::super::plan::Step;
use super::super::stage::{WAYS, collide};
use super::walk::Walk;
use super::{LINE, Tile, turn};

/// Bytes of a column in a strip.
const PIECE: usize = 16;

/// How many turns fill a line of every row, 1 where a row does; None for tiles that are moved better in another way.
pub(super) fn turns(size: usize, tile: &Tile, repeat: &Step) -> Option<usize> {
    let side = LINE / size;
    // Squares read each line of the input once, which counts where the lines of all columns fall into few places of a cache.
    let square = tile.rows >= side.min(32) && tile.columns >= side.min(32);
    let squares = square && (size >= 4 || collide(tile.x, side, WAYS));
    let least = if size == 8 { 2 } else { 4 };
    let row = tile.columns * size;
    match row {
        _ if tile.rows < least || squares => None,
        LINE.. => Some(1),
        16 | 32 if repeat.y == row as isize && repeat.count >= LINE / row => Some(LINE / row),
        _ => None,
    }
}

/// Moves the elements of as many turns as fill whole lines, of a tile that has [`turns`]; returns how many are done.
///
/// # Safety
/// The processor has AVX-512. All places lie inside of their tensors, which do not overlap.
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl")]
#[inline]
pub(super) unsafe fn run(
    size: usize,
    turns: usize,
    tile: &Tile,
    repeat: Step,
    y: *mut u8,
    x: *const u8,
) -> usize {
    // SAFETY: as the caller says.
    unsafe {
        match size {
            1 => bytes(turns, tile, repeat, y, x),
            2 => pairs(turns, tile, repeat, y, x),
            4 => fours(turns, tile, repeat, y, x),
            _ => eights(turns, tile, repeat, y, x),
        }
    }
    repeat.count / turns * turns
}

/// The first 16 bytes from a place.
///
/// # Safety
/// They are there.
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl")]
#[inline]
unsafe fn whole(x: *const u8, _: __mmask16) -> __m128i {
    // SAFETY: as the caller says.
    unsafe { _mm_loadu_si128(x.cast()) }
}

/// Those of the first 16 bytes from a place that are in the mask.
///
/// # Safety
/// They are there.
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl")]
#[inline]
unsafe fn part(x: *const u8, mask: __mmask16) -> __m128i {
    // SAFETY: as the caller says; bytes that are masked out are not touched.
    unsafe { _mm_maskz_loadu_epi8(mask, x.cast()) }
}

/// Defines the mover of strips, and the strip, of elements of `$size` bytes.
macro_rules! strip {
    ($name:ident, $strip:ident, $size:literal, $rows:literal) => {
        /// Moves a tile in all turns that fill whole lines.
        ///
        /// # Safety
        /// The processor has these vectors. All places lie inside of their tensors, which do not overlap.
        #[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl")]
        unsafe fn $name(turns: usize, tile: &Tile, repeat: Step, y: *mut u8, x: *const u8) {
            const COLUMNS: usize = LINE / $size;
            let own = COLUMNS / turns;
            let lanes = [0, 1, 2, 3].map(|lane| {
                let column = lane * $rows;
                (column / own) as isize * repeat.x + (column % own) as isize * tile.x
            });
            let mask = u16::MAX >> (PIECE - PIECE.min(tile.rows * $size));
            let walk = Walk {
                tile,
                size: $size,
                repeat,
                turns,
                rows: COLUMNS,
                columns: COLUMNS,
            };
            walk.each(y, x, |square| {
                let (to, from) = square.places(0);
                let streams =
                    tile.streams && to.addr().is_multiple_of(LINE) && tile.y % LINE as isize == 0;
                for first in square.rows.clone().step_by($rows) {
                    let begin = first.min(tile.rows.saturating_sub($rows));
                    let from = from.wrapping_add(begin * $size);
                    // SAFETY: the strip lies inside of the tile, or the mask leaves out what does not.
                    let registers = unsafe {
                        match tile.rows < $rows {
                            true => $strip(from, tile.x, lanes, |x| part(x, mask)),
                            false => $strip(from, tile.x, lanes, |x| whole(x, mask)),
                        }
                    };
                    for (k, register) in registers.into_iter().enumerate() {
                        let row = begin + k;
                        if row < first || row >= square.rows.end {
                            continue;
                        }
                        let to = to.wrapping_offset(row as isize * tile.y);
                        // SAFETY: the row is one of the tile's, and its line lies inside of the output; what is streamed is a
                        // whole line of memory.
                        unsafe {
                            match streams {
                                true => _mm512_stream_si512(to.cast(), register),
                                false => _mm512_storeu_si512(to.cast(), register),
                            }
                        }
                    }
                }
            });
        }

        /// The rows of a strip from a place, each a line of the output; `lanes` are the ways to the columns of each fourth.
        ///
        /// # Safety
        /// The processor has these vectors. `load` may be called for every column.
        #[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl")]
        #[inline]
        unsafe fn $strip(
            x: *const u8,
            way: isize,
            lanes: [isize; 4],
            load: impl Fn(*const u8) -> __m128i,
        ) -> [__m512i; $rows] {
            let mut registers = [_mm512_setzero_si512(); $rows];
            for (k, register) in registers.iter_mut().enumerate() {
                let column = x.wrapping_offset(k as isize * way);
                let [a, b, c, d] = lanes.map(|lane| load(column.wrapping_offset(lane)));
                let low = _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(a), b);
                let high = _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(c), d);
                *register = _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high);
            }
            turn::$strip(registers)
        }
    };
}

strip!(bytes, strip_of_bytes, 1, 16);
strip!(pairs, strip_of_pairs, 2, 8);
strip!(fours, strip_of_fours, 4, 4);
strip!(eights, strip_of_eights, 8, 2);
