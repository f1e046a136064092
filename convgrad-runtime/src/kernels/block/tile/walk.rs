//! The walk over a tile, square by square, in every turn.

use std::ops::Range;

use super::super::plan::Step;
use super::super::stage::ask;
use super::{LINE, Tile};

/// Neighbours along one side, before the next ones along the other side,
const NEIGHBOURS: usize = 256;
/// and squares, where lines of memory lie in two of them, so that the next squares on the other side meet these soon.
const SQUARES: usize = 4;

/// Bytes ahead in every column that are asked for, where many are read by turns and the output does not go through the caches.
const AHEAD: usize = 128;

/// How squares lie in a tile. Those at its ends overlap the ones before, or are left in part to the caller.
pub(super) struct Walk<'t> {
    pub(super) tile: &'t Tile,
    /// Bytes of an element.
    pub(super) size: usize,
    /// The turns of the tile,
    pub(super) repeat: Step,
    /// and how many of them a square goes over; if it is more than one, the square has all of their columns.
    pub(super) turns: usize,
    /// Rows and columns of a square.
    pub(super) rows: usize,
    pub(super) columns: usize,
}

/// A square of a turn, or of a few of them.
pub(super) struct Square<'t> {
    tile: &'t Tile,
    size: usize,
    /// Where the first row of the tile has its first column.
    y: *mut u8,
    x: *const u8,
    /// Its first row,
    pub(super) row: usize,
    /// and those of its rows that no square before has covered.
    pub(super) rows: Range<usize>,
}

impl Square<'_> {
    /// Where a row of the tile begins on both sides, at its first column.
    #[inline(always)]
    pub(super) fn places(&self, row: usize) -> (*mut u8, *const u8) {
        (
            self.y.wrapping_offset(row as isize * self.tile.y),
            self.x.wrapping_add(row * self.size),
        )
    }
}

impl Walk<'_> {
    /// Calls `square` for every one in every turn but for turns that are left over, squares following each other where the lines
    /// of the side do that moves by long ways: the processor fetches them ahead.
    #[inline(always)]
    pub(super) fn each(
        &self,
        mut y: *mut u8,
        mut x: *const u8,
        mut square: impl FnMut(Square<'_>),
    ) {
        let (tile, size, repeat) = (self.tile, self.size, self.repeat);
        let along_output = tile.goes_along_output(size);
        let asks = tile.asks(size) && self.turns == 1;
        for _ in 0..repeat.count / self.turns {
            for turn in 0..self.turns as isize {
                let x = x.wrapping_offset(turn * repeat.x);
                tile.ask_for_later(size, self.turns as isize * repeat.x, x);
            }
            let columns = match self.turns {
                1 => Side::new(self.columns, tile.columns, (y.addr(), tile.y), size),
                _ => Side::new(self.columns, self.columns, (0, 0), size),
            };
            let rows = Side::new(self.rows, tile.rows, (x.addr(), tile.x), size);
            let (slow_side, fast_side) = match along_output {
                true => (rows, columns),
                false => (columns, rows),
            };
            let aligned = y.addr().is_multiple_of(LINE) && x.addr().is_multiple_of(LINE);
            let block = match aligned {
                true => NEIGHBOURS / fast_side.side,
                false => SQUARES,
            };
            for begin in (0..fast_side.squares()).step_by(block) {
                for slow in 0..slow_side.squares() {
                    for fast in begin..fast_side.squares().min(begin + block) {
                        let (row, column) = match along_output {
                            true => (slow, fast),
                            false => (fast, slow),
                        };
                        let column = columns.start(column);
                        let one = Square {
                            tile,
                            size,
                            y: y.wrapping_add(column * size),
                            x: x.wrapping_offset(column as isize * tile.x),
                            row: rows.start(row),
                            rows: rows.part(row),
                        };
                        if asks {
                            let (_, from) = one.places(one.rows.start);
                            for k in 0..self.columns as isize {
                                ask(from.wrapping_offset(k * tile.x).wrapping_add(AHEAD));
                            }
                        }
                        square(one);
                    }
                }
            }
            let turns = self.turns as isize;
            y = y.wrapping_offset(turns * repeat.y);
            x = x.wrapping_offset(turns * repeat.x);
        }
    }
}

/// Where squares begin along a side of a tile: first where the side does, then where lines of memory do, so that no register lies
/// in two of them; the last one ends with the side.
#[derive(Clone, Copy)]
struct Side {
    /// Neighbours of a square,
    side: usize,
    /// and of the tile,
    count: usize,
    /// of which so many lie before the first line.
    lead: usize,
}

impl Side {
    /// `at` is where the side begins, and `way` the bytes from one side to the next.
    #[inline(always)]
    fn new(side: usize, count: usize, (at, way): (usize, isize), size: usize) -> Self {
        let behind = at.wrapping_neg() % LINE;
        let aligns = way % LINE as isize == 0 && behind.is_multiple_of(size) && count >= 4 * side;
        Side {
            side,
            count,
            lead: if aligns { behind / size % side } else { 0 },
        }
    }

    #[inline(always)]
    fn squares(&self) -> usize {
        (self.count - self.lead).div_ceil(self.side) + usize::from(self.lead > 0)
    }

    #[inline(always)]
    fn start(&self, square: usize) -> usize {
        self.part(square)
            .start
            .min(self.count.saturating_sub(self.side))
    }

    /// What no square before has covered, up to where the next one begins.
    #[inline(always)]
    fn part(&self, square: usize) -> Range<usize> {
        let side = self.side;
        let (start, end) = match (self.lead, square) {
            (1.., 0) => (0, self.lead),
            (1.., _) => (self.lead + (square - 1) * side, self.lead + square * side),
            _ => (square * side, square * side + side),
        };
        start..end.min(self.count)
    }
}
