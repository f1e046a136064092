//! One spatial axis of a convolution: the arithmetic of stride, dilation and padding, written once.
//!
//! Rows and columns follow the same rules, so that [`Conv2d`](super::Conv2d) is two of these and a few counts.
//! Output `o` reads, at tap `t`, the source position `o * stride + t * dilation - pad[0]`.

use std::ops::Range;

/// One spatial axis of a convolution. Every number here has been validated: nothing below overflows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Axis {
    /// Extent of the input, at least 1.
    pub input: usize,
    /// Extent of the kernel, at least 1.
    pub taps: usize,
    /// Step between neighbouring outputs, at least 1.
    pub stride: usize,
    /// Step between neighbouring taps, at least 1.
    pub dilation: usize,
    /// Zeros before and after the input; a negative number crops.
    pub pad: [isize; 2],
}

impl Axis {
    /// Positions from the first tap to the last, both included: `dilation * (taps - 1) + 1`.
    pub fn span(&self) -> usize {
        self.dilation * (self.taps - 1) + 1
    }

    /// Extent of the padded (or cropped) input.
    pub fn padded(&self) -> usize {
        // A valid axis is at least as long as its kernel's span, hence never negative.
        (self.input as isize + self.pad[0] + self.pad[1]) as usize
    }

    /// Extent of the output: `(padded - span) / stride + 1`, division rounding down.
    pub fn output(&self) -> usize {
        (self.padded() - self.span()) / self.stride + 1
    }

    /// Positions at the far end that no output reaches, `(padded - span) % stride`, less than the stride.
    ///
    /// Transposed convolutions know it as output padding; here it makes the far padding of the input's gradient asymmetric
    /// and the kernel's gradient too large.
    pub fn leftover(&self) -> usize {
        (self.padded() - self.span()) % self.stride
    }

    /// The axis of the *forward* convolution that computes the input's gradient.
    ///
    /// Its input is the output's gradient with `stride - 1` zeros between neighbours, its kernel the reversed kernel, its stride 1,
    /// its dilation unchanged. Its paddings may be negative, and its output has the extent of this axis's input.
    pub fn input_gradient(&self) -> Axis {
        let reach = (self.span() - 1) as isize;
        Axis {
            input: self.stride * (self.output() - 1) + 1,
            taps: self.taps,
            stride: 1,
            dilation: self.dilation,
            pad: [
                reach - self.pad[0],
                reach - self.pad[1] + self.leftover() as isize,
            ],
        }
    }

    /// The axis of the *forward* convolution that computes the kernel's gradient.
    ///
    /// Its input is this axis's input, its kernel the output's gradient; stride and dilation change places, the padding stays.
    /// Its output has the extent `taps + leftover / dilation`: the first `taps` of them are the gradient, the rest is cropped.
    pub fn kernel_gradient(&self) -> Axis {
        Axis {
            input: self.input,
            taps: self.output(),
            stride: self.dilation,
            dilation: self.stride,
            pad: self.pad,
        }
    }

    /// The source position that output `o` reads at tap `t`; outside `0..input` it is padding.
    pub fn source(&self, o: usize, t: usize) -> isize {
        (o * self.stride + t * self.dilation) as isize - self.pad[0]
    }

    /// The source position that output `o` reads at tap `t`, or None in the padding.
    pub fn source_inside(&self, o: usize, t: usize) -> Option<usize> {
        usize::try_from(self.source(o, t))
            .ok()
            .filter(|&i| i < self.input)
    }

    /// The outputs that read inside the input at tap `t`.
    pub fn outputs_inside(&self, t: usize) -> Range<usize> {
        inside(self.source(0, t), self.stride, self.output(), self.input)
    }

    /// The outputs whose taps' span meets some of the source positions: no others read there.
    pub(crate) fn outputs_near(&self, positions: Range<usize>) -> Range<usize> {
        let reach = self.span() - 1;
        let first = reach as isize - self.pad[0] - positions.start as isize;
        inside(first, self.stride, self.output(), positions.len() + reach)
    }

    /// The taps at which output `o` reads inside the input.
    pub fn taps_inside(&self, o: usize) -> Range<usize> {
        inside(self.source(o, 0), self.dilation, self.taps, self.input)
    }

    /// The taps that reach the source positions `phase`, `phase + stride`, …, ascending.
    ///
    /// They solve a congruence, `tap * dilation = phase + pad[0] (mod stride)`, and so lie `stride / gcd(stride, dilation)` apart.
    pub(super) fn phase_taps(&self, phase: usize) -> impl Iterator<Item = usize> + use<> {
        let position = phase as isize + self.pad[0];
        let step = self.stride / gcd(self.stride, self.dilation);
        let solves = |tap: &usize| {
            ((tap * self.dilation) as isize - position).rem_euclid(self.stride as isize) == 0
        };
        let first = (0..step.min(self.taps)).find(solves).unwrap_or(self.taps);
        (first..self.taps).step_by(step)
    }

