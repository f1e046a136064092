//! Windows of a feature map made into fractals in UB before they go to L1: without the img2col of the load unit, or where that cannot fold
//! the windows of several images into one fractal.
//!
//! In UB and in L1 the fractals of one column stand together: `[column][windows / 16]`. A column is hence a run of blocks, one for
//! each window, and a row of windows a single vector instruction, whose stride is that of the windows.

use std::ops::Range;

use half::f16;

use super::copies::copies;
use super::windows::fetch;
use super::{Factor, Part, Side, Staging, feed_columns};
use crate::cube::isa::{Load3d, Move, Repeat};
use crate::cube::machine::{BLOCK, Buffer, Core, FRACTAL, Pipe, Place};
use crate::cube::program::ring::{Channel, Pair};
use crate::cube::program::runs::zero_blocks;
use crate::cube::program::view::{Band, Segment, View};
use crate::cube::program::{Issue, burst};

/// How windows become fractals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cube::program) enum Means {
    /// Vector instructions copy blocks from a band in UB.
    Vector,
    /// load3d writes them from a band in L1 to UB, image by image, each over what the image before has written too much.
    Load3d,
}

/// The most bytes of UB for one piece, where that is enough for a column.
const PIECE: usize = 32 << 10;

/// Windows that are expanded on their way to L1.
#[derive(Debug)]
pub(in crate::cube::program) struct Expanded {
    view: View,
    side: Side,
    means: Means,
    /// Bands, in UB or L1.
    bands: Channel,
    /// Pieces in UB.
    pieces: Channel,
    room: Staging,
    /// The largest band and the largest piece.
    sizes: [usize; 2],
}

impl Expanded {
    pub(in crate::cube::program) fn new(view: View, side: Side, means: Means) -> Self {
        // MTE1 and MTE3 also pass chunks of L1 to each other, by the flags 0 and 1.
        let (worker, id) = match means {
            Means::Vector => (Pipe::Vector, 0),
            Means::Load3d => (Pipe::Mte1, 2),
        };
        let pair = |from, to, id| Pair { from, to, id };
        Self {
            view,
            side,
            means,
            bands: Channel::new(pair(Pipe::Mte2, worker, 0), 2),
            pieces: Channel::new(pair(worker, Pipe::Mte3, id), 2),
            room: Staging::default(),
            sizes: [0; 2],
        }
    }

    /// From column to column of a piece, in fractals. load3d needs room for what it writes beyond the last image.
    fn pitch(&self, windows: usize) -> usize {
        match self.means {
            Means::Vector => windows,
            Means::Load3d => windows + 1,
        }
    }

    /// How many columns a piece has.
    fn width(&self, windows: usize, points: usize) -> usize {
        let columns = PIECE / (self.pitch(windows) * FRACTAL);
        let most = match self.means {
            Means::Vector => points,
            Means::Load3d => points.min(Load3d::MOST),
        };
        columns.clamp(1, most.max(1))
    }

    /// Expands some columns of a band into a piece.
    fn expand(
        &self,
        core: &mut Core<'_>,
        band: &Band,
        windows: &Range<usize>,
        points: &Range<usize>,
        (from, to): (usize, usize),
    ) -> Issue {
        match self.means {
            Means::Vector => {
                let blocks = windows.len() * points.len() * 16;
                let rows: usize = (self.view.rows.segments(windows))
                    .map(|s| s.windows.len())
                    .sum();
                if band.map.pads != [0; 4] || rows < windows.len() * 16 {
                    zero_blocks(core, to, blocks)?;
                }
                copies(core, &self.view, band, windows, points, (from, to))
            }
            Means::Load3d => {
                let load = |core: &mut Core<'_>, segment: &Segment, start: usize, row: usize| {
                    let image = from + (segment.image - band.images.start) * band.image();
                    let (c1, fetch) = fetch(&self.view, band, points.start);
                    core.issue(Load3d {
                        map: band.map,
                        filter: band.filter,
                        from: Place::new(Buffer::L1, image),
                        to: Place::new(Buffer::Ub, to + row * BLOCK),
                        c1,
                        fetch,
                        left_top: self.view.left_top(band, segment.windows.start + start),
                        mode: Repeat::Taps,
                        repeat: points.len(),
                        jump: self.pitch(windows.len()),
                        pad: f16::ZERO,
                        small: false,
                    })
                };
                let segments: Vec<Segment> = self.view.rows.segments(windows).collect();
                let last = segments
                    .last()
                    .map(|segment| segment.row + (segment.windows.len().max(1) - 1) / 16 * 16);
                // What no load reaches is copied to L1 too: whatever it holds, it has to be written.
                let tail = (windows.len() * 16).saturating_sub(16);
                if let (Some(segment), true) =
                    (segments.first(), last.is_some_and(|row| row < tail))
                {
                    load(core, segment, 0, tail)?;
                }
                for segment in &segments {
                    for start in (0..segment.windows.len()).step_by(16) {
                        load(core, segment, start, segment.row + start)?;
                    }
                }
                Ok(())
            }
        }
    }
}

