//! im2col and its adjoint: the patches that a convolution reads, as a matrix of depth x pixels.
//!
//! A *pixel* is an output position (n, p, q), numbered through all images; a row of *depth* is a channel and a tap. The depth runs through
//! the channels run by run (see [`Activations::runs`]), and within a run through the taps and then the run's channels. So it is (c, r, s) in
//! NCHW, (r, s, c) in NHWC and (c1, r, s, c0) in NC1HWC0, and the depth of a group of channels is one piece.
//!
//! A 1 x 1 lowering is nothing but the tensor as a matrix of channels x pixels, and serves to read and to write blocked layouts.

use std::ops::Range;

use crate::conv::context::Context;
use crate::conv::geometry::{Axis, Conv2d};
use crate::conv::layout::Activations;
use crate::float::Float;
use crate::gemm::Strides;

/// Parts that a matrix is cut into for the threads.
const PARTS: usize = 64;

/// Which of the two axes of the matrix lies side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// Pixels: whole rows of the image are copied. Only where neighbouring channels lie apart.
    Pixels,
    /// Depth: whole rows of the kernel, or of channels, are copied.
    Depth,
}

/// A convolution's view of its input as a matrix.
pub(crate) struct Lowering {
    rows: Axis,
    columns: Axis,
    view: Activations,
    runs: Vec<Range<usize>>,
    group: usize,
    order: Order,
}

/// A piece of a line of the matrix that comes from one row of the tensor: line[range] = tensor[address], tensor[address + step], …
struct Piece {
    range: Range<usize>,
    address: usize,
    step: usize,
}

impl Lowering {
    /// The patches that `conv` reads from an input that lies as `view` says.
    pub(crate) fn patches(conv: &Conv2d, view: Activations) -> Self {
        let conv = conv.coalesced();
        let view = Activations {
            height: conv.rows().input,
            width: conv.columns().input,
            ..view
        };
        Self::new(*conv.rows(), *conv.columns(), view, conv.group_inputs())
    }

    /// The tensor as it is, a matrix of channels x pixels.
    pub(crate) fn plain(view: Activations, group: usize) -> Self {
        let view = view.flattened();
        let axis = |input| Axis {
            input,
            taps: 1,
            stride: 1,
            dilation: 1,
            pad: [0, 0],
        };
        Self::new(axis(1), axis(view.width), view, group)
    }

    fn new(rows: Axis, columns: Axis, view: Activations, group: usize) -> Self {
        // In NCHW copy along whichever is longer, the outputs or the taps: a kernel's gradient has the output's gradient for a kernel.
        let by_pixels = view.block == 1 && columns.output() >= columns.taps;
        let order = if by_pixels {
            Order::Pixels
        } else {
            Order::Depth
        };
        let runs: Vec<_> = view.runs(group).collect();
        Lowering {
            rows,
            columns,
            view,
            runs,
            group,
            order,
        }
    }

    /// The runs of channels in whose order the depth goes.
    pub(crate) fn runs(&self) -> &[Range<usize>] {
        &self.runs
    }

    /// Pixels of all images.
    pub(crate) fn pixels(&self) -> usize {
        self.view.batch * self.image_pixels()
    }

    /// Pixels of one image.
    pub(crate) fn image_pixels(&self) -> usize {
        self.rows.output() * self.columns.output()
    }

    /// The depth of all groups together.
    pub(crate) fn depth(&self) -> usize {
        self.view.channels * self.taps()
    }

    fn taps(&self) -> usize {
        self.rows.taps * self.columns.taps
    }

    /// Where the matrices (depth x pixels) of the groups lie in a buffer for so many pixels.
    pub(crate) fn strides(&self, pixels: usize) -> Strides {
        let (row, column) = match self.order {
            Order::Pixels => (pixels, 1),
            Order::Depth => (1, self.depth()),
        };
        Strides {
            offset: 0,
            batch: self.group * self.taps() * row,
            row,
            column,
        }
    }

