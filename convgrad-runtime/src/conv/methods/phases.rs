//! Rows of the input sorted by the stride's phases, so that what one tap reads lies side by side.
//!
//! With stride 3 the columns 0, 3, 6, …, then 1, 4, 7, …, then 2, 5, 8, …: one tap reads, at neighbouring outputs, neighbours of one phase.

use std::ops::Range;

use crate::conv::context::Context;
use crate::conv::geometry::Axis;
use crate::conv::scratch::Operand;
use crate::error::Result;
use crate::float::Float;

/// The phases of an axis.
pub(crate) struct Phases {
    axis: Axis,
    /// Where each phase begins in a sorted row.
    starts: Vec<usize>,
}

/// The outputs at which a tap reads inside the input, and the places in a sorted row that they read.
pub(crate) struct Meeting {
    pub(crate) tap: usize,
    pub(crate) inputs: Range<usize>,
    pub(crate) outputs: Range<usize>,
}

impl Phases {
    pub(crate) fn new(axis: &Axis) -> Self {
        let count = |phase: usize| (axis.input - phase).div_ceil(axis.stride);
        let starts = (0..axis.stride.min(axis.input)).scan(0, |start, phase| {
            let before = *start;
            *start += count(phase);
            Some(before)
        });
        Phases {
            axis: *axis,
            starts: starts.collect(),
        }
    }

    /// What each tap reads; taps that only ever read padding are left out.
    pub(crate) fn meetings(&self) -> impl Iterator<Item = Meeting> {
        (0..self.axis.taps).filter_map(|tap| {
            let outputs = self.axis.outputs_inside(tap);
            let first = self
                .axis
                .source_inside(outputs.start, tap)
                .filter(|_| !outputs.is_empty())?;
            let start = self.starts[first % self.axis.stride] + first / self.axis.stride;
            Some(Meeting {
                tap,
                inputs: start..start + outputs.len(),
                outputs,
            })
        })
    }

    /// Sorts all rows of a tensor; with stride 1 they are sorted already.
    pub(crate) fn split_rows<'t, T: Float>(
        &self,
        cx: &Context,
        tensor: Operand<'t, T>,
    ) -> Result<Operand<'t, T>> {
        if self.axis.stride == 1 {
            return Ok(tensor);
        }
        let mut sorted = cx.buffer("a tensor sorted by phases", tensor.len())?;
        let row = self.axis.input;
        cx.for_each_chunk(tensor.len(), &mut sorted, row, |i, sorted| {
            let unsorted = &tensor[i * row..(i + 1) * row];
            for (phase, &start) in self.starts.iter().enumerate() {
                let from = unsorted[phase..].iter().step_by(self.axis.stride);
                sorted[start..]
                    .iter_mut()
                    .zip(from)
                    .for_each(|(to, from)| *to = *from);
            }
        });
        Ok(Operand::Made(sorted))
    }

    /// Writes a row in its natural order.
    pub(crate) fn join<T: Float>(&self, sorted: &[T], row: &mut [T]) {
        if self.axis.stride == 1 {
            return row.copy_from_slice(sorted);
        }
        for (phase, &start) in self.starts.iter().enumerate() {
            let to = row[phase..].iter_mut().step_by(self.axis.stride);
            to.zip(&sorted[start..]).for_each(|(to, from)| *to = *from);
        }
    }
}
