//! From a method's name to its code: the one place that knows all methods, and checks what every one of them is given.

use super::context::Context;
use super::forward::im2col;
use super::geometry::Conv2d;
use super::layout::{ActivationLayout, Activations, Formats, Kernel, KernelLayout, Layout};
use super::methods::{autodiff, col2im, converters, direct, fused};
use crate::cube;
use crate::error::{Error, Result};
use crate::float::Float;

/// How to compute a convolution and its gradients. All methods give the same numbers, up to rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Method {
    /// The engine: the best way for the shape.
    #[default]
    Fused,
    /// The paper's method: both gradients are forward convolutions (im2col and a matrix product) of converted operands, whose converters
    /// are formulas.
    Converters,
    /// The original method: the input's gradient is scattered back by col2im.
    Col2im,
    /// The loops of the derived adjoint, as a compiler's automatic differentiation emits them.
    Autodiff,
    /// The plain definition, accumulated in f64: the oracle.
    Direct,
    /// The emulated DaVinci Cube: f16 operands, f32 sums.
    Cube,
}

impl Method {
    /// All methods, in the order in which reports list them.
    pub const ALL: [Method; 6] = [
        Method::Fused,
        Method::Converters,
        Method::Col2im,
        Method::Autodiff,
        Method::Direct,
        Method::Cube,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Method::Fused => "fused",
            Method::Converters => "converters",
            Method::Col2im => "col2im",
            Method::Autodiff => "autodiff",
            Method::Direct => "direct",
            Method::Cube => "cube",
        }
    }
}

/// Computes the output `y` from the input `x` and the kernel, all in the formats of `layout`.
///
/// Every element of `y` is written, lanes without a channel as zero; such lanes of `x` and `kernel` are not read.
///
/// # Errors
/// [`Error::Length`] if a slice has not as many elements as its tensor in this layout, [`Error::Memory`] if a buffer cannot be had.
pub fn forward<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    method: Method,
    layout: Layout,
    x: &[T],
    kernel: &[T],
    y: &mut [T],
) -> Result<()> {
    let formats = layout.formats();
    let cx = &suited(cx, conv, method);
    forward_with(conv, formats, (x, kernel), y, |operands, y| {
        cx.enter(|| match method {
            Method::Fused => fused::forward(cx, conv, formats, operands, y),
            // These differ in the gradients only.
            Method::Converters | Method::Col2im | Method::Autodiff => {
                im2col(cx, conv, formats, false, operands, y)
            }
            Method::Direct => direct::forward(cx, conv, formats, operands, y),
            Method::Cube => cube::forward(cx, conv, formats, operands.0, operands.1, y).map(drop),
        })
    })
}

/// Computes the gradient `dx` of the input from the kernel and the gradient `dy` of the output, all in the formats of `layout`.
///
/// Every element of `dx` is written, lanes without a channel as zero; such lanes of `kernel` and `dy` are not read.
///
/// # Errors
/// As [`forward`].
pub fn backward_input<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    method: Method,
    layout: Layout,
    kernel: &[T],
    dy: &[T],
    dx: &mut [T],
) -> Result<()> {
    let formats = layout.formats();
    let cx = &suited(cx, conv, method);
    backward_input_with(conv, formats, (kernel, dy), dx, |operands, dx| {
        cx.enter(|| match method {
            Method::Fused => fused::backward_input(cx, conv, formats, operands, dx),
            Method::Converters => converters::backward_input(cx, conv, layout, operands, dx),
            Method::Col2im => col2im::backward_input(cx, conv, formats, operands, dx),
            Method::Autodiff => autodiff::backward_input(cx, conv, formats, operands, dx),
            Method::Direct => direct::backward_input(cx, conv, formats, operands, dx),
            Method::Cube => {
                cube::backward_input(cx, conv, formats, operands.0, operands.1, dx).map(drop)
            }
        })
    })
}

/// Computes the gradient `dk` of the kernel from the input `x` and the gradient `dy` of the output, all in the formats of `layout`.
///
/// Every element of `dk` is written, places without an element as zero; lanes without a channel of `x` and `dy` are not read.
///
/// # Errors
/// As [`forward`].
pub fn backward_kernel<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    method: Method,
    layout: Layout,
    x: &[T],
    dy: &[T],
    dk: &mut [T],
) -> Result<()> {
    let formats = layout.formats();
    let cx = &suited(cx, conv, method);
    backward_kernel_with(conv, formats, (x, dy), dk, |operands, dk| {
        cx.enter(|| match method {
            Method::Fused => fused::backward_kernel(cx, conv, formats, operands, dk),
            Method::Converters => converters::backward_kernel(cx, conv, layout, operands, dk),
            Method::Col2im => col2im::backward_kernel(cx, conv, formats, false, operands, dk),
            Method::Autodiff => autodiff::backward_kernel(cx, conv, formats, operands, dk),
            Method::Direct => direct::backward_kernel(cx, conv, formats, operands, dk),
            Method::Cube => {
                let scheme = cube::Scheme::default();
                cube::backward_kernel(cx, conv, formats, operands.0, operands.1, dk, scheme)
                    .map(drop)
            }
        })
    })
}

