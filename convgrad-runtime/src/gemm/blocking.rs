//! How a product falls into stretches of its depth, tasks and blocks.
//!
//! ```text
//! for each task: a group, rows, columns             (threads share the tasks)
//!   for each stretch of the depth                   a block of b fits the second cache
//!     for each tile's rows                          rows of a fit the first cache
//!       for each tile's columns                     a panel of b
//!         the micro-kernel: for each step of the depth
//! ```
//!
//! The stretches follow from the shape and from where the operands lie, for they decide the bits. The tasks do not, and follow from the number
//! of threads too: a cut across an operand that moves makes it move once more, so that one thread cuts for the caches only. Sums with few
//! elements and a long depth are not cut into tasks at all, but have a matrix a stretch ([`Plan::is_long`]).

mod sharing;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::OnceLock;

use self::sharing::Sharing;
use super::Shape;
use super::microkernel::Kernels;
use super::source::Cuts;
use crate::conv::Context;
use crate::error::Result;

/// Steps of the depth that a stretch has at least, if there are so many.
const DEPTH: usize = 384;

/// Steps of the depth that it has at most.
const MOST_DEPTH: usize = 2048;

/// The same where rows of `a` are read into a room: as many rows at a time are worth more, since the taps of a window are read together.
const MOST_DEPTH_READ: usize = 768;

/// Bytes of a block of `b`: half of a second cache of 1 MiB.
const BLOCK: usize = 1 << 19;

/// Bytes of the rows of `a` that are read at a time.
const LINES: usize = 1 << 18;

/// Rows of `a` that are read at a time at most.
const MOST_LINES: usize = 96;

/// Columns of a task at most, for the sake of the caches above.
const COLUMNS: usize = 1024;

/// Stretches that are summed side by side at most.
pub(super) const TOGETHER: usize = 12;

/// Multiply-adds below which a product is not worth waking other threads: some 40 microseconds.
const SHARED_WORK: usize = 1 << 21;

/// Elements of a result of which several partial sums are kept.
const MOST_PARTIAL: usize = 1 << 15;

/// The same where neighbouring columns, which share what they read, lie apart in the result, so that to add to it often is expensive.
const MOST_PARTIAL_SHARED: usize = 1 << 16;

/// Bytes of partial sums at most.
const PARTIAL: usize = 3 << 19;

/// How a product is cut.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    shape: Shape,
    /// Of a task.
    rows: usize,
    /// Of a task.
    columns: usize,
    stretches: Vec<Range<usize>>,
    is_long: bool,
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

impl Plan {
    /// `moves` says of a and b whether they must be read into a room, `cuts` how b is, `threads` how many there are to share the work.
    pub(super) fn new<T>(
        kernels: &Kernels<T>,
        shape: Shape,
        moves: [bool; 2],
        cuts: Cuts,
        threads: usize,
    ) -> Self {
        let height = kernels.rows();
        let Shape { batch, m, n, k } = shape;
        let together = cuts.columns;
        // Columns that share elements are gone through by longer stretches, since there is room for them.
        let usual = if cuts.share() { 2 * DEPTH } else { DEPTH };
        let most = BLOCK / size_of::<T>() / k.min(usual) / cuts.elements * together;
        let most = most.clamp(together, COLUMNS.next_multiple_of(together));
        let columns = n.div_ceil(n.div_ceil(most)).next_multiple_of(together);
        let most_depth = if moves[0] {
            MOST_DEPTH_READ
        } else {
            MOST_DEPTH
        };
        let elements = columns / together * cuts.elements;
        let depth = (BLOCK / size_of::<T>() / elements).clamp(DEPTH, most_depth);
        let work = product([batch, m, n, k]);
        let is_long = moves.contains(&true)
            && k >= 2 * DEPTH
            && work >= SHARED_WORK
            && product([batch, m, n])
                <= if cuts.share() {
                    MOST_PARTIAL_SHARED
                } else {
                    MOST_PARTIAL
                };
        let stretches = if is_long {
            // A multiple of a few, so that threads have the same number of them.
            let most = (k / DEPTH).min(TOGETHER);
            let even = if most > 4 { most / 4 * 4 } else { most };
            k.div_ceil(depth).max(even)
        } else {
            k.div_ceil(depth)
        };
        let (mut row_tasks, mut column_tasks) = (1, n.div_ceil(most));
        if threads > 1 && work >= SHARED_WORK {
            let sharing = Sharing {
                shape,
                tile: [height, together],
                lanes: kernels.lanes,
                moves,
                threads,
                parts: if is_long { stretches.min(TOGETHER) } else { 1 },
            };
            [row_tasks, column_tasks] = sharing.best(column_tasks);
        }
        let stretches = cut(k, stretches, cuts);
        let depth = stretches.iter().map(Range::len).fold(1, usize::max);
        Plan {
            shape,
            rows: m.div_ceil(row_tasks),
            columns: n.div_ceil(column_tasks).next_multiple_of(together),
            stretches,
            is_long,
            blocks: Blocks::new(kernels, depth),
        }
    }

