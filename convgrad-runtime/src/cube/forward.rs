//! Forward: the windows of a feature map times a kernel in FRACTAL_Z gives a feature map.
//!
//! ```text
//!                          FRACTAL_Z = ZN
//!                          N = k ->
//!                     K  [ (c1,r,s) , k1 ]
//!      K = (c1,r,s,c0)  v
//!   M [ windows of   ]    [ NZ: k1 by k1, the  ]
//!   | [ image 0, then ]   [ windows of image 0 ]  = NC1HWC0
//!   v [ of image 1 ...]   [ ...                ]
//! ```
//!
//! Both gradients by the paper's way are this convolution too, of other operands.

use half::f16;

use super::Counts;
use super::fractal::Stored;
use super::product::{self, Extents, Product};
use super::tile::SIDE;
use super::windows::{Rows, Window, Windows};
use crate::buffer::filled;
use crate::conv::{Context, Conv2d};
use crate::error::{Error, Result};

/// The product that computes some windows of one group, in fractals; None if that many cannot be counted.
pub(super) fn extents(conv: &Conv2d, rows: Rows, outputs: [usize; 2]) -> Option<Extents> {
    Some(Extents {
        m1: rows.fractals(conv.batch(), outputs[0].checked_mul(outputs[1])?)?,
        k1: conv
            .group_inputs()
            .div_ceil(SIDE)
            .checked_mul(conv.taps())?,
        n1: conv.group_outputs().div_ceil(SIDE),
    })
}

/// The extents of all outputs of a convolution.
pub(super) fn outputs(conv: &Conv2d) -> [usize; 2] {
    [conv.rows().output(), conv.columns().output()]
}

/// For a convolution without groups: `map` and `kernel`, in the Cube's formats, give the output in NC1HWC0.
pub(super) fn run(
    cx: &Context,
    conv: &Conv2d,
    map: &[f16],
    kernel: &[f16],
) -> Result<(Vec<f32>, Counts)> {
    convolve(cx, conv, map, kernel, Rows::PerImage, outputs(conv))
}

/// Convolves without groups: `map` (N, C1, H, W, 16) with `kernel` (C1 * R * S, K1, 16, 16), and computes the first `outputs`
/// windows of each image: (N, K1, P, Q, 16).
pub(super) fn convolve(
    cx: &Context,
    conv: &Conv2d,
    map: &[f16],
    kernel: &[f16],
    rows: Rows,
    outputs: [usize; 2],
) -> Result<(Vec<f32>, Counts)> {
    let extents = extents(conv, rows, outputs).ok_or_else(too_many)?;
    let windows = Windows::new(conv, map, outputs, rows);
    let (product, counts) = product::run(cx, &windows, &Stored::zn(kernel, extents.n1), extents)?;
    let shape = [conv.batch(), extents.n1, outputs[0], outputs[1], SIDE];
    Ok((place(&product, &windows, extents, shape)?, counts))
}

/// Brings the results out of the accumulators into NC1HWC0, without the rows that belong to no window.
fn place(
    product: &Product,
    windows: &Windows<'_>,
    extents: Extents,
    shape: [usize; 5],
) -> Result<Vec<f32>> {
    let mut map = filled("the result in NC1HWC0", &shape, 0.0)?;
    let [_, k1, height, width, _] = shape;
    let (pixels, _) = map.as_chunks_mut::<SIDE>();
    for m1 in 0..extents.m1 {
        for n1 in 0..k1 {
            let results = product.tile(m1, n1);
            for (Window { image, p, q }, result) in windows.of_fractal(m1).zip(results) {
                pixels[((image * k1 + n1) * height + p) * width + q] = result.map(product::settled);
            }
        }
    }
    Ok(map)
}

pub(super) fn too_many() -> Error {
    Error::overflow("the convolution", "the number of tile operations")
}
