//! The engine: for each shape the best of the ways that there are, in any mixture of layouts.
//!
//! - A pointwise convolution (1 x 1, stride 1, no padding) needs neither im2col nor col2im: where the layouts are matrices of channels and
//!   pixels, its forward pass and both gradients are one product each, straight on the tensors.
//! - Groups of a few channels, depthwise convolutions above all, are loops over rows: a matrix product would be mostly padding.
//! - Otherwise the forward pass is im2col and a product, the kernel's gradient a product with the patches, and the input's gradient goes
//!   through col2im.

use super::{autodiff, col2im, shallow};
use crate::conv::context::Context;
use crate::conv::forward::{convolve, im2col};
use crate::conv::geometry::Conv2d;
use crate::conv::layout::{Activations, Formats};
use crate::conv::operands::KernelMatrix;
use crate::conv::operands::Patches;
use crate::error::Result;
use crate::float::Float;

/// The output.
pub(crate) fn forward<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    operands: (&[T], &[T]),
    y: &mut [T],
) -> Result<()> {
    if shallow::suits(conv) {
        shallow::forward(cx, conv, formats, operands, y)
    } else {
        im2col(cx, conv, formats, true, operands, y)
    }
}

/// The gradient of the input.
pub(crate) fn backward_input<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    (kernel, dy): (&[T], &[T]),
    dx: &mut [T],
) -> Result<()> {
    if shallow::suits(conv) {
        return autodiff::backward_input(cx, conv, formats, (kernel, dy), dx);
    }
    if !conv.is_pointwise() {
        return col2im::backward_input(cx, conv, formats, (kernel, dy), dx);
    }
    // The transposed kernel convolves the gradient; a depth of single taps is the channels in every order.
    let input = Activations::input(formats.input, conv);
    let kernel = Patches::new(conv, input, true).pack(cx, conv, formats, kernel)?;
    let transposed = KernelMatrix {
        strides: kernel.strides.transposed(),
        ..kernel
    };
    let gradient = conv.input_gradient();
    let patches = Patches::new(&gradient, Activations::output(formats.output, conv), true);
    convolve(cx, &gradient, &patches, dy, &transposed, (dx, input))
}

/// The gradient of the kernel.
pub(crate) fn backward_kernel<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    operands: (&[T], &[T]),
    dk: &mut [T],
) -> Result<()> {
    if shallow::suits(conv) {
        autodiff::backward_kernel(cx, conv, formats, operands, dk)
    } else {
        col2im::backward_kernel(cx, conv, formats, true, operands, dk)
    }
}
