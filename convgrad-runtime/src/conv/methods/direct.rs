//! The plain definition, accumulated in f64: the oracle that the other methods are held against.
//!
//! Whatever the layout, it computes on f64 copies in NCHW, plane by plane of the result.

use std::ops::Range;

use super::rows::{axpy, axpy_into, dot};
use crate::buffer::zeros;
use crate::conv::geometry::Conv2d;
use crate::conv::job::Job;
use crate::conv::layout::{Activations, Kernel};
use crate::conv::plain;
use crate::error::Result;
use crate::float::Float;

/// y[n, k, p, q] = sum over c, r, s of x[n, c, h, w] * kernel[k, c, r, s].
pub(crate) fn forward<T: Float>(job: Job<T>) -> Result<()> {
    let Job {
        cx,
        conv,
        formats,
        operands: (x, kernel),
        result: y,
    } = job;
    let x: Vec<f64> = plain::activations(cx, Activations::input(formats.input, conv), x)?;
    let kernel: Vec<f64> = plain::kernel(Kernel::of(formats.kernel, conv), kernel)?;
    let mut sums = zeros::<f64>("the output in f64", conv.output_shape().iter().product())?;
    let Sizes {
        inputs,
        outputs,
        image,
        taps,
        channels,
        ..
    } = Sizes::of(conv);
    cx.for_each_chunk(usize::MAX, &mut sums, conv.pixels(), |plane, y| {
        let (n, k) = (
            plane / conv.output_channels(),
            plane % conv.output_channels(),
        );
        for c in 0..inputs {
            let x = &x[(n * channels + k / outputs * inputs + c) * image..][..image];
            let kernel = &kernel[(k * inputs + c) * taps..][..taps];
            each_row(conv, |row| {
                axpy(
                    &mut y[row.output.clone()],
                    kernel[row.tap],
                    &x[row.input..],
                    row.step,
                );
            });
        }
    });
    plain::store_activations(cx, Activations::output(formats.output, conv), &sums, y);
    Ok(())
}

/// dx[n, c, h, w] = sum over the k, r, s, p, q that read it of dy[n, k, p, q] * kernel[k, c, r, s].
pub(crate) fn backward_input<T: Float>(job: Job<T>) -> Result<()> {
    let Job {
        cx,
        conv,
        formats,
        operands: (kernel, dy),
        result: dx,
    } = job;
    let dy: Vec<f64> = plain::activations(cx, Activations::output(formats.output, conv), dy)?;
    let kernel: Vec<f64> = plain::kernel(Kernel::of(formats.kernel, conv), kernel)?;
    let mut sums = zeros::<f64>(
        "the gradient of the input in f64",
        conv.input_shape().iter().product(),
    )?;
    let Sizes {
        inputs,
        outputs,
        image,
        pixels,
        taps,
        channels,
    } = Sizes::of(conv);
    cx.for_each_chunk(usize::MAX, &mut sums, image, |plane, dx| {
        let (n, c) = (plane / channels, plane % channels);
        for k in c / inputs * outputs..(c / inputs + 1) * outputs {
            let dy = &dy[(n * conv.output_channels() + k) * pixels..][..pixels];
            let kernel = &kernel[(k * inputs + c % inputs) * taps..][..taps];
            each_row(conv, |row| {
                axpy_into(
                    &mut dx[row.input..],
                    row.step,
                    kernel[row.tap],
                    &dy[row.output.clone()],
                );
            });
        }
    });
    plain::store_activations(cx, Activations::input(formats.input, conv), &sums, dx);
    Ok(())
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
    let x: Vec<f64> = plain::activations(cx, Activations::input(formats.input, conv), x)?;
    let dy: Vec<f64> = plain::activations(cx, Activations::output(formats.output, conv), dy)?;
    let mut sums = zeros::<f64>(
        "the gradient of the kernel in f64",
        conv.kernel_shape().iter().product(),
    )?;
    let Sizes {
        inputs,
        outputs,
        image,
        pixels,
        taps,
        channels,
    } = Sizes::of(conv);
    cx.for_each_chunk(usize::MAX, &mut sums, taps, |plane, dk| {
        let (k, c) = (plane / inputs, plane % inputs);
        for n in 0..conv.batch() {
            let x = &x[(n * channels + k / outputs * inputs + c) * image..][..image];
            let dy = &dy[(n * conv.output_channels() + k) * pixels..][..pixels];
            each_row(conv, |row| {
                dk[row.tap] += dot(&dy[row.output.clone()], &x[row.input..], row.step);
            });
        }
    });
    plain::store_kernel(Kernel::of(formats.kernel, conv), &sums, dk);
    Ok(())
}

/// The counts that all three loops need.
struct Sizes {
    inputs: usize,
    outputs: usize,
    channels: usize,
    image: usize,
    pixels: usize,
    taps: usize,
}

impl Sizes {
    fn of(conv: &Conv2d) -> Self {
        Sizes {
            inputs: conv.group_inputs(),
            outputs: conv.group_outputs(),
            channels: conv.input_channels(),
            image: conv.rows().input * conv.columns().input,
            pixels: conv.pixels(),
            taps: conv.taps(),
        }
    }
}

/// A row of outputs that read inside the input at one tap.
struct Row {
    /// The tap, r * width + s.
    tap: usize,
    /// Where the first of them reads in its plane of the input.
    input: usize,
    /// From one read to the next.
    step: usize,
    /// Where they lie in their plane of the output.
    output: Range<usize>,
}

/// Visits the rows of every tap, which are the same in every plane.
fn each_row(conv: &Conv2d, mut visit: impl FnMut(Row)) {
    let (rows, columns) = (conv.rows(), conv.columns());
    for r in 0..rows.taps {
        for s in 0..columns.taps {
            let q = columns.outputs_inside(s);
            if q.is_empty() {
                continue;
            }
            let w = columns.source(q.start, s) as usize;
            for p in rows.outputs_inside(r) {
                visit(Row {
                    tap: r * columns.taps + s,
                    input: rows.source(p, r) as usize * columns.input + w,
                    step: columns.stride,
                    output: p * columns.output() + q.start..p * columns.output() + q.end,
                });
            }
        }
    }
}
