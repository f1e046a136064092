//! Conversions of the vector unit: f32 to f16 and back, 64 numbers a repeat.

use half::f16;

use super::{Operation, aligned, field};
use crate::convert::{Cast, Convert as _};
use crate::cube::machine::{Access, Buffer, Memories, Mistake, Pipe, Place};
use crate::cube::profile::{Knob, Profile};
use crate::cube::time::Report;

/// Numbers one after the other in UB, 64 a repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convert {
    /// The address of the first.
    pub from: usize,
    /// The address of the first result.
    pub to: usize,
    /// Repeats of 64 numbers, 1 to 255.
    pub repeat: usize,
    /// Whether halves become f32, rather than f32 halves (the nearest, ties to even).
    pub widen: bool,
}

impl Convert {
    /// The most repeats.
    pub const MOST: usize = 255;

    /// The bytes that it reads and writes.
    fn bytes(&self) -> (usize, usize) {
        let (wide, narrow) = (self.repeat * 256, self.repeat * 128);
        if self.widen {
            (narrow, wide)
        } else {
            (wide, narrow)
        }
    }

    pub(super) fn mnemonic(&self) -> &'static str {
        "vconv"
    }

    pub(super) fn pipe(&self, _: &Profile) -> Result<Pipe, Mistake> {
        Ok(Pipe::Vector)
    }

    pub(super) fn cycles(&self, profile: &Profile, _: bool) -> u64 {
        profile.cycles(Knob::VectorStartup)
            + self.repeat as u64 * profile.cycles(Knob::VectorRepeat)
    }

    pub(super) fn account(&self, report: &mut Report) {
        report.moved(Buffer::Ub, Buffer::Ub, self.bytes().1);
    }
}

impl Operation for Convert {
    fn check(&self, _: &Profile) -> Result<(), Mistake> {
        aligned(Place::new(Buffer::Ub, self.from))?;
        aligned(Place::new(Buffer::Ub, self.to))?;
        field("repeat", self.repeat, (1, Self::MOST), "1 to 255")
    }

    fn touches(&self, visit: &mut dyn FnMut(Access, Place, usize)) {
        let (read, written) = self.bytes();
        visit(Access::Read, Place::new(Buffer::Ub, self.from), read);
        visit(Access::Write, Place::new(Buffer::Ub, self.to), written);
    }

    fn run(&self, memories: &mut Memories) {
        let (read, written) = self.bytes();
        let bytes = memories.bytes_mut(Buffer::Ub);
        let source = bytes[self.from..self.from + read].to_vec();
        let target = &mut bytes[self.to..self.to + written];
        if self.widen {
            let pairs = source.as_chunks::<2>().0;
            for (word, pair) in target.as_chunks_mut::<4>().0.iter_mut().zip(pairs) {
                *word = f16::from_le_bytes(*pair).to_f32().to_le_bytes();
            }
        } else {
            let words = source.as_chunks::<4>().0;
            for (pair, word) in target.as_chunks_mut::<2>().0.iter_mut().zip(words) {
                let half: f16 = Cast.one(f32::from_le_bytes(*word));
                *pair = half.to_le_bytes();
            }
        }
    }
}
