//! The buffers of a band of results: the planes that it reads, and the lines that it is.

use crate::conv::context::Context;
use crate::conv::operands::Planes;
use crate::conv::scratch::Buffer;
use crate::error::Result;
use crate::float::Float;
use crate::gemm::{Kernels, Taps};

/// Planes of each phase of the columns, and the lines that slide over them.
pub(super) struct Rooms<'r, T: Float> {
    kernels: &'r Kernels<T>,
    /// Planes of a group that are read, and written.
    inputs: usize,
    outputs: usize,
    /// For each phase the planes of all inputs.
    planes: Buffer<T>,
    /// For each phase the lines of all outputs.
    lines: Buffer<T>,
    /// For each phase, where every tap of every input reads.
    offsets: Vec<Vec<usize>>,
    /// By which the outputs take what is there.
    weights: Vec<T>,
    size: Size,
    /// Rows of each phase of the planes: where the zeros stand that are written once.
    rows: Vec<usize>,
}

/// How large the parts of the buffers are.
#[derive(Clone, Copy)]
struct Size {
    phases: usize,
    /// Of an input's plane.
    plane: usize,
    /// Of an output's lines.
    lines: usize,
}

impl Size {
    fn of(lanes: usize, planes: &[Planes]) -> Self {
        Size {
            phases: planes.len(),
            plane: planes.iter().map(Planes::len).fold(0, usize::max),
            lines: planes.iter().map(Planes::vectors).fold(0, usize::max) * lanes,
        }
    }
}

fn rows(planes: &[Planes]) -> Vec<usize> {
    planes.iter().flat_map(Planes::rows).collect()
}

impl<'r, T: Float> Rooms<'r, T> {
    /// For the planes of a band.
    pub(super) fn new(
        cx: &Context,
        kernels: &'r Kernels<T>,
        planes: &[Planes],
        [inputs, outputs]: [usize; 2],
    ) -> Result<Self> {
        let size = Size::of(kernels.lanes, planes);
        let mut room = cx.buffer::<T>(
            "planes with zeros around",
            size.phases * inputs * size.plane,
        )?;
        room.fill(T::default());
        Ok(Rooms {
            kernels,
            inputs,
            outputs,
            planes: room,
            lines: cx.buffer("the lines of a plane", size.phases * outputs * size.lines)?,
            offsets: planes
                .iter()
                .map(|planes| {
                    let of_input = |c: usize| {
                        let offset = move |&(_, offset): &(usize, usize)| c * size.plane + offset;
                        planes.taps().iter().map(offset)
                    };
                    (0..inputs).flat_map(of_input).collect()
                })
                .collect(),
            weights: Vec::new(),
            size,
            rows: rows(planes),
        })
    }

    /// Whether another band of the same phase of rows can use them: its planes have as many rows and the same zeros left and right.
    pub(super) fn suit(&self, planes: &[Planes]) -> bool {
        self.rows == rows(planes)
    }

    /// Copies the inputs of a group.
    pub(super) fn fill(&mut self, planes: &[Planes], from: &[T]) {
        if let ([planes], 1) = (planes, self.inputs) {
            return planes.fill(self.kernels, from, &mut self.planes);
        }
        let input = from.len() / self.inputs;
        let rooms = self.planes.chunks_mut(self.inputs * self.size.plane);
        for (planes, room) in planes.iter().zip(rooms) {
            let inputs = from.chunks(input).zip(room.chunks_mut(self.size.plane));
            for (from, room) in inputs {
                planes.fill(self.kernels, from, room);
            }
        }
    }

    /// Computes all outputs of a group, by weights that lie so far apart for each output and input.
    pub(super) fn slide(&mut self, planes: &[Planes], kernel: &[T], [output, input]: [usize; 2]) {
        for (phase, (planes, offsets)) in planes.iter().zip(&self.offsets).enumerate() {
            let room = &self.planes[phase * self.inputs * self.size.plane..];
            let lines = &mut self.lines[phase * self.outputs * self.size.lines..];
            self.weights.clear();
            let weights = if self.inputs * self.outputs == 1 && planes.all_taps() {
                kernel
            } else {
                for c in 0..self.inputs {
                    for &(tap, _) in planes.taps() {
                        let weights = kernel[c * input + tap..].iter().step_by(output);
                        self.weights.extend(weights.take(self.outputs));
                    }
                }
                &self.weights
            };
            let taps = Taps {
                offsets,
                weights,
                outputs: self.outputs,
            };
            // SAFETY: the planes hold so many vectors at every tap's offset, and the lines all results of all outputs.
            unsafe {
                (self.kernels.slide)(
                    room.as_ptr(),
                    &taps,
                    lines.as_mut_ptr(),
                    self.size.lines,
                    planes.vectors(),
                )
            };
        }
    }

    /// The lines of an output of a phase.
    pub(super) fn lines(&self, phase: usize, output: usize) -> &[T] {
        &self.lines[(phase * self.outputs + output) * self.size.lines..][..self.size.lines]
    }
}
