//! The loops around the micro-kernel.

use std::ops::Range;

use super::blocking::{Blocks, Tasks, evenly};
use super::microkernel::{Kernels, Operands, host};
use super::packed::Packed;
use super::places::Places;
use super::source::{Block, Lent, Room, Source};
use super::target::Target;
use super::{Shape, Write};
use crate::conv::Context;
use crate::error::Result;
use crate::float::Float;

/// Strides of so many bytes, or multiples, put the rows of a tile into the same lines of a first cache.
const CONFLICT: usize = 2048;

/// Computes `c = a * b` or `c += a * b` for each group.
///
/// # Errors
/// [`Error::Memory`](crate::Error::Memory) if there is no room for a few panels.
///
/// # Panics
/// If k is 0: a defect of the caller.
pub(crate) fn product<T: Float>(
    cx: &Context,
    shape: Shape,
    a: &dyn Source<T>,
    b: &dyn Source<T>,
    c: &Target<T>,
    write: Write,
) -> Result<()> {
    assert!(shape.k > 0, "an empty sum has no product: {shape:?}");
    if shape.batch == 0 || shape.m == 0 || shape.n == 0 {
        return Ok(());
    }
    let kernels = host();
    let a_moves = !a.goes_by_rows() && !a.goes_by_columns();
    let kept = a_moves && a.is_worth_keeping();
    let tasks = Tasks::new(kernels, shape, [a_moves && !kept, !b.goes_by_rows()]);
    let parts = tasks.parts();
    if kept {
        keep(cx, shape, &tasks, a, b, c, write)
    } else if parts == 1 {
        let product = Product {
            kernels,
            blocks: tasks.blocks(),
            a,
            b,
        };
        product.run(cx, &tasks, 0..shape.k, c, write == Write::Add)
    } else {
        let product = Product {
            kernels,
            blocks: tasks.blocks(),
            a,
            b,
        };
        product.run_in_parts(cx, &tasks, parts, shape, c, write)
    }
}

/// Bytes of what is kept of an operand.
const KEPT: usize = 1 << 20;

/// A product whose first operand is read once, a stretch of the depth at a time, and used by all tasks.
fn keep<T: Float>(
    cx: &Context,
    shape: Shape,
    tasks: &Tasks,
    a: &dyn Source<T>,
    b: &dyn Source<T>,
    c: &Target<T>,
    write: Write,
) -> Result<()> {
    let kernels = host();
    let rows = shape.batch * shape.m;
    let most = (KEPT / size_of::<T>() / rows)
        .max(tasks.blocks().depth)
        .min(shape.k);
    let mut room = cx.buffer::<T>("a matrix that is kept", rows * Packed::<T>::line(most))?;
    for (i, depth) in evenly(0..shape.k, most).enumerate() {
        let line = Packed::<T>::line(depth.len());
        let room = &mut room[..rows * line];
        let chunk = rows.div_ceil(8);
        cx.for_each_chunk(rows * line, room, chunk * line, |i, out| {
            Packed::fill(a, kernels, shape.m, i * chunk, depth.clone(), out);
        });
        let a = Packed::new(room, shape.m, depth.clone());
        let product = Product {
            kernels,
            blocks: tasks.blocks(),
            a: &a,
            b,
        };
        product.run(cx, tasks, depth, c, i > 0 || write == Write::Add)?;
    }
    Ok(())
}

/// A part of a group's result, and the stretch of the depth that it sums.
struct Task {
    group: usize,
    rows: Range<usize>,
    columns: Range<usize>,
    depth: Range<usize>,
    /// Whether the result holds a summand.
    add: bool,
}

struct Product<'p, T: 'static> {
    kernels: &'p Kernels<T>,
    blocks: Blocks,
    a: &'p dyn Source<T>,
    b: &'p dyn Source<T>,
}

/// Rows of `a` where the micro-kernel finds them.
struct Lines<T> {
    start: *const T,
    /// From row to row.
    row: usize,
    /// From step to step of the depth.
    step: usize,
}

/// A block of `b` where the micro-kernel finds it.
struct Panels {
    /// In the tensor, as long as whole vectors are there.
    lent: Option<Lent>,
    /// In the room.
    room: Room,
    /// The first column that is in the room.
    packed_from: usize,
}

