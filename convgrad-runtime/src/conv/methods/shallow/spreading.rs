//! The input's gradient where the columns have a stride: neighbours of all phases at once, each by its own taps.
//!
//! Phases apart would each copy the planes, and their results would have to be interleaved; a vector of neighbours picks what it reads from a
//! vector of the output's gradient ([`Spread`]), and is stored as it is.

use super::PARTS;
use crate::conv::context::Context;
use crate::conv::geometry::{Axis, Conv2d, Reads, Tap};
use crate::error::Result;
use crate::float::Float;
use crate::gemm::{Column, Kernels, MOST_LANES, Run, Slot, Spread};

/// A convolution's input gradient, plane by plane.
pub(super) struct Spreading<'s, T: 'static> {
    kernels: &'static Kernels<T>,
    conv: &'s Conv2d,
    plan: Spread,
}

impl<'s, T: Float> Spreading<'s, T> {
    /// None where the columns have no stride, or a vector does not hold what its lanes read.
    pub(super) fn new(kernels: &'static Kernels<T>, conv: &'s Conv2d) -> Option<Self> {
        let (lanes, columns) = (kernels.lanes, conv.columns());
        if columns.stride == 1 || columns.stride > lanes || columns.taps > lanes {
            return None;
        }
        let outputs = conv.group_outputs();
        let from_output = conv.group_inputs() * conv.taps();
        let kernel_row =
            |k: usize| (0..conv.rows().taps).map(move |r| k * from_output + r * columns.taps);
        let slots = slots(columns, lanes)?;
        Some(Spreading {
            kernels,
            conv,
            plan: Spread {
                kernel_rows: (0..outputs).flat_map(kernel_row).collect(),
                kernel_width: columns.taps,
                columns: vectors(columns, lanes, &slots),
                slots: slots.into_iter().map(|(slot, _)| slot).collect(),
                runs: runs(conv),
                rows_apart: [columns.output(), conv.rows().stride * columns.input],
            },
        })
    }

    /// Computes all planes, from the kernel in KCRS and the output's gradient.
    pub(super) fn compute(&self, cx: &Context, kernel: &[T], dy: &[T], dx: &mut [T]) -> Result<()> {
        let conv = self.conv;
        let [n, c, h, w] = conv.input_shape();
        let (inputs, outputs) = (conv.group_inputs(), conv.group_outputs());
        let (taps, pixels) = (conv.taps(), conv.pixels());
        assert!(
            kernel.len() == outputs * conv.groups() * inputs * taps
                && dy.len() == n * conv.output_channels() * pixels
                && dx.len() == n * c * h * w,
            "tensors of another convolution"
        );
        let plan = &self.plan;
        let weights = plan.kernel_rows.len() * plan.slots.len() * self.kernels.lanes;
        let part = (n * c).div_ceil(PARTS);
        let work = dx.len().saturating_mul(outputs * 4);
        cx.try_for_each_chunk(work, dx, part * h * w, |cx, i, dx| {
            let mut weights = cx.buffer::<T>("the weights of a plane", weights)?;
            for (j, dx) in dx.chunks_mut(h * w).enumerate() {
                let plane = i * part + j;
                let (group, input) = (plane / inputs, plane % inputs);
                let kernel = &kernel[group % conv.groups() * outputs * inputs * taps..];
                let dy = &dy[group * outputs * pixels..][..outputs * pixels];
                // SAFETY: the plan reads rows of the kernel from this input's on, and elements of the group's planes, since `Reads` says which
                // taps are inside; it writes elements of a plane, of which `dx` is one; the room holds a vector for each row and slot.
                unsafe {
                    (self.kernels.spread)(
                        dy.as_ptr(),
                        plan,
                        kernel[input * taps..].as_ptr(),
                        weights.as_mut_ptr(),
                        dx.as_mut_ptr(),
                    )
                };
            }
            Ok(())
        })
    }
}

/// The taps of a phase that read anything, phase by phase.
fn phases(axis: &Axis) -> Vec<Reads> {
    axis.phases().map(|phase| axis.phase_reads(phase)).collect()
}

/// Slots for all taps of each phase, each with the place that its lane 0 of the source has for the first vector; None if a vector is too short.
fn slots(axis: &Axis, lanes: usize) -> Option<Vec<(Slot, isize)>> {
    let phases = phases(axis);
    let count = phases.iter().map(|reads| reads.taps.len()).max()?;
    let slot = |number: usize| {
        let tap = |lane: usize| phases.get(lane % axis.stride)?.taps.get(number).copied();
        let start = (0..axis.stride).filter_map(|lane| Some(tap(lane)?.first));
        let start = start.min()?;
        let mut slot = Slot {
            lanes: 0,
            taps: [0; MOST_LANES],
            sources: [0; MOST_LANES],
        };
        // Whole groups of phases, so that every vector begins with the first one.
        for lane in 0..lanes / axis.stride * axis.stride {
            if let Some(Tap { index, first }) = tap(lane) {
                let source = (first - start) as usize + lane / axis.stride;
                if source >= lanes {
                    return None;
                }
                slot.lanes |= 1 << lane;
                (slot.taps[lane], slot.sources[lane]) = (index as u32, source as u32);
            }
        }
        Some((slot, start))
    };
    (0..count).map(slot).collect()
}

