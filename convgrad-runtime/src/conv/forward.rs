//! The forward convolution as im2col and a matrix product, in any layout.
//!
//! The gradients by the paper's method to the letter are this function too, on converted operands.

use super::context::{Context, Stage};
use super::geometry::Conv2d;
use super::job::Job;
use super::layout::Activations;
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

/// A convolution by im2col and a product.
pub(crate) fn im2col<T: Float>(job: Job<T>) -> Result<()> {
    let Job {
        cx,
        conv,
        formats,
        operands: (x, kernel),
        result: y,
    } = job;
    let patches = Patches::new(conv, Activations::input(formats.input, conv));
    let kernel = patches.pack(cx, conv, formats, kernel)?;
    let output = Activations::output(formats.output, conv);
    convolve(cx, conv, &patches, x, &kernel, (y, output))
}
