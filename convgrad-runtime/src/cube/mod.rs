//! The Cube: convolutions and their gradients on an emulated DaVinci tile machine.
//!
//! The Cube of a DaVinci core multiplies two 16 x 16 matrices of halves (f16) in one step and adds the product to 16 x 16 sums
//! in f32. It has no other arithmetic, so whoever wants a convolution brings the operands into 16 x 16 blocks, *fractals*, and asks
//! for one product after the other. This module does so in software, number by number as the machine would, and counts:
//! how many of these steps a convolution takes is what decides how long it runs there.
//!
//! ```
//! use convgrad_runtime::conv::{Context, Conv2d, Layout};
//! use convgrad_runtime::cube;
//!
//! let conv = Conv2d::builder([1, 3, 6, 6], [2, 3, 3, 3]).stride(2).padding(1).build()?;
//! let (x, kernel, dy) = (vec![0.5f32; 108], vec![0.25; 54], vec![1.0; 18]);
//! let (cx, formats) = (Context::default(), Layout::Nchw.formats());
//!
//! let mut y = vec![0.0; 18];
//! let counts = cube::forward(&cx, &conv, formats, &x, &kernel, &mut y)?;
//! assert_eq!(y[4], 3.375); // 27 products of 0.5 and 0.25
//! assert_eq!(counts.tiles, 9); // one for each tap of the kernel
//!
//! let (mut dx, mut dk) = (vec![0.0; 108], vec![0.0; 54]);
//! cube::backward_input(&cx, &conv, formats, &kernel, &dy, &mut dx)?;
//! cube::backward_kernel(&cx, &conv, formats, &x, &dy, &mut dk, cube::Scheme::Direct)?;
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
//! # A machine, and time
//!
//! The functions above count tiles, as if what a program loads were always there. [`Core`] is the whole machine: memories with their sizes,
//! pipes that run side by side, flags between them, and a checker that finds what no flag orders. [`isa`] has its instructions, a
//! [`profile`] its numbers with their sources, [`time`] says where the cycles went, and [`program`] writes programs for all of the
//! products above, with double buffering and a search for tilings, whose results have the same bits.
//!
//! # How it is built
//!
//! ```text
//! tensors   any layout, f16, f32 or f64  ->  NC1HWC0 and FRACTAL_Z in f16, group by group
//! windows   NC1HWC0  ->  left fractals       where a factor's fractals come from ...
//! fractal   ZZ, ZN   ->  fractals            ... and where from when they are in memory already
//! product   blocks of the result             which fractals meet, in which order
//! tile      fractal x fractal + sums         the arithmetic, of products and of the machine
//!
//! profile   numbers and their sources        machine   memories, pipes, flags, checker
//! isa       an instruction a file            time      reports, traces, pictures
//! program   from a convolution and a scheme to instructions
//! ```
//!
//! T_NC, T_NCf, FlipRot and Strided are the compiled formulas of [`conv`](crate::conv); programs for the machine are made from the same
//! loops, as is that of any other converter ([`Relayout`](program::Relayout)). None of the convolutions and products that other methods use is called.
//!
//! # Accuracy
//!
//! Operands are rounded to the nearest half, ties to even, numbers from 65,520 on to infinity; sums are f32. For numbers near 1 a gradient is
//! within about 5e-4 of one in f64 (norm of the difference over the norm). Zeros that stand for padding or are inserted by Strided are
//! multiplied like any number, hence an infinite or NaN factor that meets one gives NaN. Every NaN that leaves is the same one,
//! and all results have the same bits whatever the machine and the number of threads.

mod backward_input;
mod backward_kernel;
pub mod counts;
mod forward;
pub mod fractal;
pub mod isa;
pub mod machine;
mod matmul;
mod product;
pub mod profile;
pub mod program;
mod real;
mod reference;
mod tensors;
#[cfg(test)]
pub(in crate::cube) mod tests;
pub mod tile;
pub mod time;
mod windows;

pub use backward_kernel::Scheme;
pub use counts::Counts;
pub use isa::Instruction;
pub use machine::{Core, Fault, Pipe};
pub use matmul::matmul;
pub use real::Real;

use half::f16;

use crate::buffer::filled;
use crate::conv::{Activations, Context, Conv2d, Formats, Kernel};
use crate::conv::{check_activations, check_kernel};
use crate::error::Result;
use tensors::{Operands, unpack_kernel, unpack_map};

