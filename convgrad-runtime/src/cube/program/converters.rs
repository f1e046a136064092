//! The paper's converters on the device: through UB, by moves, vector copies and 16 x 16 transpositions.
//!
//! Each is a loop over pieces that fit a half of UB: in, work, out, on three pipes side by side.

use super::axis::Axis;
use super::ring::{Channel, Pair};
use super::runs::{Run, Runs, zero_blocks};
use super::view::Map;
use super::{Issue, Zone, burst};
use crate::cube::isa::{Move, Transpose};
use crate::cube::machine::{BLOCK, Buffer, Core, FRACTAL, Pipe, Place};
use crate::cube::profile::Knob;

/// The two halves of UB, each with room for what comes in and what goes out.
struct Pieces {
    incoming: Channel,
    outgoing: Channel,
    /// Bytes of a buffer, of which there are four.
    bytes: usize,
}

impl Pieces {
    /// All of UB but some bytes at its end.
    fn new(core: &Core<'_>, reserved: usize) -> Self {
        let pair = |from, to| Pair { from, to, id: 0 };
        let free = core.profile().count(Knob::UbBytes).saturating_sub(reserved);
        Self {
            incoming: Channel::new(pair(Pipe::Mte2, Pipe::Vector), 2),
            outgoing: Channel::new(pair(Pipe::Vector, Pipe::Mte3), 2),
            bytes: free / 4 / FRACTAL * FRACTAL,
        }
    }

