//! Kernels that are read once and used many times.

use super::context::Context;
use super::dispatch::suited;
use super::geometry::Conv2d;
use super::job::{Job, Pass, Tensor};
use super::layout::{Formats, Kernel, KernelLayout, Layout};
use super::methods::products::{self, Weights};
use super::methods::scattering::{self, Order};
use super::methods::{fused, shallow};
use crate::error::Result;
use crate::float::Float;
use crate::gemm::{Prepared, Source};

/// A kernel laid out for the products of one pass of one convolution by the default method, to be used any number of times.
///
/// It pays where a kernel is large beside the image: the deep layers of a network at a batch of a few images, in inference, or wherever the
/// weights stay the same for a while. Results have the same bits as those of [`forward`](super::forward) and
/// [`backward_input`](super::backward_input).
///
/// ```
/// use convgrad_runtime::conv::{Context, Conv2d, Layout, PreparedKernel};
///
/// let conv = Conv2d::builder([1, 3, 8, 8], [4, 3, 3, 3]).padding(1).build()?;
/// let kernel = vec![0.5f32; 4 * 3 * 3 * 3];
/// let prepared = PreparedKernel::forward(&conv, Layout::Nchw, &kernel)?;
///
/// let (cx, mut y) = (Context::default(), vec![0.0; 4 * 8 * 8]);
/// for image in 1..4 {
///     let x = vec![image as f32; 3 * 8 * 8];
///     prepared.run(&cx, &x, &mut y)?;
///     assert_eq!((y[0], y[9]), (6.0 * image as f32, 13.5 * image as f32));
/// }
/// # Ok::<(), convgrad_runtime::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct PreparedKernel<T> {
    conv: Conv2d,
    formats: Formats,
    pass: Pass,
    kept: Kept<T>,
}

/// The kernel in the form that the pass wants.
#[derive(Clone, Debug)]
enum Kept<T> {
    /// K C R S, for sums over planes.
    Planes(Vec<T>),
    /// For each product of the pass.
    Products(Vec<Prepared<T>>),
    /// For the product whose results are scattered.
    Scattered(Prepared<T>),
}

impl<T: Float> PreparedKernel<T> {
    /// For the output, from the input.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if the slice has not as many elements as the kernel in this layout,
    /// [`Error::Memory`](crate::Error::Memory) if there is no room.
    pub fn forward(conv: &Conv2d, layout: Layout, kernel: &[T]) -> Result<Self> {
        Self::new(Pass::Forward, conv, layout.formats(), kernel)
    }

    /// For the gradient of the input, from the gradient of the output.
    ///
    /// # Errors
    /// As [`forward`](Self::forward).
    pub fn backward_input(conv: &Conv2d, layout: Layout, kernel: &[T]) -> Result<Self> {
        Self::new(Pass::BackwardInput, conv, layout.formats(), kernel)
    }

    fn new(pass: Pass, conv: &Conv2d, formats: Formats, kernel: &[T]) -> Result<Self> {
        Tensor::Kernel.check(conv, formats, "the kernel", kernel)?;
        let by_planes = match pass {
            Pass::Forward => shallow::suits(conv),
            _ => shallow::suits_input_gradient(conv),
        };
        let kept = if pass == Pass::BackwardInput && scattering::suits::<T>(conv, formats) {
            Kept::Scattered(scattering::prepare(conv, formats, kernel)?)
        } else if by_planes {
            Kept::Planes(Kernel::of(formats.kernel, conv).unpack(kernel)?)
        } else {
            let convolutions = products::of(pass, conv, formats)?;
            let each = convolutions.into_iter().map(|one| one.prepare(kernel));
            Kept::Products(each.collect::<Result<_>>()?)
        };
        Ok(PreparedKernel {
            conv: *conv,
            formats,
            pass,
            kept,
        })
    }

    /// Computes the output from the input, or the input's gradient from the output's, in the layout that it was prepared for. Every element
    /// of the result is written.
    ///
    /// # Errors
    /// [`Error::Length`](crate::Error::Length) if a slice has not as many elements as its tensor in the geometry that the kernel was prepared
    /// for, [`Error::Memory`](crate::Error::Memory) if a buffer cannot be had.
    pub fn run(&self, cx: &Context, from: &[T], to: &mut [T]) -> Result<()> {
        let PreparedKernel {
            conv,
            formats,
            pass,
            kept,
        } = self;
        for ((tensor, what), slice) in self.tensors().into_iter().zip([from, &*to]) {
            tensor.check(conv, *formats, what, slice)?;
        }
        if conv.batch() == 0 {
            return Ok(());
        }
        let cx = &suited(cx, conv, super::Method::Fused);
        cx.enter(|| match (kept, pass) {
            (Kept::Products(each), pass) => {
                let weights = |i: usize| Weights::Prepared(&each[i]);
                products::compute(cx, conv, *formats, *pass, from, weights, to)
            }
            (Kept::Scattered(kernel), _) => {
                let kernel = (kernel as &dyn Source<T>, Order::Kernel);
                scattering::compute(cx, conv, *formats, kernel, from, to)
            }
            (Kept::Planes(kernel), Pass::Forward) => {
                fused::forward(self.plain(cx, (from, kernel), to))
            }
            (Kept::Planes(kernel), _) => fused::backward_input(self.plain(cx, (kernel, from), to)),
        })
    }

    /// The geometry that it was prepared for.
    pub fn conv(&self) -> &Conv2d {
        &self.conv
    }

    /// Bytes that it holds.
    pub fn bytes(&self) -> usize {
        match &self.kept {
            Kept::Planes(kernel) => size_of_val(&kernel[..]),
            Kept::Scattered(kernel) => kernel.bytes(),
            Kept::Products(each) => each.iter().map(Prepared::bytes).sum(),
        }
    }

    /// What is read beside the kernel, and what is written.
    fn tensors(&self) -> [(Tensor, &'static str); 2] {
        match self.pass.tensors() {
            [input, (Tensor::Kernel, _), output] => [input, output],
            [_, from, to] => [from, to],
        }
    }

    /// A job with a kernel in K C R S.
    fn plain<'t>(
        &'t self,
        cx: &'t Context,
        operands: (&'t [T], &'t [T]),
        result: &'t mut [T],
    ) -> Job<'t, T> {
        Job {
            cx,
            conv: &self.conv,
            formats: Formats {
                kernel: KernelLayout::Kcrs,
                ..self.formats
            },
            operands,
            result,
        }
    }

    /// The formats of the tensors that it was prepared for.
    pub(crate) fn formats(&self) -> Formats {
        self.formats
    }

    /// Which pass it was prepared for.
    pub(crate) fn pass(&self) -> Pass {
        self.pass
    }
}
