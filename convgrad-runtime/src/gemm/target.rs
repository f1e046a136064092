//! Where a product goes: a matrix in a tensor, whose rows and columns may lie anywhere.

use std::marker::PhantomData;
use std::ops::{AddAssign, Range};

use super::blocking::evenly;
use super::microkernel::Kernels;
use super::pack;
use super::places::{Places, Run};
use super::source::{Block, Lent};
use crate::conv::Context;
use crate::error::Result;
use crate::float::Float;

/// A matrix, or one a group, that a product writes.
pub(crate) struct Target<'t, T> {
    start: *mut T,
    rows: Places,
    columns: Places,
    group: [usize; 2],
    /// The row and the column of the product that are its first.
    first: [usize; 2],
    tensor: PhantomData<&'t mut [T]>,
}

// SAFETY: threads write disjoint blocks of it only, as `put` and the product's own tiles demand.
unsafe impl<T: Send> Sync for Target<'_, T> {}

impl<'t, T> Target<'t, T> {
    /// The rows and columns of all groups, of which group `g` begins at `g * group`.
    ///
    /// # Panics
    /// If they lead out of the tensor or two elements of one group share a place: a defect of the caller.
    pub(crate) fn new(
        tensor: &'t mut [T],
        rows: Places,
        columns: Places,
        group: [usize; 2],
    ) -> Self {
        if let (Some(row), Some(column)) = (rows.farthest(), columns.farthest()) {
            assert!(
                row + column < tensor.len(),
                "a matrix leads out of its slice: {row} + {column}, {} elements",
                tensor.len()
            );
        }
        if let (Some((_, row)), Some((_, column))) = (
            rows.within_a_run(&(0..rows.len())),
            columns.within_a_run(&(0..columns.len())),
        ) {
            let mut axes = [(row, rows.len()), (column, columns.len())];
            axes.sort_unstable();
            let [(inner, count), (outer, more)] = axes;
            let apart = (count == 1 || inner > 0) && (more == 1 || outer > inner * (count - 1));
            assert!(apart, "two elements of a result share a place: {axes:?}");
        }
        Target {
            start: tensor.as_mut_ptr(),
            rows,
            columns,
            group,
            first: [0, 0],
            tensor: PhantomData,
        }
    }

    /// The same for a product of which it holds a part, from a row and a column on.
    pub(super) fn from(self, first: [usize; 2]) -> Self {
        Target { first, ..self }
    }

    /// Its rows for columns and the other way round.
    pub(crate) fn transposed(self) -> Self {
        let [rows, columns] = self.group;
        Target {
            rows: self.columns,
            columns: self.rows,
            group: [columns, rows],
            first: [self.first[1], self.first[0]],
            ..self
        }
    }

    /// Its columns in another order, range by range; all groups have the same.
    ///
    /// # Errors
    /// [`Error::Memory`](crate::Error::Memory) if there is no room for their places.
    pub(crate) fn with_columns(self, order: impl Iterator<Item = Range<usize>>) -> Result<Self> {
        let columns = self.columns.reordered(order)?;
        Ok(Target { columns, ..self })
    }

    /// Whether neighbouring columns lie side by side.
    pub(crate) fn goes_by_rows(&self) -> bool {
        self.columns.go_side_by_side()
    }

    /// Whether neighbouring rows lie side by side.
    pub(super) fn goes_by_columns(&self) -> bool {
        self.rows.go_side_by_side()
    }

    pub(super) fn start(&self) -> *mut T {
        self.start
    }

    /// The rows or the columns of a block among its own.
    fn own(&self, block: &Block, side: usize) -> Range<usize> {
        let range = [&block.rows, &block.columns][side];
        let shift = block.group * self.group[side];
        range.start + shift - self.first[side]..range.end + shift - self.first[side]
    }

    /// Where a block lies, if two strides say it.
    pub(super) fn lent(&self, block: &Block) -> Option<Lent> {
        let (row_place, row) = self.rows.within_a_run(&self.own(block, 0))?;
        let (column_place, column) = self.columns.within_a_run(&self.own(block, 1))?;
        Some(Lent {
            offset: row_place + column_place,
            row,
            column,
        })
    }
}

/// Rows and columns that are turned over at a time.
const TURNED: usize = 32;

