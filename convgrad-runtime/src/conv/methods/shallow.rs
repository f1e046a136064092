//! The forward convolution as plain loops over rows, for groups too shallow to be worth a matrix product (depthwise convolutions).
//!
//! Its gradients are the loops of `autodiff`.

use super::phases::{Meeting, Phases};
use super::rows::axpy;
use crate::conv::context::Context;
use crate::conv::geometry::Conv2d;
use crate::conv::layout::{Activations, Formats, Kernel};
use crate::conv::plain;
use crate::error::Result;
use crate::float::Float;

/// Products of input and output channels in a group below which rows are faster than matrices.
const SHALLOW: usize = 8;

/// Whether a convolution's groups are that shallow.
pub(crate) fn suits(conv: &Conv2d) -> bool {
    conv.groups() > 1 && conv.group_inputs().saturating_mul(conv.group_outputs()) < SHALLOW
}

/// y[n, k, p, q] = sum over c, r, s of x[n, c, h, w] * kernel[k, c, r, s].
pub(crate) fn forward<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    (x, kernel): (&[T], &[T]),
    y: &mut [T],
) -> Result<()> {
    let x = plain::nchw(cx, Activations::input(formats.input, conv), x)?;
    let kernel = plain::kcrs(cx, Kernel::of(formats.kernel, conv), kernel)?;
    plain::write_nchw(cx, Activations::output(formats.output, conv), y, |y| {
        let conv = conv.coalesced();
        let (rows, columns) = (conv.rows(), conv.columns());
        let (inputs, outputs) = (conv.group_inputs(), conv.group_outputs());
        let phases = Phases::new(columns);
        let meetings: Vec<Meeting> = phases.meetings().collect();
        let x = phases.split_rows(cx, x)?;
        let image = rows.input * columns.input;
        cx.for_each_chunk(usize::MAX, y, conv.pixels(), |plane, y| {
            let (n, k) = (
                plane / conv.output_channels(),
                plane % conv.output_channels(),
            );
            y.fill(T::default());
            for c in 0..inputs {
                let x =
                    &x[(n * conv.input_channels() + k / outputs * inputs + c) * image..][..image];
                let kernel = &kernel[(k * inputs + c) * conv.taps()..][..conv.taps()];
                for (p, y) in y.chunks_mut(columns.output()).enumerate() {
                    for r in rows.taps_inside(p) {
                        let x = &x[rows.source(p, r) as usize * columns.input..][..columns.input];
                        for meeting in &meetings {
                            let weight = kernel[r * columns.taps + meeting.tap];
                            axpy(
                                &mut y[meeting.outputs.clone()],
                                weight,
                                &x[meeting.inputs.clone()],
                                1,
                            );
                        }
                    }
                }
            }
        });
        Ok(())
    })
}
