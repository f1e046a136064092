//! A tiled product: factors through L1 and L0 to sums that stay where they are while `k` runs.
//!
//! ```text
//! for each tile of N, for each tile of M (or the other way round):
//!     for each chunk of K:                          MTE2: chunks to L1, unless they are still there
//!         for each step of the chunk:               MTE1: fractals to L0A and L0B, half and half
//!             mad                                   M
//!     sums out of L0C                               V and MTE3, or FIXP
//! ```
//!
//! Every buffer has two halves (L1 as many slots as the [`Tiling`] says), so that each pipe works on one while the next pipe empties the other.

use std::ops::Range;

use super::Issue;
use super::axis::{Axis, longest};
use super::factor::{Factor, Part, Side, Staging};
use super::ring::{Channel, Pair, Ring};
use super::sink::{Sink, Sums};
use crate::cube::isa::{Kind, Mad};
use crate::cube::machine::{Buffer, Core, FRACTAL, Pipe, Place, SUMS};
use crate::cube::profile::{Knob, Profile};

/// How a product is cut. Extents are in fractals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tiling {
    /// Rows of a tile of sums.
    pub m: usize,
    /// Columns of a tile of sums.
    pub n: usize,
    /// The depth that is brought to L1 at once.
    pub k: usize,
    /// The depth that is brought to L0 at once.
    pub step: usize,
    /// How many chunks of the left and the right factor L1 holds.
    pub slots: [usize; 2],
    /// Whether the tiles of M are the inner loop.
    pub m_inside: bool,
    /// How many tiles of sums L0C holds.
    pub sums: usize,
}

/// A product to be computed.
pub(super) struct Gemm<'a> {
    pub(super) left: &'a mut dyn Factor,
    pub(super) right: &'a mut dyn Factor,
    pub(super) sink: &'a mut dyn Sink,
    pub(super) extents: Cuts,
    pub(super) groups: usize,
    /// How many tiles of sums are computed, spread evenly; None for all.
    pub(super) sample: Option<usize>,
}

/// The tiles that the axes may be cut into.
#[derive(Clone, Debug)]
pub(super) struct Cuts {
    pub(super) m: Tiles,
    pub(super) n: Tiles,
    pub(super) k: Axis,
}

/// The tiles of M or N: those of an axis, or given ones, of which some may overlap.
#[derive(Clone, Debug)]
pub(super) enum Tiles {
    Of(Axis),
    Given(Vec<Range<usize>>),
}

impl Tiles {
    pub(super) fn cut(&self, target: usize) -> Vec<Range<usize>> {
        match self {
            Tiles::Of(axis) => axis.tiles(target),
            Tiles::Given(tiles) => tiles.clone(),
        }
    }
}

/// The buffers of a tiling, in bytes; None where they do not fit.
#[derive(Debug)]
struct Layout {
    m: Vec<Range<usize>>,
    n: Vec<Range<usize>>,
    k: Vec<Range<usize>>,
    /// The largest chunks.
    chunks: [usize; 2],
    staging: [Staging; 2],
}

