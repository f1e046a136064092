//! Convolution and gradients by their definitions, loop by loop, with a number type of the caller's choice.

use half::f16;

use crate::conv::Conv2d;

/// Every product of a convolution: the flat places of its x, kernel and y, for one output pixel, channel and tap.
///
/// `x` is None in the padding.
pub(super) struct Term {
    pub(super) x: Option<usize>,
    pub(super) kernel: usize,
    pub(super) y: usize,
}

/// The place of a term's factors: image, output channel, input channel in its group, output pixel, tap.
pub(super) struct Place {
    pub(super) n: usize,
    pub(super) k: usize,
    pub(super) c: usize,
    pub(super) pixel: [usize; 2],
    pub(super) tap: [usize; 2],
}

pub(super) fn term(conv: &Conv2d, place: &Place) -> Term {
    let [_, channels, h, w] = conv.input_shape();
    let [outputs, inputs, r, s] = conv.kernel_shape();
    let [_, _, p, q] = conv.output_shape();
    let [top, _, left, _] = conv.padding();
    let &Place {
        n,
        k,
        c,
        pixel,
        tap,
    } = place;
    let position = |axis: usize, pad: isize| {
        (pixel[axis] * conv.stride()[axis] + tap[axis] * conv.dilation()[axis]) as isize - pad
    };
    let (row, column) = (position(0, top), position(1, left));
    let inside = (0..h as isize).contains(&row) && (0..w as isize).contains(&column);
    let channel = k / (outputs / conv.groups()) * inputs + c;
    Term {
        x: inside.then(|| ((n * channels + channel) * h + row as usize) * w + column as usize),
        kernel: ((k * inputs + c) * r + tap[0]) * s + tap[1],
        y: ((n * outputs + k) * p + pixel[0]) * q + pixel[1],
    }
}

/// Calls `each` for every term, taps and channels innermost.
fn each_term(conv: &Conv2d, mut each: impl FnMut(Term)) {
    let [n, outputs, p, q] = conv.output_shape();
    let [_, inputs, r, s] = conv.kernel_shape();
    for i in 0..n * outputs * p * q {
        let pixel = [i / q % p, i % q];
        for j in 0..inputs * r * s {
            let (n, k, c, tap) = (
                i / (outputs * p * q),
                i / (p * q) % outputs,
                j / (r * s),
                [j / s % r, j % s],
            );
            each(term(
                conv,
                &Place {
                    n,
                    k,
                    c,
                    pixel,
                    tap,
                },
            ));
        }
    }
}

fn zeros(shape: [usize; 4]) -> Vec<f64> {
    vec![0.0; shape.iter().product()]
}

pub(super) fn forward(conv: &Conv2d, x: &[f64], kernel: &[f64]) -> Vec<f64> {
    let mut y = zeros(conv.output_shape());
    each_term(conv, |t| {
        y[t.y] += t.x.map_or(0.0, |i| x[i] * kernel[t.kernel])
    });
    y
}

pub(super) fn backward_input(conv: &Conv2d, kernel: &[f64], dy: &[f64]) -> Vec<f64> {
    let mut dx = zeros(conv.input_shape());
    each_term(conv, |t| {
        if let Some(i) = t.x {
            dx[i] += kernel[t.kernel] * dy[t.y];
        }
    });
    dx
}

pub(super) fn backward_kernel(conv: &Conv2d, x: &[f64], dy: &[f64]) -> Vec<f64> {
    let mut dk = zeros(conv.kernel_shape());
    each_term(conv, |t| {
        dk[t.kernel] += t.x.map_or(0.0, |i| x[i] * dy[t.y])
    });
    dk
}

/// A sum as the Cube makes it: halves in, one f32 after the other.
pub(super) fn halves_sum(terms: impl Iterator<Item = (f32, f32)>) -> f32 {
    terms.fold(0.0, |sum, (a, b)| {
        sum + f16::from_f32(a).to_f32() * f16::from_f32(b).to_f32()
    })
}
