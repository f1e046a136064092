//! The engine: products whose operands read the tensors where they are, in any mixture of layouts.
//!
//! No matrix of patches and no converted tensor is ever stored: the windows of the input, or of the output's gradient, are an operand that
//! writes itself a block at a time ([`Windows`]), and all other operands are the tensors with other names for their axes.
//!
//! | | rows | depth | columns |
//! |---|---|---|---|
//! | forward | output channels | channels and taps | pixels |
//! | input's gradient, phase by phase | input channels | output channels and the phase's taps | the phase's pixels |
//! | kernel's gradient | output channels | pixels of all images | channels and taps |
//!
//! That is how the products stand where pixels lie side by side (NCHW); where channels do, all three are turned over, and so is the kernel's
//! gradient with few channels, or few outputs, whose vectors it would not fill.
//! Where phases would read the kernel again and again, or write results one by one, the input's gradient is one product whose results are
//! scattered while they are in the cache ([`scattering`]).
//! Groups of a few channels, depthwise convolutions above all, are loops over planes, or over pixels: a matrix product would be mostly padding.

use super::products::{self, Weights};
use super::scattering::{self, Order};
use super::shallow;
use crate::conv::context::Stage;
use crate::conv::geometry::Reads;
use crate::conv::job::{Job, Pass};
use crate::conv::layout::{Activations, Kernel};
use crate::conv::operands::{Lines, SharedWindows, Windows, channels, depth, pixels};
use crate::error::Result;
use crate::float::Float;
use crate::gemm::{Matrix, Places, Shape, Target, Write, multiply_matrices, product};

/// The output.
pub(crate) fn forward<T: Float>(job: Job<T>) -> Result<()> {
    if shallow::suits(job.conv) {
        return shallow::forward(job);
    }
    let (x, kernel) = job.operands;
    by_products(job, Pass::Forward, x, kernel)
}

/// The gradient of the input: for each phase of the stride a convolution of the output's gradient.
pub(crate) fn backward_input<T: Float>(job: Job<T>) -> Result<()> {
    if scattering::suits::<T>(job.conv, job.formats) {
        return scatter(job);
    }
    if shallow::suits_input_gradient(job.conv) {
        return shallow::backward_input(job);
    }
    let (kernel, dy) = job.operands;
    by_products(job, Pass::BackwardInput, dy, kernel)
}

/// The gradient of the input, of all phases at once.
fn scatter<T: Float>(job: Job<T>) -> Result<()> {
    let Job {
        cx,
        conv,
        formats,
        operands: (kernel, dy),
        result: dx,
    } = job;
    let kernel = scattering::kernel(conv, &Kernel::of(formats.kernel, conv), kernel)?;
    scattering::compute(cx, conv, formats, (&kernel, Order::Kernel), dy, dx)
}

fn by_products<T: Float>(job: Job<T>, pass: Pass, tensor: &[T], kernel: &[T]) -> Result<()> {
    let Job {
        cx,
        conv,
        formats,
        result,
        ..
    } = job;
    let weights = |_| Weights::Tensor(kernel);
    products::compute(cx, conv, formats, pass, tensor, weights, result)
}

/// The gradient of the kernel.
pub(crate) fn backward_kernel<T: Float>(job: Job<T>) -> Result<()> {
    if shallow::suits(job.conv) {
        return shallow::backward_kernel(job);
    }
    let Job {
        cx,
        conv,
        formats,
        operands: (x, dy),
        result: dk,
    } = job;
    let (input, output) = (
        Activations::input(formats.input, conv),
        Activations::output(formats.output, conv),
    );
    let view = Kernel::of(formats.kernel, conv);
    let reads = [&conv.rows().reads(), &conv.columns().reads()];
    let group = conv.group_inputs();
    let rows = depth(input.runs(group), reads, &view, |c| {
        view.address(0, c % group, 0)
    })?;
    let in_place = products::in_place(&input, group, reads)?;
    let lines = if in_place.is_none() && input.block == 1 {
        Lines::new::<T>(reads.map(Reads::clone), group, conv.group_outputs())
    } else {
        None
    };
    // The rows of all groups one after the other, or those of any.
    let (rows, apart) = match &lines {
        Some(lines) => (rows.reordered(lines.order())?, 0),
        None => (rows, conv.depth()),
    };
    let columns = Places::steady(conv.output_channels(), view.output)?;
    if view.is_ragged() {
        dk.fill(T::default());
    }
    let result = Target::new(dk, rows, columns, [apart, conv.group_outputs()]);
    // Pixels x outputs.
    let gradient = Matrix::new(
        dy,
        pixels(&output)?,
        channels(&output)?,
        [0, conv.group_outputs()],
    );
    let shape = Shape {
        batch: conv.groups(),
        m: conv.depth(),
        n: conv.group_outputs(),
        k: conv.batch() * conv.pixels(),
    };
    cx.stage(Stage::Gemm, || {
        if let Some((depth, pixels)) = in_place {
            let tensor = Matrix::new(x, depth, pixels, [shape.m, 0]);
            return multiply_matrices(cx, shape, tensor, gradient, result, Write::Replace);
        }
        if let Some(lines) = lines {
            let windows = SharedWindows::new(x, &lines, [input.image(), input.plane()]);
            let (shape, gradient) = (shape.transposed(), gradient.transposed());
            let result = result.transposed();
            return product(cx, shape, &gradient, &windows, &result, Write::Replace);
        }
        let windows = Windows::new(x, input, group, reads[0], reads[1]);
        if windows.rows_are_depth() {
            product(cx, shape, &windows, &gradient, &result, Write::Replace)
        } else {
            product(
                cx,
                shape.transposed(),
                &gradient.transposed(),
                &windows,
                &result.transposed(),
                Write::Replace,
            )
        }
    })
}
