//! Packing: small copies from a tensor into a room.

use super::microkernel::Kernels;
use super::source::{Block, Lent, Room};

/// Copies `rows` x `columns` elements, whatever their strides, into rows that lie `row` apart.
///
/// # Panics
/// If either side does not hold them: a defect of the caller.
pub(super) fn copy<T: Copy>(
    kernels: &Kernels<T>,
    tensor: &[T],
    from: Lent,
    out: &mut [T],
    row: usize,
    [rows, columns]: [usize; 2],
) {
    let tensor = &tensor[from.offset..];
    if from.column == 1 || columns == 1 {
        for i in 0..rows {
            out[i * row..][..columns].copy_from_slice(&tensor[i * from.row..][..columns]);
        }
        return;
    }
    let lanes = kernels.lanes;
    let (mut whole_rows, mut whole_columns) = (0, 0);
    if from.row == 1 {
        (whole_rows, whole_columns) = (rows / lanes * lanes, columns / lanes * lanes);
        if whole_rows > 0 && whole_columns > 0 {
            assert!(
                (rows - 1) * row + columns <= out.len()
                    && (columns - 1) * from.column + rows <= tensor.len(),
                "a block leads out of its tensor"
            );
        }
        for j in (0..whole_columns).step_by(lanes) {
            for i in (0..whole_rows).step_by(lanes) {
                // SAFETY: the assertion has seen that all rows and columns lie inside on both sides, and the block at (i, j) is among
                // them; the processor runs the kernels, since they come from the table of those that it can.
                unsafe {
                    (kernels.transpose)(
                        tensor.as_ptr().add(j * from.column + i),
                        from.column,
                        out.as_mut_ptr().add(i * row + j),
                        row,
                    )
                }
            }
        }
    }
    let first = if whole_columns == columns {
        whole_rows
    } else {
        0
    };
    for i in first..rows {
        let start = if i < whole_rows { whole_columns } else { 0 };
        for j in start..columns {
            out[i * row + j] = tensor[i * from.row + j * from.column];
        }
    }
}

/// Turns a block over, both sides with their strides of rows; what it writes beside it up to whole vectors is arbitrary.
///
/// # Panics
/// If either side does not hold the block: a defect of the caller.
pub(crate) fn turn<T: Copy>(
    kernels: &Kernels<T>,
    (from, from_row): (&[T], usize),
    (to, to_row): (&mut [T], usize),
    [rows, columns]: [usize; 2],
) {
    let lanes = kernels.lanes;
    for i in (0..rows).step_by(lanes) {
        for j in (0..columns).step_by(lanes) {
            let (at, goes) = (i * from_row + j, j * to_row + i);
            let reach = |at: usize, row: usize| at + (lanes - 1) * row + lanes;
            if reach(at, from_row) <= from.len() && reach(goes, to_row) <= to.len() {
                // SAFETY: both sides hold whole vectors there; the processor runs the kernels, since they come from the table of those that
                // it can.
                unsafe {
                    (kernels.transpose)(
                        from.as_ptr().add(at),
                        from_row,
                        to.as_mut_ptr().add(goes),
                        to_row,
                    )
                };
                continue;
            }
            for i in i..rows.min(i + lanes) {
                for j in j..columns.min(j + lanes) {
                    to[j * to_row + i] = from[i * from_row + j];
                }
            }
        }
    }
}

/// Writes 0 beside a block up to whole vectors.
pub(crate) fn pad<T: Copy + Default>(
    kernels: &Kernels<T>,
    block: &Block,
    room: Room,
    out: &mut [T],
) {
    let (columns, lanes) = (block.columns.len(), kernels.lanes);
    let end = columns.next_multiple_of(lanes);
    if end == columns {
        return;
    }
    for i in 0..block.rows.len() {
        let at = room.place(i, columns);
        out[at..at + end - columns].fill(T::default());
    }
}
