//! Lines that windows share: how rows of an image lie in a room so that all taps read the same elements.
//!
//! The rows of a matrix of windows are the pixels of the results, its columns channels and taps. A room holds rows of the image as
//! *lines*: position after position, at each of which a few channels lie side by side. So the windows of neighbouring pixels overlap: each tap is
//! another place at which the same lines begin, and a stride is the distance from one pixel's position to the next. Three taps on two
//! channels, a and b, with stride 1:
//!
//! ```text
//!   line              a0 b0 a1 b1 a2 b2 a3 b3 …
//!   pixel 0, columns  0  1  2  3  4  5
//!   pixel 1, columns        0  1  2  3  4  5
//! ```
//!
//! Rows of taps share lines too where a stretch of the pixels stays in an image; otherwise each has lines of its own. Where channels are few,
//! what all rows of taps read lies side by side, so that the columns fill vectors.

use std::ops::Range;

use super::pieces::Pieces;
use crate::conv::geometry::Reads;
use crate::float::Float;
use crate::gemm::{Block, Kernels, LaidOut, Room, Strip, host};

/// Elements that the lines for one row of results may take, for a block of channels.
const MOST: usize = 1 << 16;

/// Steps of the depth that a stretch has about.
const STRETCH: usize = 768;

/// Positions of lines that are put together at a time, about: so many of a channel are read one after the other.
const TOGETHER: usize = 256;

/// Rows of the product below which sums wait for each other.
const FEWEST: usize = 4;

/// How lines are made, whatever the tensor.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    pub(super) reads: [Reads; 2],
    /// Channels, of a group, and those that lie side by side.
    pub(super) channels: usize,
    pub(super) block: usize,
    /// Rows of taps side by side in a line: one, or all.
    pub(super) stacked: usize,
    /// Positions of a line, where the first one lies in the tensor's row, and how far the next.
    pub(super) positions: usize,
    first: isize,
    pub(super) step: usize,
    /// Positions from a pixel to the next.
    stride: usize,
    /// Columns of a tile.
    width: usize,
}

/// The lines for some rows of results.
pub(super) struct Layout {
    /// The number of the first row, through all images, and how many they are.
    first: usize,
    rows: usize,
    /// Lines, and how many of them from a row of results to the next.
    pub(super) lines: usize,
    apart: usize,
    /// Where the lines of each row of taps begin, or of all of them.
    begins: Vec<usize>,
    /// Whether rows of taps share lines.
    is_shared: bool,
}

impl Lines {
    /// The lines for results that read by the rules of two axes; None where a matrix with the channels for rows, and `outputs` columns, does as
    /// well, or where taps go downwards or lie too far apart.
    pub(crate) fn new<T: Float>(
        reads: [Reads; 2],
        channels: usize,
        outputs: usize,
    ) -> Option<Self> {
        let kernels = host::<T>();
        Self::of(kernels.columns(), reads, channels)
            .filter(|lines| outputs >= FEWEST && lines.are_worth_it(kernels, outputs))
    }

    /// The same for tiles of so many columns, whatever they are worth.
    pub(super) fn of(width: usize, reads: [Reads; 2], channels: usize) -> Option<Self> {
        let [rows, columns] = &reads;
        let upwards = |reads: &Reads| reads.taps.is_sorted_by_key(|tap| tap.first);
        let [r, s] = [rows.taps.len(), columns.taps.len()];
        if !upwards(rows) || !upwards(columns) || rows.count * columns.count == 0 {
            return None;
        }
        let first = columns.taps.first()?.first;
        let reach = columns.taps.last()?.first.abs_diff(first);
        // Of a single tap only the positions that it reads.
        let (stride, step) = match (s, columns.count) {
            (_, 1) => (1, 1),
            (1, _) => (1, columns.step),
            _ => (columns.step, 1),
        };
        let positions = (columns.count - 1)
            .checked_mul(stride)?
            .checked_add(reach)?;
        let positions = positions
            .checked_add(1)?
            .max(columns.count.checked_mul(stride)?);
        let lines = Lines {
            channels,
            block: channels.min(width),
            stacked: if channels * s < width { r } else { 1 },
            positions,
            first,
            step,
            stride,
            width,
            reads,
        };
        let most = positions.checked_mul(r * lines.block)?;
        (most <= MOST).then_some(lines)
    }