/// The threads that a computation is worth.
fn suited(cx: &Context, conv: &Conv2d, method: Method) -> Context {
    let elements = |shape: [usize; 4]| shape.iter().product::<usize>() as u64;
    // Elements cost something too where there is little to multiply.
    let moves = elements(conv.input_shape())
        .saturating_add(elements(conv.output_shape()))
        .saturating_mul(8);
    match method {
        Method::Fused => cx.suited_to(conv.flops().saturating_add(moves)),
        _ => cx.clone(),
    }
}

/// [`forward`] by the default method, in any mixture of layouts.
pub(crate) fn forward_mixed<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    operands: (&[T], &[T]),
    y: &mut [T],
) -> Result<()> {
    forward_with(conv, formats, operands, y, |operands, y| {
        let cx = &suited(cx, conv, Method::Fused);
        cx.enter(|| fused::forward(cx, conv, formats, operands, y))
    })
}

/// [`backward_input`] by the default method, in any mixture of layouts.
pub(crate) fn backward_input_mixed<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    operands: (&[T], &[T]),
    dx: &mut [T],
) -> Result<()> {
    backward_input_with(conv, formats, operands, dx, |operands, dx| {
        let cx = &suited(cx, conv, Method::Fused);
        cx.enter(|| fused::backward_input(cx, conv, formats, operands, dx))
    })
}

/// [`backward_kernel`] by the default method, in any mixture of layouts.
pub(crate) fn backward_kernel_mixed<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    operands: (&[T], &[T]),
    dk: &mut [T],
) -> Result<()> {
    backward_kernel_with(conv, formats, operands, dk, |operands, dk| {
        let cx = &suited(cx, conv, Method::Fused);
        cx.enter(|| fused::backward_kernel(cx, conv, formats, operands, dk))
    })
}

/// Checks the lengths, and computes unless the batch is empty.
fn forward_with<'t, T: Float>(
    conv: &Conv2d,
    formats: Formats,
    (x, kernel): (&'t [T], &'t [T]),
    y: &'t mut [T],
    compute: impl FnOnce((&'t [T], &'t [T]), &'t mut [T]) -> Result<()>,
) -> Result<()> {
    check_activations("the input", formats.input, conv.input_shape(), x)?;
    check_kernel("the kernel", formats.kernel, conv.kernel_shape(), kernel)?;
    check_activations("the output", formats.output, conv.output_shape(), y)?;
    if conv.batch() == 0 {
        Ok(())
    } else {
        compute((x, kernel), y)
    }
}

fn backward_input_with<'t, T: Float>(
    conv: &Conv2d,
    formats: Formats,
    (kernel, dy): (&'t [T], &'t [T]),
    dx: &'t mut [T],
    compute: impl FnOnce((&'t [T], &'t [T]), &'t mut [T]) -> Result<()>,
) -> Result<()> {
    check_kernel("the kernel", formats.kernel, conv.kernel_shape(), kernel)?;
    check_activations(
        "the output's gradient",
        formats.output,
        conv.output_shape(),
        dy,
    )?;
    check_activations(
        "the input's gradient",
        formats.input,
        conv.input_shape(),
        dx,
    )?;
    if conv.batch() == 0 {
        Ok(())
    } else {
        compute((kernel, dy), dx)
    }
}

fn backward_kernel_with<'t, T: Float>(
    conv: &Conv2d,
    formats: Formats,
    (x, dy): (&'t [T], &'t [T]),
    dk: &'t mut [T],
    compute: impl FnOnce((&'t [T], &'t [T]), &'t mut [T]) -> Result<()>,
) -> Result<()> {
    check_activations("the input", formats.input, conv.input_shape(), x)?;
    check_activations(
        "the output's gradient",
        formats.output,
        conv.output_shape(),
        dy,
    )?;
    check_kernel(
        "the kernel's gradient",
        formats.kernel,
        conv.kernel_shape(),
        dk,
    )?;
    if conv.batch() == 0 {
        // An empty sum.
        dk.fill(T::default());
        return Ok(());
    }
    compute((x, dy), dk)
}

pub(crate) fn check_activations<T>(
    what: &'static str,
    layout: ActivationLayout,
    shape: [usize; 4],
    slice: &[T],
) -> Result<()> {
    if slice.len() == Activations::new(layout, shape).len() {
        return Ok(());
    }
    Err(Error::length(
        what,
        &Activations::shape(layout, shape),
        slice.len(),
    ))
}

pub(crate) fn check_kernel<T>(
    what: &'static str,
    layout: KernelLayout,
    shape: [usize; 4],
    slice: &[T],
) -> Result<()> {
    if slice.len() == Kernel::new(layout, shape).len() {
        return Ok(());
    }
    Err(Error::length(
        what,
        &Kernel::shape(layout, shape),
        slice.len(),
    ))
}
