//! What programs must compute: the sums of each method in f32, by the tile and nothing else.

use half::f16;

use super::fractal::Stored;
use super::product::{self, Extents, Transposed};
use super::program::Method;
use super::tile::SIDE;
use super::windows::Windows;
use super::{backward_input, backward_kernel, each_group, forward};
use crate::buffer::filled;
use crate::conv::{Context, Conv2d};
use crate::error::Result;

/// A convolution and its operands: input, kernel, gradient of the output, in the Cube's formats, group after group.
pub(super) struct Reference<'a> {
    pub(super) cx: &'a Context,
    pub(super) conv: &'a Conv2d,
    pub(super) operands: [&'a [f16]; 3],
}

impl Reference<'_> {
    /// The result of a method, group after group.
    pub(super) fn of(&self, method: Method) -> Result<Vec<f32>> {
        let Self { cx, conv, operands } = *self;
        let [x, kernel, dy] = operands;
        let (result, _) = match method {
            Method::Forward => each_group(cx, conv, (x, kernel), |group, x, kernel| {
                forward::run(cx, group, x, kernel)
            })?,
            Method::DxConverters => each_group(cx, conv, (kernel, dy), |group, kernel, dy| {
                backward_input::run(cx, group, kernel, dy)
            })?,
            Method::DxCol2img => each_group(cx, conv, (kernel, dy), |group, kernel, dy| {
                col2im(cx, group, kernel, dy)
            })?,
            Method::Dk(scheme) => each_group(cx, conv, (x, dy), |group, x, dy| {
                backward_kernel::run(cx, group, x, dy, scheme)
            })?,
        };
        Ok(result)
    }
}

/// The input's gradient by a product for each pixel and tap, added up from 0 in the order of the taps.
fn col2im(
    cx: &Context,
    conv: &Conv2d,
    kernel: &[f16],
    dy: &[f16],
) -> Result<(Vec<f32>, super::Counts)> {
    let outputs = [conv.rows().output(), conv.columns().output()];
    let (k1, c1) = (
        conv.output_channels().div_ceil(SIDE),
        conv.input_channels().div_ceil(SIDE),
    );
    let pixels = Windows::pixels(dy, conv.batch(), k1, outputs);
    let pitch = (outputs[0] * outputs[1]).div_ceil(SIDE);
    let extents = Extents {
        m1: conv.batch() * pitch,
        k1,
        n1: c1 * conv.taps(),
    };
    let turned = Transposed(Stored::zn(kernel, k1));
    let (products, counts) = product::run(cx, &pixels, &turned, extents)?;
    let [n, _, height, width] = conv.input_shape();
    let mut gradient = filled(
        "the input's gradient",
        &[n, c1, height, width, SIDE],
        0.0f32,
    )?;
    for (plane, map) in gradient
        .chunks_mut((height * width * SIDE).max(1))
        .enumerate()
    {
        let (image, c) = (plane / c1, plane % c1);
        for tap in 0..conv.taps() {
            let (kh, kw) = (tap / conv.columns().taps, tap % conv.columns().taps);
            for p in 0..outputs[0] {
                let Some(h) = conv.rows().source_inside(p, kh) else {
                    continue;
                };
                for q in conv.columns().outputs_inside(kw) {
                    let Some(w) = conv.columns().source_inside(q, kw) else {
                        continue;
                    };
                    let window = p * outputs[1] + q;
                    let tile = products.tile(image * pitch + window / SIDE, c * conv.taps() + tap);
                    let pixel = &mut map[(h * width + w) * SIDE..][..SIDE];
                    for (sum, product) in pixel.iter_mut().zip(tile[window % SIDE]) {
                        *sum += product;
                    }
                }
            }
        }
    }
    Ok((gradient, counts))
}
