//! TEMPORARY: what `formulas` will do, until the macro can compile it.

use super::geometry::Conv2d;
use super::layout::{Activations, Kernel, Layout};
use super::matrix::zeros;
use crate::error::Result;
use crate::float::Float;

pub(crate) fn strided<T: Float>(
    layout: Layout,
    [n, k, p, q]: [usize; 4],
    [v, u]: [usize; 2],
    dy: &[T],
) -> Result<Vec<T>> {
    let from = Activations::new(layout.formats().output, [n, k, p, q]);
    let to = Activations::new(
        layout.formats().output,
        [n, k, (p - 1) * v + 1, (q - 1) * u + 1],
    );
    let mut y = zeros("strided", to.len())?;
    each([n, k, p, q], |[n, k, p, q]| {
        y[to.address([n, k, p * v, q * u])] = dy[from.address([n, k, p, q])]
    });
    Ok(y)
}

pub(crate) fn flip_rot<T: Float>(layout: Layout, conv: &Conv2d, kernel: &[T]) -> Result<Vec<T>> {
    let from = Kernel::of(layout.formats().kernel, conv);
    let to = Kernel::of(layout.formats().kernel, &conv.input_gradient());
    let (ci, ki) = (conv.group_inputs(), conv.group_outputs());
    let mut y = zeros("flip_rot", to.len())?;
    each(
        [conv.output_channels(), ci, 1, conv.taps()],
        |[k, c, _, tap]| {
            y[to.address(k / ki * ci + c, k % ki, conv.taps() - 1 - tap)] =
                kernel[from.address(k, c, tap)];
        },
    );
    Ok(y)
}

pub(crate) fn t_nc<T: Float>(
    layout: Layout,
    shape @ [n, c, h, w]: [usize; 4],
    x: &[T],
) -> Result<Vec<T>> {
    let from = Activations::new(layout.formats().input, shape);
    let to = Activations::new(layout.formats().input, [c, n, h, w]);
    let mut y = zeros("t_nc", to.len())?;
    each(shape, |[n, c, h, w]| {
        y[to.address([c, n, h, w])] = x[from.address([n, c, h, w])]
    });
    Ok(y)
}

pub(crate) fn t_ncf<T: Float>(
    layout: Layout,
    shape @ [n, c, h, w]: [usize; 4],
    x: &[T],
) -> Result<Vec<T>> {
    let from = Activations::new(layout.formats().output, shape);
    let to = Kernel::new(layout.formats().kernel, [c, n, h, w]);
    let mut y = zeros("t_ncf", to.len())?;
    each(shape, |[n, c, i, j]| {
        y[to.address(c, n, i * w + j)] = x[from.address([n, c, i, j])]
    });
    Ok(y)
}

pub(crate) fn collect<T: Float>(
    layout: Layout,
    conv: &Conv2d,
    results: &[T],
    dk: &mut [T],
) -> Result<()> {
    let one = conv.kernel_gradient().output_shape();
    let [ci, ki, ..] = one;
    let [_, _, r, s] = conv.kernel_shape();
    let from = Activations::new(layout.formats().output, one);
    let to = Kernel::of(layout.formats().kernel, conv);
    dk.fill(T::default());
    for g in 0..conv.groups() {
        each([ci, ki, r, s], |[c, k, i, j]| {
            dk[to.address(g * ki + k, c, i * s + j)] =
                results[g * from.len() + from.address([c, k, i, j])];
        });
    }
    Ok(())
}

fn each([a, b, c, d]: [usize; 4], mut f: impl FnMut([usize; 4])) {
    for i in 0..a * b * c * d {
        f([i / (b * c * d), i / (c * d) % b, i / d % c, i % d]);
    }
}
