//! From a method's name to its code: the one place that knows all methods, and checks what every one of them is given.

use super::context::{Context, Stage};
use super::forward::{Patches, convolve};
use super::geometry::Conv2d;
use super::layout::{ActivationLayout, Activations, Formats, Kernel, KernelLayout, Layout};
use super::matrix::KernelOrder;
use super::{autodiff, col2im, direct};
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
    forward_in(cx, conv, method, layout.formats(), (x, kernel), y)
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
    backward_input_in(cx, conv, method, layout.formats(), (kernel, dy), dx)
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
    backward_kernel_in(cx, conv, method, layout.formats(), (x, dy), dk)
}

/// [`forward`] in any mixture of layouts.
pub(crate) fn forward_in<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    method: Method,
    formats: Formats,
    (x, kernel): (&[T], &[T]),
    y: &mut [T],
) -> Result<()> {
    check_activations("the input", formats.input, conv.input_shape(), x)?;
    check_kernel("the kernel", formats.kernel, conv.kernel_shape(), kernel)?;
    check_activations("the output", formats.output, conv.output_shape(), y)?;
    if conv.batch() == 0 {
        return Ok(());
    }
    cx.enter(|| match method {
        Method::Direct => direct::forward(cx, conv, formats, (x, kernel), y),
        Method::Fused => im2col_forward(cx, conv, formats, true, (x, kernel), y),
        Method::Converters | Method::Col2im | Method::Autodiff => {
            im2col_forward(cx, conv, formats, false, (x, kernel), y)
        }
        Method::Cube => cube::forward(cx, conv, formats, x, kernel, y).map(drop),
    })
}

/// [`backward_input`] in any mixture of layouts.
pub(crate) fn backward_input_in<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    method: Method,
    formats: Formats,
    (kernel, dy): (&[T], &[T]),
    dx: &mut [T],
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
        return Ok(());
    }
    cx.enter(|| match method {
        Method::Fused | Method::Col2im => {
            col2im::backward_input(cx, conv, formats, (kernel, dy), dx)
        }
        Method::Autodiff => autodiff::backward_input(cx, conv, formats, (kernel, dy), dx),
        Method::Direct => direct::backward_input(cx, conv, formats, (kernel, dy), dx),
        Method::Cube => cube::backward_input(cx, conv, formats, kernel, dy, dx).map(drop),
        Method::Converters => Err(missing(method)),
    })
}

/// [`backward_kernel`] in any mixture of layouts.
pub(crate) fn backward_kernel_in<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    method: Method,
    formats: Formats,
    (x, dy): (&[T], &[T]),
    dk: &mut [T],
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
        dk.fill(T::default());
        return Ok(());
    }
    cx.enter(|| match method {
        Method::Fused => col2im::backward_kernel(cx, conv, formats, true, (x, dy), dk),
        Method::Col2im => col2im::backward_kernel(cx, conv, formats, false, (x, dy), dk),
        Method::Autodiff => autodiff::backward_kernel(cx, conv, formats, (x, dy), dk),
        Method::Direct => direct::backward_kernel(cx, conv, formats, (x, dy), dk),
        Method::Cube => {
            let scheme = cube::Scheme::default();
            cube::backward_kernel(cx, conv, formats, x, dy, dk, scheme).map(drop)
        }
        Method::Converters => Err(missing(method)),
    })
}

/// im2col and a product; with `skip`, without im2col where the input is its own matrix of patches.
fn im2col_forward<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    skip: bool,
    (x, kernel): (&[T], &[T]),
    y: &mut [T],
) -> Result<()> {
    let patches = Patches::new(conv, Activations::input(formats.input, conv), skip);
    let order = KernelOrder {
        view: Kernel::of(formats.kernel, conv),
        runs: patches.lowering.runs(),
        groups: conv.groups(),
    };
    let kernel = cx.stage(Stage::Gemm, || order.pack(cx, kernel))?;
    let output = Activations::output(formats.output, conv);
    if output.is_ragged() {
        y.fill(T::default());
    }
    convolve(cx, conv, &patches, x, &kernel, (y, output, 0))
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

/// The converters are on their way.
fn missing(method: Method) -> Error {
    Error::Internal {
        what: format!("the method {} is not built in", method.name()).into(),
    }
}
