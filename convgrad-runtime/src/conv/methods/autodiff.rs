//! What a compiler's automatic differentiation emits: the loops of the derived adjoint.
//!
//! Gathers, not scatters: each element of a gradient is summed by itself and written once. The taps that reach a position solve a
//! congruence ([`Axis::readers`]), so that the loops step from one to the next and no loop body asks whether it has anything to do; the
//! innermost loops run over rows that lie side by side (see `phases`).

use super::phases::{Meeting, Phases};
use super::rows::{axpy, dot};
use crate::conv::job::Job;
use crate::conv::layout::{Activations, Kernel};
use crate::conv::plain;
use crate::error::Result;
use crate::float::Float;

/// dx[n, c, h, w] = sum over k and the (r, p), (s, q) that read (h, w) of dy[n, k, p, q] * kernel[k, c, r, s].
pub(crate) fn backward_input<T: Float>(job: Job<T>) -> Result<()> {
    let Job {
        cx,
        conv,
        formats,
        operands: (kernel, dy),
        result: dx,
    } = job;
    let dy = plain::nchw(cx, Activations::output(formats.output, conv), dy)?;
    let kernel = plain::kcrs(cx, Kernel::of(formats.kernel, conv), kernel)?;
    plain::write_nchw(cx, Activations::input(formats.input, conv), dx, |dx| {
        let conv = conv.coalesced();
        let (rows, columns) = (conv.rows(), conv.columns());
        let (inputs, outputs) = (conv.group_inputs(), conv.group_outputs());
        let phases = Phases::new(columns);
        let meetings: Vec<Meeting> = phases.meetings().collect();
        let readers: Vec<Vec<(usize, usize)>> =
            (0..rows.input).map(|h| rows.readers(h).collect()).collect();
        cx.for_each_chunk(usize::MAX, dx, rows.input * columns.input, |plane, dx| {
            let (n, c) = (plane / conv.input_channels(), plane % conv.input_channels());
            let mut sums = vec![T::default(); dx.len()];
            for k in c / inputs * outputs..(c / inputs + 1) * outputs {
                let dy = &dy[(n * conv.output_channels() + k) * conv.pixels()..][..conv.pixels()];
                let kernel = &kernel[(k * inputs + c % inputs) * conv.taps()..][..conv.taps()];
                for (sums, readers) in sums.chunks_mut(columns.input).zip(&readers) {
                    for (r, p) in readers {
                        let dy = &dy[p * columns.output()..][..columns.output()];
                        for meeting in &meetings {
                            let weight = kernel[r * columns.taps + meeting.tap];
                            axpy(
                                &mut sums[meeting.inputs.clone()],
                                weight,
                                &dy[meeting.outputs.clone()],
                                1,
                            );
                        }
                    }
                }
            }
            for (dx, sums) in dx.chunks_mut(columns.input).zip(sums.chunks(columns.input)) {
                phases.join(sums, dx);
            }
        });
        Ok(())
    })
}

/// dk[k, c, r, s] = sum over n, p, q of dy[n, k, p, q] * x[n, c, h, w].
pub(crate) fn backward_kernel<T: Float>(job: Job<T>) -> Result<()> {
    let Job {
        cx,
        conv,
        formats,
        operands: (x, dy),
        result: dk,
    } = job;
    let x = plain::nchw(cx, Activations::input(formats.input, conv), x)?;
    let dy = plain::nchw(cx, Activations::output(formats.output, conv), dy)?;
    plain::write_kcrs(cx, Kernel::of(formats.kernel, conv), dk, |dk| {
        let conv = conv.coalesced();
        let (rows, columns) = (conv.rows(), conv.columns());
        let (inputs, outputs) = (conv.group_inputs(), conv.group_outputs());
        let phases = Phases::new(columns);
        let meetings: Vec<Meeting> = phases.meetings().collect();
        let x = phases.split_rows(cx, x)?;
        let image = rows.input * columns.input;
        cx.for_each_chunk(usize::MAX, dk, conv.taps(), |plane, dk| {
            let (k, c) = (plane / inputs, plane % inputs);
            // A tap that only ever reads padding meets nothing.
            dk.fill(T::default());
            for r in 0..rows.taps {
                for meeting in &meetings {
                    let mut sum = T::default();
                    for n in 0..conv.batch() {
                        let x = &x
                            [(n * conv.input_channels() + k / outputs * inputs + c) * image..]
                            [..image];
                        let dy = &dy[(n * conv.output_channels() + k) * conv.pixels()..]
                            [..conv.pixels()];
                        for p in rows.outputs_inside(r) {
                            let x =
                                &x[rows.source(p, r) as usize * columns.input..][..columns.input];
                            let dy = &dy[p * columns.output()..][..columns.output()];
                            sum += dot(&dy[meeting.outputs.clone()], &x[meeting.inputs.clone()], 1);
                        }
                    }
                    dk[r * columns.taps + meeting.tap] = sum;
                }
            }
        });
        Ok(())
    })
}
