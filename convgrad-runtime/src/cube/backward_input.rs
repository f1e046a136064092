//! The input's gradient, the paper's way: zeros between the pixels of the output's gradient (Strided), the kernel turned
//! (FlipRot), and the forward convolution with stride 1 and paddings of its own.

use half::f16;

use super::Counts;
use super::forward;
use crate::conv::{Context, Conv2d, Layout, formulas};
use crate::error::Result;

/// For a convolution without groups: `kernel` in FRACTAL_Z and `dy` in NC1HWC0 give the gradient in NC1HWC0.
pub(super) fn run(
    cx: &Context,
    conv: &Conv2d,
    kernel: &[f16],
    dy: &[f16],
) -> Result<(Vec<f32>, Counts)> {
    let gradient = conv.input_gradient();
    let (shape, stride) = (conv.output_shape(), conv.inserting_stride());
    let strided = formulas::strided(cx, Layout::Davinci, shape, stride, dy)?;
    let turned = formulas::flip_rot(cx, Layout::Davinci, conv, kernel)?;
    forward::run(cx, &gradient, &strided, &turned)
}
