//! What neighbours of a result read along one axis: the rules by which the forward pass and the input's gradient are one computation.
//!
//! Result `i` reads, at a tap, the source position `first + i * step`. For the forward pass the results are the outputs and the step is the
//! stride. For the input's gradient the results are the input positions of one *phase*, `phase, phase + stride, …`: only some taps reach
//! them, and by each of these neighbours read neighbours of the output's gradient. So every phase is a convolution with stride 1 by some of
//! the taps, and no inserted zero is ever multiplied.

use std::ops::Range;

use super::Axis;
use super::axis::inside;

/// The reads of one axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reads {
    /// Results.
    pub(crate) count: usize,
    /// From what a result reads to what its neighbour does.
    pub(crate) step: usize,
    /// Positions that there are to read; all others are 0.
    pub(crate) extent: usize,
    /// The taps that results read with, ascending.
    pub(crate) taps: Vec<Tap>,
}

/// One tap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tap {
    /// Its number in the kernel.
    pub(crate) index: usize,
    /// What the first result reads with it; outside of the extent perhaps.
    pub(crate) first: isize,
}

impl Reads {
    /// The results that read inside at a tap.
    pub(crate) fn inside(&self, tap: Tap) -> Range<usize> {
        inside(tap.first, self.step, self.count, self.extent)
    }

    /// The reads of some of the results.
    pub(crate) fn part(&self, results: Range<usize>) -> Self {
        let shift = (results.start * self.step) as isize;
        Reads {
            count: results.len(),
            taps: self
                .taps
                .iter()
                .map(|tap| Tap {
                    first: tap.first + shift,
                    ..*tap
                })
                .collect(),
            ..*self
        }
    }

    /// The results cut where a tap begins to read inside, or ceases to: neighbours, and the taps by which all of them read, as the first one does.
    pub(crate) fn stretches(&self) -> Vec<(Range<usize>, Vec<Tap>)> {
        let inside = self.taps.iter().map(|&tap| self.inside(tap));
        let mut cuts: Vec<_> = inside.flat_map(|range| [range.start, range.end]).collect();
        cuts.extend([0, self.count]);
        cuts.sort_unstable();
        cuts.dedup();
        let stretch = |cut: &[usize]| {
            let (start, end) = (cut[0], cut[1]);
            let reads = self.part(start..end);
            let taps = reads
                .taps
                .iter()
                .filter(|&&tap| reads.source(0, tap).is_some());
            (start..end, taps.copied().collect())
        };
        cuts.windows(2).map(stretch).collect()
    }

    /// Where a result reads at a tap, or None outside.
    pub(crate) fn source(&self, result: usize, tap: Tap) -> Option<usize> {
        let source = tap.first + (result * self.step) as isize;
        usize::try_from(source)
            .ok()
            .filter(|&source| source < self.extent)
    }

    /// Whether every result reads just the position of its own number.
    pub(crate) fn is_identity(&self) -> bool {
        let one = matches!(self.taps[..], [tap] if tap.first == 0);
        one && self.count == self.extent && (self.step == 1 || self.count == 1)
    }

    /// Whether there is a single result, which reads all positions in their order.
    pub(crate) fn is_whole(&self) -> bool {
        let mut taps = self.taps.iter().enumerate();
        self.count == 1
            && self.taps.len() == self.extent
            && taps.all(|(position, tap)| tap.first == position as isize)
    }

    /// The same reads with results and taps exchanged: tap `i` of result `j` is tap `j` of result `i`. None unless the taps go upward in
    /// steady steps.
    pub(crate) fn turned(&self) -> Option<Self> {
        let first = self.taps.first()?.first;
        let step = match self.taps[..] {
            [_, second, ..] => usize::try_from(second.first - first)
                .ok()
                .filter(|&step| step > 0)?,
            _ => 1,
        };
        let steady = |(i, tap): (usize, &Tap)| tap.first == first + (i * step) as isize;
        self.taps.iter().enumerate().all(steady).then(|| Reads {
            count: self.taps.len(),
            step,
            extent: self.extent,
            taps: (0..self.count)
                .map(|index| Tap {
                    index,
                    first: first + (index * self.step) as isize,
                })
                .collect(),
        })
    }
}

