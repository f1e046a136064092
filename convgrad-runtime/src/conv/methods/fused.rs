//! The engine: products whose operands read the tensors where they are, in any mixture of layouts.
//!
//! No matrix of patches and no converted tensor is ever stored: the windows of the input, or of the output's gradient, are an operand that
//! writes itself a block at a time ([`Windows`]), and all other operands are the tensors with other names for their axes.
//!
//! | | rows | depth | columns |
//! |---|---|---|---|
//! | forward | output channels | channels and taps | pixels |
//! | input's gradient, phase by phase | input channels | output channels and the phase's taps | the phase's pixels |
//! | kernel's gradient | channels and taps | pixels of all images | output channels |
//!
//! That is how the products stand where pixels lie side by side (NCHW); where channels do, all three are turned over.
//! Groups of a few channels, depthwise convolutions above all, are loops over planes: a matrix product would be mostly padding.

use super::shallow;
use crate::conv::context::{Context, Stage};
use crate::conv::geometry::{Conv2d, Reads};
use crate::conv::job::Job;
use crate::conv::layout::{Activations, Formats, Kernel};
use crate::conv::operands::{Windows, Zones, channels, depth, elements, phase_pixels, pixels};
use crate::error::Result;
use crate::float::Float;
use crate::gemm::{Matrix, Places, Shape, Target, Write, multiply_matrices, product};

/// The output.
pub(crate) fn forward<T: Float>(job: Job<T>) -> Result<()> {
    if shallow::suits(job.conv) {
        return shallow::forward(job);
    }
    let Job {
        cx,
        conv,
        formats,
        operands: (x, kernel),
        result: y,
    } = job;
    let output = Activations::output(formats.output, conv);
    if output.is_ragged() {
        y.fill(T::default());
    }
    let (rows, columns) = (channels(&output)?, pixels(&output)?);
    let y = Target::new(y, rows, columns, [conv.group_outputs(), 0]);
    let view = Kernel::of(formats.kernel, conv);
    convolve(cx, conv, formats, (x, kernel), &view, y)
}

/// The forward convolution as a product of a kernel that lies as `view` says, into any target of output channels x pixels.
pub(crate) fn convolve<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    (x, kernel): (&[T], &[T]),
    view: &Kernel,
    result: Target<T>,
) -> Result<()> {
    let input = Activations::input(formats.input, conv);
    let reads = [&conv.rows().reads(), &conv.columns().reads()];
    let group = conv.group_inputs();
    let rows = Places::steady(conv.output_channels(), view.output)?;
    let columns = depth(input.runs(group), reads, view, |c| {
        view.address(0, c % group, 0)
    })?;
    let convolution = Convolution {
        groups: conv.groups(),
        inputs: group,
        outputs: conv.group_outputs(),
        reads,
        kernel: Matrix::new(kernel, rows, columns, [conv.group_outputs(), conv.depth()]),
        result,
    };
    cx.stage(Stage::Gemm, || convolution.compute(cx, x, input))
}

/// The gradient of the input: for each phase of the stride a convolution of the output's gradient.
pub(crate) fn backward_input<T: Float>(job: Job<T>) -> Result<()> {
    if shallow::suits_input_gradient(job.conv) {
        return shallow::backward_input(job);
    }
    let Job {
        cx,
        conv,
        formats,
        operands: (kernel, dy),
        result: dx,
    } = job;
    let (input, output) = (
        Activations::input(formats.input, conv),
        Activations::output(formats.output, conv),
    );
    let view = Kernel::of(formats.kernel, conv);
    let runs = output.runs(conv.group_outputs());
    let phases = |axis: &crate::conv::Axis| -> Vec<(usize, Reads)> {
        axis.phases()
            .map(|phase| (phase, axis.phase_reads(phase)))
            .filter(|(_, reads)| !reads.taps.is_empty())
            .collect()
    };
    let (rows, columns) = (phases(conv.rows()), phases(conv.columns()));
    // A position that no tap reaches, and a lane without a channel, is nobody's.
    let reached = [(&rows, conv.rows()), (&columns, conv.columns())];
    if input.is_ragged()
        || reached
            .iter()
            .any(|(phases, axis)| phases.len() < axis.phases().len())
    {
        dx.fill(T::default());
    }
    for (row, row_reads) in &rows {
        for (column, column_reads) in &columns {
            let reads = [row_reads, column_reads];
            let mut inputs = Places::default();
            for c in 0..conv.group_inputs() {
                inputs.push(view.address(0, c, 0), 1, 1)?;
            }
            let columns = depth(runs.clone(), reads, &view, |k| k * view.output)?;
            let taps = row_reads.taps.len() * column_reads.taps.len();
            let counts = reads.map(|reads| reads.count);
            let pixels = phase_pixels(&input, counts, [*row, *column], conv.stride())?;
            let convolution = Convolution {
                groups: conv.groups(),
                inputs: conv.group_outputs(),
                outputs: conv.group_inputs(),
                reads,
                kernel: Matrix::new(kernel, inputs, columns, [0, conv.group_outputs() * taps]),
                result: Target::new(dx, channels(&input)?, pixels, [conv.group_inputs(), 0]),
            };
            cx.stage(Stage::Gemm, || convolution.compute(cx, dy, output))?;
        }
    }
    Ok(())
}

