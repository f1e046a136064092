//! What every method is given: a pass of a convolution, its tensors and where their elements lie.

use super::context::Context;
use super::geometry::Conv2d;
use super::layout::{ActivationLayout, Activations, Formats, Kernel, KernelLayout};
use crate::error::{Error, Result};
use crate::float::Float;

/// One of the three computations of a convolution layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Pass {
    /// y from x and the kernel.
    Forward,
    /// dx from the kernel and dy.
    BackwardInput,
    /// dk from x and dy.
    BackwardKernel,
}

/// A pass to compute. Every element of the result is written; lanes of the operands that hold no channel are not read.
pub(crate) struct Job<'t, T> {
    pub(crate) cx: &'t Context,
    pub(crate) conv: &'t Conv2d,
    pub(crate) formats: Formats,
    /// What is read, in the order that [`Pass`] names them.
    pub(crate) operands: (&'t [T], &'t [T]),
    /// What is written.
    pub(crate) result: &'t mut [T],
}

/// A tensor of a convolution; a gradient looks like what it belongs to.
#[derive(Clone, Copy)]
pub(super) enum Tensor {
    Input,
    Kernel,
    Output,
}

impl Pass {
    /// The operands and the result, and what errors call them.
    pub(super) fn tensors(self) -> [(Tensor, &'static str); 3] {
        match self {
            Pass::Forward => [
                (Tensor::Input, "the input"),
                (Tensor::Kernel, "the kernel"),
                (Tensor::Output, "the output"),
            ],
            Pass::BackwardInput => [
                (Tensor::Kernel, "the kernel"),
                (Tensor::Output, "the output's gradient"),
                (Tensor::Input, "the input's gradient"),
            ],
            Pass::BackwardKernel => [
                (Tensor::Input, "the input"),
                (Tensor::Output, "the output's gradient"),
                (Tensor::Kernel, "the kernel's gradient"),
            ],
        }
    }
}

impl Tensor {
    /// Whether a slice has as many elements as the tensor.
    pub(super) fn check<T>(
        self,
        conv: &Conv2d,
        formats: Formats,
        what: &'static str,
        slice: &[T],
    ) -> Result<()> {
        match self {
            Tensor::Input => check_activations(what, formats.input, conv.input_shape(), slice),
            Tensor::Kernel => check_kernel(what, formats.kernel, conv.kernel_shape(), slice),
            Tensor::Output => check_activations(what, formats.output, conv.output_shape(), slice),
        }
    }
}

impl<'t, T: Float> Job<'t, T> {
    /// Checks the lengths of all tensors, and computes unless the batch is empty.
    ///
    /// # Errors
    /// [`Error::Length`] if a slice has not as many elements as its tensor, and those of `compute`.
    pub(crate) fn run(
        self,
        pass: Pass,
        compute: impl FnOnce(Job<'t, T>) -> Result<()> + Send,
    ) -> Result<()> {
        let slices = [self.operands.0, self.operands.1, &*self.result];
        for ((tensor, what), slice) in pass.tensors().into_iter().zip(slices) {
            tensor.check(self.conv, self.formats, what, slice)?;
        }
        if self.conv.batch() > 0 {
            return self.cx.enter(|| compute(self));
        }
        if pass == Pass::BackwardKernel {
            // An empty sum.
            self.result.fill(T::default());
        }
        Ok(())
    }
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
