//! How a product is cut into tiles and chunks, which of them there is room for, and in which order they come.

use std::ops::Range;

use super::axis::{Axis, longest};
use super::factor::{Factor, Part, Staging};
use super::gemm::Gemm;
use crate::cube::machine::{FRACTAL, SUMS};
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
pub(super) struct Layout {
    pub(super) m: Vec<Range<usize>>,
    pub(super) n: Vec<Range<usize>>,
    pub(super) k: Vec<Range<usize>>,
    /// The largest chunks.
    pub(super) chunks: [usize; 2],
    pub(super) staging: [Staging; 2],
}

/// A tile of sums, by the numbers of its tiles of M and N.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tile {
    pub(super) group: usize,
    pub(super) m: usize,
    pub(super) n: usize,
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

    pub(super) fn layout(&mut self, profile: &Profile, tiling: &Tiling) -> Option<Layout> {
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
    pub(super) fn visits(&self, layout: &Layout, tiling: &Tiling) -> Vec<(Tile, usize)> {
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
}
