//! Results cut into rectangles that read by the same taps, all inside.

use std::ops::Range;

use crate::conv::geometry::{Axis, Reads, Tap};
use crate::conv::layout::Activations;
use crate::gemm::Area;

/// The results of one axis: for each phase the first one and what it reads, and from a result of a phase to the next.
pub(super) struct Results {
    phases: Vec<(usize, Reads)>,
    step: usize,
}

/// Neighbours of a phase that read by the same taps.
struct Stretch {
    /// The first one, and how many there are.
    first: usize,
    count: usize,
    /// From what one reads to what the next does, and from one to the next; 0 where there is no next.
    from: usize,
    to: usize,
    /// By which taps, and what the first one reads.
    taps: Vec<Tap>,
}

/// All results of an image's plane.
pub(super) struct Rectangles {
    rectangles: Vec<Rectangle>,
    /// Elements of a row of results.
    row: usize,
    /// Taps of the whole kernel.
    pub(super) taps: usize,
}

/// The product of two stretches: in elements of the tensors' planes.
struct Rectangle {
    /// The rows that are written.
    first: usize,
    step: usize,
    count: [usize; 2],
    from: [usize; 2],
    to: [usize; 2],
    /// Where the first row's first pixel lies in its row.
    column: usize,
    /// The taps' numbers, and where the first pixel reads.
    taps: Vec<(usize, usize)>,
}

impl Results {
    /// The outputs.
    pub(super) fn outputs(axis: &Axis) -> Self {
        Results {
            phases: vec![(0, axis.reads())],
            step: 1,
        }
    }

    /// The input's gradient.
    pub(super) fn inputs(axis: &Axis) -> Self {
        Results {
            phases: axis
                .phases()
                .map(|phase| (phase, axis.phase_reads(phase)))
                .collect(),
            step: axis.stride,
        }
    }

    fn stretches(&self) -> Vec<Stretch> {
        let of_phase = |(phase, reads): &(usize, Reads)| {
            let (phase, step, results) = (*phase, reads.step, reads.stretches());
            results.into_iter().map(move |(results, taps)| {
                // A step that leads nowhere may be of any length.
                let only = |step: usize| if results.len() == 1 { 0 } else { step };
                Stretch {
                    first: phase + results.start * self.step,
                    count: results.len(),
                    from: only(step),
                    to: only(self.step),
                    taps,
                }
            })
        };
        self.phases.iter().flat_map(of_phase).collect()
    }
}

impl Rectangles {
    /// Of results that lie as `to` says and read a tensor that lies as `from` says, by a kernel of so many columns.
    pub(super) fn new(
        [rows, columns]: &[Results; 2],
        from: &Activations,
        to: &Activations,
        [height, width]: [usize; 2],
    ) -> Self {
        let columns = columns.stretches();
        let pair = |row: &Stretch, column: &Stretch| {
            let tap = |r: &Tap, s: &Tap| {
                let place = r.first as usize * from.row() + s.first as usize * from.block;
                (r.index * width + s.index, place)
            };
            let taps = row.taps.iter();
            Rectangle {
                first: row.first,
                step: row.to,
                count: [row.count, column.count],
                from: [row.from * from.row(), column.from * from.block],
                to: [row.to * to.row(), column.to * to.block],
                column: column.first * to.block,
                taps: taps
                    .flat_map(|r| column.taps.iter().map(move |s| tap(r, s)))
                    .collect(),
            }
        };
        Rectangles {
            rectangles: rows
                .stretches()
                .iter()
                .flat_map(|row| columns.iter().map(move |column| pair(row, column)))
                .collect(),
            row: to.row(),
            taps: height * width,
        }
    }

    /// Calls `visit` with what there is of each rectangle in a band of rows, with `channels` of a width: where the first pixel's neighbours
    /// and the first pixel lie, in planes.
    pub(super) fn each(
        &self,
        band: Range<usize>,
        channels: Channels,
        mut visit: impl FnMut(&Area, [usize; 2]),
    ) {
        for rectangle in &self.rectangles {
            let Rectangle {
                first,
                step,
                count: [rows, columns],
                from,
                to,
                column,
                ref taps,
            } = *rectangle;
            let before = |row: usize| row.saturating_sub(first).div_ceil(step.max(1)).min(rows);
            let (start, end) = (before(band.start), before(band.end));
            if start < end {
                let area = Area {
                    taps,
                    count: [end - start, columns],
                    from,
                    to,
                    channels: channels.read,
                    width: channels.written,
                    weights: self.taps,
                };
                let place = first * self.row + start * to[0] + column;
                visit(&area, [start * from[0], place]);
            }
        }
    }
}

/// Channels that lie side by side: those that there are, and as far as they are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Channels {
    pub(super) read: usize,
    pub(super) written: usize,
}