impl<T: Float> Product<'_, T> {
    /// Computes all tasks, over a stretch of the depth.
    fn run(
        &self,
        cx: &Context,
        tasks: &Tasks,
        depth: Range<usize>,
        c: &Target<T>,
        add: bool,
    ) -> Result<()> {
        tasks.each(cx, tasks.count(), |i| {
            let (group, rows, columns) = tasks.get(i);
            let task = Task {
                group,
                rows,
                columns,
                depth: depth.clone(),
                add,
            };
            // SAFETY: no two tasks share an element.
            unsafe { self.task(cx, &task, c, group) }
        })
    }

    /// Where there are too few elements for all threads: each part of the depth gives a sum of its own, and they are added up in their order.
    fn run_in_parts(
        &self,
        cx: &Context,
        tasks: &Tasks,
        parts: usize,
        shape: Shape,
        c: &Target<T>,
        write: Write,
    ) -> Result<()> {
        let size = shape.m * shape.n;
        let matrices = parts * shape.batch;
        let mut sums = cx.buffer::<T>("the sums of parts of a product", matrices * size)?;
        let rows = Places::steady(matrices * shape.m, shape.n)?;
        let partial = Target::new(&mut sums, rows, Places::steady(shape.n, 1)?, [shape.m, 0]);
        tasks.each(cx, tasks.count() * parts, |i| {
            let (group, rows, columns) = tasks.get(i / parts);
            let part = i % parts;
            let depth = shape.k * part / parts..shape.k * (part + 1) / parts;
            let task = Task {
                group,
                rows,
                columns,
                depth,
                add: false,
            };
            // SAFETY: no two tasks share an element, and no two parts a matrix.
            unsafe { self.task(cx, &task, &partial, part * shape.batch + group) }
        })?;
        let (total, others) = sums.split_at_mut(shape.batch * size);
        for other in others.chunks(shape.batch * size) {
            total
                .iter_mut()
                .zip(other)
                .for_each(|(total, &other)| *total += other);
        }
        for (group, total) in total.chunks(size).enumerate() {
            let block = Block {
                group,
                rows: 0..shape.m,
                columns: 0..shape.n,
            };
            // SAFETY: nobody else writes it any more.
            unsafe { c.put(&block, total, shape.n, write == Write::Add) };
        }
        Ok(())
    }

    /// Computes a task into the matrix of the target that has a number.
    ///
    /// # Safety
    /// No other thread writes these rows and columns of that matrix.
    unsafe fn task(&self, cx: &Context, task: &Task, c: &Target<T>, matrix: usize) -> Result<()> {
        let kernels = self.kernels;
        let Task {
            group,
            rows,
            columns,
            depth,
            add,
        } = task;
        let (width, height) = (kernels.columns(), kernels.rows());
        let lines = self.blocks.lines.min(rows.len().next_multiple_of(height));
        let longest = depth.len().min(self.blocks.depth);
        let sizes = [
            lines * self.blocks.line,
            longest * columns.len().next_multiple_of(width),
            2 * self.tile_room(),
        ];
        let mut scratch = cx.buffer::<T>("the panels of a product", sizes.iter().sum())?;
        let (a, rest) = scratch.split_at_mut(sizes[0]);
        let (b, c_room) = rest.split_at_mut(sizes[1]);
        let whole = Block {
            group: matrix,
            rows: rows.clone(),
            columns: columns.clone(),
        };
        let place = Place {
            target: c,
            whole: c
                .lent(&whole)
                .filter(|lent| lent.column == 1 || columns.len() == 1),
            task,
            matrix,
        };
        for (i, stretch) in evenly(depth.clone(), self.blocks.depth).enumerate() {
            let panels = self.panels(
                &Block {
                    group: *group,
                    rows: stretch.clone(),
                    columns: columns.clone(),
                },
                b,
            );
            for rows in evenly(rows.clone(), lines) {
                let block = Block {
                    group: *group,
                    rows: rows.clone(),
                    columns: stretch.clone(),
                };
                let lines = self.rows_of_a(&block, a, columns.len());
                for tile in evenly(rows.clone(), kernels.rows_for(columns.len(), lines.step)) {
                    let first = tile.start - rows.start;
                    for (p, start) in columns.clone().step_by(width).enumerate() {
                        let columns = start..columns.end.min(start + width);
                        let (b, b_row, ahead) = panels.find(p * width, self.b.tensor(), b);
                        let operands = Operands {
                            // SAFETY: a row of the block.
                            a: unsafe { lines.start.add(first * lines.row) },
                            a_row: lines.row,
                            a_step: lines.step,
                            b,
                            b_row,
                            ahead,
                            depth: stretch.len(),
                            c: std::ptr::null_mut(),
                            c_row: 0,
                            columns: columns.len(),
                            add: *add || i > 0,
                        };
                        // SAFETY: the operands are the blocks' own, and the caller vouches for the rows and columns.
                        unsafe { self.tile(&place, tile.clone(), columns, operands, c_room) }
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

    /// Reads a block of `b` unless it can stay where it is; columns that fill no vector are always read.
    fn panels(&self, block: &Block, room: &mut [T]) -> Panels {
        let (width, columns) = (self.kernels.columns(), block.columns.len());
        let lent = self
            .b
            .lent(block)
            .filter(|lent| lent.column == 1 || columns == 1);
        let packed_from = if lent.is_some() {
            columns / self.kernels.lanes * self.kernels.lanes / width * width
        } else {
            0
        };
        let whole = columns.is_multiple_of(self.kernels.lanes);
        let panels = Panels {
            lent,
            room: Room {
                row: width,
                width,
                panel: width * block.rows.len(),
            },
            packed_from: if lent.is_some() && whole {
                columns
            } else {
                packed_from
            },
        };
        if panels.packed_from < columns {
            let rest = Block {
                columns: block.columns.start + panels.packed_from..block.columns.end,
                ..block.clone()
            };
            let at = panels.room.place(0, panels.packed_from);
            self.b
                .read(self.kernels, &rest, panels.room, &mut room[at..]);
        }
        panels
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
            group: place.matrix,
            rows,
            columns,
        };
        // SAFETY: as above; the room holds the largest tile.
        unsafe { kernels.run(block.rows.len(), &operands) };
        if place.target.goes_by_rows() || !place.target.goes_by_columns() {
            // SAFETY: the caller's promise.
            return unsafe { place.target.put(&block, tile, width, add) };
        }
        let (lanes, height) = (
            kernels.lanes,
            kernels.rows().next_multiple_of(kernels.lanes),
        );
        for i in (0..block.rows.len()).step_by(lanes) {
            for j in (0..block.columns.len()).step_by(lanes) {
                // SAFETY: both rooms hold the largest tile, filled up to whole vectors.
                unsafe {
                    (kernels.transpose)(
                        tile[i * width + j..].as_ptr(),
                        width,
                        turned[j * height + i..].as_mut_ptr(),
                        height,
                    )
                };
            }
        }
        // SAFETY: the caller's promise.
        unsafe { place.target.put_turned(&block, turned, height, add) }
    }
}

/// Where the tiles of a task go.
struct Place<'p, T> {
    target: &'p Target<'p, T>,
    task: &'p Task,
    matrix: usize,
    /// The whole task's rows and columns, where they are lent.
    whole: Option<Lent>,
}

impl<T> Place<'_, T> {
    /// A tile's first element and its stride, if rows of it lie side by side.
    fn find(&self, rows: &Range<usize>, columns: &Range<usize>) -> Option<(*mut T, usize)> {
        let lent = match self.whole {
            Some(lent) => {
                let offset =
                    lent.offset + (rows.start - self.task.rows.start) * lent.row + columns.start
                        - self.task.columns.start;
                Lent { offset, ..lent }
            }
            None => {
                let block = Block {
                    group: self.matrix,
                    rows: rows.clone(),
                    columns: columns.clone(),
                };
                self.target
                    .lent(&block)
                    .filter(|lent| lent.column == 1 || columns.len() == 1)?
            }
        };
        // SAFETY: the target has seen that all of its elements lie in its tensor.
        Some((unsafe { self.target.start().add(lent.offset) }, lent.row))
    }
}

impl Panels {
    /// Where a panel's first row begins, from row to row, and from panel to panel.
    fn find<T>(&self, column: usize, tensor: &[T], room: &[T]) -> (*const T, usize, usize) {
        match self.lent {
            Some(lent) if column < self.packed_from => (
                tensor[lent.offset + column..].as_ptr(),
                lent.row,
                self.room.width,
            ),
            _ => (
                room[self.room.place(0, column)..].as_ptr(),
                self.room.row,
                self.room.panel,
            ),
        }
    }
}
