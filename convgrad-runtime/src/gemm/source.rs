//! Operands: matrices that need not exist.
//!
//! The product asks an operand for a block at a time. Where the block lies in a tensor already, row or column side by side, it is multiplied
//! where it is; otherwise the operand writes it row by row into a room of a few kilobytes. So an operand may be a [`Matrix`] of any strides or
//! any formula that can write rows: the patches of an image, a kernel with only some of its taps.

use std::ops::Range;

use super::blocking::evenly;
use super::microkernel::{HasKernels, Kernels};
use super::places::Places;

/// A matrix, or one a group, that a product reads.
pub(crate) trait Source<T>: Sync {
    /// The tensor behind it.
    fn tensor(&self) -> &[T];

    /// Whether neighbouring columns lie side by side in the tensor, so that most blocks are lent row by row.
    fn goes_by_rows(&self) -> bool {
        false
    }

    /// Whether neighbouring rows lie side by side.
    fn goes_by_columns(&self) -> bool {
        false
    }

    /// Whether it is better kept than read again, as far as there is room.
    fn is_worth_keeping(&self) -> bool {
        false
    }

    /// Where a block lies in the tensor, if two strides say it.
    fn lent(&self, block: &Block) -> Option<Lent>;

    /// Writes a block into a room that is laid out as `room` says, and 0 beside it up to whole vectors.
    fn read(&self, kernels: &Kernels<T>, block: &Block, room: Room, out: &mut [T]);
}

/// A part of a group's matrix.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) group: usize,
    pub(crate) rows: Range<usize>,
    pub(crate) columns: Range<usize>,
}

/// A block where it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lent {
    pub(crate) offset: usize,
    pub(crate) row: usize,
    pub(crate) column: usize,
}

/// The order of a block in a room: panels of `width` columns, one after the other, whose rows lie `row` apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub(crate) row: usize,
    pub(crate) width: usize,
    pub(crate) panel: usize,
}

impl Room {
    /// Where element (i, j) of the block goes.
    pub(crate) fn place(&self, i: usize, j: usize) -> usize {
        i * self.row + j / self.width * self.panel + j % self.width
    }

    /// Cuts a run of columns where panels end.
    pub(crate) fn cut(&self, columns: Range<usize>) -> impl Iterator<Item = Range<usize>> + use<> {
        let (width, end) = (self.width, columns.end);
        let mut start = columns.start;
        std::iter::from_fn(move || {
            let piece = start..end.min((start / width + 1) * width);
            start = piece.end;
            (!piece.is_empty()).then_some(piece)
        })
    }
}

/// A matrix whose element (i, j) lies at the sum of its row's and its column's place.
pub(crate) struct Matrix<'t, T> {
    tensor: &'t [T],
    rows: Places,
    columns: Places,
    /// Rows and columns from a group to the next.
    group: [usize; 2],
}

impl<'t, T> Matrix<'t, T> {
    /// The rows and columns of all groups, of which group `g` begins at `g * group`.
    ///
    /// # Panics
    /// If they lead out of the tensor: a defect of the caller.
    pub(crate) fn new(tensor: &'t [T], rows: Places, columns: Places, group: [usize; 2]) -> Self {
        if let (Some(row), Some(column)) = (rows.farthest(), columns.farthest()) {
            assert!(
                row + column < tensor.len(),
                "a matrix leads out of its slice: {row} + {column}, {} elements",
                tensor.len()
            );
        }
        Matrix {
            tensor,
            rows,
            columns,
            group,
        }
    }

    /// Its rows for columns and the other way round.
    pub(crate) fn transposed(self) -> Self {
        let [rows, columns] = self.group;
        Matrix {
            rows: self.columns,
            columns: self.rows,
            group: [columns, rows],
            ..self
        }
    }
}

fn goes(places: &Places) -> bool {
    places
        .runs(0..places.len())
        .next()
        .is_none_or(|run| run.step == 1 || places.len() == 1)
}

pub(super) fn shifted(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

impl<T: HasKernels + Copy + Default + Sync> Source<T> for Matrix<'_, T> {
    fn tensor(&self) -> &[T] {
        self.tensor
    }

    fn goes_by_rows(&self) -> bool {
        goes(&self.columns)
    }

    fn goes_by_columns(&self) -> bool {
        goes(&self.rows)
    }

    fn is_worth_keeping(&self) -> bool {
        true
    }

    fn lent(&self, block: &Block) -> Option<Lent> {
        let (row_place, row) = self
            .rows
            .within_a_run(&shifted(&block.rows, block.group * self.group[0]))?;
        let (column_place, column) = self
            .columns
            .within_a_run(&shifted(&block.columns, block.group * self.group[1]))?;
        Some(Lent {
            offset: row_place + column_place,
            row,
            column,
        })
    }

    fn read(&self, kernels: &Kernels<T>, block: &Block, room: Room, out: &mut [T]) {
        if !self.goes_by_rows() && !self.goes_by_columns() {
            self.read_in_runs(block, room, out);
            return super::pack::pad(kernels, block, room, out);
        }
        let columns = shifted(&block.columns, block.group * self.group[1]);
        for rows in self
            .rows
            .runs(shifted(&block.rows, block.group * self.group[0]))
        {
            for run in self.columns.runs(columns.clone()) {
                let address = rows.address + run.address;
                for piece in room.cut(run.start..run.start + run.len) {
                    let from = Lent {
                        offset: address + (piece.start - run.start) * run.step,
                        row: rows.step,
                        column: run.step,
                    };
                    let at = room.place(rows.start, piece.start);
                    super::pack::copy(
                        kernels,
                        self.tensor,
                        from,
                        &mut out[at..],
                        room.row,
                        [rows.len, piece.len()],
                    );
                }
            }
        }
        super::pack::pad(kernels, block, room, out);
    }
}

impl<T: Copy + Default> Matrix<'_, T> {
    /// Where many short runs make up a row: run by run for all rows, since those of neighbouring rows are neighbours.
    fn read_in_runs(&self, block: &Block, room: Room, out: &mut [T]) {
        let columns = self
            .columns
            .runs(shifted(&block.columns, block.group * self.group[1]));
        for rows in self
            .rows
            .runs(shifted(&block.rows, block.group * self.group[0]))
        {
            for run in columns.clone() {
                // Elements that lie farther apart than rows do go one at a time, for neighbouring rows' are neighbours.
                let most = if run.step > rows.step { 1 } else { run.len };
                let pieces = evenly(run.start..run.start + run.len, most);
                for piece in pieces.flat_map(|piece| room.cut(piece)) {
                    let address = run.address + (piece.start - run.start) * run.step;
                    let free = room.width - piece.start % room.width;
                    for i in 0..rows.len {
                        let from = &self.tensor[rows.address + i * rows.step + address..];
                        let to = &mut out[room.place(rows.start + i, piece.start)..];
                        copy_run(from, run.step, to, piece.len(), free);
                    }
                }
            }
        }
    }
}

/// Elements that are copied at once.
const SHORT: usize = 16;

/// Copies a run, and perhaps something else behind it, as far as places are `free`: the next run overwrites it.
fn copy_run<T: Copy>(from: &[T], step: usize, to: &mut [T], len: usize, free: usize) {
    if step == 1
        && (2..=SHORT).contains(&len)
        && free >= SHORT
        && let (Some(from), Some(to)) = (from.first_chunk::<SHORT>(), to.first_chunk_mut::<SHORT>())
    {
        *to = *from;
        return;
    }
    let from = from.iter().step_by(step.max(1));
    for (to, from) in to[..len].iter_mut().zip(from) {
        *to = *from;
    }
}
