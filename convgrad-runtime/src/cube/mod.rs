//! The emulated Cube.

mod backward_input;
mod backward_kernel;
pub mod counts;
mod forward;
pub mod fractal;
mod matmul;
mod parallel;
mod program;
mod real;
mod relayout;
mod tensors;
#[cfg(test)]
mod tests;
pub mod tile;
mod windows;

pub use backward_kernel::Scheme;
pub use counts::Counts;
pub use matmul::matmul;
pub use real::Real;

use half::f16;

use crate::conv::{Activations, Conv2d, Formats, Kernel};
use crate::error::{Error, Result};
use fractal::check_length;

/// The convolution of `x` with `kernel`, and what it took.
///
/// The tensors lie as `formats` says; factors are rounded to f16, sums are f32.
///
/// # Errors
/// [`Error::Length`] if a slice has not the length that the convolution and its layout ask for, [`Error::Memory`] or
/// [`Error::Overflow`] if a tensor on the way does not fit.
pub fn forward<T: Real>(
    conv: &Conv2d,
    formats: Formats,
    x: &[T],
    kernel: &[T],
) -> Result<(Vec<T>, Counts)> {
    let tensors = Tensors::new(conv, formats);
    let (x, kernel) = (tensors.pack_input(x)?, tensors.pack_kernel(kernel)?);
    let outputs = forward::outputs(conv);
    let (y, counts) = each_group(conv, &x, &kernel, |x, kernel| {
        forward::convolve(conv, x, kernel, windows::Rows::PerImage, outputs)
    })?;
    Ok((
        tensors::unpack_map(&tensors.output, conv.groups(), &y)?,
        counts,
    ))
}

/// The gradient of the input, from `kernel` and the gradient `dy` of the output, and what it took.
///
/// # Errors
/// As [`forward()`].
pub fn backward_input<T: Real>(
    conv: &Conv2d,
    formats: Formats,
    kernel: &[T],
    dy: &[T],
) -> Result<(Vec<T>, Counts)> {
    let tensors = Tensors::new(conv, formats);
    let (kernel, dy) = (tensors.pack_kernel(kernel)?, tensors.pack_output(dy)?);
    let (dx, counts) = each_group(conv, &kernel, &dy, |kernel, dy| {
        backward_input::run(conv, kernel, dy)
    })?;
    Ok((
        tensors::unpack_map(&tensors.input, conv.groups(), &dx)?,
        counts,
    ))
}

/// The gradient of the kernel, from `x` and the gradient `dy` of the output, and what it took.
///
/// # Errors
/// As [`forward()`].
pub fn backward_kernel<T: Real>(
    conv: &Conv2d,
    formats: Formats,
    x: &[T],
    dy: &[T],
    scheme: Scheme,
) -> Result<(Vec<T>, Counts)> {
    let tensors = Tensors::new(conv, formats);
    let (x, dy) = (tensors.pack_input(x)?, tensors.pack_output(dy)?);
    let (dk, counts) = each_group(conv, &x, &dy, |x, dy| {
        backward_kernel::run(conv, x, dy, scheme)
    })?;
    Ok((
        tensors::unpack_kernel(&tensors.kernel, conv.groups(), &dk)?,
        counts,
    ))
}

/// The tensors of a convolution as they are given.
struct Tensors {
    formats: Formats,
    conv: Conv2d,
    input: Activations,
    kernel: Kernel,
    output: Activations,
}

impl Tensors {
    fn new(conv: &Conv2d, formats: Formats) -> Self {
        Self {
            formats,
            conv: *conv,
            input: Activations::input(formats.input, conv),
            kernel: Kernel::of(formats.kernel, conv),
            output: Activations::output(formats.output, conv),
        }
    }

    fn pack_input<T: Real>(&self, x: &[T]) -> Result<Vec<f16>> {
        let shape = Activations::shape(self.formats.input, self.conv.input_shape());
        check_length("the input", &shape, x.len())?;
        tensors::pack_map(&self.input, self.conv.groups(), x)
    }

    fn pack_kernel<T: Real>(&self, kernel: &[T]) -> Result<Vec<f16>> {
        let shape = Kernel::shape(self.formats.kernel, self.conv.kernel_shape());
        check_length("the kernel", &shape, kernel.len())?;
        tensors::pack_kernel(&self.kernel, self.conv.groups(), kernel)
    }

    fn pack_output<T: Real>(&self, dy: &[T]) -> Result<Vec<f16>> {
        let shape = Activations::shape(self.formats.output, self.conv.output_shape());
        check_length("the output's gradient", &shape, dy.len())?;
        tensors::pack_map(&self.output, self.conv.groups(), dy)
    }
}

/// Runs every group, each on its part of both operands, and puts the results one after the other.
fn each_group(
    conv: &Conv2d,
    first: &[f16],
    second: &[f16],
    run: impl Fn(&[f16], &[f16]) -> Result<(Vec<f32>, Counts)> + Send + Sync,
) -> Result<(Vec<f32>, Counts)> {
    let groups = conv.groups();
    if groups == 1 {
        return run(first, second);
    }
    let part = |all: &'_ [f16], g: usize| {
        let len = all.len() / groups;
        g * len..(g + 1) * len
    };
    let results = parallel::map((0..groups).collect(), |g| {
        run(&first[part(first, g)], &second[part(second, g)])
    });
    let results = results.into_iter().collect::<Result<Vec<_>>>()?;
    let len = results.iter().map(|(result, _)| result.len()).sum();
    let mut all = Vec::new();
    reserve("the result of all groups", &mut all, Some(len))?;
    results
        .iter()
        .for_each(|(result, _)| all.extend_from_slice(result));
    Ok((all, results.iter().map(|&(_, counts)| counts).sum()))
}

/// A tensor of one value, or the error that says which one does not fit in memory.
fn zeroed<T: Copy>(tensor: &'static str, shape: &[usize], value: T) -> Result<Vec<T>> {
    let len = shape
        .iter()
        .try_fold(1usize, |len, &extent| len.checked_mul(extent));
    let mut data = Vec::new();
    reserve(tensor, &mut data, len)?;
    data.resize(len.unwrap_or(0), value);
    Ok(data)
}

fn reserve<T>(tensor: &'static str, data: &mut Vec<T>, len: Option<usize>) -> Result<()> {
    len.and_then(|len| data.try_reserve_exact(len).ok())
        .ok_or_else(|| Error::Memory {
            tensor: tensor.into(),
            bytes: len.and_then(|len| len.checked_mul(size_of::<T>())),
        })
}
