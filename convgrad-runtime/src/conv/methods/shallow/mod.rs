//! Groups too shallow to be worth a matrix product, depthwise convolutions above all: loops over whole planes.
//!
//! Each plane that is read is copied once, with its zeros around it and cut by the phases of the stride ([`Planes`]); what a tap reads at
//! neighbouring results then lies side by side, and a result is a sum of a few shifted lines. The input's gradient is the same computation
//! phase by phase, or of all phases at once ([`Spreading`]), and the kernel's gradient the products of the same lines with those of the output's gradient.
//!
//! That is NCHW. Depthwise convolutions whose channels lie side by side need no planes ([`lanes`]); other shallow groups in such layouts are
//! copied to NCHW and back.

use crate::conv::geometry::{Axis, Conv2d};
use crate::conv::job::Job;
use crate::conv::layout::{Activations, Kernel};
use crate::conv::plain;
use crate::error::Result;
use crate::float::Float;
use crate::gemm::host;

mod lanes;
mod meeting;
mod rooms;
mod sliding;
mod spreading;

use sliding::Sliding;
use spreading::Spreading;

/// Products of input and output channels in a group below which planes are faster than matrices.
const SHALLOW: usize = 8;

/// Input channels of a group that are few for its gradient.
const FEW: usize = 6;

/// Parts that the groups of all images are cut into for the threads.
const PARTS: usize = 16;

/// Whether a convolution's groups are that shallow.
pub(crate) fn suits(conv: &Conv2d) -> bool {
    conv.groups() > 1 && conv.group_inputs().saturating_mul(conv.group_outputs()) < SHALLOW
}

/// Whether the input's gradient has so few channels that a product would have but a sliver of rows.
pub(crate) fn suits_input_gradient(conv: &Conv2d) -> bool {
    suits(conv) || conv.group_inputs() < FEW && conv.taps() > 1
}

/// The output.
pub(crate) fn forward<T: Float>(job: Job<T>) -> Result<()> {
    if lanes::suits(job.conv, job.formats) {
        return lanes::forward(job);
    }
    let Job {
        cx,
        conv,
        formats,
        operands: (x, kernel),
        result: y,
    } = job;
    let x = plain::nchw(cx, Activations::input(formats.input, conv), x)?;
    let kernel = plain::kcrs(cx, Kernel::of(formats.kernel, conv), kernel)?;
    let (inputs, taps) = (conv.group_inputs(), conv.taps());
    let phases = [(0, conv.rows().reads(), vec![(0, conv.columns().reads())])];
    let sliding = Sliding {
        kernels: host(),
        kernel: &kernel,
        strides: [inputs * taps, taps],
        taps: [conv.rows().taps, conv.columns().taps],
        inputs,
        outputs: conv.group_outputs(),
        stride: [1, 1],
        extents: [conv.rows().output(), conv.columns().output()],
        phases: &phases,
    };
    plain::write_nchw(cx, Activations::output(formats.output, conv), y, |y| {
        sliding.compute(cx, &x, y)
    })
}

/// The gradient of the input.
pub(crate) fn backward_input<T: Float>(job: Job<T>) -> Result<()> {
    if lanes::suits(job.conv, job.formats) {
        return lanes::backward_input(job);
    }
    let Job {
        cx,
        conv,
        formats,
        operands: (kernel, dy),
        result: dx,
    } = job;
    let dy = plain::nchw(cx, Activations::output(formats.output, conv), dy)?;
    let kernel = plain::kcrs(cx, Kernel::of(formats.kernel, conv), kernel)?;
    // Several inputs share what slides over them, but each would pick its lanes anew.
    if conv.group_inputs() == 1
        && let Some(spreading) = Spreading::new(host(), conv)
    {
        return plain::write_nchw(cx, Activations::input(formats.input, conv), dx, |dx| {
            spreading.compute(cx, &kernel, &dy, dx)
        });
    }
    let (inputs, taps) = (conv.group_inputs(), conv.taps());
    let phases = |axis: &Axis| {
        axis.phases()
            .map(|phase| (phase, axis.phase_reads(phase)))
            .collect::<Vec<_>>()
    };
    let columns = phases(conv.columns());
    let phases: Vec<_> = phases(conv.rows())
        .into_iter()
        .map(|(phase, rows)| (phase, rows, columns.clone()))
        .collect();
    let sliding = Sliding {
        kernels: host(),
        kernel: &kernel,
        strides: [taps, inputs * taps],
        taps: [conv.rows().taps, conv.columns().taps],
        inputs: conv.group_outputs(),
        outputs: inputs,
        stride: conv.stride(),
        extents: [conv.rows().input, conv.columns().input],
        phases: &phases,
    };
    plain::write_nchw(cx, Activations::input(formats.input, conv), dx, |dx| {
        sliding.compute(cx, &dy, dx)
    })
}

/// The gradient of the kernel.
pub(crate) fn backward_kernel<T: Float>(job: Job<T>) -> Result<()> {
    if lanes::suits(job.conv, job.formats) {
        return lanes::backward_kernel(job);
    }
    meeting::backward_kernel(job)
}