    /// Whether a product with these columns takes less than one with windows for rows: about, in multiplications of the least width for a pixel.
    fn are_worth_it<T>(&self, kernels: &Kernels<T>, outputs: usize) -> bool {
        /// Multiplications of vectors in the time that 16 elements take to be put together, and turned over.
        const MOVE: usize = 6;
        let (lanes, grain) = (kernels.lanes, kernels.grain);
        let moved = |elements: usize| elements * MOVE * (lanes / grain) / 16;
        let all = Block {
            group: 0,
            rows: 0..self.reads[1].count,
            columns: 0..self.depth(),
        };
        let strips = self.laid_out(&all).strips.into_iter();
        let grains: usize = strips.map(|strip| strip.columns.div_ceil(grain)).sum();
        let elements = self.elements() * self.channels.div_ceil(self.block);
        outputs * grains + 2 * moved(elements)
            < self.depth() * outputs.div_ceil(grain) + moved(self.depth() + outputs)
    }

    /// Channels and taps.
    fn depth(&self) -> usize {
        self.channels * self.taps()
    }

    /// Taps of a channel.
    pub(super) fn taps(&self) -> usize {
        self.reads[0].taps.len() * self.reads[1].taps.len()
    }

    /// Rows of taps that have columns of their own.
    fn planes(&self) -> usize {
        self.reads[0].taps.len() / self.stacked
    }

    /// Columns that are neighbours at each position.
    pub(super) fn pitch(&self, block: usize) -> usize {
        self.stacked * self.block.min(self.channels - block * self.block)
    }

    /// The columns' numbers in the order channel, row of taps, tap.
    pub(crate) fn order(&self) -> impl Iterator<Item = Range<usize>> {
        let [r, s] = [self.reads[0].taps.len(), self.reads[1].taps.len()];
        let mut order = Vec::with_capacity(self.depth());
        for start in (0..self.channels).step_by(self.block) {
            let channels = start..self.channels.min(start + self.block);
            for plane in 0..self.planes() {
                for tap in 0..s {
                    for row in plane..plane + self.stacked {
                        let number = |c: usize| (c * r + row) * s + tap;
                        order.extend(channels.clone().map(|c| number(c)..number(c) + 1));
                    }
                }
            }
        }
        order.into_iter()
    }

    /// Elements of a room that a block of channels takes for a step of the depth, about.
    pub(super) fn elements(&self) -> usize {
        let [rows, columns] = &self.reads;
        let count = (STRETCH / columns.count).clamp(1, rows.count);
        let layout = self.layout(&(0..count * columns.count));
        let all = layout.lines * self.positions * self.pitch(0);
        all.div_ceil(count * columns.count)
    }

    /// The lines for some pixels, whole rows of them.
    pub(super) fn layout(&self, pixels: &Range<usize>) -> Layout {
        let [rows, columns] = &self.reads;
        let (first, end) = (pixels.start / columns.count, pixels.end / columns.count);
        let (count, planes) = (end - first, self.planes());
        let begins: Vec<_> = rows
            .taps
            .iter()
            .map(|tap| tap.first.abs_diff(rows.taps[0].first))
            .collect();
        let shared = (count.max(1) - 1)
            .saturating_mul(rows.step)
            .saturating_add(begins[begins.len() - 1])
            .saturating_add(1);
        let within = first / rows.count == (end.max(1) - 1) / rows.count;
        if self.stacked == 1 && within && shared < planes * count {
            Layout {
                first,
                rows: count,
                lines: shared,
                apart: if count > 1 { rows.step } else { 1 },
                begins,
                is_shared: true,
            }
        } else {
            Layout {
                first,
                rows: count,
                lines: planes * count,
                apart: 1,
                begins: (0..planes).map(|plane| plane * count).collect(),
                is_shared: false,
            }
        }
    }

    /// What a line reads by one of its rows of taps: an image, and a row of it unless that lies outside.
    pub(super) fn source(
        &self,
        layout: &Layout,
        line: usize,
        stacked: usize,
    ) -> (usize, Option<usize>) {
        let rows = &self.reads[0];
        if layout.is_shared {
            let (image, row) = (layout.first / rows.count, layout.first % rows.count);
            let h = rows.taps[0].first + (row * rows.step + line) as isize;
            let h = usize::try_from(h).ok().filter(|&h| h < rows.extent);
            return (image, h);
        }
        let (plane, row) = (line / layout.rows, layout.first + line % layout.rows);
        let tap = rows.taps[plane + stacked];
        (row / rows.count, rows.source(row % rows.count, tap))
    }