    /// im2col: fills `matrix`, of `depth() * pixels.len()` elements, from the tensor.
    pub(crate) fn gather<T: Float>(
        &self,
        cx: &Context,
        tensor: &[T],
        pixels: Range<usize>,
        matrix: &mut [T],
    ) {
        let line = self.line(&pixels);
        let lines = matrix.len().div_ceil(line);
        let part = lines.div_ceil(PARTS);
        cx.for_each_chunk(matrix.len(), matrix, part * line, |i, part_of_matrix| {
            for (j, line) in part_of_matrix.chunks_mut(line).enumerate() {
                let mut filled = 0;
                self.pieces(i * part + j, &pixels, &mut |piece| {
                    line[filled..piece.range.start].fill(T::default());
                    filled = piece.range.end;
                    copy(&mut line[piece.range], &tensor[piece.address..], piece.step);
                });
                line[filled..].fill(T::default());
            }
        });
    }

    /// col2im: adds `matrix` into the tensor, each element where [`gather`](Self::gather) would read it.
    pub(crate) fn scatter_add<T: Float>(
        &self,
        cx: &Context,
        matrix: &[T],
        pixels: Range<usize>,
        tensor: &mut [T],
    ) {
        self.scatter(cx, matrix, pixels, tensor, add);
    }

    /// The inverse of [`gather`](Self::gather) for a plain lowering: each element replaces what stood in its place.
    pub(crate) fn put<T: Float>(
        &self,
        cx: &Context,
        matrix: &[T],
        pixels: Range<usize>,
        tensor: &mut [T],
    ) {
        self.scatter(cx, matrix, pixels, tensor, put);
    }

    /// Each plane of the tensor collects what is its own, so that no two threads write one place.
    fn scatter<T: Float>(
        &self,
        cx: &Context,
        matrix: &[T],
        pixels: Range<usize>,
        tensor: &mut [T],
        store: impl Fn(&mut [T], usize, &[T]) + Sync,
    ) {
        let plane = self.view.plane();
        let part = (tensor.len() / plane).div_ceil(PARTS);
        cx.for_each_chunk(matrix.len(), tensor, part * plane, |i, part_of_tensor| {
            for (j, tensor) in part_of_tensor.chunks_mut(plane).enumerate() {
                self.scatter_plane(matrix, &pixels, i * part + j, tensor, &store);
            }
        });
    }

    fn scatter_plane<T: Float>(
        &self,
        matrix: &[T],
        pixels: &Range<usize>,
        plane: usize,
        tensor: &mut [T],
        store: impl Fn(&mut [T], usize, &[T]),
    ) {
        let (image, block) = (plane / self.view.blocks(), plane % self.view.blocks());
        let (line, first) = (self.line(pixels), image * self.image_pixels());
        let mine = first.max(pixels.start)..(first + self.image_pixels()).min(pixels.end);
        let start = plane * self.view.plane();
        let mut store = |line: usize, piece: Piece| {
            let source = &matrix[line + piece.range.start..line + piece.range.end];
            store(&mut tensor[piece.address - start..], piece.step, source);
        };
        match self.order {
            // Blocks are single channels here.
            Order::Pixels if !mine.is_empty() => {
                for depth in block * self.taps()..(block + 1) * self.taps() {
                    let at = depth * line + mine.start - pixels.start;
                    self.pixel_pieces(depth, &mine, &mut |piece| store(at, piece));
                }
            }
            Order::Pixels => {}
            Order::Depth => {
                let before = |end: usize| self.runs.partition_point(|run| run.start < end);
                let runs = &self.runs
                    [before(block * self.view.block)..before((block + 1) * self.view.block)];
                for pixel in mine {
                    for run in runs {
                        self.depth_pieces(run, pixel, &mut |piece| {
                            store((pixel - pixels.start) * line, piece)
                        });
                    }
                }
            }
        }
    }

    /// The length of a line of the matrix.
    fn line(&self, pixels: &Range<usize>) -> usize {
        match self.order {
            Order::Pixels => pixels.len(),
            Order::Depth => self.depth(),
        }
    }

