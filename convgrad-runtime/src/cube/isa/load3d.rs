//! load3d, the first form of img2col: each repeat is a fractal, 16 windows by the 16 channels of one kernel point.

use super::load2d::turn;
use super::window::{FeatureMap, Filter, fill};
use super::{Operation, aligned, field, no_path};
use crate::cube::machine::{Access, BLOCK, Buffer, FRACTAL, Memories, Mistake, Pipe, Place};
use crate::cube::profile::{Knob, Profile};
use crate::cube::time::Report;
use half::f16;

/// What a repeat advances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Mode 0: the kernel point, through a window's columns, then its rows, then the blocks of channels.
    Taps,
    /// Mode 1: the windows, by 16.
    Windows,
}

/// Row `i` of the fractal of repeat `t` is a block of channels of window `m + i`, at kernel point `p`:
///
/// ```text
/// m = first window + (mode 1: 16 t)                first window = ((left_top h + top) / stride h) * columns + (left_top w + left) / stride w
/// p = fetch h * filter w + fetch w + (mode 0: t)   a point beyond the filter is one of the next block of channels
/// ```
///
/// A window beyond the last row reads what its place says. Into L0B each fractal is transposed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load3d {
    /// The map in L1.
    pub map: FeatureMap,
    /// How windows slide.
    pub filter: Filter,
    /// Where the map begins, in L1.
    pub from: Place,
    /// Where the first fractal goes: L0A, L0B or UB.
    pub to: Place,
    /// The first block of channels, 0 to 4095.
    pub c1: usize,
    /// The first kernel point: row, column, 0 to 254.
    pub fetch: [usize; 2],
    /// Where the first window begins on the map: row, column, -255 to 32767; `-pad` at the border.
    pub left_top: [isize; 2],
    /// What the repeats advance.
    pub mode: Repeat,
    /// How many there are, 1 to 255.
    pub repeat: usize,
    /// From fractal to fractal at the target, in fractals, 1 to 127.
    pub jump: usize,
    /// What is read outside of the map.
    pub pad: f16,
    /// Whether a block has 4 channels of 4 points (C0 = 4, halves) rather than 16 of one.
    pub small: bool,
}

impl Load3d {
    /// The most repeats.
    pub const MOST: usize = 255;
    /// The largest jump.
    pub const FARTHEST: usize = 127;

    /// Where the channels of row `i` of repeat `t` stand, `piece` being 0 unless blocks are small.
    fn source(&self, columns: usize, t: usize, i: usize, piece: usize) -> Option<usize> {
        let Self { map, filter, .. } = self;
        let (width, pieces) = if self.small {
            (BLOCK / 4, 4)
        } else {
            (BLOCK, 1)
        };
        let start = |side: usize, pad: usize| {
            (self.left_top[side] + pad as isize).max(0) as usize / filter.stride[side]
        };
        let first = start(0, map.pads[0]) * columns + start(1, map.pads[2]);
        let point = self.fetch[0] * filter.size[1] + self.fetch[1];
        let (m, point) = match self.mode {
            Repeat::Taps => (first + i, point + t * pieces + piece),
            Repeat::Windows => (first + i + 16 * t, point + piece),
        };
        let (c1, tap) = (self.c1 + point / filter.taps(), point % filter.taps());
        let tap = [tap / filter.size[1], tap % filter.size[1]];
        let pixel = map.pixel(filter, columns, m, tap)?;
        Some(self.from.at + (c1 * map.height * map.width + pixel) * width)
    }

    /// Calls `each(source or None, target, bytes)` for all pieces of rows.
    fn pieces(&self, mut each: impl FnMut(Option<usize>, usize, usize)) {
        let columns = self.map.columns(&self.filter);
        let (width, pieces) = if self.small {
            (BLOCK / 4, 4)
        } else {
            (BLOCK, 1)
        };
        for t in 0..self.repeat {
            for i in 0..16 {
                for piece in 0..pieces {
                    let to = self.to.at + t * self.jump * FRACTAL + i * BLOCK + piece * width;
                    each(self.source(columns, t, i, piece), to, width);
                }
            }
        }
    }

    fn path(&self) -> Option<Knob> {
        match (self.from.buffer, self.to.buffer) {
            (Buffer::L1, Buffer::L0a) => Some(Knob::L1ToL0a),
            (Buffer::L1, Buffer::L0b) => Some(Knob::L1ToL0b),
            (Buffer::L1, Buffer::Ub) => Some(Knob::L1ToUb),
            _ => None,
        }
    }

    pub(super) fn mnemonic(&self) -> &'static str {
        "load3d"
    }

    pub(super) fn pipe(&self, profile: &Profile) -> Result<Pipe, Mistake> {
        if profile.count(Knob::Img2col) != 1 {
            return Err(Mistake::NoInstruction {
                what: "load3d; it has img2col by rectangles",
            });
        }
        match self.path() {
            Some(width) if profile.has(width) => Ok(Pipe::Mte1),
            _ => no_path(self.from.buffer, self.to.buffer),
        }
    }

    pub(super) fn cycles(&self, profile: &Profile, _: bool) -> u64 {
        let bytes = self.repeat * FRACTAL;
        let width = self.path().unwrap_or(Knob::L1ToL0a);
        profile.cycles(Knob::LocalStartup) + profile.transfer(width, bytes)
    }

    pub(super) fn account(&self, report: &mut Report) {
        report.moved(self.from.buffer, self.to.buffer, self.repeat * FRACTAL);
    }
}

impl Operation for Load3d {
    fn check(&self, _: &Profile) -> Result<(), Mistake> {
        aligned(self.from)?;
        aligned(self.to)?;
        self.filter.check(&self.map, 255)?;
        field("c1", self.c1, (0, 4095), "0 to 4095")?;
        for (fetch, size) in self.fetch.into_iter().zip(self.filter.size) {
            field(
                "fetch",
                fetch,
                (0, 254.min(size - 1)),
                "a point of the filter",
            )?;
        }
        for start in self.left_top {
            if !(-255..=32_767).contains(&start) {
                return Err(Mistake::Field {
                    field: "left_top",
                    value: start as i64,
                    allowed: "-255 to 32767",
                });
            }
        }
        field("repeat", self.repeat, (1, Self::MOST), "1 to 255")?;
        field("jump", self.jump, (1, Self::FARTHEST), "1 to 127")
    }

    fn touches(&self, visit: &mut dyn FnMut(Access, Place, usize)) {
        self.pieces(|from, _, bytes| {
            if let Some(at) = from {
                visit(Access::Read, Place { at, ..self.from }, bytes);
            }
        });
        for t in 0..self.repeat {
            visit(
                Access::Write,
                self.to.plus(t * self.jump * FRACTAL),
                FRACTAL,
            );
        }
    }

    fn run(&self, memories: &mut Memories) {
        memories.write(self.to.buffer, |target, others| {
            let map = others.bytes(self.from.buffer);
            self.pieces(|from, to, bytes| match from {
                Some(at) => target[to..to + bytes].copy_from_slice(&map[at..at + bytes]),
                None => fill(&mut target[to..to + bytes], self.pad),
            });
            if self.to.buffer == Buffer::L0b {
                for t in 0..self.repeat {
                    let at = self.to.at + t * self.jump * FRACTAL;
                    turn(&mut target[at..at + FRACTAL]);
                }
            }
        });
    }
}
