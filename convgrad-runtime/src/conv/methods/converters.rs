//! The paper's method on the engine: both gradients are forward convolutions of converted operands, which are stored wherever a converter
//! moves an element.
//!
//! - The input's gradient is, phase by phase of the stride, the convolution of dY with the phase's taps of FlipRot(K). What the paper reaches
//!   by Strided(dY), positions between which nothing is read, the phases reach without a zero.
//! - The kernel's gradient is, group by group, the convolution of T_NC(X) with T_NCf(dY), stride and dilation exchanged. Its result lands in
//!   the kernel's layout: T_NCf of it is where the product's target lies.
//!
//! A converter that moves nothing is not run: T_NC of a single image in NCHW, FlipRot of a single tap, a transposition that a product reads in
//! place. `literal` is the method with all that the paper stores.

use super::{fused, shallow};
use crate::conv::context::Stage;
use crate::conv::formulas;
use crate::conv::geometry::Phase;
use crate::conv::job::Job;
use crate::conv::layout::{Activations, Kernel, Layout};
use crate::conv::operands::{channels, phase_pixels};
use crate::conv::scratch::{Buffer, Operand};
use crate::error::Result;
use crate::float::Float;
use crate::gemm::{Places, Target};

/// The gradient of the input.
pub(crate) fn backward_input<T: Float>(job: Job<T>, layout: Layout) -> Result<()> {
    // A single tap is a transposition, and planes of few channels are themselves stored with zeros around, cut by phases.
    if job.conv.taps() == 1 || shallow::suits_input_gradient(job.conv) {
        return fused::backward_input(job);
    }
    let Job {
        cx,
        conv,
        formats,
        operands: (kernel, dy),
        result: dx,
    } = job;
    let input = Activations::input(formats.input, conv);
    let phases =
        [conv.rows(), conv.columns()].map(|axis| axis.gradient_phases().collect::<Vec<Phase>>());
    let all = conv.rows().phases().len() * conv.columns().phases().len();
    if input.is_ragged() || phases[0].len() * phases[1].len() < all {
        // A position that no tap reaches, and a lane without a channel, is nobody's.
        dx.fill(T::default());
    }
    for rows in &phases[0] {
        for columns in &phases[1] {
            let kernel = cx.stage(Stage::Converters, || {
                formulas::flip_rot_phase(cx, layout, conv, [rows, columns], kernel)
            })?;
            let gradient = conv.phase_gradient(rows, columns);
            let view = Kernel::of(formats.kernel, &gradient);
            let counts = [rows, columns].map(|phase| phase.axis.output());
            let pixels =
                phase_pixels(&input, counts, [rows.number, columns.number], conv.stride())?;
            let dx = Target::new(dx, channels(&input)?, pixels, [conv.group_inputs(), 0]);
            fused::convolve(cx, &gradient, formats, (dy, &kernel), &view, dx)?;
        }
    }
    Ok(())
}

/// The gradient of the kernel.
pub(crate) fn backward_kernel<T: Float>(job: Job<T>, layout: Layout) -> Result<()> {
    let Job {
        cx,
        conv,
        formats,
        operands: (x, dy),
        result: dk,
    } = job;
    let (x, dy) = cx.stage(Stage::Converters, || -> Result<_> {
        let x = stored(layout, conv.input_shape(), x, |shape| {
            formulas::t_nc(cx, layout, shape, x)
        })?;
        let dy = stored(layout, conv.output_shape(), dy, |shape| {
            formulas::t_ncf(cx, layout, shape, dy)
        })?;
        Ok((x, dy))
    })?;

    // One geometry for all groups; the batch of T_NC(X) and the outputs of T_NCf(dY) fall into groups one after the other.
    let gradient = conv.exact_kernel_gradient();
    let image = Activations::input(formats.input, &gradient).len();
    let [_, images, p, q] = gradient.kernel_shape();
    let view = Kernel::new(formats.kernel, [conv.output_channels(), images, p, q]);
    let to = Kernel::of(formats.kernel, conv);
    if to.is_ragged() {
        dk.fill(T::default());
    }
    // A result (c, k, r, s) of the convolution is an element of the kernel.
    let mut pixels = Places::default();
    for c in 0..conv.group_inputs() {
        pixels.push(to.address(0, c, 0), to.tap, conv.taps())?;
    }
    for group in 0..conv.groups() {
        let first = group * conv.group_outputs();
        let rows = Places::steady(conv.group_outputs(), to.output)?;
        let dk = Target::new(&mut dk[first * to.output..], rows, pixels.clone(), [0, 0]);
        let operands = (&x[group * image..][..image], &dy[first * view.output..]);
        fused::convolve(cx, &gradient, formats, operands, &view, dk)?;
    }
    Ok(())
}

/// A converted activation tensor (n, c, h, w), or the tensor itself where T_NC moves nothing.
fn stored<'t, T: Float>(
    layout: Layout,
    shape: [usize; 4],
    tensor: &'t [T],
    convert: impl FnOnce([usize; 4]) -> Result<Buffer<T>>,
) -> Result<Operand<'t, T>> {
    if formulas::exchange_moves_nothing(layout, shape) {
        Ok(Operand::Lent(tensor))
    } else {
        convert(shape).map(Operand::Made)
    }
}
