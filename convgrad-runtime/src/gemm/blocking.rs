//! How a product falls into tasks, and a task into blocks: by the shape alone, so that the bits do not depend on the number of threads.
//!
//! ```text
//! for each task: a group, rows, columns             (threads share the tasks)
//!   for each stretch of the depth                   a block of b fits the second cache
//!     for each tile's rows                          rows of a fit the first cache
//!       for each tile's columns                     a panel of b
//!         the micro-kernel: for each step of the depth
//! ```

use std::ops::Range;
use std::sync::OnceLock;

use super::Shape;
use super::microkernel::Kernels;
use crate::conv::Context;
use crate::error::Result;

/// Steps of the depth that a block has at least, if there are so many.
const DEPTH: usize = 384;

/// Steps of the depth that it has at most.
const MOST_DEPTH: usize = 2048;

/// Bytes of a block of `b`: half of a second cache of 1 MiB.
const BLOCK: usize = 1 << 19;

/// Bytes of the rows of `a` that are read at a time.
const LINES: usize = 1 << 18;

/// Rows of `a` that are read at a time at most.
const MOST_LINES: usize = 96;

/// Columns of a task at most, for the sake of the caches above.
const COLUMNS: usize = 1024;

/// Multiply-adds below which a task is not cut any more.
const SMALL_TASK: usize = 1 << 20;

/// Tasks that are enough for all threads.
const TASKS: usize = 12;

/// Multiply-adds below which a product is not worth waking other threads: some 40 microseconds.
const SHARED_WORK: usize = 1 << 21;

/// Elements of a result of which several partial sums are kept.
const MOST_PARTIAL: usize = 1 << 16;

/// How many tasks there are along each side, and how large they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tasks {
    shape: Shape,
    rows: usize,
    columns: usize,
    blocks: Blocks,
}

/// How large the blocks of a task are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocks {
    /// Steps of the depth at most.
    pub(super) depth: usize,
    /// From a row of `a` in its room to the next.
    pub(super) line: usize,
    /// Rows of `a` that are read at a time.
    pub(super) lines: usize,
}

impl Tasks {
    /// `moves` says of a and b whether they must be read into a room: what moves is better not cut across, since it moves once a cut.
    pub(super) fn new<T>(kernels: &Kernels<T>, shape: Shape, moves: [bool; 2]) -> Self {
        let (width, height) = (kernels.columns(), kernels.rows());
        let most =
            (BLOCK / size_of::<T>() / shape.k.min(DEPTH) / width * width).clamp(width, COLUMNS);
        let (mut row_tasks, mut column_tasks) = (1, shape.n.div_ceil(most));
        let work = |rows: usize, columns: usize| {
            let area = shape
                .m
                .div_ceil(rows)
                .saturating_mul(shape.n.div_ceil(columns));
            area.saturating_mul(shape.k)
        };
        while shape.batch * row_tasks * column_tasks < TASKS
            && work(row_tasks, column_tasks) > SMALL_TASK
        {
            let (rows, columns) = (shape.m / row_tasks, shape.n / column_tasks);
            let can_cut = [rows >= 2 * height, columns >= 2 * width];
            let columns_first = match moves {
                [true, false] => false,
                [false, true] => true,
                _ => columns >= rows,
            };
            match can_cut {
                [_, true] if columns_first || !can_cut[0] => column_tasks *= 2,
                [true, _] => row_tasks *= 2,
                _ => break,
            }
        }
        let columns = shape.n.div_ceil(column_tasks).next_multiple_of(width);
        let depth = (BLOCK / size_of::<T>() / columns)
            .clamp(DEPTH, MOST_DEPTH)
            .min(shape.k);
        // A little more than a power of two, so that the rows do not compete for the same lines of a cache.
        let line = depth.next_multiple_of(512) + 16;
        let lines = (LINES / size_of::<T>() / line).min(MOST_LINES) / height * height;
        Tasks {
            shape,
            rows: shape.m.div_ceil(row_tasks),
            columns,
            blocks: Blocks {
                depth,
                line,
                lines: lines.max(height),
            },
        }
    }

    /// How tasks are blocked.
    pub(super) fn blocks(&self) -> Blocks {
        self.blocks
    }

    fn grid(&self) -> [usize; 2] {
        [
            self.shape.m.div_ceil(self.rows),
            self.shape.n.div_ceil(self.columns),
        ]
    }

    pub(super) fn count(&self) -> usize {
        let [rows, columns] = self.grid();
        self.shape.batch * rows * columns
    }

    pub(super) fn is_worth_sharing(&self) -> bool {
        let Shape { batch, m, n, k } = self.shape;
        [m, n, k]
            .iter()
            .fold(batch, |work, &extent| work.saturating_mul(extent))
            >= SHARED_WORK
    }

    /// Parts of the depth that are summed by themselves: more than one where a long sum has few elements.
    pub(super) fn parts(&self) -> usize {
        let Shape { batch, m, n, k } = self.shape;
        let wanted = (TASKS / 2 / self.count()).min(k / (2 * DEPTH));
        let small = batch.saturating_mul(m).saturating_mul(n) <= MOST_PARTIAL;
        if small && self.is_worth_sharing() {
            wanted.max(1)
        } else {
            1
        }
    }

    /// Runs every task, on several threads if that is worth it.
    ///
    /// # Errors
    /// One of those of the tasks.
    pub(super) fn each(
        &self,
        cx: &Context,
        count: usize,
        task: impl Fn(usize) -> Result<()> + Sync,
    ) -> Result<()> {
        let error = OnceLock::new();
        cx.for_each(count, self.is_worth_sharing(), |i| {
            if let Err(e) = task(i) {
                let _ = error.set(e);
            }
        });
        error.into_inner().map_or(Ok(()), Err)
    }

    /// The group, the rows and the columns of a task.
    pub(super) fn get(&self, i: usize) -> (usize, Range<usize>, Range<usize>) {
        let [rows, columns] = self.grid();
        let side =
            |index: usize, size: usize, end: usize| index * size..((index + 1) * size).min(end);
        (
            i / (rows * columns),
            side(i / columns % rows, self.rows, self.shape.m),
            side(i % columns, self.columns, self.shape.n),
        )
    }
}

/// Cuts a range into as few parts as the limit allows, all of nearly one size: no tile is a sliver.
pub(super) fn evenly(range: Range<usize>, limit: usize) -> impl Iterator<Item = Range<usize>> {
    let (start, len) = (range.start, range.len());
    let parts = len.div_ceil(limit);
    (0..parts).map(move |i| start + len * i / parts..start + len * (i + 1) / parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gemm::microkernel::host;

    #[test]
    fn every_element_is_in_one_task() {
        for (batch, m, n, k) in [
            (1, 100, 1000, 1000),
            (3, 7, 300, 20_000),
            (2, 1, 1, 1),
            (1, 1280, 49, 320),
        ] {
            let tasks = Tasks::new(host::<f32>(), Shape { batch, m, n, k }, [false, true]);
            let mut seen = vec![0; batch * m * n];
            for i in 0..tasks.count() {
                let (group, rows, columns) = tasks.get(i);
                for row in rows {
                    for column in columns.clone() {
                        seen[(group * m + row) * n + column] += 1;
                    }
                }
            }
            assert!(seen.iter().all(|&times| times == 1), "{batch} {m} {n} {k}");
        }
    }

    #[test]
    fn parts_are_of_one_size() {
        let parts: Vec<_> = evenly(3..35, 12).collect();
        assert_eq!(parts, [3..13, 13..24, 24..35]);
    }
}
