//! Moves: bursts of bytes with strides, between global memory, L1 and UB.

use super::{Operation, aligned, field, no_path};
use crate::cube::machine::{Access, BLOCK, Buffer, Memories, Mistake, Pipe, Place};
use crate::cube::profile::{Knob, Profile};
use crate::cube::time::Report;

/// So many bursts of so many bytes, each a stride further.
///
/// Lengths and strides are multiples of 32 bytes; bursts of one move do not overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// Where the first burst comes from.
    pub from: Place,
    /// Where it goes.
    pub to: Place,
    /// How many there are, 1 to 4095.
    pub bursts: usize,
    /// How many bytes each has, up to 65535 blocks of 32.
    pub length: usize,
    /// From burst to burst at the source.
    pub from_stride: usize,
    /// From burst to burst at the target.
    pub to_stride: usize,
}

impl Move {
    /// The most bursts of a move.
    pub const MOST: usize = 4095;

    /// One burst.
    pub fn run(from: Place, to: Place, length: usize) -> Self {
        Self {
            from,
            to,
            bursts: 1,
            length,
            from_stride: length,
            to_stride: length,
        }
    }

    /// The pipe and the width of the path.
    fn path(&self) -> Option<(Pipe, Knob)> {
        match (self.from.buffer, self.to.buffer) {
            (Buffer::Gm, Buffer::L1) => Some((Pipe::Mte2, Knob::GmToL1)),
            (Buffer::Gm, Buffer::Ub) => Some((Pipe::Mte2, Knob::GmToUb)),
            (Buffer::L1, Buffer::Ub) => Some((Pipe::Mte1, Knob::L1ToUb)),
            (Buffer::Ub, Buffer::Gm) => Some((Pipe::Mte3, Knob::UbToGm)),
            (Buffer::Ub, Buffer::L1) => Some((Pipe::Mte3, Knob::UbToL1)),
            _ => None,
        }
    }

    pub(super) fn mnemonic(&self) -> &'static str {
        "move"
    }

    pub(super) fn pipe(&self, profile: &Profile) -> Result<Pipe, Mistake> {
        match self.path() {
            Some((pipe, width)) if profile.has(width) => Ok(pipe),
            _ => no_path(self.from.buffer, self.to.buffer),
        }
    }

    pub(super) fn cycles(&self, profile: &Profile, _: bool) -> u64 {
        let Some((_, width)) = self.path() else {
            return 0;
        };
        let global = self.from.buffer == Buffer::Gm || self.to.buffer == Buffer::Gm;
        let startup = if global {
            Knob::GmStartup
        } else {
            Knob::LocalStartup
        };
        let bursts = self.bursts as u64 * profile.cycles(Knob::Burst);
        let bytes = profile.transfer(width, self.bursts * self.length);
        profile.cycles(startup) + bytes.max(bursts)
    }

    pub(super) fn account(&self, report: &mut Report) {
        report.moved(self.from.buffer, self.to.buffer, self.bursts * self.length);
    }
}

impl Operation for Move {
    fn check(&self, _: &Profile) -> Result<(), Mistake> {
        aligned(self.from)?;
        aligned(self.to)?;
        field("bursts", self.bursts, (1, Self::MOST), "1 to 4095")?;
        let blocks = |name, bytes: usize, low: usize| {
            if !bytes.is_multiple_of(BLOCK) {
                return field(name, bytes, (1, 0), "a multiple of 32");
            }
            field(name, bytes / BLOCK, (low, 65_535), "at most 65535 blocks")
        };
        blocks("length", self.length, 1)?;
        for (name, stride) in [
            ("from_stride", self.from_stride),
            ("to_stride", self.to_stride),
        ] {
            if self.bursts > 1 {
                if stride < self.length {
                    return field(name, stride, (1, 0), "at least the length");
                }
                // The field holds the gap between bursts.
                blocks(name, stride - self.length, 0)?;
            }
        }
        Ok(())
    }

    fn touches(&self, visit: &mut dyn FnMut(Access, Place, usize)) {
        for i in 0..self.bursts {
            visit(
                Access::Read,
                self.from.plus(i * self.from_stride),
                self.length,
            );
            visit(Access::Write, self.to.plus(i * self.to_stride), self.length);
        }
    }

    fn run(&self, memories: &mut Memories) {
        for i in 0..self.bursts {
            memories.copy(
                self.from.plus(i * self.from_stride),
                self.to.plus(i * self.to_stride),
                self.length,
            );
        }
    }
}
