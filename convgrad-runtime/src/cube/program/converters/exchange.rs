//! T_NC and T_NCf: batch and channels exchanged, sixteen images at a time, by 16 x 16 transpositions.

use std::ops::Range;

use super::{Pieces, global};
use crate::cube::isa::{Move, Transpose};
use crate::cube::machine::{BLOCK, Core, FRACTAL, Place};
use crate::cube::program::axis::Axis;
use crate::cube::program::runs::zero_blocks;
use crate::cube::program::view::Map;
use crate::cube::program::{Issue, Zone, burst};

/// How exchanged pixels lie in UB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// `[channel][pixel][image]`
    Planes,
    /// `[pixel][channel][image]`
    Fractals,
}

/// Sixteen images (fewer at the end), and a range of (block of channels, pixel).
struct Piece {
    n1: usize,
    lanes: usize,
    range: Range<usize>,
}

impl Piece {
    /// The blocks of channels of the range, with the pixels of each, of which there are `area`.
    fn blocks(&self, area: usize) -> impl Iterator<Item = (usize, Range<usize>)> + use<> {
        let range = self.range.clone();
        (range.start / area..range.end.div_ceil(area)).map(move |c1| {
            let start = range.start.max(c1 * area) - c1 * area;
            (c1, start..range.end.min((c1 + 1) * area) - c1 * area)
        })
    }

    /// Exchanges lanes in UB. Images beyond the last one are read from `zeros`.
    fn exchange(&self, core: &mut Core<'_>, shape: Shape, [from, zeros, to]: [usize; 3]) -> Issue {
        let pixels = self.range.len();
        let (channel, step) = match shape {
            Shape::Planes => (pixels * BLOCK, 1),
            Shape::Fractals => (BLOCK, 16),
        };
        for start in (0..pixels).step_by(Transpose::MOST) {
            core.issue(Transpose {
                from: std::array::from_fn(|n| {
                    if n < self.lanes {
                        from + (n * pixels + start) * BLOCK
                    } else {
                        zeros
                    }
                }),
                to: std::array::from_fn(|c| to + c * channel + start * step * BLOCK),
                repeat: Transpose::MOST.min(pixels - start),
                from_stride: 1,
                to_stride: step,
            })?;
        }
        Ok(())
    }
}

/// The zeros that stand for images beyond the last, at the end of UB: as long as the repeats of a transposition.
const ZERO_LANES: usize = Transpose::MOST * BLOCK;

/// Exchanges all pieces of a map, and lets `put` bring each to its place.
fn exchange(
    core: &mut Core<'_>,
    group: usize,
    from: &Map,
    shape: Shape,
    mut put: impl FnMut(&mut Core<'_>, &Piece, Place) -> Issue,
) -> Issue {
    let mut pieces = Pieces::new(core, ZERO_LANES.next_multiple_of(FRACTAL));
    let zeros = 4 * pieces.bytes;
    if !from.images.is_multiple_of(16) {
        zero_blocks(core, zeros, ZERO_LANES / BLOCK)?;
    }
    let pixels = Axis {
        outer: from.c1,
        inner: from.height * from.width,
        unit: 1,
    };
    let tiles = pixels.tiles((pieces.bytes / FRACTAL).max(1));
    for first in (0..from.images).step_by(16) {
        for range in &tiles {
            let piece = Piece {
                n1: first / 16,
                lanes: 16.min(from.images - first),
                range: range.clone(),
            };
            let length = range.len() * BLOCK;
            let source = from.at(group, first, 0) + range.start * BLOCK;
            let bring = |core: &mut Core<'_>, at: Place| {
                let images = Move {
                    from_stride: from.c1 * from.plane(),
                    to_stride: length,
                    ..Move::run(global(source), at, length)
                };
                burst(core, piece.lanes, images)
            };
            pieces.run(
                core,
                bring,
                |core, at, out| piece.exchange(core, shape, [at, zeros, out]),
                |core, out| put(core, &piece, out),
            )?;
        }
    }
    pieces.close(core)
}

/// T_NC: from NC1HWC0 (of `channels` channels) to NC1HWC0.
pub(in crate::cube::program) fn t_nc(
    core: &mut Core<'_>,
    group: usize,
    from: &Map,
    to: &Map,
    channels: usize,
) -> Issue {
    let area = from.height * from.width;
    exchange(core, group, from, Shape::Planes, |core, piece, out| {
        for (c1, part) in piece.blocks(area) {
            let skipped = c1 * area + part.start - piece.range.start;
            let target = to.at(group, 16 * c1, piece.n1) + part.start * BLOCK;
            let planes = Move {
                from_stride: piece.range.len() * BLOCK,
                to_stride: to.c1 * to.plane(),
                ..Move::run(
                    out.plus(skipped * BLOCK),
                    global(target),
                    part.len() * BLOCK,
                )
            };
            burst(core, 16.min(channels - 16 * c1), planes)?;
        }
        Ok(())
    })
}

/// T_NCf: from NC1HWC0 to FRACTAL_Z, and only the first `kept` rows and columns.
pub(in crate::cube::program) fn t_ncf(
    core: &mut Core<'_>,
    group: usize,
    from: &Map,
    to: Zone,
    kept: [usize; 2],
) -> Issue {
    let (area, width) = (from.height * from.width, from.width);
    let whole = kept == [from.height, from.width];
    exchange(core, group, from, Shape::Fractals, |core, piece, out| {
        let target = |row: usize, c1: usize| {
            let fractal = (piece.n1 * kept[0] * kept[1] + row) * from.c1 + c1;
            global(to.at(group) + fractal * FRACTAL)
        };
        if area == 1 {
            // The blocks of channels of a single pixel stand together.
            let length = piece.range.len() * FRACTAL;
            return core.issue(Move::run(out, target(0, piece.range.start), length));
        }
        let put = |core: &mut Core<'_>, c1: usize, row: usize, pixels: Range<usize>| {
            let skipped = c1 * area + pixels.start - piece.range.start;
            let fractals = Move {
                from_stride: FRACTAL,
                to_stride: from.c1 * FRACTAL,
                ..Move::run(out.plus(skipped * FRACTAL), target(row, c1), FRACTAL)
            };
            burst(core, pixels.len(), fractals)
        };
        for (c1, part) in piece.blocks(area) {
            if whole {
                put(core, c1, part.start, part)?;
                continue;
            }
            for row in part.start / width..part.end.div_ceil(width).min(kept[0]) {
                let start = part.start.max(row * width);
                let end = part.end.min(row * width + kept[1]);
                if start < end {
                    put(core, c1, row * kept[1] + start - row * width, start..end)?;
                }
            }
        }
        Ok(())
    })
}
