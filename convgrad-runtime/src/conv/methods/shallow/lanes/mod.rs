//! Depthwise convolutions whose channels lie side by side (NHWC, NC1HWC0): a lane is a channel, and nothing is copied or converted.
//!
//! A tap is one multiply-add of a vector of a neighbour's channels and the tap's vector of the kernel. The results are cut into rectangles
//! that read by the same taps ([`Rectangles`]), so that no padding is read or multiplied; the input's gradient of a stride is the rectangles
//! of its phases. The kernel's gradient goes through the same rectangles the other way round.
//!
//! Groups of several channels, and tensors of which one is in NCHW, stay with the planes.

mod blending;
mod rectangles;
#[cfg(test)]
mod tests;
mod weighing;
mod weights;

use blending::Blending;
use rectangles::{Channels, Rectangles, Results};
use weighing::Weighing;

use crate::conv::geometry::Conv2d;
use crate::conv::job::Job;
use crate::conv::layout::{ActivationLayout, Activations, C0, Formats, Kernel};
use crate::error::Result;
use crate::float::Float;
use crate::gemm::host;

/// Whether groups are single channels, and channels lie side by side.
pub(super) fn suits(conv: &Conv2d, formats: Formats) -> bool {
    let layouts = [formats.input, formats.output];
    conv.is_depthwise() && !layouts.contains(&ActivationLayout::Nchw)
}

/// Channels that lie side by side in both of two tensors, as far as whole vectors go.
fn together(from: &Activations, to: &Activations) -> usize {
    if from.block == to.block { to.block } else { C0 }
}

/// The output.
pub(super) fn forward<T: Float>(job: Job<T>) -> Result<()> {
    let (conv, (x, kernel)) = (job.conv, job.operands);
    let (input, output) = views(conv, job.formats);
    let results = [conv.rows(), conv.columns()].map(Results::outputs);
    let blending = Blending {
        kernels: host(),
        rectangles: Rectangles::new(
            &results,
            &input,
            &output,
            [conv.rows(), conv.columns()].map(|axis| axis.taps),
        ),
        from: input,
        to: output,
    };
    let kernel = (kernel, Kernel::of(job.formats.kernel, conv));
    blending.compute(job.cx, x, kernel, job.result)
}

/// The gradient of the input.
pub(super) fn backward_input<T: Float>(job: Job<T>) -> Result<()> {
    let (conv, (kernel, dy)) = (job.conv, job.operands);
    let (input, output) = views(conv, job.formats);
    let results = [conv.rows(), conv.columns()].map(Results::inputs);
    let blending = Blending {
        kernels: host(),
        rectangles: Rectangles::new(
            &results,
            &output,
            &input,
            [conv.rows(), conv.columns()].map(|axis| axis.taps),
        ),
        from: output,
        to: input,
    };
    let kernel = (kernel, Kernel::of(job.formats.kernel, conv));
    blending.compute(job.cx, dy, kernel, job.result)
}

/// The gradient of the kernel.
pub(super) fn backward_kernel<T: Float>(job: Job<T>) -> Result<()> {
    let (conv, (x, dy)) = (job.conv, job.operands);
    let (input, output) = views(conv, job.formats);
    let results = [conv.rows(), conv.columns()].map(Results::outputs);
    let weighing = Weighing {
        kernels: host(),
        rectangles: Rectangles::new(
            &results,
            &input,
            &output,
            [conv.rows(), conv.columns()].map(|axis| axis.taps),
        ),
        from: input,
        pixels: output,
    };
    let kernel = Kernel::of(job.formats.kernel, conv);
    weighing.compute(job.cx, x, dy, (job.result, kernel))
}

fn views(conv: &Conv2d, formats: Formats) -> (Activations, Activations) {
    (
        Activations::input(formats.input, conv),
        Activations::output(formats.output, conv),
    )
}