    /// The blocks of channels that some columns need.
    pub(super) fn blocks(&self, columns: &Range<usize>) -> Range<usize> {
        let size = self.block * self.taps();
        columns.start / size..columns.end.div_ceil(size)
    }

    /// Elements from a block of channels to the next.
    pub(super) fn region(&self, layout: &Layout) -> usize {
        layout.lines * self.positions * self.pitch(0)
    }

    /// What may be written, or read, behind the last line.
    pub(super) fn margin(&self) -> usize {
        self.width * (self.pitch(0) + 2)
    }

    /// Elements of a line in the room in which it is put together.
    pub(super) fn row(&self, lanes: usize) -> usize {
        self.positions.next_multiple_of(lanes)
    }

    /// Lines that are put together at a time.
    pub(super) fn together(&self, lanes: usize) -> usize {
        (TOGETHER / self.row(lanes)).max(1)
    }

    /// How the columns of a block lie in lines for its rows, with room for those that are put together.
    pub(super) fn laid_out(&self, block: &Block) -> LaidOut {
        let columns = &self.reads[1];
        let layout = self.layout(&block.rows);
        let taps = &columns.taps;
        // Neighbouring taps make one run of columns.
        let steady = (1..taps.len()).all(|s| taps[s].first == taps[0].first + s as isize);
        let mut strips = Vec::new();
        let blocks = self.blocks(&block.columns);
        for (i, channels) in blocks.clone().enumerate() {
            let pitch = self.pitch(channels);
            let runs = if steady { 1 } else { taps.len() };
            let run = taps.len() * pitch / runs;
            let mut start = channels * self.block * self.taps();
            for begin in &layout.begins[..self.planes()] {
                for tap in &taps[..runs] {
                    let position = tap.first.abs_diff(self.first);
                    let place =
                        i * self.region(&layout) + (begin * self.positions + position) * pitch;
                    for at in (0..run).step_by(self.width) {
                        let from = (start + at).max(block.columns.start);
                        let to = (start + run.min(at + self.width)).min(block.columns.end);
                        if from >= to {
                            continue;
                        }
                        strips.push(Strip {
                            columns: to - from,
                            len: columns.count,
                            count: layout.rows,
                            offset: place + from - start,
                            row: self.stride * pitch,
                            gap: (layout.apart * self.positions - columns.count * self.stride)
                                * pitch,
                        });
                    }
                    start += run;
                }
            }
        }
        let lanes = self.width / 2;
        LaidOut {
            strips,
            room: blocks.len() * self.region(&layout)
                + self.margin()
                + lanes * self.together(lanes) * self.row(lanes),
        }
    }

    /// The pieces of a line, from where its row begins in the tensor.
    pub(super) fn pieces(&self, lanes: usize, room: Room) -> Pieces {
        let columns = &self.reads[1];
        let mut pieces = Pieces::default();
        pieces.begin(lanes, room);
        if columns.taps.len() == 1 {
            let inside = columns.inside(columns.taps[0]);
            let address = self.first + (inside.start * self.step) as isize;
            pieces.add(inside, address, self.step);
        } else {
            let end = columns.extent as isize - self.first;
            let (from, to) = ((-self.first).max(0) as usize, end.max(0) as usize);
            let to = to.min(self.positions);
            if from < to {
                pieces.add(from..to, self.first + from as isize, 1);
            }
        }
        pieces.end(self.positions);
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conv::geometry::Conv2d;

    #[test]
    fn lines_that_are_too_long_are_none() {
        let reads = |conv: &Conv2d| [conv.rows().reads(), conv.columns().reads()];
        let far = Conv2d::builder([1, 8, 1, 1], [8, 8, 1, 3])
            .dilation([1, 1 << 40])
            .padding([0, 0, 1 << 40, 1 << 40])
            .build()
            .unwrap();
        assert!(Lines::of(32, reads(&far), 8).is_none());
        let wide = Conv2d::builder([1, 8, 2, 10_000], [8, 8, 1, 3])
            .build()
            .unwrap();
        assert!(Lines::of(32, reads(&wide), 8).is_none());
    }
}
