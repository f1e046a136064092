//! Squares of which some rows or columns lie outside of the tile: masks leave them alone.
//!
//! Tiles of fewer rows or columns than a register has elements go this way as a whole.

use std::arch::x86_64::*;

use super::super::plan::Step;
use super::{Tile, turn};

/// Rows or columns from which on a tile is moved by parts of squares; fewer are interleaved or dealt out better.
const LEAST: usize = 5;

/// Moves the elements of a tile that is too narrow for whole squares, in every turn; false if it is so narrow that this is not
/// worth it, and nothing is done.
///
/// # Safety
/// The processor has AVX-512. All places lie inside of their tensors, which do not overlap.
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl")]
#[inline]
pub(super) unsafe fn run(size: usize, tile: &Tile, repeat: Step, y: *mut u8, x: *const u8) -> bool {
    let side = tile.rows.min(tile.columns);
    // SAFETY: as the caller says.
    unsafe {
        match (size, side) {
            (1, LEAST..16) => bytes_16(tile, repeat, y, x),
            (2, LEAST..16) => pairs_16(tile, repeat, y, x),
            (4, LEAST..16) => fours_16(tile, repeat, y, x),
            (8, LEAST..8) => eights_8(tile, repeat, y, x),
            _ => return false,
        }
    }
    true
}

/// Defines the walk over the parts of squares of `$side` elements.
macro_rules! part {
    ($name:ident, $size:literal, $side:literal, $mask:ty, $zero:ident, $load:ident, $store:ident) => {
        /// # Safety
        /// The processor has these vectors. All places lie inside of their tensors, which do not overlap.
        #[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl")]
        unsafe fn $name(tile: &Tile, repeat: Step, mut y: *mut u8, mut x: *const u8) {
            const SIDE: usize = $side;
            let masks = |elements: usize| <$mask>::MAX >> (<$mask>::BITS as usize - elements);
            for _ in 0..repeat.count {
                tile.ask_for_later($size, repeat.x, x);
                for row in (0..tile.rows).step_by(SIDE) {
                    let rows = SIDE.min(tile.rows - row);
                    let in_rows = masks(rows);
                    for column in (0..tile.columns).step_by(SIDE) {
                        let columns = SIDE.min(tile.columns - column);
                        let in_columns = masks(columns);
                        let to = y
                            .wrapping_offset(row as isize * tile.y)
                            .wrapping_add(column * $size);
                        let from = x
                            .wrapping_offset(column as isize * tile.x)
                            .wrapping_add(row * $size);
                        let mut registers = [$zero(); SIDE];
                        for (k, register) in registers.iter_mut().enumerate() {
                            if k < columns {
                                let from = from.wrapping_offset(k as isize * tile.x);
                                // SAFETY: the column lies inside of the tile, and so do its elements in the mask.
                                *register = unsafe { $load(in_rows, from.cast()) };
                            }
                        }
                        for (k, register) in turn::$name(registers).into_iter().enumerate() {
                            if k < rows {
                                let to = to.wrapping_offset(k as isize * tile.y);
                                // SAFETY: the row lies inside of the tile, and so do its elements in the mask.
                                unsafe { $store(to.cast(), in_columns, register) };
                            }
                        }
                    }
                }
                (y, x) = (y.wrapping_offset(repeat.y), x.wrapping_offset(repeat.x));
            }
        }
    };
}

part!(
    bytes_16,
    1,
    16,
    __mmask16,
    _mm_setzero_si128,
    _mm_maskz_loadu_epi8,
    _mm_mask_storeu_epi8
);
part!(
    pairs_16,
    2,
    16,
    __mmask16,
    _mm256_setzero_si256,
    _mm256_maskz_loadu_epi16,
    _mm256_mask_storeu_epi16
);
part!(
    fours_16,
    4,
    16,
    __mmask16,
    _mm512_setzero_si512,
    _mm512_maskz_loadu_epi32,
    _mm512_mask_storeu_epi32
);
part!(
    eights_8,
    8,
    8,
    __mmask8,
    _mm512_setzero_si512,
    _mm512_maskz_loadu_epi64,
    _mm512_mask_storeu_epi64
);
