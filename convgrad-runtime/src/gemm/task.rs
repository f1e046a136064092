//! A task: one part of the result, block by block, tile by tile.

use std::ops::Range;

use super::blocking::{Blocks, evenly};
use super::microkernel::{Kernels, Operands};
use super::source::{Block, Lent, Room, Source};
use super::target::Target;
use crate::conv::Context;
use crate::error::Result;
use crate::float::Float;

/// Strides of so many bytes, or multiples, put the rows of a tile into the same lines of a first cache.
const CONFLICT: usize = 2048;

/// What is multiplied, and where it goes.
pub(super) struct Operation<'p, T: 'static> {
    pub(super) kernels: &'p Kernels<T>,
    pub(super) blocks: Blocks,
    pub(super) a: &'p dyn Source<T>,
    pub(super) b: &'p dyn Source<T>,
    pub(super) c: &'p Target<'p, T>,
}

/// A part of a group's result, and the stretches of the depth that it sums.
pub(super) struct Task<'p> {
    pub(super) group: usize,
    pub(super) rows: Range<usize>,
    pub(super) columns: Range<usize>,
    pub(super) stretches: &'p [Range<usize>],
    /// The matrix of the target: the group's, or one for sums of its own.
    pub(super) matrix: usize,
    /// Whether the result holds a summand.
    pub(super) add: bool,
}

/// Rows of `a` where the micro-kernel finds them.
struct Lines<T> {
    start: *const T,
    /// From row to row.
    row: usize,
    /// From step to step of the depth.
    step: usize,
}

