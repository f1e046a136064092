//! The kernel of a depthwise convolution as vectors of channels: for each vector one a tap.

use crate::conv::context::Context;
use crate::conv::layout::Kernel;
use crate::conv::scratch::Buffer;
use crate::error::Result;
use crate::float::Float;
use crate::gemm::{Kernels, turn};

/// Reads a kernel; lanes without a channel are 0.
pub(super) fn read<T: Float>(
    cx: &Context,
    kernels: &Kernels<T>,
    view: Kernel,
    kernel: &[T],
) -> Result<Buffer<T>> {
    let (lanes, taps) = (kernels.lanes, view.taps[0] * view.taps[1]);
    let vectors = view.outputs.div_ceil(lanes);
    // Turning a block over may write whole vectors beyond the last one.
    let mut weights = cx.buffer("a kernel in vectors", (vectors * taps + lanes) * lanes)?;
    for (c, out) in (0..view.outputs)
        .step_by(lanes)
        .zip((0..).step_by(taps * lanes))
    {
        let channels = lanes.min(view.outputs - c);
        let out = &mut weights[out..];
        if channels < lanes {
            out.fill(T::default());
        }
        if view.is_kcrs() {
            turn(
                kernels,
                (&kernel[c * taps..], taps),
                (out, lanes),
                [channels, taps],
            );
            continue;
        }
        for (tap, out) in out.chunks_mut(lanes).take(taps).enumerate() {
            for (lane, weight) in out.iter_mut().take(channels).enumerate() {
                *weight = kernel[view.address(c + lane, 0, tap)];
            }
        }
    }
    Ok(weights)
}

/// Writes a kernel from such vectors; places without an element become 0.
pub(super) fn write<T: Float>(lanes: usize, weights: &[T], view: Kernel, kernel: &mut [T]) {
    let taps = view.taps[0] * view.taps[1];
    if view.is_ragged() {
        kernel.fill(T::default());
    }
    for (c, weights) in (0..view.outputs)
        .step_by(lanes)
        .zip(weights.chunks(taps * lanes))
    {
        for lane in 0..lanes.min(view.outputs - c) {
            let to = kernel[view.address(c + lane, 0, 0)..]
                .iter_mut()
                .step_by(view.tap);
            let from = weights[lane..].iter().step_by(lanes);
            to.zip(from).for_each(|(to, from)| *to = *from);
        }
    }
}