    /// The pairs (tap, output) that read source position `i`, taps ascending: those of its phase whose
    /// output exists.
    pub fn readers(&self, i: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let axis = *self;
        let position = i as isize + axis.pad[0];
        // Taps below `lowest` would need an output beyond the last one, taps from `end` on one before the first.
        let last_output = ((axis.output() - 1) * axis.stride) as isize;
        let lowest =
            usize::try_from(position - last_output).map_or(0, |gap| gap.div_ceil(axis.dilation));
        let end = usize::try_from(position).map_or(0, |gap| gap / axis.dilation + 1);
        self.phase_taps(i % self.stride)
            .skip_while(move |&tap| tap < lowest)
            .take_while(move |&tap| tap < end)
            .map(move |tap| {
                (
                    tap,
                    (position - (tap * axis.dilation) as isize) as usize / axis.stride,
                )
            })
    }
}

/// The `x` in `0..count` with `0 <= first + x * step < limit`.
pub(super) fn inside(first: isize, step: usize, count: usize, limit: usize) -> Range<usize> {
    // The number of x with first + x * step < bound.
    let below = |bound: isize| {
        usize::try_from(bound - first)
            .map_or(0, |gap| gap.div_ceil(step))
            .min(count)
    };
    let (start, end) = (below(0), below(limit as isize));
    start..end
}

fn gcd(mut a: usize, mut b: usize) -> usize {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every axis of small numbers whose kernel fits; few where each access is checked.
    fn axes() -> impl Iterator<Item = Axis> {
        let mut all = Vec::new();
        for input in 1..6 {
            for taps in 1..4 {
                for stride in 1..5 {
                    for dilation in 1..4 {
                        for before in -2..4 {
                            for after in -2..4 {
                                let axis = Axis {
                                    input,
                                    taps,
                                    stride,
                                    dilation,
                                    pad: [before, after],
                                };
                                if input as isize + before + after >= axis.span() as isize {
                                    all.push(axis);
                                }
                            }
                        }
                    }
                }
            }
        }
        all.into_iter().step_by(if cfg!(miri) { 61 } else { 1 })
    }

    #[test]
    fn ranges_and_readers_agree_with_the_definition() {
        for axis in axes() {
            let mut readers = vec![Vec::new(); axis.input];
            for t in 0..axis.taps {
                for o in 0..axis.output() {
                    let source = axis.source(o, t);
                    let inside = (0..axis.input as isize).contains(&source);
                    assert_eq!(
                        axis.outputs_inside(t).contains(&o),
                        inside,
                        "{axis:?} o={o} t={t}"
                    );
                    assert_eq!(
                        axis.taps_inside(o).contains(&t),
                        inside,
                        "{axis:?} o={o} t={t}"
                    );
                    assert_eq!(axis.source_inside(o, t).is_some(), inside);
                    if inside {
                        readers[source as usize].push((t, o));
                    }
                }
            }
            for (i, expected) in readers.into_iter().enumerate() {
                assert_eq!(
                    axis.readers(i).collect::<Vec<_>>(),
                    expected,
                    "{axis:?} i={i}"
                );
            }
        }
    }

    #[test]
    fn outputs_near_are_those_whose_span_meets_the_positions() {
        for axis in axes() {
            for start in 0..axis.input {
                for end in start + 1..=axis.input {
                    let meets = |o: &usize| {
                        let [low, high] = [0, axis.taps - 1].map(|tap| axis.source(*o, tap));
                        low < end as isize && high >= start as isize
                    };
                    let near = axis.outputs_near(start..end);
                    let expected = (0..axis.output()).filter(meets);
                    assert!(near.eq(expected), "{axis:?} {start}..{end}");
                }
            }
        }
    }

    #[test]
    fn gradients_have_the_extents_they_must() {
        for axis in axes() {
            assert_eq!(axis.input_gradient().output(), axis.input, "{axis:?}");
            assert_eq!(
                axis.kernel_gradient().output(),
                axis.taps + axis.leftover() / axis.dilation,
                "{axis:?}"
            );
        }
    }

    #[test]
    fn the_paper_s_first_shape() {
        let axis = Axis {
            input: 224,
            taps: 3,
            stride: 2,
            dilation: 1,
            pad: [1, 1],
        };
        assert_eq!((axis.output(), axis.leftover()), (112, 1));
        assert_eq!(axis.input_gradient().pad, [1, 2]);
        assert_eq!(axis.kernel_gradient().output(), 4);
    }
}
