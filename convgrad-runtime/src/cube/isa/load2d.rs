//! load2d: fractals into the cube's factors, as they are or each transposed.

use super::{Operation, aligned, field, no_path};
use crate::cube::machine::{Access, Buffer, FRACTAL, Memories, Mistake, Pipe, Place};
use crate::cube::profile::{Knob, Profile};
use crate::cube::tile::transpose;
use crate::cube::time::Report;

/// So many fractals of 512 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load2d {
    /// The first fractal, in L1 or global memory.
    pub from: Place,
    /// Where it goes, in L0A or L0B.
    pub to: Place,
    /// How many, 1 to 255.
    pub repeat: usize,
    /// From one to the next at the source, in fractals; 0 loads the same again.
    pub from_stride: usize,
    /// From one to the next at the target, in fractals, at least 1.
    pub to_stride: usize,
    /// Whether rows and columns of the 16 x 16 halves are swapped.
    pub transpose: bool,
}

impl Load2d {
    /// The most fractals of one load.
    pub const MOST: usize = 255;

    fn path(&self) -> Option<(Pipe, Knob)> {
        match (self.from.buffer, self.to.buffer) {
            (Buffer::L1, Buffer::L0a) => Some((Pipe::Mte1, Knob::L1ToL0a)),
            (Buffer::L1, Buffer::L0b) => Some((Pipe::Mte1, Knob::L1ToL0b)),
            (Buffer::Gm, Buffer::L0a | Buffer::L0b) => Some((Pipe::Mte2, Knob::GmToL0)),
            _ => None,
        }
    }

    fn places(&self, i: usize) -> (Place, Place) {
        (
            self.from.plus(i * self.from_stride * FRACTAL),
            self.to.plus(i * self.to_stride * FRACTAL),
        )
    }

    pub(super) fn mnemonic(&self) -> &'static str {
        "load2d"
    }

    pub(super) fn pipe(&self, profile: &Profile) -> Result<Pipe, Mistake> {
        match self.path() {
            Some((pipe, width)) if profile.has(width) => Ok(pipe),
            _ => no_path(self.from.buffer, self.to.buffer),
        }
    }

    pub(super) fn cycles(&self, profile: &Profile, _: bool) -> u64 {
        let Some((pipe, width)) = self.path() else {
            return 0;
        };
        let startup = if pipe == Pipe::Mte2 {
            Knob::GmStartup
        } else {
            Knob::LocalStartup
        };
        profile.cycles(startup) + profile.transfer(width, self.repeat * FRACTAL)
    }

    pub(super) fn account(&self, report: &mut Report) {
        report.moved(self.from.buffer, self.to.buffer, self.repeat * FRACTAL);
    }
}

impl Operation for Load2d {
    fn check(&self, _: &Profile) -> Result<(), Mistake> {
        aligned(self.from)?;
        aligned(self.to)?;
        field("repeat", self.repeat, (1, Self::MOST), "1 to 255")?;
        field("from_stride", self.from_stride, (0, 65_535), "0 to 65535")?;
        field("to_stride", self.to_stride, (1, 65_536), "1 to 65536")
    }

    fn touches(&self, visit: &mut dyn FnMut(Access, Place, usize)) {
        for i in 0..self.repeat {
            let (from, to) = self.places(i);
            visit(Access::Read, from, FRACTAL);
            visit(Access::Write, to, FRACTAL);
        }
    }

    fn run(&self, memories: &mut Memories) {
        for i in 0..self.repeat {
            let (from, to) = self.places(i);
            memories.copy(from, to, FRACTAL);
            if self.transpose {
                turn(&mut memories.bytes_mut(to.buffer)[to.at..to.at + FRACTAL]);
            }
        }
    }
}

/// Swaps rows and columns of a fractal of halves.
pub(super) fn turn(fractal: &mut [u8]) {
    let (halves, _) = fractal.as_chunks_mut::<2>();
    let (rows, _) = halves.as_chunks_mut::<16>();
    if let Ok(rows) = <&mut [[[u8; 2]; 16]; 16]>::try_from(rows) {
        transpose(rows);
    }
}
