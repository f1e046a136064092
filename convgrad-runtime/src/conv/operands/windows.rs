//! im2col without the matrix: the windows that a convolution reads, as an operand that writes a block of itself where the product wants it.
//!
//! A *pixel* is a result's position, numbered through all images; a place of the *depth* is a channel and a tap, in the order of [`Depth`].
//! The operand goes by the direction in which the tensor lies side by side: in NCHW its rows are the depth and its columns the pixels, in
//! layouts with channels side by side its rows are the pixels and its columns the depth.

use std::ops::Range;

use super::Zones;
use super::pieces::Pieces;
use super::zones::Stretch;
use crate::conv::geometry::{Reads, Tap};
use crate::conv::layout::Activations;
use crate::float::Float;
use crate::gemm::{Block, Cuts, Kernels, Lent, Room, Source, Steps};

/// The windows of a convolution, whose results read a tensor by the rules of two axes.
pub(crate) struct Windows<'t, T> {
    tensor: &'t [T],
    view: Activations,
    rows: &'t Reads,
    columns: &'t Reads,
    /// From an image, and from a channel of NCHW, to the next.
    image: usize,
    channel: usize,
    /// Whether the depth and the pixels have changed places.
    is_turned: bool,
    zones: Zones,
    /// Runs of channels, each with the place of the depth at which it begins.
    runs: Vec<(usize, Range<usize>)>,
    /// Depth of a group.
    depth: usize,
}

impl<'t, T> Windows<'t, T> {
    /// The windows on a tensor that lies as `view` says, its channels in groups of `group`.
    pub(crate) fn new(
        tensor: &'t [T],
        view: Activations,
        group: usize,
        rows: &'t Reads,
        columns: &'t Reads,
    ) -> Self {
        assert!(
            tensor.len() >= view.len()
                && rows.extent == view.height
                && columns.extent == view.width,
            "windows on another tensor"
        );
        let taps = rows.taps.len() * columns.taps.len();
        let runs = view
            .runs(group)
            .map(|run| (run.start * taps, run))
            .collect();
        Windows {
            tensor,
            view,
            rows,
            columns,
            image: view.image(),
            channel: view.plane(),
            is_turned: false,
            zones: Zones::whole(view.batch, [rows, columns]),
            runs,
            depth: group * taps,
        }
    }

    /// The same windows in NCHW with depth and pixels exchanged, by reads that are [turned](Reads::turned): rows are the pixels, which lie
    /// apart, and columns the taps, side by side. For a kernel that is longer than the results.
    pub(crate) fn turned(
        tensor: &'t [T],
        view: Activations,
        rows: &'t Reads,
        columns: &'t Reads,
    ) -> Self {
        let windows = Windows::new(tensor, view, view.channels, rows, columns);
        Windows {
            // A pixel's image is now what a place's channel was, and the other way round.
            image: windows.channel,
            channel: windows.image,
            is_turned: true,
            zones: Zones::whole(view.channels, [rows, columns]),
            ..windows
        }
    }

    /// The same with the pixels in the order of zones, where the rows are the depth.
    pub(crate) fn sorted(self, zones: Zones) -> Self {
        Windows { zones, ..self }
    }

    /// Whether the rows are the depth.
    pub(crate) fn rows_are_depth(&self) -> bool {
        self.view.block == 1 && !self.is_turned
    }

    fn taps(&self) -> usize {
        self.rows.taps.len() * self.columns.taps.len()
    }

    fn tap(&self, tap: usize) -> (Tap, Tap) {
        let width = self.columns.taps.len();
        (self.rows.taps[tap / width], self.columns.taps[tap % width])
    }

    /// What the pixels of a range read at one tap of channel 0, as pieces of vectors.
    fn pieces(
        &self,
        lanes: usize,
        (r, s): (Tap, Tap),
        pixels: &Range<usize>,
        room: Room,
        pieces: &mut Pieces,
    ) {
        pieces.begin(lanes, room);
        let inside = self.columns.inside(s);
        let mut at = 0;
        for stretch in self.zones.stretches(pixels) {
            let Stretch {
                row, column, len, ..
            } = stretch;
            let (from, to) = (column.max(inside.start), (column + len).min(inside.end));
            if from < to
                && let Some(h) = self.rows.source(row, r)
            {
                let w = s.first + (from * self.columns.step) as isize;
                let address = (stretch.image * self.image + h * self.view.row()) as isize + w;
                let columns = at + from - column..at + to - column;
                pieces.add(columns, address, self.columns.step);
            }
            at += len;
        }
        pieces.end(pixels.len());
    }
}