/// What the forward pass and each phase of the input's gradient are: a kernel that meets the windows of a tensor.
struct Convolution<'t, T> {
    groups: usize,
    /// Channels of a group that are read.
    inputs: usize,
    /// Channels of a group that are written.
    outputs: usize,
    reads: [&'t Reads; 2],
    /// Outputs x depth.
    kernel: Matrix<'t, T>,
    /// Outputs x pixels.
    result: Target<'t, T>,
}

impl<T: Float> Convolution<'_, T> {
    fn compute(self, cx: &Context, tensor: &[T], view: Activations) -> Result<()> {
        let Convolution {
            groups,
            inputs,
            outputs,
            reads: [rows, columns],
            kernel,
            result,
        } = self;
        let shape = Shape {
            batch: groups,
            m: outputs,
            n: view.batch * rows.count * columns.count,
            k: inputs * rows.taps.len() * columns.taps.len(),
        };
        if let Some((depth, pixels)) = in_place(&view, inputs, [rows, columns])? {
            let tensor = Matrix::new(tensor, depth, pixels, [shape.k, 0]);
            return multiply_matrices(cx, shape, kernel, tensor, result, Write::Replace);
        }
        // Where there are more taps than results, rows of taps are the longer ones.
        let turned = (groups == 1 && columns.taps.len() > columns.count)
            .then(|| Some([rows.turned()?, columns.turned()?]))
            .flatten();
        let windows = match &turned {
            Some([rows, columns]) if view.block == 1 => {
                Windows::turned(tensor, view, rows, columns)
            }
            _ => Windows::new(tensor, view, inputs, rows, columns),
        };
        if windows.rows_are_depth() {
            let zones = Zones::new(&view, [rows, columns]);
            let result = result.with_columns(zones.order())?;
            let windows = windows.sorted(zones);
            product(cx, shape, &kernel, &windows, &result, Write::Replace)
        } else {
            product(
                cx,
                shape.transposed(),
                &windows,
                &kernel.transposed(),
                &result.transposed(),
                Write::Replace,
            )
        }
    }
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
    let columns = Places::steady(conv.output_channels(), view.output)?;
    if view.is_ragged() {
        dk.fill(T::default());
    }
    let result = Target::new(dk, rows, columns, [conv.depth(), conv.group_outputs()]);
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
        if let Some((depth, pixels)) = in_place(&input, group, reads)? {
            let tensor = Matrix::new(x, depth, pixels, [shape.m, 0]);
            return multiply_matrices(cx, shape, tensor, gradient, result, Write::Replace);
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

/// Where the depth and the pixels of all windows lie, if they are a plain matrix: every window is the pixel at its own place, or the image.
fn in_place(
    view: &Activations,
    group: usize,
    [rows, columns]: [&Reads; 2],
) -> Result<Option<(Places, Places)>> {
    if rows.is_identity() && columns.is_identity() {
        Ok(Some((channels(view)?, pixels(view)?)))
    } else if rows.is_whole() && columns.is_whole() {
        Ok(Some((
            elements(view, group)?,
            Places::steady(view.batch, view.image())?,
        )))
    } else {
        Ok(None)
    }
}