    /// The same plan with other stretches of the depth.
    pub(super) fn by<T>(self, kernels: &Kernels<T>, stretches: &[Range<usize>]) -> Self {
        let longest = stretches.iter().map(Range::len).fold(1, usize::max);
        Plan {
            stretches: stretches.to_vec(),
            blocks: Blocks::new(kernels, longest),
            ..self
        }
    }

    /// How tasks are blocked.
    pub(super) fn blocks(&self) -> Blocks {
        self.blocks
    }

    /// Whether few elements are sums of so much that stretches of the depth are better shared than tasks.
    pub(super) fn is_long(&self) -> bool {
        self.is_long
    }

    /// How many stretches are summed side by side, which does not decide any bits.
    pub(super) fn together<T>(&self, threads: usize) -> usize {
        let Shape { batch, m, n, .. } = self.shape;
        let most = (PARTIAL / size_of::<T>() / product([batch, m, n])).clamp(1, TOGETHER);
        // One thread adds each stretch to the sum, which gives the same bits.
        if threads == 1 {
            1
        } else {
            self.stretches.len().min(most)
        }
    }

    /// The stretches of the depth: all of nearly one length.
    pub(super) fn stretches(&self) -> &[Range<usize>] {
        &self.stretches
    }

    fn grid(&self) -> [usize; 2] {
        [
            self.shape.m.div_ceil(self.rows),
            self.shape.n.div_ceil(self.columns),
        ]
    }

    /// Tasks of a stretch.
    pub(super) fn tasks(&self) -> usize {
        let [rows, columns] = self.grid();
        self.shape.batch * rows * columns
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
        let Shape { batch, m, n, k } = self.shape;
        cx.for_each(count, product([batch, m, n, k]) >= SHARED_WORK, |i| {
            if let Err(e) = task(i) {
                let _ = error.set(e);
            }
        });
        error.into_inner().map_or(Ok(()), Err)
    }

    /// The group, the rows and the columns of a task.
    pub(super) fn task(&self, i: usize) -> (usize, Range<usize>, Range<usize>) {
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

impl Blocks {
    fn new<T>(kernels: &Kernels<T>, depth: usize) -> Self {
        let (line, height) = (line::<T>(depth), kernels.rows());
        let lines = (LINES / size_of::<T>() / line).min(MOST_LINES) / height * height;
        Blocks {
            depth,
            line,
            lines: lines.max(height),
        }
    }
}

/// The stretches of a depth: so many, or a few more so that none reaches from one run to the next, where these are long.
fn cut(k: usize, count: usize, cuts: Cuts) -> Vec<Range<usize>> {
    let fits = |run: &usize| {
        (DEPTH..k).contains(run) && k.is_multiple_of(*run) && run.is_multiple_of(cuts.period)
    };
    let run = cuts.run.filter(fits).unwrap_or(k);
    let periods = run / cuts.period;
    let parts = count.div_ceil(k / run).min(periods);
    let within = move |i: usize| periods * i / parts * cuts.period;
    (0..k / run)
        .flat_map(|j| (0..parts).map(move |i| j * run + within(i)..j * run + within(i + 1)))
        .collect()
}

/// From a row of so much depth in a room to the next: an odd number of a cache's lines, so that rows do not compete for its sets.
pub(crate) fn line<T>(depth: usize) -> usize {
    /// Bytes of a line of a cache.
    const LINE: usize = 64;
    let elements = LINE / size_of::<T>();
    (depth.div_ceil(elements) | 1) * elements
}

fn product<const N: usize>(extents: [usize; N]) -> usize {
    extents.into_iter().fold(1, usize::saturating_mul)
}

/// Cuts a range into as few parts as the limit allows, all of nearly one size: no tile is a sliver.
pub(crate) fn evenly(range: Range<usize>, limit: usize) -> impl Iterator<Item = Range<usize>> {
    let (start, len) = (range.start, range.len());
    let parts = len.div_ceil(limit);
    (0..parts).map(move |i| start + len * i / parts..start + len * (i + 1) / parts)
}
