//! When to scatter: what each way to compute the input's gradient multiplies and moves, counted.

use super::cut::{Cut, MOVE};
use super::shape;
use crate::conv::geometry::Conv2d;
use crate::conv::layout::{ActivationLayout, Formats};
use crate::conv::methods::{products, shallow};
use crate::float::Float;
use crate::gemm::Parts;

/// Vectors' worth of time to pick 16 elements of a kernel one by one, or to store as many results so.
const APART: usize = 40;

/// The same to gather 16 elements of a line, or to join as many results of a row.
const GATHER: usize = 4;

/// Whether the input's gradient is to be scattered rather than computed phase by phase.
pub(crate) fn suits<T: Float>(conv: &Conv2d, formats: Formats) -> bool {
    // A single phase reads the kernel once and writes rows; where channels lie side by side, every phase's results do.
    let gains = conv.stride() != [1, 1] && formats.input == ActivationLayout::Nchw;
    if !gains || conv.batch() == 0 || shallow::suits(conv) {
        return false;
    }
    scattered::<T>(conv, formats).is_some_and(|cost| {
        if shallow::suits_input_gradient(conv) {
            cost < by_planes(conv)
        } else {
            cost < by_phases(conv)
        }
    })
}

/// About the multiplications of vectors, and what could have been multiplied while elements are moved; None if a line fits no room.
fn scattered<T: Float>(conv: &Conv2d, formats: Formats) -> Option<usize> {
    let shape = shape(conv);
    let depth = Parts::<T>::longest_stretch(shape);
    let in_place = formats.output == ActivationLayout::Nchw;
    let moves = Cut::new::<T>(conv, depth, in_place, 1)?.moves;
    let lines = product([shape.batch, shape.m, shape.n]);
    let gathered = lines.saturating_add(elements(conv.input_shape()));
    Some(sum([
        product([lines, shape.k]) / 16,
        product([conv.groups(), moves]),
        product([gathered, GATHER]) / 16,
    ]))
}

/// The same for products, phase by phase.
fn by_phases(conv: &Conv2d) -> usize {
    let (outputs, inputs) = (conv.output_channels(), conv.group_inputs());
    let is_plain = conv.taps() == 1;
    let phases = products::pairs(conv).map(|(rows, columns)| {
        let taps = rows.axis.taps * columns.axis.taps;
        let results = product([conv.batch(), rows.axis.output(), columns.axis.output()]);
        let windows = product([outputs, taps, results]);
        let kernel = if is_plain {
            0
        } else {
            product([outputs, inputs, taps, APART])
        };
        let windows_moved = if is_plain {
            0
        } else {
            product([windows, MOVE[0]])
        };
        sum([product([windows, inputs]), kernel, windows_moved]) / 16
    });
    let results = if conv.stride()[1] > 1 { APART } else { MOVE[1] };
    let stored = product([elements(conv.input_shape()), results]) / 16;
    phases.fold(stored, usize::saturating_add)
}

/// The same for sums over planes.
fn by_planes(conv: &Conv2d) -> usize {
    let phases = products::pairs(conv).count();
    let copied = product([elements(conv.output_shape()), phases, MOVE[0]]);
    let joined = product([elements(conv.input_shape()), GATHER]);
    let multiplied = product([elements(conv.output_shape()), conv.depth()]);
    sum([copied, joined, multiplied]) / 16
}

fn elements(shape: [usize; 4]) -> usize {
    product(shape)
}

fn product<const N: usize>(extents: [usize; N]) -> usize {
    extents.into_iter().fold(1, usize::saturating_mul)
}

fn sum<const N: usize>(terms: [usize; N]) -> usize {
    terms.into_iter().fold(0, usize::saturating_add)
}