impl<T: Float> Windows<'_, T> {
    /// Rows of depth: each is a channel's pixels, shifted by a tap.
    fn read_depth_by_depth(&self, kernels: &Kernels<T>, block: &Block, room: Room, out: &mut [T]) {
        let first = block.group * self.depth;
        let (depth, taps) = (
            block.rows.start + first..block.rows.end + first,
            self.taps(),
        );
        let mut pieces = Pieces::default();
        for tap in 0..taps.min(depth.len()) {
            // The first place of the depth with this tap, counted round from the block's first.
            let start = depth.start + tap;
            self.pieces(
                kernels.lanes,
                self.tap(start % taps),
                &block.columns,
                room,
                &mut pieces,
            );
            for place in (start..depth.end).step_by(taps) {
                let channel = &self.tensor[place / taps * self.channel..];
                let line = &mut out[(place - depth.start) * room.row..];
                let end = pieces
                    .all
                    .last()
                    .map_or(0, |piece| piece.to + kernels.lanes);
                assert!(end <= line.len(), "a room is too small for its block");
                // SAFETY: the masks name positions inside of the image, as `Reads` says, and the tensor holds all of them; the last vector
                // ends within the line; the kernels come from the table of those that the processor can run.
                unsafe {
                    (kernels.assemble)(
                        channel.as_ptr(),
                        self.columns.step,
                        &pieces.all,
                        line.as_mut_ptr(),
                    )
                };
            }
        }
    }

    /// Rows of pixels: each is what one window reads, run by run of channels. Pixels that read by the same taps are put together from the
    /// same pieces.
    fn read_pixel_by_pixel(&self, kernels: &Kernels<T>, block: &Block, room: Room, out: &mut [T]) {
        let shift = block.group * self.depth;
        let wanted = block.columns.start + shift..block.columns.end + shift;
        let (rows, columns) = (self.rows.stretches(), self.columns.stretches());
        let mut known: Vec<Option<Pieces>> = Vec::new();
        known.resize_with(rows.len() * columns.len(), || None);
        let (height, width) = (self.rows.count, self.columns.count);
        let mut next = block.rows.start;
        while next < block.rows.end {
            let (row, q) = (next / width, next % width);
            let (image, p) = (row / height, row % height);
            let r = rows.partition_point(|(results, _)| results.end <= p);
            let s = columns.partition_point(|(results, _)| results.end <= q);
            let ((above, row_taps), (beside, column_taps)) = (&rows[r], &columns[s]);
            let pieces = known[r * columns.len() + s].get_or_insert_with(|| {
                self.window(kernels.lanes, [row_taps, column_taps], &wanted, room)
            });
            let count = (beside.end - q).min(block.rows.end - next);
            // Where nothing is read, steps may lead anywhere.
            let (line, step) = if row_taps.is_empty() || column_taps.is_empty() {
                (0, 0)
            } else {
                let step = self.columns.step * self.view.block;
                let down = (p - above.start) * self.rows.step * self.view.row();
                (
                    image * self.view.image() + down + (q - beside.start) * step,
                    step,
                )
            };
            let end = pieces
                .all
                .last()
                .map_or(0, |piece| piece.to + kernels.lanes);
            for i in 0..count {
                let window = self.tensor.as_ptr().wrapping_add(line + i * step);
                let to = &mut out[(next - block.rows.start + i) * room.row..];
                assert!(end <= to.len(), "a room is too small for its block");
                // SAFETY: the masks name channels of positions that are inside for all of these pixels, as `Reads` says, and the tensor holds all
                // of them; the last vector ends within the row; the kernels come from the table of those that the processor can run.
                unsafe { (kernels.assemble)(window, 1, &pieces.all, to.as_mut_ptr()) };
            }
            next += count;
        }
    }

    /// What a pixel reads by some taps, of the wanted part of the depth, from where its image and its stretches begin.
    fn window(
        &self,
        lanes: usize,
        [rows, columns]: [&[Tap]; 2],
        wanted: &Range<usize>,
        room: Room,
    ) -> Pieces {
        let mut pieces = Pieces::default();
        pieces.begin(lanes, room);
        let inside =
            |all: &[Tap], tap: &Tap| all.iter().find(|own| own.index == tap.index).copied();
        let first_run = self
            .runs
            .partition_point(|(start, _)| *start <= wanted.start)
            .saturating_sub(1);
        // Where taps lie side by side with all their channels they are one piece.
        let mut last = (0..0, 0);
        for (start, run) in &self.runs[first_run..] {
            if *start >= wanted.end {
                break;
            }
            let mut place = *start;
            for r in &self.rows.taps {
                let r = inside(rows, r);
                for s in &self.columns.taps {
                    let (from, to) = (place.max(wanted.start), (place + run.len()).min(wanted.end));
                    if from < to
                        && let (Some(r), Some(s)) = (r, inside(columns, s))
                    {
                        let [h, w] = [r, s].map(|tap| tap.first as usize);
                        let address = self.view.address([0, run.start, h, w]) + from - place;
                        let (range, begin) = &mut last;
                        if range.end == from - wanted.start && *begin + range.len() == address {
                            range.end += to - from;
                        } else {
                            pieces.add(range.clone(), *begin as isize, 1);
                            last = (from - wanted.start..to - wanted.start, address);
                        }
                    }
                    place += run.len();
                }
            }
        }
        pieces.add(last.0, last.1 as isize, 1);
        pieces.end(wanted.len());
        pieces
    }
}

impl<T: Float> Source<T> for Windows<'_, T> {
    fn tensor(&self) -> &[T] {
        self.tensor
    }

    fn lent(&self, _: &Block) -> Option<Lent> {
        None
    }

    fn cuts(&self, kernels: &Kernels<T>) -> Cuts {
        Cuts {
            period: self.zones.period(),
            ..Cuts::panels(kernels)
        }
    }

    fn parts(&self, block: &Block) -> Vec<(usize, Steps)> {
        if self.rows_are_depth() {
            self.zones.steps(&block.columns, block.rows.len())
        } else {
            vec![(block.columns.len(), Steps::all(block.rows.len()))]
        }
    }

    fn read(&self, kernels: &Kernels<T>, block: &Block, room: Room, out: &mut [T]) {
        if self.view.block == 1 {
            self.read_depth_by_depth(kernels, block, room, out);
        } else {
            self.read_pixel_by_pixel(kernels, block, room, out);
        }
    }
}
