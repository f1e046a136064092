//! Windows as fractals by vector copies: which blocks of a band go where.

use std::ops::Range;

use super::windows::fetch;
use crate::cube::machine::{BLOCK, Core, FRACTAL};
use crate::cube::program::Issue;
use crate::cube::program::runs::{Run, Runs};
use crate::cube::program::view::{Band, View};

/// Copies the blocks that some columns of some windows read, by vector instructions.
pub(super) fn copies(
    core: &mut Core<'_>,
    view: &View,
    band: &Band,
    windows: &Range<usize>,
    points: &Range<usize>,
    (from, to): (usize, usize),
) -> Issue {
    let [vertical, horizontal] = [0, 1].map(|axis| Slide {
        stride: band.filter.stride[axis],
        dilation: band.filter.dilation[axis],
        pad: band.map.pads[2 * axis],
        extent: if axis == 0 {
            band.map.height
        } else {
            band.map.width
        },
    });
    let mut runs = Runs::default();
    let place = |image: usize, c1: usize, h: usize, w: usize| {
        from + (image - band.images.start) * band.image()
            + c1 * band.plane()
            + (h * band.map.width + w) * BLOCK
    };
    let column = windows.len() * FRACTAL;
    let target = |point: usize, row: usize| to + (point - points.start) * column + row * BLOCK;
    // A row of windows at one tap, or a row of taps at one window, whichever is longer, is a run.
    let by_windows = view.columns >= points.len().min(view.axes[1].taps);
    for segment in view.rows.segments(windows) {
        let row = |window: usize| segment.row + window - segment.windows.start;
        if by_windows {
            for point in points.clone() {
                let (c1, [kh, kw]) = fetch(view, band, point);
                let mut window = segment.windows.start;
                while window < segment.windows.end {
                    let (p, q) = (window / view.columns, window % view.columns);
                    let end = (window + view.columns - q).min(segment.windows.end);
                    let inside = horizontal.windows(kw, q..q + end - window);
                    if let (Some(h), false) = (vertical.at(p - band.p, kh), inside.is_empty())
                        && let Some(w) = horizontal.at(inside.start, kw)
                    {
                        let run = Run {
                            from: place(segment.image, c1, h, w),
                            to: target(point, row(window + inside.start - q)),
                            count: inside.len(),
                            strides: [horizontal.stride, 1],
                        };
                        runs.push(core, run)?;
                    }
                    window = end;
                }
            }
        } else {
            for window in segment.windows.clone() {
                let (p, q) = (window / view.columns, window % view.columns);
                let mut point = points.start;
                while point < points.end {
                    let (c1, [kh, kw]) = fetch(view, band, point);
                    let end = (point + view.axes[1].taps - kw).min(points.end);
                    let inside = horizontal.taps(q, kw..kw + end - point);
                    if let (Some(h), false) = (vertical.at(p - band.p, kh), inside.is_empty())
                        && let Some(w) = horizontal.at(q, inside.start)
                    {
                        let run = Run {
                            from: place(segment.image, c1, h, w),
                            to: target(point + inside.start - kw, row(window)),
                            count: inside.len(),
                            strides: [horizontal.dilation, column / BLOCK],
                        };
                        runs.push(core, run)?;
                    }
                    point = end;
                }
            }
        }
    }
    runs.flush(core)
}

/// One side of a band: where windows read.
#[derive(Clone, Copy, Debug)]
struct Slide {
    stride: usize,
    dilation: usize,
    pad: usize,
    extent: usize,
}

impl Slide {
    /// Where a window reads at a tap; None in the padding.
    fn at(&self, window: usize, tap: usize) -> Option<usize> {
        let at = (window * self.stride + tap * self.dilation).checked_sub(self.pad)?;
        (at < self.extent).then_some(at)
    }

    /// The windows that read inside at a tap.
    fn windows(&self, tap: usize, of: Range<usize>) -> Range<usize> {
        self.inside(tap * self.dilation, self.stride, of)
    }

    /// The taps at which a window reads inside.
    fn taps(&self, window: usize, of: Range<usize>) -> Range<usize> {
        self.inside(window * self.stride, self.dilation, of)
    }

    /// The `x` of a range with `pad <= base + x * step < pad + extent`.
    fn inside(&self, base: usize, step: usize, of: Range<usize>) -> Range<usize> {
        let below = |limit: usize| limit.saturating_sub(base).div_ceil(step);
        let start = below(self.pad).clamp(of.start, of.end);
        start..below(self.pad + self.extent).clamp(start, of.end)
    }
}