impl<T: Float> Target<'_, T> {
    /// Writes a block from rows that lie some way apart, or adds it to what is there.
    ///
    /// # Errors
    /// [`Error::Memory`](crate::Error::Memory) if there is no room to turn a few rows over.
    ///
    /// # Safety
    /// The block lies within the matrix, and no other thread writes an element of it.
    pub(super) unsafe fn put(
        &self,
        cx: &Context,
        kernels: &Kernels<T>,
        block: &Block,
        (from, row): (&[T], usize),
        add: bool,
    ) -> Result<()> {
        let mut room = cx.buffer::<T>("a part of a result turned over", TURNED * TURNED)?;
        for rows in evenly(block.rows.clone(), TURNED) {
            for columns in evenly(block.columns.clone(), TURNED) {
                let at =
                    (rows.start - block.rows.start) * row + columns.start - block.columns.start;
                let part = Block {
                    group: block.group,
                    rows: rows.clone(),
                    columns,
                };
                // SAFETY: the caller's promise, for a part of the block.
                unsafe { self.put_tile(kernels, &part, (&from[at..], row), &mut room, add) };
            }
        }
        Ok(())
    }

    /// The same for a block so small that it fits, its sides filled up to whole vectors, into a room when it is turned over.
    ///
    /// # Safety
    /// As [`put`](Self::put).
    pub(super) unsafe fn put_tile(
        &self,
        kernels: &Kernels<T>,
        block: &Block,
        (from, row): (&[T], usize),
        room: &mut [T],
        add: bool,
    ) {
        let rows = self.rows.runs(self.own(block, 0));
        let columns = self.columns.runs(self.own(block, 1));
        let [height, width] = [block.rows.len(), block.columns.len()];
        if self.goes_by_rows() || !self.goes_by_columns() {
            // SAFETY: the caller's promise.
            return unsafe { self.put_runs(rows, columns, from, row, add) };
        }
        let line = height.next_multiple_of(kernels.lanes);
        pack::turn(kernels, (from, row), (room, line), [height, width]);
        // SAFETY: the caller's promise.
        unsafe { self.put_runs(columns, rows, room, line, add) }
    }

    /// # Safety
    /// As [`put`](Self::put), of runs of rows and columns or the other way round.
    unsafe fn put_runs(
        &self,
        outer: impl Iterator<Item = Run>,
        inner: impl Iterator<Item = Run> + Clone,
        from: &[T],
        row: usize,
        add: bool,
    ) {
        for lines in outer {
            for run in inner.clone() {
                for i in 0..lines.len {
                    let line = &from[(lines.start + i) * row + run.start..][..run.len];
                    // SAFETY: `new` has seen that all rows and columns lie inside, and the caller vouches for the block.
                    unsafe {
                        put_line(
                            self.start.add(lines.address + i * lines.step + run.address),
                            run.step,
                            line,
                            add,
                        )
                    };
                }
            }
        }
    }
}

/// # Safety
/// All places, `step` apart, are writable and nobody else's.
unsafe fn put_line<T: Copy + AddAssign>(to: *mut T, step: usize, line: &[T], add: bool) {
    if step == 1 && !add {
        // SAFETY: the caller's promise.
        return unsafe { copy_line(line, to) };
    }
    let each = |step: usize| {
        for (j, &value) in line.iter().enumerate() {
            // SAFETY: the caller's promise.
            unsafe {
                let place = to.add(j * step);
                if add { *place += value } else { *place = value }
            }
        }
    };
    // The first is the second, but for what the compiler makes of it.
    if step == 1 { each(1) } else { each(step) }
}

/// Copies a line, which is seldom longer than a tile: the first and the last few elements, which may overlap.
///
/// # Safety
/// As many places are writable and nobody else's.
unsafe fn copy_line<T: Copy>(line: &[T], to: *mut T) {
    macro_rules! ends {
        ($count:literal) => {
            if let (Some(first), Some(last)) =
                (line.first_chunk::<$count>(), line.last_chunk::<$count>())
                && line.len() <= 2 * $count
            {
                // SAFETY: the caller's promise: both are parts of the line.
                unsafe {
                    to.cast::<[T; $count]>().write_unaligned(*first);
                    to.add(line.len() - $count)
                        .cast::<[T; $count]>()
                        .write_unaligned(*last);
                }
                return;
            }
        };
    }
    ends!(8);
    ends!(4);
    // SAFETY: the caller's promise; a slice and what is nobody else's do not overlap.
    unsafe { std::ptr::copy_nonoverlapping(line.as_ptr(), to, line.len()) }
}
