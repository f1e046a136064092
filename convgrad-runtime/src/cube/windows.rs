//! Windows: a feature map in NC1HWC0 seen as the left factor of a convolution (img2col, as the machine's load3d does it).
//!
//! ```text
//!              k = (c1, kh, kw, c0)
//!           k1 = (c1, kh, kw) ->
//!         [ fractal ][ fractal ] ...
//!   m1 |  16 windows x 16 channels of one kernel point
//!      v
//!   m = (n, p, q)
//! ```
//!
//! The matrix is never stored: each fractal is read from the map when it is needed, and a window's element outside the
//! map reads 0. A row of a fractal is 16 channels of one pixel, 32 bytes that lie together in NC1HWC0.

use half::f16;

use super::product::Source;
use super::tile::{Fractal, SIDE, ZERO};
use crate::conv::{Axis, Conv2d};

/// How windows become rows of fractals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    /// Each image begins a new fractal, as load3d reads: its last fractal may be ragged.
    PerImage,
    /// Windows of all images follow each other; only the very last fractal may be ragged.
    Folded,
}

impl Rows {
    /// Fractals that hold the windows of some images.
    pub(super) fn fractals(self, images: usize, windows: usize) -> Option<usize> {
        match self {
            Rows::PerImage => images.checked_mul(windows.div_ceil(SIDE)),
            Rows::Folded => Some(images.checked_mul(windows)?.div_ceil(SIDE)),
        }
    }
}

/// One window: a row of the left factor, and of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// The image that it lies in.
    pub(super) image: usize,
    /// Its row among the image's windows.
    pub(super) p: usize,
    /// Its column.
    pub(super) q: usize,
}

/// The windows of a feature map (N, C1, H, W, 16), of which there is at least one.
pub(super) struct Windows<'a> {
    /// The pixels of the map, 16 channels each.
    pixels: &'a [[f16; SIDE]],
    images: usize,
    /// Blocks of 16 channels.
    c1: usize,
    /// How the windows slide, vertically and horizontally.
    axes: [Axis; 2],
    /// Rows and columns of windows.
    outputs: [usize; 2],
    rows: Rows,
}

impl<'a> Windows<'a> {
    /// The first `outputs` windows of a convolution without groups over the map in `data`.
    pub(super) fn new(conv: &Conv2d, data: &'a [f16], outputs: [usize; 2], rows: Rows) -> Self {
        let windows = Self {
            pixels: data.as_chunks().0,
            images: conv.batch(),
            c1: conv.input_channels().div_ceil(SIDE),
            axes: [*conv.rows(), *conv.columns()],
            outputs,
            rows,
        };
        windows.checked()
    }

    /// The pixels of a map (images, c1, height, width, 16), one by one: the windows of a 1 x 1 kernel.
    pub(super) fn pixels(data: &'a [f16], images: usize, c1: usize, extents: [usize; 2]) -> Self {
        let axis = |input| Axis {
            input,
            taps: 1,
            stride: 1,
            dilation: 1,
            pad: [0, 0],
        };
        let windows = Self {
            pixels: data.as_chunks().0,
            images,
            c1,
            axes: extents.map(axis),
            outputs: extents,
            rows: Rows::PerImage,
        };
        windows.checked()
    }

    fn checked(self) -> Self {
        let pixels = self.axes[0].input * self.axes[1].input;
        debug_assert_eq!(self.pixels.len(), self.images * self.c1 * pixels);
        self
    }

    /// The windows that are the rows of a fractal, in order; at most 16.
    pub(super) fn of_fractal(&self, m1: usize) -> impl Iterator<Item = Window> + use<> {
        let ([height, width], images, rows) = (self.outputs, self.images, self.rows);
        let per_image = height * width;
        let (image, number) = match rows {
            Rows::PerImage => {
                let fractals = per_image.div_ceil(SIDE);
                (m1 / fractals, m1 % fractals * SIDE)
            }
            Rows::Folded => (m1 * SIDE / per_image, m1 * SIDE % per_image),
        };
        // Steps rather than divides: this runs for every fractal that is loaded.
        let next = move |&Window { image, p, q }: &Window| {
            if q + 1 < width {
                Some(Window { image, p, q: q + 1 })
            } else if p + 1 < height {
                Some(Window {
                    image,
                    p: p + 1,
                    q: 0,
                })
            } else {
                let next = Window {
                    image: image + 1,
                    p: 0,
                    q: 0,
                };
                (rows == Rows::Folded && next.image < images).then_some(next)
            }
        };
        let first = Window {
            image,
            p: number / width,
            q: number % width,
        };
        std::iter::successors(Some(first), next).take(SIDE)
    }
}

impl Source for Windows<'_> {
    fn load(&self, m1: usize, k1: usize, fractal: &mut Fractal) {
        let [vertical, horizontal] = &self.axes;
        let (kh, kw) = (k1 / horizontal.taps % vertical.taps, k1 % horizontal.taps);
        let c1 = k1 / (horizontal.taps * vertical.taps);
        *fractal = ZERO;
        for (row, Window { image, p, q }) in fractal.iter_mut().zip(self.of_fractal(m1)) {
            if let (Some(h), Some(w)) = (
                vertical.source_inside(p, kh),
                horizontal.source_inside(q, kw),
            ) {
                *row = self.pixels
                    [((image * self.c1 + c1) * vertical.input + h) * horizontal.input + w];
            }
        }
    }
}