impl Axis {
    /// What the outputs read of the input.
    pub(crate) fn reads(&self) -> Reads {
        Reads {
            count: self.output(),
            step: self.stride,
            extent: self.input,
            taps: (0..self.taps)
                .map(|index| Tap {
                    index,
                    first: self.source(0, index),
                })
                .collect(),
        }
    }

    /// The phases of the input's gradient: the stride's, as far as there are positions.
    pub(crate) fn phases(&self) -> Range<usize> {
        0..self.stride.min(self.input)
    }

    /// What the input positions `phase, phase + stride, …` read of the output's gradient; taps that only read outside are left out.
    pub(crate) fn phase_reads(&self, phase: usize) -> Reads {
        let position = phase as isize + self.pad[0];
        let tap = |index: usize| Tap {
            index,
            // The congruence that the tap solves makes this exact.
            first: (position - (index * self.dilation) as isize) / self.stride as isize,
        };
        let mut reads = Reads {
            count: (self.input - phase).div_ceil(self.stride),
            step: 1,
            extent: self.output(),
            taps: Vec::new(),
        };
        let taps = self.phase_taps(phase).map(tap);
        reads.taps = taps.filter(|&tap| !reads.inside(tap).is_empty()).collect();
        reads
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_read_what_the_readers_say() {
        for (input, taps, stride, dilation) in [
            (7, 3, 2, 1),
            (9, 3, 3, 2),
            (6, 2, 4, 1),
            (5, 4, 1, 2),
            (8, 1, 2, 1),
            (3, 3, 5, 3),
        ] {
            for before in -2..4 {
                for after in -2..9 {
                    let axis = Axis {
                        input,
                        taps,
                        stride,
                        dilation,
                        pad: [before, after],
                    };
                    if (input as isize + before + after) < axis.span() as isize {
                        continue;
                    }
                    for phase in axis.phases() {
                        let reads = axis.phase_reads(phase);
                        for i in 0..reads.count {
                            let found: Vec<_> = reads
                                .taps
                                .iter()
                                .filter_map(|&tap| Some((tap.index, reads.source(i, tap)?)))
                                .collect();
                            let expected: Vec<_> = axis.readers(phase + i * stride).collect();
                            assert_eq!(found, expected, "{axis:?} phase {phase} result {i}");
                            let part = reads.part(i..reads.count);
                            let same = part
                                .taps
                                .iter()
                                .zip(&reads.taps)
                                .all(|(a, b)| part.source(0, *a) == reads.source(i, *b));
                            assert!(same && part.count == reads.count - i);
                        }
                        let mut next = 0;
                        for (results, taps) in reads.stretches() {
                            assert!(results.start == next && !results.is_empty());
                            next = results.end;
                            for i in results.clone() {
                                let all = reads
                                    .taps
                                    .iter()
                                    .filter(|&&tap| reads.source(i, tap).is_some());
                                assert!(
                                    all.map(|tap| tap.index)
                                        .eq(taps.iter().map(|tap| tap.index))
                                );
                                let shift = (i - results.start) * reads.step;
                                let same = |tap: &Tap| {
                                    let own =
                                        reads.taps.iter().find(|own| own.index == tap.index)?;
                                    Some(reads.source(i, *own)? == tap.first as usize + shift)
                                };
                                assert!(taps.iter().all(|tap| same(tap) == Some(true)));
                            }
                        }
                        assert_eq!(next, reads.count);
                    }
                    let reads = axis.reads();
                    for &tap in &reads.taps {
                        assert_eq!(reads.inside(tap), axis.outputs_inside(tap.index));
                    }
                }
            }
        }
    }
}
