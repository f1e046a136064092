//! Operands: matrices that need not exist.
//!
//! The product asks an operand for a block at a time. Where the block lies in a tensor already, row or column side by side, it is multiplied
//! where it is; otherwise the operand writes it row by row into a room of a few kilobytes. So an operand may be a [`Matrix`] of any strides or
//! any formula that can write rows: the patches of an image, a kernel with only some of its taps.

use std::ops::Range;

use super::microkernel::{HasKernels, Kernels, Steps};
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

    /// Of rows that are the depth: how the product is best cut.
    fn cuts(&self, kernels: &Kernels<T>) -> Cuts {
        Cuts::panels(kernels)
    }

    /// Of columns that are the depth: how many of them, at equal distances, lie in the tensor before it leaps; None if that is not so.
    fn run(&self) -> Option<usize> {
        None
    }

    /// How a block lies in a room that the source lays out itself; None where it is read panel by panel.
    fn laid_out(&self, _: &Kernels<T>, _: &Block) -> Option<LaidOut> {
        None
    }

    /// The columns of a block in parts, from left to right: how many, and the rows outside of which they hold 0.
    fn parts(&self, block: &Block) -> Vec<(usize, Steps)> {
        vec![(block.columns.len(), Steps::all(block.rows.len()))]
    }

    /// The stretches that the depth is summed by, where they are settled.
    fn stretches(&self) -> Option<&[Range<usize>]> {
        None
    }

    /// Where a block lies in the tensor, if two strides say it.
    fn lent(&self, block: &Block) -> Option<Lent>;

    /// Writes a block into a room that is laid out as `room` says, and 0 beside it up to whole vectors; or as [`laid_out`](Self::laid_out) says.
    fn read(&self, kernels: &Kernels<T>, block: &Block, room: Room, out: &mut [T]);
}

/// A part of a group's matrix.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) group: usize,
    pub(crate) rows: Range<usize>,
    pub(crate) columns: Range<usize>,
}

/// How a product is best cut for its second operand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cuts {
    /// Steps of the depth of which stretches are multiples.
    pub(crate) period: usize,
    /// Steps between the multiples of which a stretch should lie, if it can be long enough.
    pub(crate) run: Option<usize>,
    /// Columns that are read together, and the elements of a room that they take for a step of the depth.
    pub(crate) columns: usize,
    pub(crate) elements: usize,
}

impl Cuts {
    /// For panels.
    pub(crate) fn panels<T>(kernels: &Kernels<T>) -> Self {
        Cuts {
            period: 1,
            run: None,
            columns: kernels.columns(),
            elements: kernels.columns(),
        }
    }

    /// Whether columns share elements.
    pub(super) fn share(&self) -> bool {
        self.elements < self.columns
    }
}

/// A block in a room that its source lays out.
#[derive(Clone, Debug)]
pub(crate) struct LaidOut {
    /// All columns of the block, from left to right.
    pub(crate) strips: Vec<Strip>,
    /// Elements of the room.
    pub(crate) room: usize,
}

/// Neighbouring columns, no more than a tile has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Strip {
    pub(crate) columns: usize,
    /// So many rows, of which none is left out, in so many periods.
    pub(crate) len: usize,
    pub(crate) count: usize,
    /// Where the first row begins, and from each to the next of its period.
    pub(crate) offset: usize,
    pub(crate) row: usize,
    /// What is skipped beside that from a period to the next.
    pub(crate) gap: usize,
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

fn shifted(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

impl<T: HasKernels + Copy + Default + Sync> Source<T> for Matrix<'_, T> {
    fn tensor(&self) -> &[T] {
        self.tensor
    }

    fn goes_by_rows(&self) -> bool {
        self.columns.go_in_long_runs()
    }

    fn goes_by_columns(&self) -> bool {
        self.rows.go_in_long_runs()
    }

    fn is_worth_keeping(&self) -> bool {
        true
    }

    fn run(&self) -> Option<usize> {
        self.columns.run()
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
        // Runs of rows as long as a vector are turned over in registers, whatever their number.
        if !self.goes_by_rows() && !self.goes_by_columns() && !self.rows.go_in_vectors() {
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
                for piece in room.cut(run.start..run.start + run.len) {
                    let address = rows.address + run.address + (piece.start - run.start) * run.step;
                    let (from, to) = (
                        &self.tensor[address..],
                        &mut out[room.place(rows.start, piece.start)..],
                    );
                    let free = room.width - piece.start % room.width;
                    let chunked = run.step == 1 && (2..=SHORT).contains(&piece.len());
                    let done = if chunked && free >= SHORT {
                        copy_short(from, rows.step, to, room.row, rows.len)
                    } else {
                        0
                    };
                    // The last rows, whose pieces have too little behind them, and all others element by element.
                    let (from, to) = (
                        &from[done.min(rows.len - 1) * rows.step..],
                        &mut to[done.min(rows.len - 1) * room.row..],
                    );
                    for j in 0..piece.len() {
                        let from = from[j * run.step..].iter().step_by(rows.step.max(1));
                        let to = to[j..].iter_mut().step_by(room.row.max(1));
                        for (to, from) in to.zip(from).take(rows.len - done) {
                            *to = *from;
                        }
                    }
                }
            }
        }
    }
}

/// Elements that are copied at once.
pub(super) const SHORT: usize = 16;

/// Copies the first elements of each row, and something else behind what is meant, which the next piece overwrites; as many rows as have so many
/// elements left on both sides.
fn copy_short<T: Copy>(
    from: &[T],
    from_row: usize,
    to: &mut [T],
    to_row: usize,
    rows: usize,
) -> usize {
    for i in 0..rows {
        let from = from
            .get(i * from_row..)
            .and_then(<[T]>::first_chunk::<SHORT>);
        let to = to
            .get_mut(i * to_row..)
            .and_then(<[T]>::first_chunk_mut::<SHORT>);
        let (Some(from), Some(to)) = (from, to) else {
            return i;
        };
        *to = *from;
    }
    rows
}
