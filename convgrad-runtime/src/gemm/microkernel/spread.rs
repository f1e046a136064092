//! Rows whose neighbours read by different taps, as those of the input's gradient do where the stride is not 1.
//!
//! A *slot* gives each lane of a vector one tap, or none. What it reads lies within one vector of the source, whose elements are *picked* into
//! the lanes, and the taps are picked into a vector of weights once for a whole plane. With stride 2, three taps and a padding of 1:
//!
//! ```text
//!           lane     0  1  2  3  4  5
//!   slot 0  tap      1  0  1  0  1  0
//!           source   0  1  1  2  2  3
//!   slot 1  tap      .  2  .  2  .  2
//!           source   .  0  .  1  .  2
//! ```
//!
//! So whole vectors of neighbours are stored, of whatever phase, and no line is put together from others. The numeric contract is the tiles': each
//! product is fused with its addition where the processor can, taps ascending. A lane without a tap adds 0 times 0.

use super::tile::Vector;

/// Lanes of the widest vector.
pub(crate) const MOST_LANES: usize = 16;

/// How a plane of results is summed from planes that it reads, whatever the planes and the weights.
#[derive(Clone, Debug)]
pub(crate) struct Spread {
    /// Where each row of the kernel begins, and how long it is.
    pub(crate) kernel_rows: Vec<usize>,
    pub(crate) kernel_width: usize,
    pub(crate) slots: Vec<Slot>,
    pub(crate) columns: Vec<Column>,
    pub(crate) runs: Vec<Run>,
    /// From a row that is read, and from one that is written, to the next row of its run.
    pub(crate) rows_apart: [usize; 2],
}

/// One tap for each lane, or none.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    /// The lanes that have one.
    pub(crate) lanes: u32,
    /// Their numbers in a row of the kernel.
    pub(crate) taps: [u32; MOST_LANES],
    /// Where they read in a vector of the source.
    pub(crate) sources: [u32; MOST_LANES],
}

/// A vector of every row.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// Its place in a row, and how many lanes of it.
    pub(crate) to: usize,
    pub(crate) count: usize,
    /// For each slot, where lane 0 of the source lies in its row, outside perhaps, and the lanes that do not.
    pub(crate) sources: Vec<(isize, u32)>,
}

/// Rows of one phase that read by the same taps.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// Where the first one begins, and how many there are.
    pub(crate) to: usize,
    pub(crate) rows: usize,
    /// For each tap, which row of the kernel it is, and where the row begins that the first row reads by it.
    pub(crate) taps: Vec<(usize, usize)>,
}

/// Rows that are summed side by side.
const SIDE_BY_SIDE: usize = 4;

/// Computes a plane from others, with a room for the weights.
///
/// # Safety
/// As [`Spreading`](super::Spreading).
#[inline(always)]
pub(super) unsafe fn spread<V: Vector>(
    from: *const V::Element,
    plan: &Spread,
    kernel: *const V::Element,
    weights: *mut V::Element,
    to: *mut V::Element,
) {
    // SAFETY: the caller's promise; the rows of a run are cut into parts.
    unsafe {
        let mut place = weights;
        for &row in &plan.kernel_rows {
            let row = V::load_first(kernel.add(row), plan.kernel_width);
            for slot in &plan.slots {
                row.pick(slot.lanes, &slot.taps).store(place);
                place = place.add(V::LANES);
            }
        }
        for run in &plan.runs {
            for first in (0..run.rows).step_by(SIDE_BY_SIDE) {
                let (from, to) = (
                    from.add(first * plan.rows_apart[0]),
                    to.add(run.to + first * plan.rows_apart[1]),
                );
                for column in &plan.columns {
                    let to = to.add(column.to);
                    match run.rows - first {
                        1 => rows::<V, 1>(from, plan, run, column, weights, to),
                        2 => rows::<V, 2>(from, plan, run, column, weights, to),
                        3 => rows::<V, 3>(from, plan, run, column, weights, to),
                        _ => rows::<V, SIDE_BY_SIDE>(from, plan, run, column, weights, to),
                    }
                }
            }
        }
    }
}

/// A vector of some rows.
///
/// # Safety
/// As [`Spreading`](super::Spreading).
#[inline(always)]
unsafe fn rows<V: Vector, const COUNT: usize>(
    from: *const V::Element,
    plan: &Spread,
    run: &Run,
    column: &Column,
    weights: *const V::Element,
    to: *mut V::Element,
) {
    let slots = plan.slots.len();
    // SAFETY: the caller's promise.
    unsafe {
        let mut sums = [V::zero(); COUNT];
        for &(row, place) in &run.taps {
            let mut weights = weights.add(row * slots * V::LANES);
            for (slot, &(source, inside)) in plan.slots.iter().zip(&column.sources) {
                let from = from.wrapping_add(place).wrapping_offset(source);
                let weight = V::load(weights);
                for (i, sum) in sums.iter_mut().enumerate() {
                    let line = from.wrapping_add(i * plan.rows_apart[0]);
                    let line = V::zero().merge(inside, line);
                    *sum = line
                        .pick(slot.lanes, &slot.sources)
                        .multiply_add(weight, *sum);
                }
                weights = weights.add(V::LANES);
            }
        }
        for (i, sum) in sums.into_iter().enumerate() {
            sum.store_first(to.add(i * plan.rows_apart[1]), column.count);
        }
    }
}
