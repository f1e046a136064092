//! The input's gradient as one product for all phases of the stride, and a scatter: col2im without the matrix.
//!
//! ```text
//! for each task: a group, some input channels, images or rows      (threads share the tasks)
//!   for each band of rows
//!     room = K^T dY        a line for each channel and tap, a column for each pixel of dY that reaches the band
//!     for each channel, for each row of dX
//!       the row = for each phase of the columns, the sum of the taps' lines, each from its own place on
//! ```
//!
//! In the kernel the channels and taps of an output lie side by side, so that it is read once, not once a phase; dY is read where it is; and the
//! rows of dX are written side by side, zeros included, while the room is in the cache. What two bands read is kept in the room, so
//! that nothing is multiplied twice but where two tasks meet.

mod cost;
mod cut;
mod gathering;
mod tasks;
#[cfg(test)]
mod tests;

pub(crate) use cost::suits;
use cut::Cut;
use gathering::Gathering;

use crate::conv::context::{Context, Stage};
use crate::conv::geometry::Conv2d;
use crate::conv::layout::{ActivationLayout, Activations, Formats, Kernel};
use crate::conv::operands::{channels, pixels};
use crate::error::Result;
use crate::float::Float;
use crate::gemm::{Matrix, Parts, Places, Prepared, Shape, Source, host};

/// Which tap each row of a channel has in the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// As in the kernel.
    Kernel,
    /// As in FlipRot of it.
    Turned,
}

/// The product that is scattered: channels and taps x pixels, group by group.
fn shape(conv: &Conv2d) -> Shape {
    Shape {
        batch: conv.groups(),
        m: conv.depth(),
        n: conv.batch() * conv.pixels(),
        k: conv.group_outputs(),
    }
}

/// K^T as the product's first operand.
///
/// # Errors
/// [`Error::Memory`](crate::Error::Memory) if there is no room for the places of its rows.
pub(crate) fn kernel<'k, T>(
    conv: &Conv2d,
    view: &Kernel,
    kernel: &'k [T],
) -> Result<Matrix<'k, T>> {
    let mut rows = Places::default();
    for c in 0..conv.group_inputs() {
        rows.push(view.address(0, c, 0), view.tap, conv.taps())?;
    }
    let columns = Places::steady(conv.output_channels(), view.output)?;
    Ok(Matrix::new(
        kernel,
        rows,
        columns,
        [0, conv.group_outputs()],
    ))
}

/// FlipRot(K), whose taps stand in their [`Order::Turned`], as the product's first operand.
///
/// # Errors
/// As [`kernel`].
pub(crate) fn turned_kernel<'k, T>(
    conv: &Conv2d,
    formats: Formats,
    kernel: &'k [T],
) -> Result<Matrix<'k, T>> {
    let view = Kernel::of(formats.kernel, &conv.input_gradient());
    let mut rows = Places::default();
    for c in 0..conv.input_channels() {
        rows.push(view.address(c, 0, 0), view.tap, conv.taps())?;
    }
    let mut columns = Places::default();
    for k in 0..conv.group_outputs() {
        columns.push(view.address(0, k, 0), 1, 1)?;
    }
    Ok(Matrix::new(kernel, rows, columns, [conv.depth(), 0]))
}

/// K^T, read once for any number of gradients.
///
/// # Errors
/// [`Error::Memory`](crate::Error::Memory) if there is no room for it.
pub(crate) fn prepare<T: Float>(
    conv: &Conv2d,
    formats: Formats,
    values: &[T],
) -> Result<Prepared<T>> {
    let matrix = kernel(conv, &Kernel::of(formats.kernel, conv), values)?;
    Prepared::for_source(matrix, shape(conv), false)
}

/// The gradient of the input, from K^T and the gradient of the output; the input must be in NCHW.
///
/// # Errors
/// [`Error::Memory`](crate::Error::Memory) if there is no room for the lines of one channel and a few panels.
pub(crate) fn compute<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    (kernel, order): (&dyn Source<T>, Order),
    dy: &[T],
    dx: &mut [T],
) -> Result<()> {
    let shape = shape(conv);
    let in_place = formats.output == ActivationLayout::Nchw;
    let depth = Parts::<T>::longest_stretch(shape);
    let cut = Cut::new::<T>(conv, depth, in_place, cx.threads());
    let cut = cut.unwrap_or_else(|| Cut::least(conv));
    let view = Activations::output(formats.output, conv);
    let (depth, columns) = (channels(&view)?, pixels(&view)?);
    let gradient = Matrix::new(dy, depth, columns, [conv.group_outputs(), 0]);
    let product = Parts::new(host(), shape, kernel, &gradient);
    cx.stage(Stage::Gemm, || {
        Gathering::new(conv, order, product, cut).run(cx, dx)
    })
}
