//! Tiles: rows of neighbours in the input are columns of the output. Squares of them are turned over in registers.

#[cfg(target_arch = "x86_64")]
pub(super) mod packed;
#[cfg(target_arch = "x86_64")]
mod part;
#[cfg(target_arch = "x86_64")]
mod square;
#[cfg(target_arch = "x86_64")]
mod strip;
#[cfg(target_arch = "x86_64")]
mod turn;
#[cfg(target_arch = "x86_64")]
mod walk;
#[cfg(target_arch = "x86_64")]
mod zip;

use super::level::Level;
use super::plan::Step;

/// Bytes of a line of memory.
pub(super) const LINE: usize = 64;

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

/// Bytes of a row or a column from which on it is long enough for the processor to fetch ahead what follows in it.
pub(super) const RUN: usize = 1024;

/// Turns ahead of which what they read is asked for.
const LATER: isize = 2;

#[cfg(target_arch = "x86_64")]
impl Tile {
    /// Whether neighbours in the output follow each other first: those whose other side moves by the shorter way, so that the
    /// long ways are few. What goes past the caches does so wherever rows are long.
    #[inline(always)]
    fn goes_along_output(&self, size: usize) -> bool {
        let long = self.streams && self.columns * size >= RUN;
        long || self.y.unsigned_abs() > self.x.unsigned_abs()
    }

    /// Whether what lies ahead in every column is asked for: where many long ones are read by turns, and nothing else is fetched.
    #[inline(always)]
    fn asks(&self, size: usize) -> bool {
        self.streams && self.rows * size >= RUN
    }

    /// Asks for what a later turn reads, if it is little, begins anywhere and lies elsewhere; `x` is where this turn begins.
    #[inline(always)]
    fn ask_for_later(&self, size: usize, way: isize, x: *const u8) {
        let bytes = self.rows * size;
        let little = self.columns * bytes <= 2 * RUN && !bytes.is_multiple_of(LINE);
        if !(self.streams && little && way.unsigned_abs() >= RUN) {
            return;
        }
        let x = x.wrapping_offset(LATER * way);
        for column in 0..self.columns as isize {
            let column = x.wrapping_offset(column * self.x);
            for line in (0..bytes).step_by(LINE) {
                super::stage::ask(column.wrapping_add(line));
            }
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
                _ if let Some(turns) = strip::turns(size, tile, &repeat) => {
                    let done = strip::run(size, turns, tile, repeat, y, x);
                    let left = Step {
                        count: repeat.count - done,
                        ..repeat
                    };
                    if left.count > 0 {
                        let y = y.wrapping_offset(done as isize * repeat.y);
                        let x = x.wrapping_offset(done as isize * repeat.x);
                        return run(level, size, tile, left, y, x);
                    }
                }
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
