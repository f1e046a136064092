//! An operand kept in a room of its own: read once, used by all tasks.

use std::ops::Range;

use super::blocking::line;
use super::microkernel::Kernels;
use super::source::{Block, Lent, Room, Source};
use crate::conv::{Buffer, Context};
use crate::error::Result;
use crate::float::Float;

/// A stretch of the depth of all rows of `a`, row by row.
pub(super) struct Packed<'p, T> {
    data: &'p [T],
    /// Rows of a group.
    rows: usize,
    depth: Range<usize>,
    line: usize,
}

/// Bytes of what is kept of an operand.
const KEPT: usize = 1 << 20;

/// Rows that are read at a time: their lines stay in the first cache while many short runs are written to them.
const ROWS: usize = 96;

impl<'p, T: Float> Packed<'p, T> {
    /// Steps of the depth of so many rows that may be kept.
    pub(super) fn most(rows: usize) -> usize {
        KEPT / size_of::<T>() / rows
    }

    /// Room for so many rows of so much depth.
    pub(super) fn room(cx: &Context, rows: usize, depth: usize) -> Result<Buffer<T>> {
        cx.buffer("a matrix that is kept", rows * line::<T>(depth))
    }

    /// All of a matrix, from where [`read`](Self::read) has written it.
    pub(super) fn whole(data: &'p [T], rows: usize, depth: usize, line: usize) -> Self {
        Packed {
            data,
            rows,
            depth: 0..depth,
            line,
        }
    }

    /// Reads all rows of all groups over some stretches of the depth.
    pub(super) fn read_stretches(
        cx: &Context,
        source: &dyn Source<T>,
        kernels: &Kernels<T>,
        [groups, rows]: [usize; 2],
        stretches: &[Range<usize>],
        room: &'p mut [T],
    ) -> Self {
        let ends = |range: &[Range<usize>]| Some(range.first()?.start..range.last()?.end);
        let depth = ends(stretches).unwrap_or(0..0);
        let line = line::<T>(depth.len());
        Self::read(cx, source, kernels, [groups, rows], (depth, line), room)
    }

    /// Reads all rows of all groups over some of the depth, into lines that lie so far apart.
    pub(super) fn read(
        cx: &Context,
        source: &dyn Source<T>,
        kernels: &Kernels<T>,
        [groups, rows]: [usize; 2],
        (depth, line): (Range<usize>, usize),
        room: &'p mut [T],
    ) -> Self {
        let data = &mut room[..groups * rows * line];
        for (group, data) in data.chunks_mut(rows * line).enumerate() {
            cx.for_each_chunk(data.len(), data, ROWS * line, |i, out| {
                let block = Block {
                    group,
                    rows: i * ROWS..i * ROWS + out.len() / line,
                    columns: depth.clone(),
                };
                let room = Room {
                    row: line,
                    width: line,
                    panel: 0,
                };
                source.read(kernels, &block, room, out);
            });
        }
        Packed {
            data,
            rows,
            depth,
            line,
        }
    }
}

impl<T: Float> Source<T> for Packed<'_, T> {
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