/// The vectors of a row.
fn vectors(axis: &Axis, lanes: usize, slots: &[(Slot, isize)]) -> Vec<Column> {
    let groups = lanes / axis.stride;
    let column = |to: usize| {
        let source = |(_, start): &(Slot, isize)| {
            let first = start + (to / axis.stride) as isize;
            let inside = |lane: &usize| {
                let place = first + *lane as isize;
                (0..axis.output() as isize).contains(&place)
            };
            let lanes = (0..lanes).filter(inside);
            (first, lanes.fold(0, |mask, lane| mask | 1 << lane))
        };
        Column {
            to,
            count: (groups * axis.stride).min(axis.input - to),
            sources: slots.iter().map(source).collect(),
        }
    };
    (0..axis.input)
        .step_by(groups * axis.stride)
        .map(column)
        .collect()
}

/// The rows of a plane, cut where other taps begin to read inside, or cease to.
fn runs(conv: &Conv2d) -> Vec<Run> {
    let (axis, width) = (conv.rows(), conv.columns().output());
    let mut runs = Vec::new();
    for (phase, reads) in phases(axis).iter().enumerate() {
        for (results, taps) in reads.stretches() {
            let of_output = |k: usize| {
                let read = move |tap: &Tap| {
                    let row = k * axis.output() + tap.first as usize;
                    (k * axis.taps + tap.index, row * width)
                };
                taps.iter().map(read)
            };
            runs.push(Run {
                to: (results.start * axis.stride + phase) * conv.columns().input,
                rows: results.len(),
                taps: (0..conv.group_outputs()).flat_map(of_output).collect(),
            });
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conv::{Layout, Method, backward_input};
    use crate::gemm::HasKernels;

    /// Numbers whose products and sums are exact.
    fn numbers<T: Float>(len: usize, seed: usize) -> Vec<T> {
        (0..len)
            .map(|i| T::from_f64(((i * 7 + seed * 5) % 23) as f64 - 11.0))
            .collect()
    }

    /// The number of kernels by which a plan was found.
    fn agree<T: Float + HasKernels>(conv: &Conv2d) -> usize {
        let len = |shape: [usize; 4]| shape.iter().product();
        let kernel = numbers::<T>(len(conv.kernel_shape()), 1);
        let dy = numbers::<T>(len(conv.output_shape()), 2);
        let mut expected = vec![T::default(); len(conv.input_shape())];
        let cx = Context::default();
        let (method, layout) = (Method::Direct, Layout::Nchw);
        backward_input(&cx, conv, method, layout, &kernel, &dy, &mut expected).unwrap();
        let plans = T::kernels()
            .iter()
            .filter_map(|kernels| Some((kernels, Spreading::new(kernels, conv)?)));
        plans
            .map(|(kernels, spreading)| {
                let mut dx = vec![T::from_f64(f64::NAN); expected.len()];
                spreading.compute(&cx, &kernel, &dy, &mut dx).unwrap();
                let same = dx
                    .iter()
                    .zip(&expected)
                    .all(|(a, b)| a.to_f64() == b.to_f64());
                assert!(same, "{conv:?} {kernels:?}");
            })
            .count()
    }

    #[test]
    fn every_kernel_spreads() {
        // Taps, stride, dilation, padding; the last three are too wide for the shorter vectors.
        let axes = [
            (3, 2, 1, 1),
            (2, 3, 1, 0),
            (3, 2, 2, 2),
            (1, 3, 1, 0),
            (3, 4, 3, 5),
            (7, 2, 1, 3),
            (5, 3, 4, 7),
            (3, 9, 1, 0),
        ];
        let channels = [(2, 2, 3), (5, 1, 1), (1, 3, 4)];
        // Few where each access is checked.
        let (axes, channels, extents): (&[_], &[_], &[usize]) = match cfg!(miri) {
            true => (&axes[..2], &channels[..1], &[9]),
            false => (&axes, &channels, &[14, 41]),
        };
        for &(taps, stride, dilation, pad) in axes {
            for &(groups, inputs, outputs) in channels {
                for &extent in [dilation * (taps - 1) + 1].iter().chain(extents) {
                    let conv = Conv2d::builder(
                        [2, groups * inputs, extent + 3, extent],
                        [groups * outputs, inputs, taps, taps],
                    )
                    .stride([stride.min(3), stride])
                    .dilation([1, dilation])
                    .padding(pad)
                    .groups(groups)
                    .build();
                    // Some kernels are larger than their small image.
                    if let Ok(conv) = conv {
                        agree::<f64>(&conv);
                        // Vectors of sixteen and of eight lanes hold all of these, but not everybody has them.
                        assert!(agree::<f32>(&conv) > 0 || f32::kernels().len() == 1);
                    }
                }
            }
        }
    }
}