impl<T: Float> Operation<'_, T> {
    /// Computes a task.
    ///
    /// # Errors
    /// [`Error::Memory`](crate::Error::Memory) if there is no room for a few panels.
    ///
    /// # Safety
    /// No other thread writes the task's rows and columns of its matrix.
    pub(super) unsafe fn run(&self, cx: &Context, task: &Task) -> Result<()> {
        let kernels = self.kernels;
        let Task { rows, columns, .. } = task;
        let (width, height) = (kernels.columns(), kernels.rows());
        let lines = self.blocks.lines.min(rows.len().next_multiple_of(height));
        let sizes = [
            lines * self.blocks.line,
            self.room_of_b(task),
            2 * self.tile_room(),
        ];
        let mut scratch = cx.buffer::<T>("the panels of a product", sizes.iter().sum())?;
        let (a, rest) = scratch.split_at_mut(sizes[0]);
        let (b, c_room) = rest.split_at_mut(sizes[1]);
        let place = Place::new(self.c, task);
        for (i, stretch) in task.stretches.iter().enumerate() {
            let parts = self.parts(
                &Block {
                    group: task.group,
                    rows: stretch.clone(),
                    columns: columns.clone(),
                },
                b,
            );
            for rows in evenly(rows.clone(), lines) {
                let block = Block {
                    group: task.group,
                    rows: rows.clone(),
                    columns: stretch.clone(),
                };
                let lines = self.rows_of_a(&block, a, columns.len());
                for tile in evenly(rows.clone(), kernels.rows_for(columns.len(), lines.step)) {
                    let first = tile.start - rows.start;
                    for part in &parts {
                        for start in part.columns.clone().step_by(width) {
                            let columns = start..part.columns.end.min(start + width);
                            let panel = part.panel(start, self.b.tensor(), b);
                            let operands = Operands {
                                // SAFETY: a row of the block.
                                a: unsafe { lines.start.add(first * lines.row) },
                                a_row: lines.row,
                                a_step: lines.step,
                                b: panel.start,
                                b_row: panel.row,
                                b_gap: panel.gap,
                                ahead: panel.ahead,
                                depth: part.steps,
                                c: std::ptr::null_mut(),
                                c_row: 0,
                                columns: columns.len(),
                                add: task.add || i > 0,
                            };
                            // SAFETY: the operands are the blocks' own, and the caller vouches for the rows and columns.
                            unsafe { self.tile(&place, tile.clone(), columns, operands, c_room) }
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Elements of the largest tile, its rows filled up to whole vectors.
    fn tile_room(&self) -> usize {
        self.kernels.rows().next_multiple_of(self.kernels.lanes) * self.kernels.columns()
    }

    /// Some tiles' rows of `a`, read unless they can stay where they are.
    fn rows_of_a(&self, block: &Block, room: &mut [T], columns: usize) -> Lines<T> {
        if let Some(Lent {
            offset,
            row,
            column,
        }) = self.a.lent(block)
        {
            // Rows that compete for a cache are worth a copy if several panels read it.
            let conflict = block.rows.len() > 4
                && (row * size_of::<T>()).is_multiple_of(CONFLICT)
                && columns > 2 * self.kernels.columns();
            let by_rows = (column == 1 || block.columns.len() == 1) && !conflict;
            if by_rows || row == 1 || block.rows.len() == 1 && column == 1 {
                let start = self.a.tensor()[offset..].as_ptr();
                return if by_rows {
                    Lines {
                        start,
                        row,
                        step: 1,
                    }
                } else {
                    Lines {
                        start,
                        row: 1,
                        step: column,
                    }
                };
            }
        }
        let line = Room {
            row: self.blocks.line,
            width: self.blocks.line,
            panel: 0,
        };
        self.a.read(self.kernels, block, line, room);
        Lines {
            start: room.as_ptr(),
            row: self.blocks.line,
            step: 1,
        }
    }

    /// # Safety
    /// No other thread writes the tile, and the operands are the tile's.
    unsafe fn tile(
        &self,
        place: &Place<T>,
        rows: Range<usize>,
        columns: Range<usize>,
        operands: Operands<T>,
        room: &mut [T],
    ) {
        let kernels = self.kernels;
        if let Some((c, c_row)) = place.find(&rows, &columns) {
            // SAFETY: the target has seen that the block lies inside of it, and the caller vouches for the rest. The blocks of `a` and `b`
            // lie inside of their tensors or rooms, whole vectors of `b` included.
            return unsafe {
                kernels.run(
                    rows.len(),
                    &Operands {
                        c,
                        c_row,
                        ..operands
                    },
                )
            };
        }
        let (width, add) = (kernels.columns(), operands.add);
        let (tile, turned) = room.split_at_mut(self.tile_room());
        let operands = Operands {
            c: tile.as_mut_ptr(),
            c_row: width,
            add: false,
            ..operands
        };
        let block = Block {
            group: place.task.matrix,
            rows,
            columns,
        };
        // SAFETY: as above; the room holds the largest tile.
        unsafe { kernels.run(block.rows.len(), &operands) };
        // SAFETY: the caller's promise; the rooms hold the largest tile, filled up to whole vectors.
        unsafe {
            place
                .target
                .put_tile(kernels, &block, (tile, width), turned, add)
        }
    }
}

/// Where the tiles of a task go.
struct Place<'p, T> {
    target: &'p Target<'p, T>,
    task: &'p Task<'p>,
    /// The whole task's rows and columns, where they are lent.
    whole: Option<Lent>,
}

impl<'p, T> Place<'p, T> {
    fn new(target: &'p Target<'p, T>, task: &'p Task<'p>) -> Self {
        let mut place = Place {
            target,
            task,
            whole: None,
        };
        place.whole = place.lent(&task.rows, &task.columns);
        place
    }

    /// Where some rows and columns lie, if rows of them lie side by side.
    fn lent(&self, rows: &Range<usize>, columns: &Range<usize>) -> Option<Lent> {
        let block = Block {
            group: self.task.matrix,
            rows: rows.clone(),
            columns: columns.clone(),
        };
        self.target
            .lent(&block)
            .filter(|lent| lent.column == 1 || columns.len() == 1)
    }

    /// A tile's first element and its stride, if rows of it lie side by side.
    fn find(&self, rows: &Range<usize>, columns: &Range<usize>) -> Option<(*mut T, usize)> {
        let lent = match self.whole {
            Some(lent) => {
                let offset =
                    lent.offset + (rows.start - self.task.rows.start) * lent.row + columns.start
                        - self.task.columns.start;
                Lent { offset, ..lent }
            }
            None => self.lent(rows, columns)?,
        };
        // SAFETY: the target has seen that all of its elements lie in its tensor.
        Some((unsafe { self.target.start().add(lent.offset) }, lent.row))
    }
}
