//! Convolutions on `ndarray` arrays: the short way to a first gradient, in NCHW, by the default method on the default threads.

use ndarray::{Array, Array4, ArrayRef, ArrayRef4, Dimension};

use super::geometry::Conv2d;
use super::layout::Layout;
use super::prepared::PreparedKernel;
use crate::__private::convolution;
use crate::error::Result;
use crate::float::Float;

impl Conv2d {
    /// The convolution of `x` (n, c, h, w) with `kernel` (k, c / groups, r, s): an array (n, k, p, q).
    ///
    /// ```
    /// use convgrad_runtime::conv::Conv2d;
    /// use ndarray::Array4;
    ///
    /// let conv = Conv2d::builder([1, 3, 8, 8], [4, 3, 3, 3]).stride(2).padding(1).build()?;
    /// let x = Array4::from_elem((1, 3, 8, 8), 1.0f32);
    /// let kernel = Array4::from_elem((4, 3, 3, 3), 0.5);
    /// let y = conv.forward(&x, &kernel)?;
    /// assert_eq!(y[[0, 3, 1, 1]], 13.5);
    ///
    /// let dx = conv.backward_input(&kernel, &y)?;
    /// let dk = conv.backward_kernel(&x, &y)?;
    /// assert_eq!((dx.shape(), dk.shape()), (x.shape(), kernel.shape()));
    /// # Ok::<(), convgrad_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) if an array has another shape, [`Error::Memory`](crate::Error::Memory) if there is no
    /// room for the result.
    pub fn forward<T: Float>(&self, x: &ArrayRef4<T>, kernel: &ArrayRef4<T>) -> Result<Array4<T>> {
        convolution::forward(Layout::Nchw.formats(), self, x, kernel)
    }

    /// The gradient of the input, an array (n, c, h, w), from `kernel` and the gradient `dy` (n, k, p, q) of the output.
    ///
    /// # Errors
    /// As [`forward`](Self::forward).
    pub fn backward_input<T: Float>(
        &self,
        kernel: &ArrayRef4<T>,
        dy: &ArrayRef4<T>,
    ) -> Result<Array4<T>> {
        convolution::backward_input(Layout::Nchw.formats(), self, kernel, dy)
    }

    /// The kernel, prepared for any number of [forward](Self::forward) passes.
    ///
    /// ```
    /// use convgrad_runtime::conv::Conv2d;
    /// use ndarray::Array4;
    ///
    /// let conv = Conv2d::builder([1, 3, 8, 8], [4, 3, 3, 3]).stride(2).padding(1).build()?;
    /// let kernel = Array4::from_elem((4, 3, 3, 3), 0.5);
    /// let prepared = conv.prepare_forward(&kernel)?;
    /// let x = Array4::from_elem((1, 3, 8, 8), 1.0f32);
    /// assert_eq!(prepared.apply(&x)?, conv.forward(&x, &kernel)?);
    /// # Ok::<(), convgrad_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`forward`](Self::forward).
    pub fn prepare_forward<T: Float>(&self, kernel: &ArrayRef4<T>) -> Result<PreparedKernel<T>> {
        let formats = Layout::Nchw.formats();
        convolution::prepare(formats, self, kernel, |kernel| {
            PreparedKernel::forward(self, Layout::Nchw, kernel)
        })
    }

    /// The kernel, prepared for any number of gradients of the [input](Self::backward_input).
    ///
    /// # Errors
    /// As [`forward`](Self::forward).
    pub fn prepare_backward_input<T: Float>(
        &self,
        kernel: &ArrayRef4<T>,
    ) -> Result<PreparedKernel<T>> {
        let formats = Layout::Nchw.formats();
        convolution::prepare(formats, self, kernel, |kernel| {
            PreparedKernel::backward_input(self, Layout::Nchw, kernel)
        })
    }

    /// The gradient of the kernel, an array (k, c / groups, r, s), from the input `x` and the gradient `dy` (n, k, p, q) of the output.
    ///
    /// # Errors
    /// As [`forward`](Self::forward).
    pub fn backward_kernel<T: Float>(
        &self,
        x: &ArrayRef4<T>,
        dy: &ArrayRef4<T>,
    ) -> Result<Array4<T>> {
        convolution::backward_kernel(Layout::Nchw.formats(), self, x, dy)
    }
}

impl<T: Float> PreparedKernel<T> {
    /// [`run`](Self::run) on an array in the layout that the kernel was prepared for, on the default threads.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) if the array has another shape, [`Error::Memory`](crate::Error::Memory) if there is no room for
    /// the result.
    pub fn apply<D: Dimension>(&self, from: &ArrayRef<T, D>) -> Result<Array<T, D>> {
        convolution::apply(self, from)
    }
}
