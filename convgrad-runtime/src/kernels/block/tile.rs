//! Tiles: rows of neighbours in the input are columns of the output. Squares of them are turned over in registers.

#[cfg(target_arch = "x86_64")]
mod part;
#[cfg(target_arch = "x86_64")]
mod square;
#[cfg(target_arch = "x86_64")]
mod turn;
#[cfg(target_arch = "x86_64")]
mod zip;

use super::level::Level;
use super::plan::Step;

/// Two loops with unit strides: one steps through neighbours of the output, one through neighbours of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tile {
    /// Neighbours in the output,
    pub(super) columns: usize,
    /// and the bytes between them in the input.
    pub(super) x: isize,
    /// Neighbours in the input,
    pub(super) rows: usize,
    /// and the bytes between them in the output.
    pub(super) y: isize,
    /// Whether the output is larger than the caches, so that whole lines of it are written past them.
    pub(super) streams: bool,
}

impl Tile {
    /// A single row, whose neighbours in the output are those of a line.
    pub(super) fn of_line(line: Step) -> Self {
        Tile {
            columns: line.count,
            x: line.x,
            rows: 1,
            y: 0,
            streams: false,
        }
    }
}

/// Moves the elements of a tile in every turn; false if it is too narrow for all squares, and nothing is done.
///
/// # Safety
/// The processor has the vectors of `level`, which its caller is compiled for. All places lie inside of their tensors, which do
/// not overlap.
#[inline(always)]
pub(super) unsafe fn run(
    level: Level,
    size: usize,
    tile: &Tile,
    repeat: Step,
    y: *mut u8,
    x: *const u8,
) -> bool {
    let side = tile.rows.min(tile.columns);
    // SAFETY: as the caller says; the squares are not larger than the tile.
    unsafe {
        match level {
            Level::Portable => return false,
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => match (size, side) {
                _ if zip::fits(size, tile) => zip::run(size, tile, repeat, y, x),
                (1, 32..) => square::bytes_32(tile, repeat, y, x),
                (2, 32..) => square::pairs_32(tile, repeat, y, x),
                (4, 16..) => square::fours_16(tile, repeat, y, x),
                (8, 8..) => square::eights_8(tile, repeat, y, x),
                _ if part::run(size, tile, repeat, y, x) => {}
                _ => return square::small(size, side, tile, repeat, y, x),
            },
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => return square::small(size, side, tile, repeat, y, x),
        }
    }
    #[allow(unreachable_code)]
    true
}

/// Copies lines for which there are instructions of 512 bits; false for others, and nothing is done.
///
/// # Safety
/// The processor has AVX-512, which its caller is compiled for. All places lie inside of their tensors, which do not overlap.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) unsafe fn lines(
    size: usize,
    line: Step,
    repeat: Step,
    y: *mut u8,
    x: *const u8,
) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        match size {
            1 => zip::lines::<u8>(line, repeat, y, x),
            2 => zip::lines::<u16>(line, repeat, y, x),
            4 => zip::lines::<u32>(line, repeat, y, x),
            _ => zip::lines::<u64>(line, repeat, y, x),
        }
    }
}
