//! Where the factors of a product come from: what is brought to L1, and how it gets to L0A or L0B from there.
//!
//! | factor | in L1 | to L0 |
//! |---|---|---|
//! | [`windows`] | a band of the map | load3d or img2col |
//! | [`expanded`] | fractals, made in UB from a band | load2d |
//! | [`columns`] | fractals, made in global memory by a converter | load2d |
//! | [`fractals`] | fractals of a kernel in FRACTAL_Z | load2d |
//! | [`pixels`] | pixels by 16 with their channels | load2d |

pub(super) mod columns;
mod copies;
pub(super) mod expanded;
pub(super) mod fractals;
pub(super) mod pixels;
pub(super) mod windows;

use std::ops::Range;

use super::{Issue, burst};
use crate::cube::isa::{Load2d, Move};
use crate::cube::machine::{Buffer, Core, FRACTAL, Pipe, Place};

/// On which side of a product a factor stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// In L0A, rows by rows.
    Left,
    /// In L0B, `k` by `k`.
    Right,
}

impl Side {
    /// Its memory.
    pub(super) fn buffer(self) -> Buffer {
        match self {
            Side::Left => Buffer::L0a,
            Side::Right => Buffer::L0b,
        }
    }
}

/// A part of a factor: some fractals along M or N, and some along K.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) outer: Range<usize>,
    pub(super) k: Range<usize>,
}

impl Part {
    /// Both ranges, that of K first or last.
    pub(super) fn ranges(&self, k_first: bool) -> (Range<usize>, Range<usize>) {
        let (outer, k) = (self.outer.clone(), self.k.clone());
        if k_first { (k, outer) } else { (outer, k) }
    }
}

/// Room on the way to L1, in UB and in L1: bytes, or where they begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Staging {
    pub(super) ub: usize,
    pub(super) l1: usize,
}

/// A factor. All its methods that issue instructions do so for the pipes that bring it to L1 or, in `feed`, for MTE1.
pub(super) trait Factor {
    /// The bytes that a part takes in L1.
    fn bytes(&self, part: &Part) -> usize {
        part.outer.len() * part.k.len() * FRACTAL
    }

    /// The pipe that writes it to L1.
    fn producer(&self) -> Pipe {
        Pipe::Mte2
    }

    /// The bytes of UB and of L1 that it needs on the way, for these parts.
    fn staging(&self, _parts: &[Part]) -> Staging {
        Staging::default()
    }

    /// Is told where that room is.
    fn stage(&mut self, _room: Staging, _parts: &[Part]) {}

    /// Brings a part to L1. `clear` lets the producer wait until its place is free, and is called before the first write to it.
    fn load(
        &mut self,
        core: &mut Core<'_>,
        group: usize,
        part: &Part,
        to: Place,
        clear: &mut dyn FnMut(&mut Core<'_>) -> Issue,
    ) -> Issue;

    /// Brings the fractals `k` of a part from L1 to L0.
    fn feed(
        &self,
        core: &mut Core<'_>,
        part: &Part,
        k: &Range<usize>,
        from: Place,
        to: Place,
    ) -> Issue;

    /// Clears the flags that are left.
    fn close(&mut self, _core: &mut Core<'_>) -> Issue {
        Ok(())
    }
}

/// Moves some rows and columns of a matrix of fractals, whose rows lie `pitch` fractals apart, from global memory to one place of L1.
fn load_fractals(
    core: &mut Core<'_>,
    base: usize,
    pitch: usize,
    (rows, columns): (Range<usize>, Range<usize>),
    to: Place,
) -> Issue {
    let first = (rows.start * pitch + columns.start) * FRACTAL;
    let from = Place::new(Buffer::Gm, base + first);
    burst(
        core,
        rows.len(),
        Move {
            from_stride: pitch * FRACTAL,
            ..Move::run(from, to, columns.len() * FRACTAL)
        },
    )
}

/// Feeds fractals that stand column by column, `[column][windows / 16]`: on the right, each is transposed.
fn feed_columns(
    core: &mut Core<'_>,
    side: Side,
    part: &Part,
    k: &Range<usize>,
    (from, to): (Place, Place),
) -> Issue {
    let skipped = k.start - part.k.start;
    let (height, first, extents) = match side {
        Side::Left => {
            let height = part.outer.len();
            (height, skipped * height, [height, k.len()])
        }
        Side::Right => (part.k.len(), skipped, [k.len(), part.outer.len()]),
    };
    let strides = ([1, height], [extents[1], 1]);
    let places = (from.plus(first * FRACTAL), to);
    grid(core, places, extents, strides, side == Side::Right)
}

/// Issues a load2d of any number of fractals.
pub(super) fn load2d(core: &mut Core<'_>, first: Load2d, count: usize) -> Issue {
    for start in (0..count).step_by(Load2d::MOST) {
        core.issue(Load2d {
            from: first.from.plus(start * first.from_stride * FRACTAL),
            to: first.to.plus(start * first.to_stride * FRACTAL),
            repeat: Load2d::MOST.min(count - start),
            ..first
        })?;
    }
    Ok(())
}

/// Loads a grid of fractals, `rows` by `columns`, with a stride (in fractals) along both at either end, in as few instructions as it takes.
pub(super) fn grid(
    core: &mut Core<'_>,
    (from, to): (Place, Place),
    [rows, columns]: [usize; 2],
    (from_strides, to_strides): ([usize; 2], [usize; 2]),
    transpose: bool,
) -> Issue {
    let joined = |strides: [usize; 2]| strides[0] == columns * strides[1];
    let load = |core: &mut Core<'_>, from, to, axis: usize, count| {
        let (from_stride, to_stride) = (from_strides[axis], to_strides[axis]);
        let first = Load2d {
            from,
            to,
            repeat: 1,
            from_stride,
            to_stride,
            transpose,
        };
        load2d(core, first, count)
    };
    if joined(from_strides) && joined(to_strides) {
        return load(core, from, to, 1, rows * columns);
    }
    let (outer, inner) = if rows <= columns { (0, 1) } else { (1, 0) };
    let counts = [rows, columns];
    for i in 0..counts[outer] {
        let from = from.plus(i * from_strides[outer] * FRACTAL);
        let to = to.plus(i * to_strides[outer] * FRACTAL);
        load(core, from, to, inner, counts[inner])?;
    }
    Ok(())
}
