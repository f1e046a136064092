//! The forward convolution as im2col and a matrix product, in any layout.
//!
//! The gradients by the paper's method are this function too, on converted operands.

use super::context::{Context, Stage};
use super::geometry::Conv2d;
use super::layout::{Activations, Formats};
use super::operands::{KernelMatrix, Patches, Pixels};
use crate::error::Result;
use crate::float::Float;
use crate::gemm::{Shape, Write, multiply};

/// The convolution of `input` with the matrices of a kernel, which follow the order of `patches`.
pub(crate) fn convolve<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    patches: &Patches,
    input: &[T],
    kernel: &KernelMatrix<T>,
    (output, view): (&mut [T], Activations),
) -> Result<()> {
    if view.is_ragged() {
        output.fill(T::default());
    }
    let result = Pixels::new(view, conv.group_outputs());
    let (mut patch_room, mut result_room) = (None, None);
    for pixels in patches.tiles() {
        let shape = Shape {
            batch: conv.groups(),
            m: conv.group_outputs(),
            n: pixels.len(),
            k: conv.depth(),
        };
        let matrix = patches.read(cx, input, pixels.clone(), &mut patch_room)?;
        let kernel = (&*kernel.data, kernel.strides);
        result.write(cx, output, pixels, &mut result_room, |output, strides| {
            cx.stage(Stage::Gemm, || {
                multiply(cx, shape, kernel, matrix, (output, strides), Write::Replace)
            })
        })?;
    }
    Ok(())
}

/// A convolution by im2col and a product; with `skip`, without im2col where the input is its own matrix of patches.
pub(crate) fn im2col<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    skip: bool,
    (x, kernel): (&[T], &[T]),
    y: &mut [T],
) -> Result<()> {
    let patches = Patches::new(conv, Activations::input(formats.input, conv), skip);
    let kernel = patches.pack(cx, conv, formats, kernel)?;
    convolve(
        cx,
        conv,
        &patches,
        x,
        &kernel,
        (y, Activations::output(formats.output, conv)),
    )
}
