//! Squares that are turned over in registers and packed, for whoever does more with their elements than to move them.

use std::arch::x86_64::{__m256i, __m512i};
use std::mem::MaybeUninit;

use super::super::plan::Step;
use super::super::stage::sink::PACKED;
use super::Tile;
use super::{square::columns, turn, walk::Walk};

/// Squares side by side, at most: of more, each with its own columns, too many lines are read by turns.
const MOST: usize = 2;

/// How a tile falls into packed squares.
pub(in super::super) struct Squares<'t> {
    tile: &'t Tile,
    size: usize,
    /// How many squares lie side by side, so that their rows are whole lines of what is made of them.
    together: usize,
}

/// What gets the squares: where the first row goes, the rows one after the other, the bytes of each, and how many they are.
type Give<'g> = &'g mut dyn FnMut(*mut u8, *const u8, usize, usize);

impl<'t> Squares<'t> {
    /// The squares of a tile, of whose rows so many bytes become a line of memory; None for a tile that is narrower than a few of
    /// them.
    pub(in super::super) fn of(size: usize, tile: &'t Tile, line: usize) -> Option<Self> {
        let side = match size {
            1 | 2 => 32,
            4 => 16,
            _ => 8,
        };
        // Rows that follow each other fill lines.
        let follow = tile.columns == side && tile.y == (side * size) as isize;
        let together = match line / (side * size) {
            several @ 2.. if !follow => several,
            _ => 1,
        };
        let fits = tile.rows >= side && tile.columns >= together * side && together <= MOST;
        fits.then_some(Squares {
            tile,
            size,
            together,
        })
    }

    /// Calls `give` with every square in every turn.
    ///
    /// # Safety
    /// The processor has AVX-512. All places of the input lie inside of it.
    pub(in super::super) unsafe fn each(
        &self,
        repeat: Step,
        y: *mut u8,
        x: *const u8,
        give: Give<'_>,
    ) {
        // SAFETY: as the caller says.
        unsafe {
            match self.size {
                1 => bytes_32(self, repeat, y, x, give),
                2 => pairs_32(self, repeat, y, x, give),
                4 => fours_16(self, repeat, y, x, give),
                _ => eights_8(self, repeat, y, x, give),
            }
        }
    }
}

/// Where squares are packed.
#[repr(align(64))]
struct Packed(MaybeUninit<[u8; PACKED]>);

/// Defines the packing of squares of `$rows` rows.
macro_rules! packed {
    ($name:ident, $size:literal, $rows:literal, $register:ty) => {
        /// # Safety
        /// The processor has AVX-512. All places of the input lie inside of it.
        #[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl")]
        unsafe fn $name(
            squares: &Squares<'_>,
            repeat: Step,
            y: *mut u8,
            x: *const u8,
            give: Give<'_>,
        ) {
            const WIDTH: usize = $rows * $size;
            let &Squares { tile, together, .. } = squares;
            let mut packed = Packed(MaybeUninit::uninit());
            let packed: *mut u8 = packed.0.as_mut_ptr().cast();
            let bytes = together * WIDTH;
            let walk = Walk {
                tile,
                size: $size,
                repeat,
                turns: 1,
                rows: $rows,
                columns: together * $rows,
            };
            walk.each(y, x, |square| {
                let (to, mut from) = square.places(square.row);
                for part in 0..together {
                    // SAFETY: the square lies inside of the tile, whose places lie inside of the tensor.
                    let registers: [$register; $rows] = unsafe { columns(from, tile.x) };
                    for (k, register) in turn::$name(registers).into_iter().enumerate() {
                        let row = packed.wrapping_add(k * bytes + part * WIDTH);
                        // SAFETY: as many rows of as many squares have room.
                        unsafe { row.cast::<$register>().write_unaligned(register) }
                    }
                    from = from.wrapping_offset($rows * tile.x);
                }
                give(to, packed, bytes, $rows);
            });
        }
    };
}

packed!(bytes_32, 1, 32, __m256i);
packed!(pairs_32, 2, 32, __m512i);
packed!(fours_16, 4, 16, __m512i);
packed!(eights_8, 8, 8, __m512i);
