//! The pixels of a convolution's results, in the order in which a product takes them: where an image is small, sorted by the taps that read inside.
//!
//! Of 3 x 3 taps on 7 x 7 pixels every tenth reads nothing but padding above or below. So the first rows of all images come first, then those
//! that read inside by all taps, then the last ones, and each of these *zones* leaves out the taps that it has no use for.

use std::ops::Range;

use crate::conv::geometry::Reads;
use crate::conv::layout::Activations;
use crate::gemm::Steps;

/// The numbers of all pixels: zone by zone, within a zone image by image and row by row.
#[derive(Clone, Debug)]
pub(crate) struct Zones {
    all: Vec<Zone>,
    images: usize,
    /// Pixels of a row.
    width: usize,
    /// Rows of taps, and taps of a row.
    taps: [usize; 2],
}

/// Rows of results that read inside by the same rows of taps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Zone {
    rows: Range<usize>,
    taps: Range<usize>,
}

/// Neighbouring pixels of a row of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) image: usize,
    pub(crate) row: usize,
    pub(crate) column: usize,
    pub(crate) len: usize,
}

/// Rows of taps in all rows of results of which one must be left out at least: fewer are not worth tiles of their own.
const SHARE: usize = 24;

/// Pixels of a zone at least.
const FEWEST: usize = 16;

impl Zones {
    /// One zone.
    pub(crate) fn whole(images: usize, [rows, columns]: [&Reads; 2]) -> Self {
        Zones {
            all: vec![Zone {
                rows: 0..rows.count,
                taps: 0..rows.taps.len(),
            }],
            images,
            width: columns.count,
            taps: [rows.taps.len(), columns.taps.len()],
        }
    }

    /// The zones of results that read a tensor, one where sorting gains little.
    pub(crate) fn new(view: &Activations, reads: [&Reads; 2]) -> Self {
        let whole = Zones::whole(view.batch, reads);
        let [rows, columns] = reads;
        let mut all: Vec<Zone> = Vec::new();
        for row in 0..rows.count {
            let mut inside =
                (0..rows.taps.len()).filter(|&tap| rows.source(row, rows.taps[tap]).is_some());
            let first = inside.next().unwrap_or(0);
            let taps = first..inside.next_back().unwrap_or(first) + 1;
            match all.last_mut() {
                Some(zone) if zone.taps == taps => zone.rows.end = row + 1,
                _ => all.push(Zone {
                    rows: row..row + 1,
                    taps,
                }),
            }
        }
        let used: usize = all
            .iter()
            .map(|zone| zone.rows.len() * zone.taps.len())
            .sum();
        let there_are = rows.count * rows.taps.len();
        let gains = (there_are - used) * SHARE >= there_are;
        let wide = all
            .iter()
            .all(|zone| view.batch * zone.rows.len() * columns.count >= FEWEST);
        // The largest first: it fills whole tiles from the start.
        all.sort_by_key(|zone| std::cmp::Reverse(zone.rows.len()));
        if view.block == 1 && gains && wide {
            Zones { all, ..whole }
        } else {
            whole
        }
    }

    /// The numbers that the pixels have image by image and row by row, in the order that they have here.
    pub(crate) fn order(&self) -> impl Iterator<Item = Range<usize>> {
        let height: usize = self.all.iter().map(|zone| zone.rows.len()).sum();
        self.all.iter().flat_map(move |zone| {
            (0..self.images).map(move |image| {
                let row = |row: usize| (image * height + row) * self.width;
                row(zone.rows.start)..row(zone.rows.end)
            })
        })
    }

    /// Steps of the depth after which taps are repeated, as far as it matters.
    pub(crate) fn period(&self) -> usize {
        if self.all.len() == 1 {
            1
        } else {
            self.taps[0] * self.taps[1]
        }
    }

    /// The zones that some pixels are in, each with their numbers.
    fn zones(&self, pixels: &Range<usize>) -> impl Iterator<Item = (&Zone, Range<usize>)> {
        let (mut end, pixels) = (0, pixels.clone());
        self.all.iter().filter_map(move |zone| {
            let start = end;
            end += self.images * zone.rows.len() * self.width;
            let part = pixels.start.max(start)..pixels.end.min(end);
            (!part.is_empty()).then(|| (zone, part.start - start..part.end - start))
        })
    }

    /// How many of some pixels are in each zone, and the steps of so much depth that they need.
    pub(crate) fn steps(&self, pixels: &Range<usize>, depth: usize) -> Vec<(usize, Steps)> {
        let whole = self.all.len() == 1;
        let period = self.period();
        self.zones(pixels)
            .map(|(zone, part)| {
                let steps = if whole {
                    Steps::all(depth)
                } else {
                    Steps {
                        start: zone.taps.start * self.taps[1],
                        len: zone.taps.len() * self.taps[1],
                        period,
                        count: depth / period,
                    }
                };
                (part.len(), steps)
            })
            .collect()
    }

    /// Some pixels, row by row.
    pub(crate) fn stretches(&self, pixels: &Range<usize>) -> impl Iterator<Item = Stretch> {
        self.zones(pixels).flat_map(move |(zone, part)| {
            let (height, width) = (zone.rows.len(), self.width);
            let (mut row, mut column, mut left) =
                (part.start / width, part.start % width, part.len());
            std::iter::from_fn(move || {
                let stretch = Stretch {
                    image: row / height,
                    row: zone.rows.start + row % height,
                    column,
                    len: (width - column).min(left),
                };
                (row, column, left) = (row + 1, 0, left - stretch.len);
                (stretch.len > 0).then_some(stretch)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conv::{Conv2d, Layout};

    #[test]
    fn zones_hold_all_pixels_and_every_tap_that_reads_inside() {
        let mut sorted = 0;
        for (images, [height, width], taps, padding, stride) in [
            (8, [7, 7], 3, 1, 1),
            (3, [6, 9], 5, 2, 1),
            (2, [5, 16], 3, 4, 1),
            (16, [8, 3], 3, 2, 2),
            (1, [56, 56], 3, 1, 1),
            (1, [4, 4], 1, 0, 1),
        ] {
            let conv = Conv2d::builder([images, 2, height, width], [1, 2, taps, 1])
                .padding([padding, 0])
                .stride(stride)
                .build()
                .unwrap();
            let view = Activations::input(Layout::Nchw.formats().input, &conv);
            let (rows, columns) = (&conv.rows().reads(), &conv.columns().reads());
            let zones = Zones::new(&view, [rows, columns]);
            sorted += usize::from(zones.all.len() > 1);
            let (pixels, depth) = (images * conv.pixels(), 2 * taps);
            let mut seen = vec![0; pixels];
            for range in [0..pixels / 3, pixels / 3..pixels] {
                let all: Vec<_> = zones.stretches(&range).collect();
                let mut rows_of = all.iter().flat_map(|stretch| {
                    (0..stretch.len).map(|i| (stretch.image, stretch.row, stretch.column + i))
                });
                for (count, steps) in zones.steps(&range, depth) {
                    for (image, row, column) in rows_of.by_ref().take(count) {
                        seen[(image * rows.count + row) * columns.count + column] += 1;
                        for step in 0..depth {
                            let place = step % steps.period;
                            let summed = (steps.start..steps.start + steps.len).contains(&place);
                            let inside = rows.source(row, rows.taps[step % taps]).is_some();
                            assert!(summed || !inside, "{conv:?}: step {step} of row {row}");
                        }
                    }
                }
                assert!(rows_of.next().is_none());
            }
            assert!(seen.iter().all(|&times| times == 1), "{conv:?}");
        }
        assert_eq!(sorted, 4);
    }
}
