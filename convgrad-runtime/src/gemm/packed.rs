//! An operand kept in a room of its own: read once, used by all tasks.

use super::microkernel::{HasKernels, Kernels};
use super::source::{Block, Lent, Room, Source};
use std::ops::Range;

/// A stretch of the depth of all rows of `a`, row by row.
pub(super) struct Packed<'p, T> {
    data: &'p [T],
    /// Rows of a group.
    rows: usize,
    depth: Range<usize>,
    line: usize,
}

impl<'p, T: HasKernels + Copy + Sync> Packed<'p, T> {
    /// From one row to the next, so that rows do not compete for the lines of a cache.
    pub(super) fn line(depth: usize) -> usize {
        depth.next_multiple_of(512) + 16
    }

    /// What `fill` has written.
    pub(super) fn new(data: &'p [T], rows: usize, depth: Range<usize>) -> Self {
        let line = Self::line(depth.len());
        Packed {
            data,
            rows,
            depth,
            line,
        }
    }

    /// Reads some rows, numbered through all groups.
    pub(super) fn fill(
        source: &dyn Source<T>,
        kernels: &Kernels<T>,
        rows: usize,
        first: usize,
        depth: Range<usize>,
        out: &mut [T],
    ) {
        let line = Self::line(depth.len());
        for (row, out) in (first..).zip(out.chunks_mut(line)) {
            let block = Block {
                group: row / rows,
                rows: row % rows..row % rows + 1,
                columns: depth.clone(),
            };
            source.read(
                kernels,
                &block,
                Room {
                    row: line,
                    width: line,
                    panel: 0,
                },
                out,
            );
        }
    }
}

impl<T: HasKernels + Copy + Sync> Source<T> for Packed<'_, T> {
    fn tensor(&self) -> &[T] {
        self.data
    }

    fn lent(&self, block: &Block) -> Option<Lent> {
        let row = block.group * self.rows + block.rows.start;
        Some(Lent {
            offset: row * self.line + block.columns.start - self.depth.start,
            row: self.line,
            column: 1,
        })
    }

    fn read(&self, kernels: &Kernels<T>, block: &Block, room: Room, out: &mut [T]) {
        if let Some(lent) = self.lent(block) {
            super::pack::copy(
                kernels,
                self.data,
                lent,
                out,
                room.row,
                [block.rows.len(), block.columns.len()],
            );
        }
    }
}
