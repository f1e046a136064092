//! The paper's method on the engine: both gradients are forward convolutions of converted operands, which are stored wherever a converter
//! moves an element.
//!
//! - The input's gradient is, phase by phase of the stride, the convolution of dY with the phase's taps of FlipRot(K). What the paper reaches
//!   by Strided(dY), positions between which nothing is read, the phases reach without a zero. Where the engine scatters one product of all
//!   phases, that product is of FlipRot(K).
//! - The kernel's gradient is, group by group, the convolution of T_NC(X) with T_NCf(dY), stride and dilation exchanged. Its result lands in
//!   the kernel's layout: T_NCf of it is where the product's target lies.
//!
//! A converter that moves nothing is not run: T_NC of a single image in NCHW, or one that only exchanges axes of a matrix, which a product reads
//! in place: T_NCf in NCHW, and all of a single tap. `literal` is the method with all that the paper stores.

use super::products::{self, Weights};
use super::scattering::{self, Order};
use super::{fused, shallow};
use crate::conv::context::Stage;
use crate::conv::formulas;
use crate::conv::job::Job;
use crate::conv::layout::{Activations, Kernel, Layout};
use crate::conv::operands::channels;
use crate::conv::scratch::{Buffer, Operand};
use crate::error::Result;
use crate::float::Float;
use crate::gemm::Places;

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
    if scattering::suits::<T>(conv, formats) {
        let kernel = cx.stage(Stage::Converters, || {
            formulas::flip_rot(cx, layout, conv, kernel)
        })?;
        let kernel = scattering::turned_kernel(conv, formats, &kernel)?;
        return scattering::compute(cx, conv, formats, (&kernel, Order::Turned), dy, dx);
    }
    let input = Activations::input(formats.input, conv);
    if !products::phases_write_everything(conv, formats) {
        dx.fill(T::default());
    }
    for (rows, columns) in products::pairs(conv) {
        let phases = [&rows, &columns];
        let kernel = cx.stage(Stage::Converters, || {
            formulas::flip_rot_phase(cx, layout, conv, phases, kernel)
        })?;
        let gradient = conv.phase_gradient(&rows, &columns);
        let view = Kernel::of(formats.kernel, &gradient);
        let places = (
            channels(&input)?,
            products::phase_places(conv, &input, phases)?,
        );
        products::forward(&gradient, formats, &view, places)?.compute(
            cx,
            dy,
            Weights::Tensor(&kernel),
            dx,
        )?;
    }
    Ok(())
}

/// The gradient of the kernel.
pub(crate) fn backward_kernel<T: Float>(job: Job<T>, layout: Layout) -> Result<()> {
    // Of a single tap both exchanges are transpositions.
    if job.conv.taps() == 1 {
        return fused::backward_kernel(job);
    }
    let Job {
        cx,
        conv,
        formats,
        operands: (x, dy),
        result: dk,
    } = job;
    // One geometry for all groups; the batch of T_NC(X) and the outputs of T_NCf(dY) fall into groups one after the other.
    let gradient = conv.exact_kernel_gradient();
    let image = Activations::input(formats.input, &gradient).len();
    let [_, images, p, q] = gradient.kernel_shape();
    let (x, dy, view) = cx.stage(Stage::Converters, || -> Result<_> {
        let x = stored(layout, conv.input_shape(), x, |shape| {
            formulas::t_nc(cx, layout, shape, x)
        })?;
        if layout == Layout::Nchw {
            let output = Activations::output(formats.output, conv);
            return Ok((x, Operand::Lent(dy), Kernel::exchanged(&output)));
        }
        let dy = stored(layout, conv.output_shape(), dy, |shape| {
            formulas::t_ncf(cx, layout, shape, dy)
        })?;
        let view = Kernel::new(formats.kernel, [conv.output_channels(), images, p, q]);
        Ok((x, dy, view))
    })?;
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
        products::forward(&gradient, formats, &view, (rows, pixels.clone()))?.compute(
            cx,
            &x[group * image..][..image],
            Weights::Tensor(&dy[first * view.output..]),
            &mut dk[first * to.output..],
        )?;
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
