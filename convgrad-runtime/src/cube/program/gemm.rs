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

use super::Issue;
use super::axis::longest;
use super::factor::{Factor, Part, Side};
use super::ring::{Channel, Pair, Ring};
use super::sink::{Sink, Sums};
use super::tiling::{Cuts, Tile, Tiling};
use crate::cube::isa::{Kind, Mad};
use crate::cube::machine::{Buffer, Core, FRACTAL, Pipe, Place, SUMS};
use crate::cube::profile::Knob;

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

impl Gemm<'_> {
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
