//! The windows that a kernel's gradient reads, turned over once for all taps.
//!
//! The rows of this operand are the pixels of the results, its columns channels and taps, of a tensor in NCHW. It lays out its own room: the
//! [`Lines`] of the channels and pixels that a block needs, turned over by blocks of as many channels and positions as a vector has lanes.

use super::lines::Lines;
use crate::float::Float;
use crate::gemm::{Block, Cuts, Kernels, LaidOut, Lent, Room, Source};

/// The windows of a tensor, turned over.
pub(crate) struct SharedWindows<'t, T> {
    tensor: &'t [T],
    lines: &'t Lines,
    /// Elements from an image, and from a channel, to the next.
    image: usize,
    channel: usize,
}

impl<'t, T> SharedWindows<'t, T> {
    /// Of a tensor with so many elements from an image, and from a channel, to the next, and its rows one after the other.
    pub(crate) fn new(tensor: &'t [T], lines: &'t Lines, [image, channel]: [usize; 2]) -> Self {
        SharedWindows {
            tensor,
            lines,
            image,
            channel,
        }
    }
}

impl<T: Float> Source<T> for SharedWindows<'_, T> {
    fn tensor(&self) -> &[T] {
        self.tensor
    }

    fn cuts(&self, _: &Kernels<T>) -> Cuts {
        let Lines { reads, block, .. } = self.lines;
        let [rows, columns] = reads;
        Cuts {
            period: columns.count,
            run: Some(rows.count * columns.count),
            columns: block * self.lines.taps(),
            elements: self.lines.elements(),
        }
    }

    fn lent(&self, _: &Block) -> Option<Lent> {
        None
    }

    fn laid_out(&self, _: &Kernels<T>, block: &Block) -> Option<LaidOut> {
        Some(self.lines.laid_out(block))
    }

    fn read(&self, kernels: &Kernels<T>, block: &Block, _: Room, out: &mut [T]) {
        let lines = self.lines;
        let (lanes, layout) = (kernels.lanes, lines.layout(&block.rows));
        let (blocks, region) = (lines.blocks(&block.columns), lines.region(&layout));
        let (row, together) = (lines.row(lanes), lines.together(lanes));
        let (room, rows) = out.split_at_mut(blocks.len() * region + lines.margin());
        let pieces = lines.pieces(
            lanes,
            Room {
                row,
                width: row,
                panel: 0,
            },
        );
        // What some lines have of a channel.
        let length = together * row;
        assert!(
            rows.len() >= lanes * length && pieces.all.iter().all(|piece| piece.to + lanes <= row),
            "a room is too small for its lines"
        );
        let extent = lines.reads[1].extent;
        let mut sources = Vec::with_capacity(together * lines.stacked);
        for (i, channels) in blocks.enumerate() {
            let pitch = lines.pitch(channels);
            let side_by_side = pitch / lines.stacked;
            let first = block.group * lines.channels + channels * lines.block;
            for start in (0..layout.lines).step_by(together) {
                let some = start..layout.lines.min(start + together);
                sources.clear();
                for line in some.clone() {
                    sources.extend((0..lines.stacked).map(|row| lines.source(&layout, line, row)));
                }
                // The last lanes first: what is written beside them belongs to the next position, and comes later.
                for lane in (0..pitch).step_by(lanes).rev() {
                    let count = lanes.min(pitch - lane);
                    let (mut stacked, mut channel) = (lane / side_by_side, lane % side_by_side);
                    for to in rows.chunks_exact_mut(length).take(count) {
                        let place = (first + channel) * self.channel;
                        let sources = sources[stacked..].iter().step_by(lines.stacked);
                        for (to, &(image, h)) in to.chunks_exact_mut(row).zip(sources) {
                            let Some(h) = h else {
                                to.fill(T::default());
                                continue;
                            };
                            let place = image * self.image + place + h * extent;
                            let from = self.tensor[place..][..extent].as_ptr();
                            // SAFETY: the masks name positions inside of the row, as `Reads` says; the assertion has seen that all
                            // vectors end within the line; the kernels come from the table of those that the processor can run.
                            unsafe {
                                (kernels.assemble)(from, lines.step, &pieces.all, to.as_mut_ptr())
                            };
                        }
                        channel += 1;
                        if channel == side_by_side {
                            (stacked, channel) = (stacked + 1, 0);
                        }
                    }
                    for (line, from) in some.clone().zip((0..length).step_by(row)) {
                        for position in (0..row).step_by(lanes) {
                            let at =
                                i * region + (line * lines.positions + position) * pitch + lane;
                            let to = &mut room[at..][..(lanes - 1) * pitch + lanes];
                            // SAFETY: the assertion has seen as many rows of whole vectors as a vector has lanes, and the slice holds
                            // all that is written; the kernels come from the table of those that the processor can run.
                            unsafe {
                                (kernels.transpose)(
                                    rows.as_ptr().add(from + position),
                                    length,
                                    to.as_mut_ptr(),
                                    pitch,
                                )
                            };
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conv::geometry::Conv2d;
    use crate::gemm::HasKernels;

    /// Every element of every strip, of rooms that hold nothing but NaN before, against the window that it belongs to.
    fn strips_hold_windows<T: Float>(conv: &Conv2d) {
        let [images, _, height, width] = conv.input_shape();
        let x: Vec<T> = (0..conv.input_shape().iter().product())
            .map(|i: usize| T::from_f64(1.0 + (i * 7 % 1009) as f64))
            .collect();
        let reads = [conv.rows().reads(), conv.columns().reads()];
        let (channels, taps) = (conv.group_inputs(), reads[1].taps.len());
        let image = channels * conv.groups() * height * width;
        let [p, q] = [reads[0].count, reads[1].count];
        for kernels in <T as HasKernels>::kernels() {
            let lines = Lines::of(kernels.columns(), reads.clone(), channels).unwrap();
            let numbers: Vec<_> = lines.order().map(|number| number.start).collect();
            let windows = SharedWindows::new(&x, &lines, [image, height * width]);
            let depth = numbers.len();
            let cuts = windows.cuts(kernels);
            assert!(depth == conv.depth() && cuts.period == q && cuts.elements > 0);
            for rows in [
                0..images * p,
                p / 2..p,
                (images * p).saturating_sub(p + 1)..images * p,
            ] {
                for columns in [0..depth, depth / 3..depth.div_ceil(2), depth - 1..depth] {
                    for group in [0, conv.groups() - 1] {
                        let block = Block {
                            group,
                            rows: rows.start * q..rows.end * q,
                            columns: columns.clone(),
                        };
                        let laid_out = windows.laid_out(kernels, &block).unwrap();
                        let mut room = vec![T::from_f64(f64::NAN); laid_out.room];
                        let ignored = Room {
                            row: 0,
                            width: 1,
                            panel: 0,
                        };
                        windows.read(kernels, &block, ignored, &mut room);
                        let mut column = columns.start;
                        for strip in laid_out.strips {
                            assert!(strip.columns <= kernels.columns());
                            assert_eq!(strip.len * strip.count, block.rows.len());
                            for pixel in 0..block.rows.len() {
                                let (row, tile) = (rows.start + pixel / q, pixel / strip.len);
                                let at = strip.offset + pixel * strip.row + tile * strip.gap;
                                for j in 0..strip.columns {
                                    let number = numbers[column + j];
                                    let (c, r, s) = (
                                        number / taps / reads[0].taps.len(),
                                        number / taps % reads[0].taps.len(),
                                        number % taps,
                                    );
                                    let h = reads[0].source(row % p, reads[0].taps[r]);
                                    let w = reads[1].source(pixel % q, reads[1].taps[s]);
                                    let expected = h.zip(w).map_or(T::default(), |(h, w)| {
                                        let c = group * channels + c;
                                        x[row / p * image + (c * height + h) * width + w]
                                    });
                                    assert_eq!(
                                        room[at + j],
                                        expected,
                                        "{conv:?}: pixel {pixel} of {rows:?}, column {number}"
                                    );
                                }
                            }
                            column += strip.columns;
                        }
                        assert_eq!(column, columns.end);
                    }
                }
            }
        }
    }

    #[test]
    fn all_columns_are_windows() {
        let large = [
            ([2, 36, 9, 19], [4, 36, 3, 3], 1, 1, 1, 1),
            ([3, 3, 11, 37], [4, 3, 3, 3], 2, 1, 1, 1),
            ([2, 40, 6, 40], [4, 40, 1, 1], 2, 1, 0, 1),
        ];
        let small = [
            ([2, 2, 9, 8], [4, 2, 3, 2], 1, 2, 2, 1),
            ([3, 5, 7, 7], [4, 5, 7, 5], 3, 1, 3, 1),
            ([1, 12, 5, 6], [8, 6, 3, 4], 2, 1, 1, 2),
            ([2, 17, 4, 3], [4, 17, 2, 1], 3, 1, 1, 1),
            ([2, 1, 3, 3], [4, 1, 3, 3], 1, 1, 0, 1),
            ([1, 9, 6, 6], [4, 9, 2, 3], 5, 1, 2, 1),
        ];
        // Few where each access is checked.
        let (large, small) = match cfg!(miri) {
            true => (&[][..], &small[..2]),
            false => (&large[..], &small[..]),
        };
        for &(input, kernel, stride, dilation, padding, groups) in large.iter().chain(small) {
            let conv = Conv2d::builder(input, kernel)
                .stride(stride)
                .dilation(dilation)
                .padding(padding)
                .groups(groups)
                .build()
                .unwrap();
            strips_hold_windows::<f32>(&conv);
            strips_hold_windows::<f64>(&conv);
        }
    }
}