impl Factor for Expanded {
    fn producer(&self) -> Pipe {
        Pipe::Mte3
    }

    fn staging(&self, parts: &[Part]) -> Staging {
        let [band, piece] = self.largest(parts);
        match self.means {
            Means::Vector => Staging {
                ub: 2 * (band + piece),
                l1: 0,
            },
            Means::Load3d => Staging {
                ub: 2 * piece,
                l1: 2 * band,
            },
        }
    }

    fn stage(&mut self, room: Staging, parts: &[Part]) {
        self.sizes = self.largest(parts);
        self.room = room;
    }

    fn load(
        &mut self,
        core: &mut Core<'_>,
        group: usize,
        part: &Part,
        to: Place,
        clear: &mut dyn FnMut(&mut Core<'_>) -> Issue,
    ) -> Issue {
        let (windows, points) = part.ranges(self.side == Side::Right);
        let band = self.view.band(&windows, &points);
        let [band_bytes, piece_bytes] = self.sizes;
        let (bands, buffer, pieces) = match self.means {
            Means::Vector => (self.room.ub, Buffer::Ub, self.room.ub + 2 * band_bytes),
            Means::Load3d => (self.room.l1, Buffer::L1, self.room.ub),
        };
        let slot = self.bands.acquire(core)?;
        let from = bands + slot * band_bytes;
        band.load(core, &self.view.map, group, Place::new(buffer, from))?;
        self.bands.publish(core, slot)?;
        let (height, pitch) = (windows.len(), self.pitch(windows.len()));
        let width = self.width(height, points.len());
        for start in points.clone().step_by(width) {
            let columns = start..(start + width).min(points.end);
            let piece = self.pieces.acquire(core)?;
            let at = pieces + piece * piece_bytes;
            self.expand(core, &band, &windows, &columns, (from, at))?;
            self.pieces.publish(core, piece)?;
            if start == points.start {
                clear(core)?;
            }
            burst(
                core,
                columns.len(),
                Move {
                    from_stride: pitch * FRACTAL,
                    ..Move::run(
                        Place::new(Buffer::Ub, at),
                        to.plus((start - points.start) * height * FRACTAL),
                        height * FRACTAL,
                    )
                },
            )?;
            self.pieces.release(core, piece)?;
        }
        self.bands.release(core, slot)
    }

    fn feed(
        &self,
        core: &mut Core<'_>,
        part: &Part,
        k: &Range<usize>,
        from: Place,
        to: Place,
    ) -> Issue {
        feed_columns(core, self.side, part, k, (from, to))
    }

    fn close(&mut self, core: &mut Core<'_>) -> Issue {
        self.bands.close(core)?;
        self.pieces.close(core)
    }
}

impl Expanded {
    /// The largest band and piece of some parts, in bytes.
    fn largest(&self, parts: &[Part]) -> [usize; 2] {
        let sizes = parts.iter().map(|part| {
            let (windows, points) = part.ranges(self.side == Side::Right);
            let (band, height) = (self.view.band(&windows, &points), windows.len());
            let piece = self.width(height, points.len()) * self.pitch(height) * FRACTAL;
            [band.bytes(), piece]
        });
        sizes.fold([0; 2], |a, b| [a[0].max(b[0]), a[1].max(b[1])])
    }
}