impl Gemm<'_> {
    fn parts(outer: &[Range<usize>], k: &[Range<usize>]) -> Vec<Part> {
        let part = |outer: &Range<usize>, k: &Range<usize>| Part {
            outer: outer.clone(),
            k: k.clone(),
        };
        outer
            .iter()
            .flat_map(|outer| k.iter().map(move |k| part(outer, k)))
            .collect()
    }

    fn layout(&mut self, profile: &Profile, tiling: &Tiling) -> Option<Layout> {
        let (m, n) = (self.extents.m.cut(tiling.m), self.extents.n.cut(tiling.n));
        let k = self.extents.k.tiles(tiling.k);
        let (m0, n0) = (longest(&m), longest(&n));
        let halves = [
            (m0 * tiling.step, Knob::L0aBytes),
            (n0 * tiling.step, Knob::L0bBytes),
        ];
        let fits = halves
            .into_iter()
            .all(|(fractals, knob)| 2 * fractals * FRACTAL <= profile.count(knob))
            && tiling.sums * m0 * n0 * SUMS <= profile.count(Knob::L0cBytes);
        if !fits {
            return None;
        }
        let (lefts, rights) = (Self::parts(&m, &k), Self::parts(&n, &k));
        let largest = |factor: &dyn Factor, parts: &[Part]| {
            parts
                .iter()
                .map(|part| factor.bytes(part))
                .max()
                .unwrap_or(0)
        };
        let chunks = [largest(self.left, &lefts), largest(self.right, &rights)];
        let rooms = [self.left.staging(&lefts), self.right.staging(&rights)];
        let sink = self.sink.staging(m0, n0);
        let chunk_bytes = tiling.slots[0] * chunks[0] + tiling.slots[1] * chunks[1];
        if chunk_bytes + rooms[0].l1 + rooms[1].l1 > profile.count(Knob::L1Bytes)
            || sink + rooms[0].ub + rooms[1].ub > profile.count(Knob::UbBytes)
        {
            return None;
        }
        let first = Staging {
            ub: sink,
            l1: chunk_bytes,
        };
        let second = Staging {
            ub: sink + rooms[0].ub,
            l1: chunk_bytes + rooms[0].l1,
        };
        self.left.stage(first, &lefts);
        self.right.stage(second, &rights);
        Some(Layout {
            m,
            n,
            k,
            chunks,
            staging: [first, second],
        })
    }

    /// How many tiles of sums there are; bands of sums that are finished together count as one.
    pub(super) fn tiles(&mut self, profile: &Profile, tiling: &Tiling) -> usize {
        let layout = self.layout(profile, tiling);
        layout.map_or(0, |layout| {
            self.groups * layout.m.len() * self.columns(&layout)
        })
    }

    /// The tiles of a row of tiles that may be left out alone.
    fn columns(&self, layout: &Layout) -> usize {
        match self.extents.m {
            Tiles::Of(_) => layout.n.len(),
            Tiles::Given(_) => 1,
        }
    }

    /// Whether a tile is among those that are computed: the first, the last, and others between them at equal distances.
    fn takes(&self, layout: &Layout, tile: Tile) -> bool {
        let columns = self.columns(layout);
        let all = self.groups * layout.m.len() * columns;
        let number = (tile.group * layout.m.len() + tile.m) * columns + tile.n.min(columns - 1);
        match self.sample {
            Some(most) if most < all => {
                let gaps = most.max(2) - 1;
                // The k-th stands at k * (all - 1) / gaps, rounded down.
                let k = (number * gaps).div_ceil(all - 1);
                k * (all - 1) / gaps == number
            }
            _ => true,
        }
    }

    /// The chunks of all tiles, in order.
    fn visits(&self, layout: &Layout, tiling: &Tiling) -> Vec<(Tile, usize)> {
        let (m, n) = (layout.m.len(), layout.n.len());
        let (outer, inner) = if tiling.m_inside { (n, m) } else { (m, n) };
        let mut visits = Vec::with_capacity(self.groups * m * n * layout.k.len());
        for group in 0..self.groups {
            for i in 0..outer {
                for j in 0..inner {
                    let (m, n) = if tiling.m_inside { (j, i) } else { (i, j) };
                    let tile = Tile { group, m, n };
                    if self.takes(layout, tile) {
                        visits.extend((0..layout.k.len()).map(|k| (tile, k)));
                    }
                }
            }
        }
        visits
    }

    /// Whether the buffers hold such tiles.
    pub(super) fn fits(&mut self, profile: &Profile, tiling: &Tiling) -> bool {
        self.layout(profile, tiling)
            .is_some_and(|layout| layout.staging[1].l1 <= profile.count(Knob::L1Bytes))
    }

    /// Issues the whole product, and stops early once `limit` cycles have passed; says whether it came to its end.
    pub(super) fn run(
        &mut self,
        core: &mut Core<'_>,
        tiling: &Tiling,
        limit: u64,
    ) -> Result<bool, crate::cube::Fault> {
        let Some(layout) = self.layout(core.profile(), tiling) else {
            return Ok(false);
        };
        let visits = self.visits(&layout, tiling);
        let chunks = layout.k.len();
        let keys = |of: fn(&Tile) -> usize| -> Vec<(usize, usize)> {
            let keys = visits
                .iter()
                .map(|(tile, k)| (tile.group << 32 | of(tile), *k));
            keys.collect()
        };
        let flags = |factor: &dyn Factor, id| Pair {
            from: factor.producer(),
            to: Pipe::Mte1,
            id,
        };
        let mut left = Ring::new(flags(self.left, 0), tiling.slots[0], &keys(|t| t.m));
        let mut right = Ring::new(flags(self.right, 2), tiling.slots[1], &keys(|t| t.n));
        let right_base = tiling.slots[0] * layout.chunks[0];
        let pair = |from, to| Pair { from, to, id: 0 };
        let mut loads = Channel::new(pair(Pipe::Mte1, Pipe::Cube), 2);
        let drain = self.sink.pipe();
        let mut sums = Channel::new(pair(Pipe::Cube, drain), tiling.sums);
        let mut slot = 0;
        for (i, (tile, chunk)) in visits.iter().enumerate() {
            let (m, n, k) = (&layout.m[tile.m], &layout.n[tile.n], &layout.k[*chunk]);
            let left_part = Part {
                outer: m.clone(),
                k: k.clone(),
            };
            let right_part = Part {
                outer: n.clone(),
                k: k.clone(),
            };
            let place = |slot: usize, base: usize, side: usize| {
                Place::new(Buffer::L1, base + slot * layout.chunks[side])
            };
            let from = [
                place(left.visit(i).slot, 0, 0),
                place(right.visit(i).slot, right_base, 1),
            ];
            bring(core, self.left, &left, i, tile.group, &left_part, from[0])?;
            bring(
                core,
                self.right,
                &right,
                i,
                tile.group,
                &right_part,
                from[1],
            )?;
            if *chunk == 0 {
                slot = sums.acquire(core)?;
            }
            let at = slot * longest(&layout.m) * longest(&layout.n) * SUMS;
            let target = Place::new(Buffer::L0c, at);
            for start in k.clone().step_by(tiling.step) {
                let step = start..(start + tiling.step).min(k.end);
                let half = loads.acquire(core)?;
                let half_of = |side: Side, knob| {
                    let bytes = core.profile().count(knob) / 2 / FRACTAL * FRACTAL;
                    Place::new(side.buffer(), half * bytes)
                };
                let (a, b) = (
                    half_of(Side::Left, Knob::L0aBytes),
                    half_of(Side::Right, Knob::L0bBytes),
                );
                self.left.feed(core, &left_part, &step, from[0], a)?;
                self.right.feed(core, &right_part, &step, from[1], b)?;
                loads.publish(core, half)?;
                core.issue(Mad {
                    left: a,
                    right: b,
                    sums: target,
                    m: m.len() * 16,
                    k: step.len() * 16,
                    n: n.len() * 16,
                    accumulate: start > 0,
                    kind: Kind::F16,
                })?;
                loads.release(core, half)?;
            }
            left.release(core, i)?;
            right.release(core, i)?;
            if chunk + 1 == chunks {
                sums.publish(core, slot)?;
                let release = |core: &mut Core<'_>| sums.release(core, slot);
                let tile = Sums {
                    group: tile.group,
                    number: tile.m,
                    m,
                    n,
                    at: target,
                };
                self.sink.drain(core, &tile, &release)?;
            }
            if core.elapsed() > limit {
                return Ok(false);
            }
        }
        loads.close(core)?;
        sums.close(core)?;
        self.left.close(core)?;
        self.right.close(core)?;
        self.sink.close(core)?;
        Ok(true)
    }
}

/// Brings a part to L1 unless it is there.
fn bring(
    core: &mut Core<'_>,
    factor: &mut dyn Factor,
    ring: &Ring,
    visit: usize,
    group: usize,
    part: &Part,
    to: Place,
) -> Issue {
    let Some(load) = ring.visit(visit).load else {
        return Ok(());
    };
    let mut clear = |core: &mut Core<'_>| ring.acquire(core, load);
    factor.load(core, group, part, to, &mut clear)?;
    ring.publish(core, load)
}

/// A tile of sums, by the numbers of its tiles of M and N.
#[derive(Clone, Copy, Debug)]
struct Tile {
    group: usize,
    m: usize,
    n: usize,
}