    /// Runs one piece: `bring` into a buffer, `work` from it into another, `put` that one away.
    fn run(
        &mut self,
        core: &mut Core<'_>,
        bring: impl FnOnce(&mut Core<'_>, Place) -> Issue,
        work: impl FnOnce(&mut Core<'_>, usize, usize) -> Issue,
        put: impl FnOnce(&mut Core<'_>, Place) -> Issue,
    ) -> Issue {
        let place = |at| Place::new(Buffer::Ub, at);
        let slot = self.incoming.acquire(core)?;
        let from = slot * self.bytes;
        bring(core, place(from))?;
        self.incoming.publish(core, slot)?;
        let out = self.outgoing.acquire(core)?;
        let to = (2 + out) * self.bytes;
        work(core, from, to)?;
        self.incoming.release(core, slot)?;
        self.outgoing.publish(core, out)?;
        put(core, place(to))?;
        self.outgoing.release(core, out)
    }

    fn close(mut self, core: &mut Core<'_>) -> Issue {
        self.incoming.close(core)?;
        self.outgoing.close(core)
    }
}

fn global(at: usize) -> Place {
    Place::new(Buffer::Gm, at)
}

/// Strided: zeros between the rows and the columns of a map.
pub(super) fn strided(
    core: &mut Core<'_>,
    group: usize,
    from: &Map,
    to: &Map,
    stride: [usize; 2],
) -> Issue {
    let mut pieces = Pieces::new(core, 0);
    let row = to.width * BLOCK;
    let rows = (pieces.bytes / (stride[0] * row)).min(from.height).max(1);
    // The zeros stay where they are from piece to piece.
    for out in 0..2 {
        zero_blocks(core, (2 + out) * pieces.bytes, rows * stride[0] * to.width)?;
    }
    for plane in 0..from.images * from.c1 {
        for p in (0..from.height).step_by(rows) {
            let count = rows.min(from.height - p);
            let source = from.zone.at(group) + plane * from.plane() + p * from.width * BLOCK;
            let target = to.zone.at(group) + plane * to.plane() + p * stride[0] * row;
            let bytes = count * from.width * BLOCK;
            // The last row of the map has no zeros below it.
            let height = (count * stride[0]).min(to.height - p * stride[0]);
            pieces.run(
                core,
                |core, at| core.issue(Move::run(global(source), at, bytes)),
                |core, at, out| {
                    let mut runs = Runs::default();
                    for i in 0..count {
                        let run = Run {
                            from: at + i * from.width * BLOCK,
                            to: out + i * stride[0] * row,
                            count: from.width,
                            strides: [1, stride[1]],
                        };
                        runs.push(core, run)?;
                    }
                    runs.flush(core)
                },
                |core, out| core.issue(Move::run(out, global(target), height * row)),
            )?;
        }
    }
    pieces.close(core)
}

/// Sixteen images with the same pixels become the lanes of pixels: element (lane `n`, pixel, channel `c`) to (lane `c`, pixel, channel `n`).
///
/// `to(j)` is the address of the first block of channel `j`, `step` that from pixel to pixel, in blocks.
fn exchange(
    core: &mut Core<'_>,
    (at, lanes, pixels): (usize, usize, usize),
    zeros: usize,
    to: impl Fn(usize) -> usize,
    step: usize,
) -> Issue {
    for start in (0..pixels).step_by(Transpose::MOST) {
        let count = Transpose::MOST.min(pixels - start);
        core.issue(Transpose {
            from: std::array::from_fn(|n| {
                if n < lanes {
                    at + (n * pixels + start) * BLOCK
                } else {
                    zeros
                }
            }),
            to: std::array::from_fn(|j| to(j) + start * step * BLOCK),
            repeat: count,
            from_stride: 1,
            to_stride: step,
        })?;
    }
    Ok(())
}

/// The zeros that stand for images beyond the last, at the end of UB: as long as the repeats of a transposition.
const ZERO_LANES: usize = Transpose::MOST * BLOCK;

/// Calls `piece(first image, lanes, pixels)` for all pieces of sixteen images, `pixels` being a range of (block of channels, pixel).
fn by_lanes(
    core: &mut Core<'_>,
    group: usize,
    from: &Map,
    mut each: impl FnMut(
        &mut Core<'_>,
        &mut Pieces,
        usize,
        std::ops::Range<usize>,
        &mut dyn FnMut(&mut Core<'_>, Place) -> Issue,
        (usize, usize),
    ) -> Issue,
) -> Issue {
    let reserved = ZERO_LANES.next_multiple_of(FRACTAL);
    let mut pieces = Pieces::new(core, reserved);
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
        let lanes = 16.min(from.images - first);
        for tile in &tiles {
            let source = from.at(group, first, 0) + tile.start * BLOCK;
            let mut bring = |core: &mut Core<'_>, at: Place| {
                burst(
                    core,
                    lanes,
                    Move {
                        from_stride: from.c1 * from.plane(),
                        to_stride: tile.len() * BLOCK,
                        ..Move::run(global(source), at, tile.len() * BLOCK)
                    },
                )
            };
            each(
                core,
                &mut pieces,
                first / 16,
                tile.clone(),
                &mut bring,
                (lanes, zeros),
            )?;
        }
    }
    pieces.close(core)
}

/// The blocks of channels of a range of (block of channels, pixel), with the pixels of each.
fn blocks(
    range: &std::ops::Range<usize>,
    pixels: usize,
) -> impl Iterator<Item = (usize, std::ops::Range<usize>)> {
    let range = range.clone();
    (range.start / pixels..range.end.div_ceil(pixels)).map(move |c1| {
        let start = range.start.max(c1 * pixels) - c1 * pixels;
        (c1, start..range.end.min((c1 + 1) * pixels) - c1 * pixels)
    })
}

/// T_NC: batch and channels exchanged, from NC1HWC0 (of `channels` channels) to NC1HWC0.
pub(super) fn t_nc(
    core: &mut Core<'_>,
    group: usize,
    from: &Map,
    to: &Map,
    channels: usize,
) -> Issue {
    let area = from.height * from.width;
    by_lanes(
        core,
        group,
        from,
        |core, pieces, n1, range, bring, (lanes, zeros)| {
            let pixels = range.len();
            pieces.run(
                core,
                bring,
                |core, at, out| {
                    let to = |j| out + j * pixels * BLOCK;
                    exchange(core, (at, lanes, pixels), zeros, to, 1)
                },
                |core, out| {
                    for (c1, part) in blocks(&range, area) {
                        let skipped = c1 * area + part.start - range.start;
                        let target = to.at(group, 16 * c1, n1) + part.start * BLOCK;
                        burst(
                            core,
                            16.min(channels - 16 * c1),
                            Move {
                                from_stride: pixels * BLOCK,
                                to_stride: to.c1 * to.plane(),
                                ..Move::run(
                                    out.plus(skipped * BLOCK),
                                    global(target),
                                    part.len() * BLOCK,
                                )
                            },
                        )?;
                    }
                    Ok(())
                },
            )
        },
    )
}

/// T_NCf: from NC1HWC0 to FRACTAL_Z of the tensor with batch and channels exchanged, and only the first pixels of it.
pub(super) fn t_ncf(
    core: &mut Core<'_>,
    group: usize,
    from: &Map,
    to: Zone,
    kept: [usize; 2],
) -> Issue {
    let (area, width) = (from.height * from.width, from.width);
    let whole = kept == [from.height, from.width];
    by_lanes(
        core,
        group,
        from,
        |core, pieces, n1, range, bring, (lanes, zeros)| {
            let pixels = range.len();
            pieces.run(
                core,
                bring,
                |core, at, out| {
                    let to = |j| out + j * BLOCK;
                    exchange(core, (at, lanes, pixels), zeros, to, 16)
                },
                |core, out| {
                    let put = |core: &mut Core<'_>,
                               c1: usize,
                               first: usize,
                               pixel: usize,
                               count: usize| {
                        let fractal = (n1 * kept[0] * kept[1] + first) * from.c1 + c1;
                        burst(
                            core,
                            count,
                            Move {
                                from_stride: FRACTAL,
                                to_stride: from.c1 * FRACTAL,
                                ..Move::run(
                                    out.plus((c1 * area + pixel - range.start) * FRACTAL),
                                    global(to.at(group) + fractal * FRACTAL),
                                    FRACTAL,
                                )
                            },
                        )
                    };
                    if area == 1 {
                        // The blocks of channels of a single pixel stand together.
                        let fractal = n1 * from.c1 + range.start;
                        let target = global(to.at(group) + fractal * FRACTAL);
                        return core.issue(Move::run(out, target, pixels * FRACTAL));
                    }
                    for (c1, part) in blocks(&range, area) {
                        if whole {
                            put(core, c1, part.start, part.start, part.len())?;
                            continue;
                        }
                        for row in part.start / width..part.end.div_ceil(width).min(kept[0]) {
                            let start = part.start.max(row * width);
                            let end = part.end.min(row * width + kept[1]);
                            if start < end {
                                let first = row * kept[1] + start - row * width;
                                put(core, c1, first, start, end - start)?;
                            }
                        }
                    }
                    Ok(())
                },
            )
        },
    )
}

/// FlipRot: a kernel in FRACTAL_Z of (`c1` by taps) rows and `k1` columns, turned, inputs and outputs exchanged.
pub(super) fn flip_rot(
    core: &mut Core<'_>,
    group: usize,
    from: Zone,
    to: Zone,
    [c1, taps, k1]: [usize; 3],
) -> Issue {
    let mut pieces = Pieces::new(core, 0);
    let most = (pieces.bytes / FRACTAL).max(1);
    let all = Axis {
        outer: c1 * taps,
        inner: k1,
        unit: 1,
    };
    for range in all.tiles(most) {
        let count = range.len();
        let source = from.at(group) + range.start * FRACTAL;
        pieces.run(
            core,
            |core, at| core.issue(Move::run(global(source), at, count * FRACTAL)),
            |core, at, out| {
                for start in (0..count).step_by(Transpose::MOST) {
                    let first = start * FRACTAL;
                    core.issue(Transpose {
                        from: std::array::from_fn(|i| at + first + i * BLOCK),
                        to: std::array::from_fn(|j| out + first + j * BLOCK),
                        repeat: Transpose::MOST.min(count - start),
                        from_stride: 16,
                        to_stride: 16,
                    })?;
                }
                Ok(())
            },
            |core, out| {
                let target = |row: usize, k: usize| {
                    let (c, tap) = (row / taps, row % taps);
                    global(to.at(group) + ((k * taps + taps - 1 - tap) * c1 + c) * FRACTAL)
                };
                let rows = range.start / k1..range.end.div_ceil(k1);
                if taps == 1 && rows.len() > k1 {
                    // Whole rows: those of a column stand together.
                    for k in 0..k1 {
                        burst(
                            core,
                            rows.len(),
                            Move {
                                from_stride: k1 * FRACTAL,
                                to_stride: FRACTAL,
                                ..Move::run(out.plus(k * FRACTAL), target(rows.start, k), FRACTAL)
                            },
                        )?;
                    }
                    return Ok(());
                }
                for row in rows {
                    let start = range.start.max(row * k1);
                    let end = range.end.min((row + 1) * k1);
                    burst(
                        core,
                        end - start,
                        Move {
                            from_stride: FRACTAL,
                            to_stride: taps * c1 * FRACTAL,
                            ..Move::run(
                                out.plus((start - range.start) * FRACTAL),
                                target(row, start - row * k1),
                                FRACTAL,
                            )
                        },
                    )?;
                }
                Ok(())
            },
        )?;
    }
    pieces.close(core)
}
