//! Tensors into the Cube's formats and back: rounding to f16, one tensor for each group, zeros in the padding.
//!
//! A group's channels are blocked on their own, so that the group is a convolution by itself:
//! activations become (G, N, C/G/16, H, W, 16), kernels (G, C/G/16 * R * S, K/G/16, 16, 16), with divisions rounding up.
//! For one group these are NC1HWC0 and FRACTAL_Z. What stands in the padding of a given tensor is never read.

use half::f16;

use super::real::{Real, rounded};
use super::tile::{AREA, SIDE};
use crate::buffer::filled;
use crate::conv::{Activations, Conv2d, Formats, Kernel, check_activations, check_kernel};
use crate::error::Result;

/// The operands of a convolution as they are given: checked, rounded and packed.
pub(super) struct Operands<'a> {
    pub(super) conv: &'a Conv2d,
    pub(super) formats: Formats,
}

impl Operands<'_> {
    pub(super) fn input<T: Real>(&self, x: &[T]) -> Result<Vec<f16>> {
        let Self { conv, formats } = self;
        check_activations("the input", formats.input, conv.input_shape(), x)?;
        pack_map(&Activations::input(formats.input, conv), conv.groups(), x)
    }

    pub(super) fn kernel<T: Real>(&self, kernel: &[T]) -> Result<Vec<f16>> {
        let Self { conv, formats } = self;
        check_kernel("the kernel", formats.kernel, conv.kernel_shape(), kernel)?;
        pack_kernel(&Kernel::of(formats.kernel, conv), conv.groups(), kernel)
    }

    pub(super) fn output_gradient<T: Real>(&self, dy: &[T]) -> Result<Vec<f16>> {
        let Self { conv, formats } = self;
        check_activations(
            "the output's gradient",
            formats.output,
            conv.output_shape(),
            dy,
        )?;
        pack_map(
            &Activations::output(formats.output, conv),
            conv.groups(),
            dy,
        )
    }
}

/// The shape of one group of activations in NC1HWC0.
fn map_shape(view: &Activations, groups: usize) -> [usize; 5] {
    let blocks = (view.channels / groups).div_ceil(SIDE);
    [view.batch, blocks, view.height, view.width, SIDE]
}

/// The shape of one group of a kernel in FRACTAL_Z.
fn kernel_shape(view: &Kernel, groups: usize) -> [usize; 4] {
    let (outputs, inputs) = (
        (view.outputs / groups).div_ceil(SIDE),
        view.inputs.div_ceil(SIDE),
    );
    [inputs * view.taps[0] * view.taps[1], outputs, SIDE, SIDE]
}

fn grouped<const D: usize>(groups: usize, shape: [usize; D]) -> Vec<usize> {
    std::iter::once(groups).chain(shape).collect()
}

/// Calls `each(in the given tensor, in NC1HWC0 group after group)` with the places of every element of activations.
fn map_places(view: &Activations, groups: usize, mut each: impl FnMut(usize, usize)) {
    let [batch, c1, ..] = map_shape(view, groups);
    let per_group = view.channels / groups;
    for g in 0..groups {
        for n in 0..batch {
            for c in 0..per_group {
                let given = n * view.image() + view.channel(g * per_group + c);
                let place = ((g * batch + n) * c1 + c / SIDE) * view.pixels() * SIDE + c % SIDE;
                for pixel in 0..view.pixels() {
                    each(given + pixel * view.block, place + pixel * SIDE);
                }
            }
        }
    }
}

/// Activations, in any layout, as halves in NC1HWC0, group after group.
fn pack_map<T: Real>(view: &Activations, groups: usize, data: &[T]) -> Result<Vec<f16>> {
    let halves = rounded("activations as f16", data)?;
    let shape = grouped(groups, map_shape(view, groups));
    let mut packed = filled("activations in NC1HWC0", &shape, f16::ZERO)?;
    map_places(view, groups, |given, place| packed[place] = halves[given]);
    Ok(packed)
}

/// Activations, in any layout, from accumulators in NC1HWC0, group after group.
pub(super) fn unpack_map<T: Real>(
    view: &Activations,
    groups: usize,
    packed: &[f32],
    data: &mut [T],
) {
    if view.is_ragged() {
        data.fill(T::from_accumulator(0.0));
    }
    map_places(view, groups, |given, place| {
        data[given] = T::from_accumulator(packed[place]);
    });
}

/// Calls `each(in the given tensor, in FRACTAL_Z group after group)` with the places of every element of a kernel.
fn kernel_places(view: &Kernel, groups: usize, mut each: impl FnMut(usize, usize)) {
    let taps = view.taps[0] * view.taps[1];
    let [_, k1, ..] = kernel_shape(view, groups);
    let (c1, per_group) = (view.inputs.div_ceil(SIDE), view.outputs / groups);
    for k in 0..view.outputs {
        let (g, k) = (k / per_group, k % per_group);
        for c in 0..view.inputs {
            for tap in 0..taps {
                let fractal = ((g * c1 + c / SIDE) * taps + tap) * k1 + k / SIDE;
                let place = fractal * AREA + k % SIDE * SIDE + c % SIDE;
                each(view.address(g * per_group + k, c, tap), place);
            }
        }
    }
}

/// A kernel, in any layout, as halves in FRACTAL_Z, group after group.
fn pack_kernel<T: Real>(view: &Kernel, groups: usize, data: &[T]) -> Result<Vec<f16>> {
    let halves = rounded("the kernel as f16", data)?;
    let shape = grouped(groups, kernel_shape(view, groups));
    let mut packed = filled("the kernel in FRACTAL_Z", &shape, f16::ZERO)?;
    kernel_places(view, groups, |given, place| packed[place] = halves[given]);
    Ok(packed)
}

/// A kernel, in any layout, from accumulators in FRACTAL_Z, group after group.
pub(super) fn unpack_kernel<T: Real>(view: &Kernel, groups: usize, packed: &[f32], data: &mut [T]) {
    if view.is_ragged() {
        data.fill(T::from_accumulator(0.0));
    }
    kernel_places(view, groups, |given, place| {
        data[given] = T::from_accumulator(packed[place]);
    });
}
