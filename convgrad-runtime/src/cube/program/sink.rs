//! Where the sums of a product go.

use std::ops::Range;

use super::ring::{Channel, Pair};
use super::view::{Rows, Segment};
use super::{Issue, Zone, burst};
use crate::cube::isa::{Drain, Move, Rounding};
use crate::cube::machine::{BLOCK, Buffer, Core, FRACTAL, Pipe, Place};
use crate::cube::profile::{Knob, Profile};

/// A tile of sums in L0C.
pub(super) struct Sums<'a> {
    pub(super) group: usize,
    /// The number of the tile of M.
    pub(super) number: usize,
    pub(super) m: &'a Range<usize>,
    pub(super) n: &'a Range<usize>,
    pub(super) at: Place,
}

/// Takes tiles of sums out of L0C.
pub(super) trait Sink {
    /// The bytes of UB that it needs, from address 0 on, for tiles no larger than so many fractals.
    fn staging(&mut self, m: usize, n: usize) -> usize;

    /// The pipe that empties L0C.
    fn pipe(&self) -> Pipe;

    /// Takes a tile; `release` gives its sums back to the cube.
    fn drain(
        &mut self,
        core: &mut Core<'_>,
        tile: &Sums<'_>,
        release: &dyn Fn(&mut Core<'_>) -> Issue,
    ) -> Issue;

    /// Clears the flags that are left.
    fn close(&mut self, core: &mut Core<'_>) -> Issue;
}

/// Halves in global memory: `[image][n][row of the image][16]`, which is NC1HWC0 where rows are pixels, and FRACTAL_Z where there is a
/// single image of whole fractals.
#[derive(Debug)]
pub(super) struct Store {
    zone: Zone,
    rows: Rows,
    /// All columns, in fractals.
    n1: usize,
    /// Whether the core has FIXP.
    direct: bool,
    slots: Channel,
    slot: usize,
}

/// A part of the rows of a tile that one move may carry.
struct Strip {
    /// Its first row in the tile, the rows of a run, and from run to run there.
    row: usize,
    length: usize,
    pitch: usize,
    /// Where it goes, in rows of 16, how many runs, and from run to run there.
    to: usize,
    count: usize,
    step: usize,
}

impl Store {
    pub(super) fn new(profile: &Profile, zone: Zone, rows: Rows, n1: usize) -> Self {
        let pair = Pair {
            from: Pipe::Vector,
            to: Pipe::Mte3,
            id: 2,
        };
        Self {
            zone,
            rows,
            n1,
            direct: profile.has(Knob::L0cToGm),
            slots: Channel::new(pair, 2),
            slot: 0,
        }
    }

    /// The strips of a tile: all columns of an image's rows, or the rows of all whole images of a column.
    fn strips(&self, m: &Range<usize>, n: &Range<usize>) -> Vec<Strip> {
        let per = self.rows.per;
        let segments: Vec<Segment> = self.rows.segments(m).collect();
        let image = per * self.n1;
        let by_columns = |segment: &Segment| Strip {
            row: segment.row,
            length: segment.windows.len(),
            pitch: m.len() * 16,
            to: segment.image * image + n.start * per + segment.windows.start,
            count: n.len(),
            step: per,
        };
        let whole = |segment: &&Segment| segment.windows == (0..per);
        let wholes: Vec<_> = segments.iter().filter(whole).collect();
        let (Some(first), true) = (wholes.first(), wholes.len() > n.len()) else {
            return segments.iter().map(by_columns).collect();
        };
        let pitch = if self.rows.folded {
            per
        } else {
            per.next_multiple_of(16)
        };
        let columns = (0..n.len()).map(|i| Strip {
            row: first.row + i * m.len() * 16,
            length: per,
            pitch,
            to: first.image * image + (n.start + i) * per,
            count: wholes.len(),
            step: image,
        });
        let rest = segments.iter().filter(|segment| !whole(segment));
        columns.chain(rest.map(by_columns)).collect()
    }
}

impl Sink for Store {
    fn staging(&mut self, m: usize, n: usize) -> usize {
        if self.direct {
            return 0;
        }
        self.slot = m * n * FRACTAL;
        2 * self.slot
    }

    fn pipe(&self) -> Pipe {
        if self.direct {
            Pipe::Fixp
        } else {
            Pipe::Vector
        }
    }

    fn drain(
        &mut self,
        core: &mut Core<'_>,
        tile: &Sums<'_>,
        release: &dyn Fn(&mut Core<'_>) -> Issue,
    ) -> Issue {
        let (m, n, sums) = (tile.m, tile.n, tile.at);
        let to = Place::new(Buffer::Gm, self.zone.at(tile.group));
        let drain = |from, to, rows, [bursts, from_stride, to_stride]: [usize; 3]| Drain {
            from,
            to,
            bursts,
            rows,
            from_stride,
            to_stride,
            rounding: Rounding::Half,
            relu: false,
        };
        if self.direct {
            for strip in self.strips(m, n) {
                for start in (0..strip.count).step_by(Move::MOST) {
                    let count = Move::MOST.min(strip.count - start);
                    let from = sums.plus((strip.row + start * strip.pitch) * 2 * BLOCK);
                    let to = to.plus((strip.to + start * strip.step) * BLOCK);
                    let strides = [count, strip.pitch * 2 * BLOCK, strip.step * BLOCK];
                    core.issue(drain(from, to, strip.length, strides))?;
                }
            }
            return release(core);
        }
        let slot = self.slots.acquire(core)?;
        let from = Place::new(Buffer::Ub, slot * self.slot);
        let rows = m.len() * n.len() * 16;
        core.issue(drain(sums, from, rows, [1, 0, 0]))?;
        release(core)?;
        self.slots.publish(core, slot)?;
        for strip in self.strips(m, n) {
            let first = from.plus(strip.row * BLOCK);
            burst(
                core,
                strip.count,
                Move {
                    from_stride: strip.pitch * BLOCK,
                    to_stride: strip.step * BLOCK,
                    ..Move::run(first, to.plus(strip.to * BLOCK), strip.length * BLOCK)
                },
            )?;
        }
        self.slots.release(core, slot)
    }

    fn close(&mut self, core: &mut Core<'_>) -> Issue {
        self.slots.close(core)
    }
}
