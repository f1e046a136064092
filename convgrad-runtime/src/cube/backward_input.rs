//! The input's gradient, the paper's way: zeros between the pixels of the output's gradient (Strided), the kernel turned
//! (FlipRot), and the forward convolution with stride 1 and paddings of its own.

use half::f16;

use super::Counts;
use super::forward;
use super::relayout;
use super::tile::SIDE;
use super::windows::Rows;
use crate::conv::{Context, Conv2d};
use crate::error::Result;

/// Computes one group: `kernel` in FRACTAL_Z and `dy` in NC1HWC0 give the gradient in NC1HWC0.
pub(super) fn run(
    cx: &Context,
    conv: &Conv2d,
    kernel: &[f16],
    dy: &[f16],
) -> Result<(Vec<f32>, Counts)> {
    let gradient = conv.input_gradient();
    let (c1, k1) = (
        conv.group_inputs().div_ceil(SIDE),
        conv.group_outputs().div_ceil(SIDE),
    );
    let [p, q] = forward::outputs(conv);
    let extents = [gradient.rows().input, gradient.columns().input];
    let strided = relayout::strided(
        dy,
        [conv.batch(), k1, p, q],
        conv.stride(),
        extents,
        f16::ZERO,
    )?;
    let turned = relayout::flip_rot(kernel, [c1, k1], conv.taps(), f16::ZERO)?;
    forward::convolve(
        cx,
        &gradient,
        &strided,
        &turned,
        Rows::PerImage,
        forward::outputs(&gradient),
    )
}
