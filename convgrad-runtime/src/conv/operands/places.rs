//! Where the rows and columns of the products lie in a convolution's tensors.

use std::ops::Range;

use crate::conv::geometry::Reads;
use crate::conv::layout::{Activations, Kernel};
use crate::error::Result;
use crate::gemm::Places;

/// The channels of a tensor.
pub(crate) fn channels(view: &Activations) -> Result<Places> {
    if view.block == 1 {
        return Places::steady(view.channels, view.plane());
    }
    let mut places = Places::default();
    for block in 0..view.blocks() {
        let lanes = view.block.min(view.channels - block * view.block);
        places.push(view.channel(block * view.block), 1, lanes)?;
    }
    Ok(places)
}

/// The pixels of all images of a tensor.
pub(crate) fn pixels(view: &Activations) -> Result<Places> {
    let mut places = Places::default();
    for image in 0..view.batch {
        places.push(image * view.image(), view.block, view.pixels())?;
    }
    Ok(places)
}

/// The elements of an image in the order of the depth of a kernel that is as large as the image.
pub(crate) fn elements(view: &Activations, group: usize) -> Result<Places> {
    let mut places = Places::default();
    for run in view.runs(group) {
        let first = view.channel(run.start);
        if run.len() == 1 {
            places.push(first, view.block, view.pixels())?;
            continue;
        }
        for pixel in 0..view.pixels() {
            places.push(first + pixel * view.block, 1, run.len())?;
        }
    }
    Ok(places)
}

/// The pixels of one phase of a stride: so many rows and columns, from `phase` on.
pub(crate) fn phase_pixels(
    view: &Activations,
    [rows, columns]: [usize; 2],
    phase: [usize; 2],
    stride: [usize; 2],
) -> Result<Places> {
    let mut places = Places::default();
    for image in 0..view.batch {
        for row in 0..rows {
            let address = view.address([image, 0, phase[0] + row * stride[0], phase[1]]);
            // A stride that leads to no second column may be of any length.
            let step = if columns == 1 {
                view.block
            } else {
                stride[1] * view.block
            };
            places.push(address, step, columns)?;
        }
    }
    Ok(places)
}

/// The depth of a convolution in its kernel: the channels that its windows read, in runs, and the taps that they read with.
///
/// `address` says where a channel's first tap lies.
pub(crate) fn depth(
    runs: impl Iterator<Item = Range<usize>>,
    [rows, columns]: [&Reads; 2],
    kernel: &Kernel,
    address: impl Fn(usize) -> usize,
) -> Result<Places> {
    let mut places = Places::default();
    let all =
        kernel.tap == 1 && rows.taps.len() * columns.taps.len() == kernel.taps[0] * kernel.taps[1];
    for run in runs {
        if all && run.len() == 1 {
            places.push(address(run.start), 1, kernel.taps[0] * kernel.taps[1])?;
            continue;
        }
        for r in &rows.taps {
            for s in &columns.taps {
                let tap = (r.index * kernel.taps[1] + s.index) * kernel.tap;
                for channel in run.clone() {
                    places.push(address(channel) + tap, 1, 1)?;
                }
            }
        }
    }
    Ok(places)
}
