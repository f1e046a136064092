//! Windows over a feature map in global memory: how they become rows, and which part of the map some of them read.

use std::ops::Range;

use super::axis::Axis;
use super::{Issue, ZEROS, Zone, burst};
use crate::conv;
use crate::cube::isa::{FeatureMap, Filter, Move};
use crate::cube::machine::{BLOCK, Buffer, Core, Place};

/// A feature map in NC1HWC0 in global memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Map {
    pub(super) zone: Zone,
    pub(super) images: usize,
    pub(super) c1: usize,
    pub(super) height: usize,
    pub(super) width: usize,
}

impl Map {
    /// The bytes of a map of halves.
    pub(super) fn bytes([images, c1, height, width]: [usize; 4]) -> usize {
        images * c1 * height * width * BLOCK
    }

    /// The halves of all images.
    pub(super) fn halves(&self) -> usize {
        self.images * self.c1 * self.height * self.width * 16
    }

    /// The bytes of a block of channels of an image.
    pub(super) fn plane(&self) -> usize {
        self.height * self.width * BLOCK
    }

    /// The address of a block of channels of an image.
    pub(super) fn at(&self, group: usize, image: usize, c1: usize) -> usize {
        self.zone.at(group) + (image * self.c1 + c1) * self.plane()
    }
}

/// Rows of a matrix: `per` windows of each image, each image in fractals of its own, or all one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rows {
    pub(super) images: usize,
    pub(super) per: usize,
    pub(super) folded: bool,
}

/// Windows of one image that are neighbouring rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) image: usize,
    pub(super) windows: Range<usize>,
    /// The first of the rows, counted from the start of the tile.
    pub(super) row: usize,
}

impl Rows {
    pub(super) fn axis(&self) -> Axis {
        if self.folded {
            return Axis::plain((self.images * self.per).div_ceil(16));
        }
        Axis {
            outer: self.images,
            inner: self.per.div_ceil(16),
            unit: 1,
        }
    }

    /// The images that a tile touches.
    pub(super) fn images(&self, tile: &Range<usize>) -> Range<usize> {
        if self.folded {
            let last = (tile.end * 16).min(self.images * self.per);
            return tile.start * 16 / self.per..last.div_ceil(self.per);
        }
        let inner = self.per.div_ceil(16);
        tile.start / inner..tile.end.div_ceil(inner)
    }

    /// The image and the window of a row; None between images and behind the last.
    pub(super) fn window(&self, row: usize) -> Option<(usize, usize)> {
        let pitch = if self.folded {
            self.per
        } else {
            self.per.next_multiple_of(16)
        };
        let (image, window) = (row / pitch, row % pitch);
        (image < self.images && window < self.per).then_some((image, window))
    }

    /// The windows of a tile, image by image.
    pub(super) fn segments(&self, tile: &Range<usize>) -> impl Iterator<Item = Segment> + use<> {
        let (rows, tile) = (*self, tile.clone());
        self.images(&tile).map(move |image| {
            let pitch = if rows.folded {
                rows.per
            } else {
                rows.per.next_multiple_of(16)
            };
            let start = (tile.start * 16).max(image * pitch);
            let end = (tile.end * 16).min(image * pitch + rows.per);
            Segment {
                image,
                windows: start - image * pitch..end - image * pitch,
                row: start - tile.start * 16,
            }
        })
    }
}

/// The windows of a convolution over a map: rows of a matrix whose columns are (block of channels, tap).
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    pub(super) map: Map,
    /// How they slide, vertically and horizontally.
    pub(super) axes: [conv::Axis; 2],
    /// Windows in a row of the image, of those that count.
    pub(super) columns: usize,
    pub(super) rows: Rows,
}

/// The part of a map that some windows read at some taps.
#[derive(Clone, Debug)]
pub(super) struct Band {
    pub(super) images: Range<usize>,
    pub(super) c1: Range<usize>,
    /// Rows and columns of the map; None if everything is padding.
    source: Option<[Range<usize>; 2]>,
    pub(super) map: FeatureMap,
    pub(super) filter: Filter,
    /// The first row of windows.
    pub(super) p: usize,
    /// The first row of taps.
    pub(super) kh: usize,
}

impl View {
    /// Whether each window is the pixel of its number.
    pub(super) fn is_plain(&self) -> bool {
        let plain = |axis: &conv::Axis| axis.taps == 1 && axis.stride == 1 && axis.pad == [0, 0];
        self.axes.iter().all(plain)
            && !self.rows.folded
            && self.rows.per == self.map.height * self.map.width
    }

    pub(super) fn taps(&self) -> usize {
        self.axes[0].taps * self.axes[1].taps
    }

    /// The columns of the matrix, in fractals.
    pub(super) fn columns_axis(&self) -> Axis {
        Axis {
            outer: self.map.c1,
            inner: self.taps(),
            unit: self.axes[1].taps,
        }
    }

