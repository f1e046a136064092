//! Sums out of L0C, converted on the way: to UB by the vector unit, to global memory by FIXP.

use half::f16;

use super::{LARGEST, Operation, aligned, field, no_path};
use crate::convert::{Cast, Convert as _};
use crate::cube::machine::{Access, BLOCK, Buffer, Memories, Mistake, Pipe, Place};
use crate::cube::profile::{Knob, Profile};
use crate::cube::time::Report;

/// What becomes of a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// It stays as it is, f32 or i32.
    Keep,
    /// The nearest half, ties to even; what is too large becomes infinite.
    Half,
    /// The nearest half, ties to even; what is too large becomes the largest half.
    Saturated,
}

/// So many runs of rows of 16 sums, each a stride further. (A fractal has 16 rows.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drain {
    /// The first row, in L0C.
    pub from: Place,
    /// Where it goes: UB, or global memory.
    pub to: Place,
    /// Runs, 1 to 4095.
    pub bursts: usize,
    /// Rows of 16 sums in a run, 1 to 65535.
    pub rows: usize,
    /// From run to run in L0C, in bytes.
    pub from_stride: usize,
    /// From run to run at the target, in bytes.
    pub to_stride: usize,
    /// What becomes of each.
    pub rounding: Rounding,
    /// Whether negative sums become 0. For f32.
    pub relu: bool,
}

impl Drain {
    /// The bytes of a row at the target.
    fn width(&self) -> usize {
        match self.rounding {
            Rounding::Keep => 64,
            Rounding::Half | Rounding::Saturated => BLOCK,
        }
    }

    fn path(&self) -> Option<(Pipe, Knob)> {
        match (self.from.buffer, self.to.buffer) {
            (Buffer::L0c, Buffer::Ub) => Some((Pipe::Vector, Knob::L0cToUb)),
            (Buffer::L0c, Buffer::Gm) => Some((Pipe::Fixp, Knob::L0cToGm)),
            _ => None,
        }
    }

    pub(super) fn mnemonic(&self) -> &'static str {
        "drain"
    }

    pub(super) fn pipe(&self, profile: &Profile) -> Result<Pipe, Mistake> {
        match self.path() {
            Some((pipe, width)) if profile.has(width) => Ok(pipe),
            _ => no_path(self.from.buffer, self.to.buffer),
        }
    }

    pub(super) fn cycles(&self, profile: &Profile, _: bool) -> u64 {
        let rows = self.bursts * self.rows;
        match self.path() {
            Some((Pipe::Fixp, width)) => {
                profile.cycles(Knob::GmStartup) + profile.transfer(width, rows * self.width())
            }
            _ => profile.cycles(Knob::VectorStartup) + profile.transfer(Knob::L0cToUb, rows * 64),
        }
    }

    pub(super) fn account(&self, report: &mut Report) {
        let bytes = self.bursts * self.rows * self.width();
        report.moved(self.from.buffer, self.to.buffer, bytes);
    }

    fn rounded(&self, sum: f32) -> f16 {
        let half: f16 = Cast.one(sum);
        match self.rounding {
            Rounding::Saturated if half.is_infinite() => {
                if sum > 0.0 {
                    f16::MAX
                } else {
                    f16::MIN
                }
            }
            _ => half,
        }
    }
}

impl Operation for Drain {
    fn check(&self, _: &Profile) -> Result<(), Mistake> {
        aligned(self.from)?;
        aligned(self.to)?;
        field("bursts", self.bursts, (1, 4095), "1 to 4095")?;
        field("rows", self.rows, (1, 65_535), "1 to 65535")?;
        if self.bursts > 1 {
            for (name, stride, width) in [
                ("from_stride", self.from_stride, 64),
                ("to_stride", self.to_stride, self.width()),
            ] {
                let length = self.rows * width;
                field(name, stride, (length, LARGEST), "at least the run's length")?;
                field(name, stride % width.min(64), (0, 0), "a number of rows")?;
            }
        }
        Ok(())
    }

    fn touches(&self, visit: &mut dyn FnMut(Access, Place, usize)) {
        for i in 0..self.bursts {
            visit(
                Access::Read,
                self.from.plus(i * self.from_stride),
                self.rows * 64,
            );
            let to = self.to.plus(i * self.to_stride);
            visit(Access::Write, to, self.rows * self.width());
        }
    }

    fn run(&self, memories: &mut Memories) {
        memories.write(self.to.buffer, |target, others| {
            let sums = others.bytes(Buffer::L0c);
            for i in 0..self.bursts {
                let from = &sums[self.from.at + i * self.from_stride..][..self.rows * 64];
                let to = &mut target[self.to.at + i * self.to_stride..][..self.rows * self.width()];
                let (words, _) = from.as_chunks::<4>();
                let number = |word: &[u8; 4]| {
                    let sum = f32::from_le_bytes(*word);
                    if self.relu && sum < 0.0 { 0.0 } else { sum }
                };
                if self.rounding == Rounding::Keep {
                    for (to, word) in to.as_chunks_mut::<4>().0.iter_mut().zip(words) {
                        // The bits as they are: a sum may be an i32.
                        *to = if self.relu {
                            number(word).to_le_bytes()
                        } else {
                            *word
                        };
                    }
                } else {
                    for (to, word) in to.as_chunks_mut::<2>().0.iter_mut().zip(words) {
                        *to = self.rounded(number(word)).to_le_bytes();
                    }
                }
            }
        });
    }
}
