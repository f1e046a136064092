//! Where runs go that were packed, or that lie in the input as they are.

use std::ptr;

use super::super::level::Level;
use super::super::plan::Step;
use super::super::rows::turns;
use super::super::tile::LINE;
use super::stream;

/// Bytes of elements that squares hand on at once, at most.
pub(in super::super) const PACKED: usize = 4096;

/// Writes runs to an output. Places of the output are counted as if its elements were as large as those of the input.
pub(in super::super) trait Sink {
    /// Bytes, so counted, of a line of memory.
    fn line(&self) -> usize;

    /// Whether whole lines are written past the caches.
    fn streams(&self) -> bool;

    /// Where a place lies that was so counted.
    fn place(&self, y: *mut u8) -> *mut u8;

    /// Writes a run.
    ///
    /// # Safety
    /// The processor has the vectors that the sink writes with. So many bytes are there on both sides, the output's as they are
    /// counted; they do not overlap.
    unsafe fn write(&self, y: *mut u8, x: *const u8, bytes: usize);

    /// Writes so many rows of `bytes` neighbours each, which lie packed from `x`, to places from `y` on, `way` bytes apart, as the
    /// output's are counted; all of them have [`PACKED`] bytes at most.
    ///
    /// # Safety
    /// As [`write`](Sink::write), for every row.
    unsafe fn write_rows(&self, y: *mut u8, way: isize, x: *const u8, bytes: usize, rows: usize) {
        let step = Step {
            count: rows,
            y: way,
            x: bytes as isize,
        };
        // SAFETY: as the caller says.
        turns(step, y, x, |y, x| unsafe { self.write(y, x, bytes) });
    }

    /// Asks for the lines of a run of which only a part will be written, where all others go past the caches.
    #[inline(always)]
    fn ask_for_borders(&self, y: *mut u8, bytes: usize) {
        if self.streams() {
            for border in [y, y.wrapping_add(bytes)].map(|border| self.place(border)) {
                if border.addr() % LINE != 0 {
                    stream::ask(border.wrapping_sub(border.addr() % LINE));
                }
            }
        }
    }
}

/// Elements stay as they are.
pub(super) struct Bytes {
    pub(super) level: Level,
    pub(super) streams: bool,
}

impl Sink for Bytes {
    #[inline(always)]
    fn line(&self) -> usize {
        LINE
    }

    #[inline(always)]
    fn streams(&self) -> bool {
        self.streams
    }

    #[inline(always)]
    fn place(&self, y: *mut u8) -> *mut u8 {
        y
    }

    #[inline(always)]
    unsafe fn write(&self, y: *mut u8, x: *const u8, bytes: usize) {
        // SAFETY: as the caller says.
        unsafe {
            match self.streams {
                true => stream::copy(self.level, y, x, bytes),
                false => ptr::copy_nonoverlapping(x, y, bytes),
            }
        }
    }
}