    /// What a tile of windows reads at some columns.
    pub(super) fn band(&self, windows: &Range<usize>, points: &Range<usize>) -> Band {
        let [vertical, horizontal] = &self.axes;
        let taps = self.taps();
        let c1 = points.start / taps..points.end.div_ceil(taps);
        let kh = if c1.len() == 1 {
            let start = points.start % taps / horizontal.taps;
            start..((points.end - 1) % taps / horizontal.taps + 1)
        } else {
            0..vertical.taps
        };
        let images = self.rows.images(windows);
        let mut segments = self.rows.segments(windows);
        let p = match (images.len(), segments.next()) {
            (1, Some(segment)) => {
                segment.windows.start / self.columns..segment.windows.end.div_ceil(self.columns)
            }
            _ => 0..self.rows.per.div_ceil(self.columns),
        };
        let size = [kh.len(), horizontal.taps];
        let filter = Filter {
            size,
            stride: [vertical.stride, horizontal.stride],
            dilation: [vertical.dilation, horizontal.dilation],
        };
        // The padded rows and columns that are read, in the map's coordinates.
        let top = vertical.source(p.start, kh.start);
        let bottom = vertical.source(p.end - 1, kh.end - 1) + 1;
        let left = -horizontal.pad[0];
        let right = horizontal.source(self.columns - 1, horizontal.taps - 1) + 1;
        let clip = |from: isize, to: isize, extent: usize| {
            let inside = |at: isize| at.clamp(0, extent as isize) as usize;
            inside(from)..inside(to)
        };
        let rows = clip(top, bottom, vertical.input);
        let columns = clip(left, right, horizontal.input);
        let empty = rows.is_empty() || columns.is_empty();
        let map = if empty {
            // Zeros as wide as the padded map stand for it.
            FeatureMap {
                height: (bottom - top) as usize,
                width: (right - left) as usize,
                pads: [0; 4],
            }
        } else {
            let gap = |from: isize, to: isize| usize::try_from(to - from).unwrap_or(0);
            FeatureMap {
                height: rows.len(),
                width: columns.len(),
                pads: [
                    gap(top, rows.start as isize),
                    gap(rows.end as isize, bottom),
                    gap(left, columns.start as isize),
                    gap(columns.end as isize, right),
                ],
            }
        };
        Band {
            images,
            c1,
            source: (!empty).then_some([rows, columns]),
            map,
            filter,
            p: p.start,
            kh: kh.start,
        }
    }

    /// Where a window begins on a band.
    pub(super) fn left_top(&self, band: &Band, window: usize) -> [isize; 2] {
        let (p, q) = (window / self.columns - band.p, window % self.columns);
        [
            (p * band.filter.stride[0]) as isize - band.map.pads[0] as isize,
            (q * band.filter.stride[1]) as isize - band.map.pads[2] as isize,
        ]
    }
}

impl Band {
    /// The bytes of a block of channels of an image.
    pub(super) fn plane(&self) -> usize {
        self.map.height * self.map.width * BLOCK
    }

    /// The bytes of an image.
    pub(super) fn image(&self) -> usize {
        self.c1.len() * self.plane()
    }

    /// All its bytes.
    pub(super) fn bytes(&self) -> usize {
        self.images.len() * self.image()
    }

    /// Brings it from global memory.
    pub(super) fn load(&self, core: &mut Core<'_>, map: &Map, group: usize, to: Place) -> Issue {
        let Some([rows, columns]) = &self.source else {
            return zero(core, to, self.bytes());
        };
        let plane = self.plane();
        let offset = (rows.start * map.width + columns.start) * BLOCK;
        if columns.len() == map.width {
            // A band is a burst; those of all images follow each other if they have all blocks of channels.
            let together = self.c1.len() == map.c1 || self.images.len() == 1;
            let parts = if together {
                vec![self.images.clone()]
            } else {
                self.images.clone().map(|image| image..image + 1).collect()
            };
            for images in parts {
                let first = Place::new(
                    Buffer::Gm,
                    map.at(group, images.start, self.c1.start) + offset,
                );
                let target = to.plus((images.start - self.images.start) * self.image());
                let bursts = images.len() * self.c1.len();
                burst(
                    core,
                    bursts,
                    Move {
                        from_stride: map.plane(),
                        to_stride: plane,
                        ..Move::run(first, target, plane)
                    },
                )?;
            }
            return Ok(());
        }
        for image in self.images.clone() {
            for c1 in self.c1.clone() {
                let first = Place::new(Buffer::Gm, map.at(group, image, c1) + offset);
                let number = (image - self.images.start) * self.c1.len() + c1 - self.c1.start;
                burst(
                    core,
                    rows.len(),
                    Move {
                        from_stride: map.width * BLOCK,
                        to_stride: self.map.width * BLOCK,
                        ..Move::run(first, to.plus(number * plane), self.map.width * BLOCK)
                    },
                )?;
            }
        }
        Ok(())
    }
}

/// Zeros from global memory.
pub(super) fn zero(core: &mut Core<'_>, to: Place, bytes: usize) -> Issue {
    for at in (0..bytes).step_by(ZEROS) {
        let length = ZEROS.min(bytes - at);
        core.issue(Move::run(Place::new(Buffer::Gm, 0), to.plus(at), length))?;
    }
    Ok(())
}