/// Computes the output `y` from the input `x` and the kernel, and says what it took.
///
/// The tensors lie as `formats` says; places of `y` without an element become 0.
///
/// # Errors
/// [`Error::Length`](crate::Error::Length) if a slice has not as many elements as its tensor in its layout,
/// [`Error::Memory`](crate::Error::Memory) if a tensor on the way does not fit.
pub fn forward<T: Real>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    x: &[T],
    kernel: &[T],
    y: &mut [T],
) -> Result<Counts> {
    let given = Operands { conv, formats };
    check_activations("the output", formats.output, conv.output_shape(), y)?;
    let operands = (given.input(x)?, given.kernel(kernel)?);
    let operands = (&operands.0[..], &operands.1[..]);
    let (result, counts) = each_group(cx, conv, operands, |group, x, kernel| {
        forward::run(cx, group, x, kernel)
    })?;
    let view = Activations::output(formats.output, conv);
    unpack_map(&view, conv.groups(), &result, y);
    Ok(counts)
}

/// Computes the gradient `dx` of the input from the kernel and the gradient `dy` of the output, and says what it took.
///
/// The tensors lie as `formats` says; places of `dx` without an element become 0.
///
/// # Errors
/// As [`forward()`].
pub fn backward_input<T: Real>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    kernel: &[T],
    dy: &[T],
    dx: &mut [T],
) -> Result<Counts> {
    let given = Operands { conv, formats };
    check_activations(
        "the input's gradient",
        formats.input,
        conv.input_shape(),
        dx,
    )?;
    let operands = (given.kernel(kernel)?, given.output_gradient(dy)?);
    let operands = (&operands.0[..], &operands.1[..]);
    let (result, counts) = each_group(cx, conv, operands, |group, kernel, dy| {
        backward_input::run(cx, group, kernel, dy)
    })?;
    let view = Activations::input(formats.input, conv);
    unpack_map(&view, conv.groups(), &result, dx);
    Ok(counts)
}

/// Computes the gradient `dk` of the kernel from the input `x` and the gradient `dy` of the output, and says what it took.
///
/// The tensors lie as `formats` says; places of `dk` without an element become 0.
///
/// # Errors
/// As [`forward()`]; [`Error::Overflow`](crate::Error::Overflow) if a tensor of the paper's way is too large to be counted.
pub fn backward_kernel<T: Real>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    x: &[T],
    dy: &[T],
    dk: &mut [T],
    scheme: Scheme,
) -> Result<Counts> {
    let given = Operands { conv, formats };
    check_kernel(
        "the kernel's gradient",
        formats.kernel,
        conv.kernel_shape(),
        dk,
    )?;
    let operands = (given.input(x)?, given.output_gradient(dy)?);
    let operands = (&operands.0[..], &operands.1[..]);
    let (result, counts) = each_group(cx, conv, operands, |group, x, dy| {
        backward_kernel::run(cx, group, x, dy, scheme)
    })?;
    let view = Kernel::of(formats.kernel, conv);
    unpack_kernel(&view, conv.groups(), &result, dk);
    Ok(counts)
}

/// Runs every group, each on its part of both operands, and puts the results one after the other.
fn each_group(
    cx: &Context,
    conv: &Conv2d,
    (first, second): (&[f16], &[f16]),
    run: impl Fn(&Conv2d, &[f16], &[f16]) -> Result<(Vec<f32>, Counts)> + Send + Sync,
) -> Result<(Vec<f32>, Counts)> {
    let (groups, group) = (conv.groups(), conv.one_group());
    cx.enter(|| {
        if groups == 1 {
            return run(&group, first, second);
        }
        let part = |all: &[f16], g: usize| {
            let len = all.len() / groups;
            g * len..(g + 1) * len
        };
        let results = cx.map((0..groups).collect(), |g| {
            run(&group, &first[part(first, g)], &second[part(second, g)])
        });
        let results = results.into_iter().collect::<Result<Vec<_>>>()?;
        let len = results.first().map_or(0, |(result, _)| result.len());
        let mut all = filled("the result of all groups", &[groups, len], 0.0)?;
        // An empty batch has an empty result, and no chunks.
        for (part, (result, _)) in all.chunks_mut(len.max(1)).zip(&results) {
            part.copy_from_slice(result);
        }
        Ok((all, results.iter().map(|&(_, counts)| counts).sum()))
    })
}
