//! How several threads share the rows and columns of a product.

use super::product;
use crate::gemm::Shape;

/// Multiply-adds below which a task is not cut any more.
const SMALL_TASK: usize = 1 << 20;

/// Tasks a thread, so that a late one is not waited for long.
const TASKS: usize = 3;

/// A product whose rows and columns several threads are to share.
pub(super) struct Sharing {
    pub(super) shape: Shape,
    /// Rows and columns of a tile.
    pub(super) tile: [usize; 2],
    pub(super) lanes: usize,
    pub(super) moves: [bool; 2],
    pub(super) threads: usize,
    /// Stretches of the depth that are tasks of their own.
    pub(super) parts: usize,
}

impl Sharing {
    /// The cuts of the rows and of the columns, of which there are so many at least, with which the threads are done first.
    pub(super) fn best(&self, columns: usize) -> [usize; 2] {
        let Shape { batch, m, n, .. } = self.shape;
        let most = self
            .threads
            .saturating_mul(TASKS)
            .div_ceil(batch * self.parts);
        let mut best = ([1, columns], self.time([1, columns]));
        for column_tasks in columns..=n.div_ceil(self.tile[1]).min(columns.max(most)) {
            for row_tasks in 1..=m.div_ceil(self.tile[0]).min(most.div_ceil(column_tasks)) {
                let cuts = [row_tasks, column_tasks];
                let time = self.time(cuts);
                if time < best.1 && self.task(cuts) >= SMALL_TASK / 2 {
                    best = (cuts, time);
                }
            }
        }
        best.0
    }

    /// About the multiplications of a task.
    fn task(&self, [row_tasks, column_tasks]: [usize; 2]) -> usize {
        let Shape { m, n, k, .. } = self.shape;
        product([m, n, k]) / (row_tasks * column_tasks * self.parts)
    }

    /// About how many multiplications of vectors pass until all tasks are done, if the threads take them as they come.
    fn time(&self, [row_tasks, column_tasks]: [usize; 2]) -> usize {
        // Vectors' worth of time to move 16 elements, and to begin a task; the part of a task by which a thread may be late.
        const MOVE: usize = 6;
        const BEGIN: usize = 2000;
        const LATE: usize = 4;
        let Shape { batch, m, n, k } = self.shape;
        let rows = m.div_ceil(row_tasks);
        let columns = n.div_ceil(column_tasks).next_multiple_of(self.tile[1]);
        let tasks = batch * m.div_ceil(rows) * n.div_ceil(columns) * self.parts;
        let k = k.div_ceil(self.parts);
        let moved = |moves: bool, extent: usize| {
            if moves {
                product([extent, k, MOVE]) / 16
            } else {
                0
            }
        };
        let task = product([rows, columns, k]) / self.lanes
            + moved(self.moves[0], rows)
            + moved(self.moves[1], columns)
            + BEGIN;
        tasks.div_ceil(self.threads).saturating_mul(task) + task / LATE
    }
}
