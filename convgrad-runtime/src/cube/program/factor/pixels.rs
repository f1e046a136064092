//! The pixels of a feature map, sixteen to a fractal: as they stand, along M, or each fractal transposed, along K.

use std::ops::Range;

use super::{Factor, Part, Side, grid};
use crate::cube::isa::Move;
use crate::cube::machine::{BLOCK, Buffer, Core, FRACTAL, Place};
use crate::cube::program::view::{Map, Rows};
use crate::cube::program::{Issue, ZEROS, burst};

/// In L1: image by image, block of channels by block, each a whole number of fractals, the last filled up with zeros.
#[derive(Debug)]
pub(in crate::cube::program) struct Pixels {
    pub(in crate::cube::program) map: Map,
    pub(in crate::cube::program) rows: Rows,
    pub(in crate::cube::program) side: Side,
    /// Whether pixels are along K, and fractals transposed on loading.
    pub(in crate::cube::program) transposed: bool,
}

impl Factor for Pixels {
    fn load(
        &mut self,
        core: &mut Core<'_>,
        group: usize,
        part: &Part,
        to: Place,
        clear: &mut dyn FnMut(&mut Core<'_>) -> Issue,
    ) -> Issue {
        clear(core)?;
        let (pixels, c1) = part.ranges(self.transposed);
        for segment in self.rows.segments(&pixels) {
            let (count, bytes) = (segment.windows.len(), segment.windows.len() * BLOCK);
            let pitch = count.div_ceil(16) * FRACTAL;
            let to = to.plus(segment.row / 16 * c1.len() * FRACTAL);
            let first = self.map.at(group, segment.image, c1.start) + segment.windows.start * BLOCK;
            burst(
                core,
                c1.len(),
                Move {
                    from_stride: self.map.plane(),
                    to_stride: pitch,
                    ..Move::run(Place::new(Buffer::Gm, first), to, bytes)
                },
            )?;
            let tail = pitch - bytes;
            let most = ZEROS / tail.max(1);
            for start in (0..if tail > 0 { c1.len() } else { 0 }).step_by(most) {
                let zeros = Move {
                    to_stride: pitch,
                    ..Move::run(
                        Place::new(Buffer::Gm, 0),
                        to.plus(start * pitch + bytes),
                        tail,
                    )
                };
                burst(core, most.min(c1.len() - start), zeros)?;
            }
        }
        Ok(())
    }

    fn feed(
        &self,
        core: &mut Core<'_>,
        part: &Part,
        k: &Range<usize>,
        from: Place,
        to: Place,
    ) -> Issue {
        let (pixels, c1) = part.ranges(self.transposed);
        let (wanted, channels) = if self.transposed {
            (k, &part.outer)
        } else {
            (&pixels, k)
        };
        // L0A goes row by row, L0B by K.
        let by_channels = self.side == Side::Left && self.transposed;
        for segment in self.rows.segments(&pixels) {
            let start = pixels.start + segment.row / 16;
            let count = segment.windows.len().div_ceil(16);
            // The fractals of this image that are wanted.
            let here = wanted.start.max(start)..wanted.end.min(start + count);
            if here.is_empty() {
                continue;
            }
            let image = from.plus((start - pixels.start) * c1.len() * FRACTAL);
            let first = (channels.start - c1.start) * count + here.start - start;
            let skipped = here.start - wanted.start;
            let (target, extents, strides) = if by_channels {
                let strides = ([count, 1], [wanted.len(), 1]);
                (skipped, [channels.len(), here.len()], strides)
            } else {
                let width = channels.len();
                (
                    skipped * width,
                    [here.len(), width],
                    ([1, count], [width, 1]),
                )
            };
            let places = (image.plus(first * FRACTAL), to.plus(target * FRACTAL));
            grid(core, places, extents, strides, self.transposed)?;
        }
        Ok(())
    }
}