    /// The pieces of one line of the matrix, from left to right.
    fn pieces(&self, line: usize, pixels: &Range<usize>, visit: &mut impl FnMut(Piece)) {
        match self.order {
            Order::Pixels => self.pixel_pieces(line, pixels, visit),
            Order::Depth => self
                .runs
                .iter()
                .for_each(|run| self.depth_pieces(run, pixels.start + line, visit)),
        }
    }

    /// The pieces of one row of depth over a range of pixels: one for each row of an image that holds some.
    fn pixel_pieces(&self, depth: usize, pixels: &Range<usize>, visit: &mut impl FnMut(Piece)) {
        let (channel, tap) = (depth / self.taps(), depth % self.taps());
        let (r, s) = (tap / self.columns.taps, tap % self.columns.taps);
        let inside = self.columns.outputs_inside(s);
        let (height, width) = (self.rows.output(), self.columns.output());
        let mut pixel = pixels.start;
        while pixel < pixels.end {
            let (row, q) = (pixel / width, pixel % width);
            let end = width.min(q + pixels.end - pixel);
            let (from, to) = (q.max(inside.start), end.min(inside.end));
            if let Some(h) = self.rows.source_inside(row % height, r)
                && from < to
            {
                let w = self.columns.source(from, s) as usize;
                let at = pixel - pixels.start;
                visit(Piece {
                    range: at + from - q..at + to - q,
                    address: self.view.address([row / height, channel, h, w]),
                    step: self.columns.stride,
                });
            }
            pixel += end - q;
        }
    }

    /// The pieces of one run of channels at one pixel.
    fn depth_pieces(&self, run: &Range<usize>, pixel: usize, visit: &mut impl FnMut(Piece)) {
        let (width, len, block) = (self.columns.output(), run.len(), self.view.block);
        let (row, q) = (pixel / width, pixel % width);
        let (image, p) = (row / self.rows.output(), row % self.rows.output());
        let taps = self.columns.taps_inside(q);
        if taps.is_empty() {
            return;
        }
        let (first, step) = (
            self.columns.source(q, taps.start) as usize,
            self.columns.dilation * block,
        );
        let start = run.start * self.taps();
        for r in self.rows.taps_inside(p) {
            let h = self.rows.source(p, r) as usize;
            let address = self.view.address([image, run.start, h, first]);
            let at = |s: usize| start + (r * self.columns.taps + s) * len;
            if len == block && self.columns.dilation == 1 {
                visit(Piece {
                    range: at(taps.start)..at(taps.end),
                    address,
                    step: 1,
                });
            } else if len == 1 {
                visit(Piece {
                    range: at(taps.start)..at(taps.end),
                    address,
                    step,
                });
            } else {
                for (i, s) in taps.clone().enumerate() {
                    visit(Piece {
                        range: at(s)..at(s + 1),
                        address: address + i * step,
                        step: 1,
                    });
                }
            }
        }
    }
}

/// A block of channels of the blocked layouts: a copy of known length needs no call.
const LANES: usize = crate::conv::layout::C0;

fn copy<T: Float>(to: &mut [T], from: &[T], step: usize) {
    if step == 1 {
        put_lanes(to, &from[..to.len()]);
    } else {
        to.iter_mut()
            .zip(from.iter().step_by(step))
            .for_each(|(to, from)| *to = *from);
    }
}

fn put<T: Float>(to: &mut [T], step: usize, from: &[T]) {
    if step == 1 {
        put_lanes(&mut to[..from.len()], from);
    } else {
        to.iter_mut()
            .step_by(step)
            .zip(from)
            .for_each(|(to, from)| *to = *from);
    }
}

fn put_lanes<T: Float>(to: &mut [T], from: &[T]) {
    if let (Ok(to), Ok(from)) = (
        <&mut [T; LANES]>::try_from(&mut *to),
        <&[T; LANES]>::try_from(from),
    ) {
        *to = *from;
    } else {
        to.copy_from_slice(from);
    }
}

fn add<T: Float>(to: &mut [T], step: usize, from: &[T]) {
    if step == 1 {
        to.iter_mut().zip(from).for_each(|(to, from)| *to += *from);
    } else {
        to.iter_mut()
            .step_by(step)
            .zip(from)
            .for_each(|(to, from)| *to += *from);
    }
}
