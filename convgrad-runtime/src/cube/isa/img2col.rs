//! The second form of img2col: a rectangle of the matrix of all windows.

use super::load2d::turn;
use super::window::{FeatureMap, Filter, fill};
use super::{Operation, aligned, field, no_path};
use crate::cube::machine::{Access, BLOCK, Buffer, FRACTAL, Memories, Mistake, Pipe, Place};
use crate::cube::profile::{Knob, Profile};
use crate::cube::time::Report;
use half::f16;

/// Rows `m .. m + rows` and columns `k .. k + columns` of the matrix whose rows are windows and whose columns are (block of channels,
/// filter row, filter column, channel).
///
/// L0A gets fractals by rows (ZZ); with `transpose`, those of the transposed matrix. L0B gets fractals by rows, each transposed (ZN). Rows
/// and columns are multiples of 16; if either is 0, nothing happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Img2col {
    /// The map in L1.
    pub map: FeatureMap,
    /// How windows slide.
    pub filter: Filter,
    /// Where the map begins, in L1.
    pub from: Place,
    /// Where the first fractal goes: L0A or L0B.
    pub to: Place,
    /// The first row, 0 to 32767.
    pub m: usize,
    /// The first column, 0 to 65535.
    pub k: usize,
    /// How many rows, up to 32767.
    pub rows: usize,
    /// How many columns, up to 65535.
    pub columns: usize,
    /// What is read outside of the map.
    pub pad: f16,
    /// Whether L0A gets the transposed matrix.
    pub transpose: bool,
}

impl Img2col {
    /// The largest row.
    pub const LAST_ROW: usize = 32_767;
    /// The largest column.
    pub const LAST_COLUMN: usize = 65_535;

    /// Calls `each(source or None, target)` for all blocks.
    fn blocks(&self, mut each: impl FnMut(Option<usize>, usize)) {
        let Self { map, filter, .. } = self;
        let in_a_row = map.columns(filter);
        let (m1, k1) = (self.rows / 16, self.columns / 16);
        for i in 0..m1 {
            for j in 0..k1 {
                let fractal = if self.transpose {
                    j * m1 + i
                } else {
                    i * k1 + j
                };
                let point = self.k / 16 + j;
                let (c1, tap) = (point / filter.taps(), point % filter.taps());
                let tap = [tap / filter.size[1], tap % filter.size[1]];
                for row in 0..16 {
                    let pixel = map.pixel(filter, in_a_row, self.m + i * 16 + row, tap);
                    let from = pixel
                        .map(|pixel| self.from.at + (c1 * map.height * map.width + pixel) * BLOCK);
                    each(from, self.to.at + fractal * FRACTAL + row * BLOCK);
                }
            }
        }
    }

    fn bytes(&self) -> usize {
        self.rows * self.columns * 2
    }

    fn path(&self) -> Option<Knob> {
        match (self.from.buffer, self.to.buffer) {
            (Buffer::L1, Buffer::L0a) => Some(Knob::L1ToL0a),
            (Buffer::L1, Buffer::L0b) => Some(Knob::L1ToL0b),
            _ => None,
        }
    }

    pub(super) fn mnemonic(&self) -> &'static str {
        "img2col"
    }

    pub(super) fn pipe(&self, profile: &Profile) -> Result<Pipe, Mistake> {
        if profile.count(Knob::Img2col) != 2 {
            return Err(Mistake::NoInstruction {
                what: "img2col by rectangles; it has load3d",
            });
        }
        match self.path() {
            Some(_) => Ok(Pipe::Mte1),
            None => no_path(self.from.buffer, self.to.buffer),
        }
    }

    pub(super) fn cycles(&self, profile: &Profile, _: bool) -> u64 {
        if self.bytes() == 0 {
            return 0;
        }
        let width = self.path().unwrap_or(Knob::L1ToL0a);
        profile.cycles(Knob::LocalStartup) + profile.transfer(width, self.bytes())
    }

    pub(super) fn account(&self, report: &mut Report) {
        report.moved(self.from.buffer, self.to.buffer, self.bytes());
    }
}

impl Operation for Img2col {
    fn check(&self, _: &Profile) -> Result<(), Mistake> {
        aligned(self.from)?;
        aligned(self.to)?;
        self.filter.check(&self.map, 511)?;
        let (row, column) = (Self::LAST_ROW, Self::LAST_COLUMN);
        field("m", self.m, (0, row), "0 to 32767")?;
        field("k", self.k, (0, column), "0 to 65535")?;
        field("rows", self.rows, (0, row), "0 to 32767")?;
        field("columns", self.columns, (0, column), "0 to 65535")?;
        for (name, value) in [
            ("k", self.k),
            ("rows", self.rows),
            ("columns", self.columns),
        ] {
            field(name, value % 16, (0, 0), "a multiple of 16")?;
        }
        Ok(())
    }

    fn touches(&self, visit: &mut dyn FnMut(Access, Place, usize)) {
        self.blocks(|from, _| {
            if let Some(at) = from {
                visit(Access::Read, Place { at, ..self.from }, BLOCK);
            }
        });
        visit(Access::Write, self.to, self.bytes());
    }

    fn run(&self, memories: &mut Memories) {
        memories.write(self.to.buffer, |target, others| {
            let map = others.bytes(self.from.buffer);
            self.blocks(|from, to| match from {
                Some(at) => target[to..to + BLOCK].copy_from_slice(&map[at..at + BLOCK]),
                None => fill(&mut target[to..to + BLOCK], self.pad),
            });
            if self.transpose || self.to.buffer == Buffer::L0b {
                let all = &mut target[self.to.at..self.to.at + self.bytes()];
                all.chunks_exact_mut(FRACTAL).for_each(turn);
            }
        });
    }
}
