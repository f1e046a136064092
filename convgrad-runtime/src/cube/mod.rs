//! The Cube: convolutions and their gradients on an emulated DaVinci tile machine.
//!
//! The Cube of a DaVinci core multiplies two 16 x 16 matrices of halves (f16) in one step and adds the product to 16 x 16 sums
//! in f32. It has no other arithmetic, so whoever wants a convolution brings the operands into 16 x 16 blocks, *fractals*, and asks
//! for one product after the other. This module does so in software, number by number as the machine would, and counts:
//! how many of these steps a convolution takes is what decides how long it runs there.
//!
//! ```
//! use convgrad_runtime::conv::{Conv2d, Layout};
//! use convgrad_runtime::cube;
//!
//! let conv = Conv2d::builder([1, 3, 6, 6], [2, 3, 3, 3]).stride(2).padding(1).build()?;
//! let (x, kernel, dy) = (vec![0.5f32; 108], vec![0.25; 54], vec![1.0; 18]);
//! let formats = Layout::Nchw.formats();
//!
//! let (y, counts) = cube::forward(&conv, formats, &x, &kernel)?;
//! assert_eq!(y[4], 3.375); // 27 products of 0.5 and 0.25
//! assert_eq!(counts.tiles, 9); // one for each tap of the kernel
//!
//! let (dx, _) = cube::backward_input(&conv, formats, &kernel, &dy)?;
//! let (dk, _) = cube::backward_kernel(&conv, formats, &x, &dy, cube::Scheme::Direct)?;
//! assert_eq!((dx.len(), dk.len()), (108, 54));
//! # Ok::<(), convgrad_runtime::Error>(())
//! ```
//!
//! # One step: the tile
//!
//! [`tile`] is the 16 x 16 x 16 multiply-accumulate and its numeric contract: products of halves are exact in f32, and each sum
//! takes them one by one, `k` ascending. A sum over many tiles is one long sequential sum, which the tests repeat bit for bit.
//!
//! # Where things stand: fractals
//!
//! A matrix product on the Cube reads its left factor in the order ZZ, its right factor in ZN, and writes NZ ([`fractal`]):
//!
//! ```text
//!                              right: ZN
//!                                n ->
//!                           k [ 0  1  2 ]     fractals row by row,
//!                           v [ 3  4  5 ]     in each the numbers column by column
//!      left: ZZ                 result: NZ
//!        k ->                    n ->
//!   m [ 0  1 ]              m [ 0  3  6 ]     fractals column by column,
//!   | [ 2  3 ]              | [ 1  4  7 ]     in each the numbers row by row
//!   v [ 4  5 ]              v [ 2  5  8 ]
//! ```
//!
//! The formats of tensors are made so that nothing needs to move. A kernel in FRACTAL_Z *is* ZN of the matrix whose rows are (c1, r, s, c0)
//! and whose columns are the output channels. Results in NZ, one image after the other, *are* a feature map in NC1HWC0. And a
//! feature map in NC1HWC0 turns into left fractals while it is loaded: 16 windows by 16 channels of one tap each (img2col).
//!
//! # A convolution is a product
//!
//! | | M | K | N | rows of M |
//! |---|---|---|---|---|
//! | forward | n, p, q | c1, r, s, c0 | k | each image in fractals of its own |
//! | dX: Strided, FlipRot, forward | n, h, w | k1, r, s, k0 | c | each image in fractals of its own |
//! | dK, [`Scheme::Literal`]: T_NC, T_NCf, forward, crop, T_NCf | c, r', s' | n1, p, q, n0 | k | each *channel* in fractals of its own |
//! | dK, [`Scheme::Folded`] | c, r, s | n1, p, q, n0 | k | one after the other |
//! | dK, [`Scheme::Direct`]: both factors transposed on loading | k | n, p, q | c1, r, s, c0 | |
//!
//! Groups are convolutions by themselves, each with its channels in blocks of their own; a depthwise convolution therefore fills one
//! lane of 16, and one row or column of each fractal.
//!
//! # What it costs
//!
//! Tile operations for the 20 shapes of the paper, all together; one a cycle on the machine:
//!
//! | batch | forward | dX | dK literal | dK folded | dK direct |
//! |---|---|---|---|---|---|
//! | 1 | 61,074 | 103,410 | 10,668,672 | 726,376 | 61,074 |
//! | 16 | 977,184 | 1,654,560 | 10,668,672 | 726,376 | 977,184 |
//!
//! The literal gradient of the kernel wastes up to 255 of 256 products: for a single image the batch fills one of 16 lanes of `k`, and the
//! outputs of a 1 x 1 kernel fill one row of 16. Folding mends the rows, a batch of 16 the lanes; the direct product needs neither.
//! `cargo test -p convgrad-runtime the_paper` computes the table, in closed form ([`counts`]) and by running.
//!
//! # How it is built
//!
//! ```text
//! tensors   given layouts, f32 or f64          -> NC1HWC0 and FRACTAL_Z in f16, group by group
//! relayout  T_NC, T_NCf, FlipRot, Strided         the paper's converters on these
//! windows   NC1HWC0 -> left fractals              where a factor's fractals come from ...
//! fractal   ZZ, ZN  -> fractals                   ... when they are in memory already
//! program   blocks of the result, k ascending     which fractals meet, in which order
//! tile      fractal x fractal + sums              the arithmetic
//! ```
//!
//! None of it calls the convolutions or products that the other methods use. Memories, instructions and time are not emulated:
//! a fractal that a program loads is there.
//!
//! # Accuracy
//!
//! Operands are rounded to the nearest half, ties to even, numbers beyond 65,504 to infinity; sums are f32. For numbers near 1 a gradient is
//! within about 5e-4 of one in f64 (norm of the difference over the norm). Zeros that stand for padding or are inserted by Strided are
//! multiplied like any number, hence an infinite or NaN factor that meets one gives NaN. Every NaN that leaves is the same one,
//! and all results have the same bits whatever the machine and the number of threads.

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
