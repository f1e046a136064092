//! A phase of the input's gradient as a forward convolution of its own.
//!
//! The positions `phase, phase + stride, …` read the output's gradient itself, by some of the taps, reversed: no zero is inserted. What the
//! engine does with [`Reads`](super::Reads), a stored kernel has in its own order of taps.

use super::{Axis, Conv2d};

/// One axis of a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Phase {
    /// The phase's number.
    pub(crate) number: usize,
    /// The forward convolution of the output's gradient with the phase's taps, stride 1.
    pub(crate) axis: Axis,
    /// The tap of the whole kernel that is the phase's first; the next ones are `step` lower each.
    pub(crate) first: usize,
    /// From a tap of the phase down to the next.
    pub(crate) step: usize,
}

impl Axis {
    /// The phases of the input's gradient that any tap reaches.
    pub(crate) fn gradient_phases(&self) -> impl Iterator<Item = Phase> + use<> {
        let axis = *self;
        self.phases().filter_map(move |number| axis.phase(number))
    }

    fn phase(&self, number: usize) -> Option<Phase> {
        let reads = self.phase_reads(number);
        // Taps that ascend read ever lower positions.
        let (low, high) = (reads.taps.last()?, reads.taps.first()?);
        let others = (reads.taps.len() - 1).max(1);
        let dilation = ((high.first - low.first) as usize / others).max(1);
        let mut axis = Axis {
            input: reads.extent,
            taps: reads.taps.len(),
            stride: 1,
            dilation,
            pad: [-low.first, 0],
        };
        axis.pad[1] = (reads.count - 1 + axis.span()) as isize - axis.padded() as isize;
        Some(Phase {
            number,
            axis,
            first: low.index,
            step: ((low.index - high.index) / others).max(1),
        })
    }

    /// The same axis without the positions at the far end that no output reaches: its kernel's gradient has just as many taps.
    pub(crate) fn without_leftover(&self) -> Axis {
        let [near, far] = self.pad;
        Axis {
            pad: [near, far - self.leftover() as isize],
            ..*self
        }
    }
}

impl Conv2d {
    /// The forward convolution that computes the positions of two phases of the input's gradient from the output's gradient and the phases'
    /// kernel (c, k / groups, taps).
    pub(crate) fn phase_gradient(&self, rows: &Phase, columns: &Phase) -> Conv2d {
        Conv2d {
            c: self.k,
            k: self.c,
            rows: rows.axis,
            columns: columns.axis,
            ..*self
        }
    }

    /// [`kernel_gradient`](Self::kernel_gradient) with an output of just r x s pixels.
    pub(crate) fn exact_kernel_gradient(&self) -> Conv2d {
        let (rows, columns) = (
            self.rows.without_leftover(),
            self.columns.without_leftover(),
        );
        Conv2d {
            rows,
            columns,
            ..*self
        }
        .kernel_gradient()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small axes of all kinds; few where each access is checked.
    fn axes() -> impl Iterator<Item = Axis> {
        let step = if cfg!(miri) { 61 } else { 1 };
        let numbers = (0..6 * 4 * 4 * 3 * 4 * 4).step_by(step).map(|i| {
            let digits = [6, 4, 4, 3, 4, 4].into_iter().scan(i, |rest, base| {
                let digit = *rest % base;
                *rest /= base;
                Some(digit)
            });
            digits.collect::<Vec<usize>>()
        });
        numbers
            .map(|d| Axis {
                input: d[0] + 1,
                taps: d[1] + 1,
                stride: d[2] + 1,
                dilation: d[3] + 1,
                pad: [d[4] as isize - 1, d[5] as isize - 1],
            })
            .filter(|axis| axis.input as isize + axis.pad[0] + axis.pad[1] >= axis.span() as isize)
    }

    #[test]
    fn phases_are_forward_convolutions() {
        for axis in axes() {
            for phase in axis.gradient_phases() {
                let reads = axis.phase_reads(phase.number);
                assert_eq!(phase.axis.output(), reads.count, "{axis:?}");
                for i in 0..reads.count {
                    for (t, tap) in reads.taps.iter().rev().enumerate() {
                        assert_eq!(tap.index, phase.first - t * phase.step);
                        assert_eq!(
                            phase.axis.source(i, t),
                            tap.first + i as isize,
                            "{axis:?} {phase:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn without_leftovers_a_kernel_s_gradient_is_exact() {
        for axis in axes() {
            let exact = axis.without_leftover();
            assert_eq!(exact.output(), axis.output());
            assert_eq!(exact.kernel_gradient().output(), axis.taps, "{axis:?}");
        }
    }
}
