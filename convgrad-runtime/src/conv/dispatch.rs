//! From a method's name to its code: the one place that knows all methods.

use super::context::Context;
use super::forward::im2col;
use super::geometry::Conv2d;
use super::job::{Job, Pass};
use super::layout::{Formats, Layout};
use super::methods::{autodiff, col2im, converters, direct, fused, literal};
use crate::cube;
use crate::error::Result;
use crate::float::Float;

/// How to compute a convolution and its gradients. All methods give the same numbers, up to rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Method {
    /// The engine: the best way for the shape.
    #[default]
    Fused,
    /// The paper's method on the engine: both gradients are forward convolutions of converted operands, which are stored wherever a
    /// converter moves an element. Strides are phases, so that no zero is inserted.
    Converters,
    /// The paper's method to the letter: converted operands, zeros inserted for the stride among them, and the matrix of im2col, all stored.
    Literal,
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
    pub const ALL: [Method; 7] = [
        Method::Fused,
        Method::Converters,
        Method::Literal,
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
            Method::Literal => "literal",
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
/// [`Error::Length`](crate::Error::Length) if a slice has not as many elements as its tensor in this layout,
/// [`Error::Memory`](crate::Error::Memory) if a buffer cannot be had.
pub fn forward<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    method: Method,
    layout: Layout,
    x: &[T],
    kernel: &[T],
    y: &mut [T],
) -> Result<()> {
    let job = Job {
        cx: &suited(cx, conv, method),
        conv,
        formats: layout.formats(),
        operands: (x, kernel),
        result: y,
    };
    job.run(Pass::Forward, |job| match method {
        // These differ in the gradients only.
        Method::Fused | Method::Converters => fused::forward(job),
        Method::Literal | Method::Col2im | Method::Autodiff => im2col(job),
        Method::Direct => direct::forward(job),
        Method::Cube => {
            let (x, kernel) = job.operands;
            cube::forward(job.cx, conv, job.formats, x, kernel, job.result).map(drop)
        }
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
    let job = Job {
        cx: &suited(cx, conv, method),
        conv,
        formats: layout.formats(),
        operands: (kernel, dy),
        result: dx,
    };
    job.run(Pass::BackwardInput, |job| match method {
        Method::Fused => fused::backward_input(job),
        Method::Converters => converters::backward_input(job, layout),
        Method::Literal => literal::backward_input(job, layout),
        Method::Col2im => col2im::backward_input(job),
        Method::Autodiff => autodiff::backward_input(job),
        Method::Direct => direct::backward_input(job),
        Method::Cube => {
            let (kernel, dy) = job.operands;
            cube::backward_input(job.cx, conv, job.formats, kernel, dy, job.result).map(drop)
        }
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
    let job = Job {
        cx: &suited(cx, conv, method),
        conv,
        formats: layout.formats(),
        operands: (x, dy),
        result: dk,
    };
    job.run(Pass::BackwardKernel, |job| match method {
        Method::Fused => fused::backward_kernel(job),
        Method::Converters => converters::backward_kernel(job, layout),
        Method::Literal => literal::backward_kernel(job, layout),
        Method::Col2im => col2im::backward_kernel(job),
        Method::Autodiff => autodiff::backward_kernel(job),
        Method::Direct => direct::backward_kernel(job),
        Method::Cube => {
            let ((x, dy), scheme) = (job.operands, cube::Scheme::default());
            cube::backward_kernel(job.cx, conv, job.formats, x, dy, job.result, scheme).map(drop)
        }
    })
}

/// The threads that a computation is worth.
pub(super) fn suited(cx: &Context, conv: &Conv2d, method: Method) -> Context {
    let elements = |shape: [usize; 4]| shape.iter().product::<usize>() as u64;
    // Elements cost something too where there is little to multiply.
    let moves = elements(conv.input_shape())
        .saturating_add(elements(conv.output_shape()))
        .saturating_mul(8);
    match method {
        Method::Fused | Method::Converters => cx.suited_to(conv.flops().saturating_add(moves)),
        _ => cx.clone(),
    }
}

/// A pass by the default method, in any mixture of layouts: operands and result as [`Pass`] names them.
pub(crate) fn compute_mixed<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    pass: Pass,
    operands: (&[T], &[T]),
    result: &mut [T],
) -> Result<()> {
    let job = Job {
        cx: &suited(cx, conv, Method::Fused),
        conv,
        formats,
        operands,
        result,
    };
    job.run(pass, |job| match pass {
        Pass::Forward => fused::forward(job),
        Pass::BackwardInput => fused::backward_input(job),
        Pass::BackwardKernel => fused::backward_kernel(job),
    })
}
