//! 16 x 16 transpositions by the vector unit, as `vnchwconv` does them.

use super::{Operation, aligned, field};
use crate::cube::machine::{
    Access, BLOCK, Buffer, Memories, Mistake, Pipe, Place, from_halves, halves,
};
use crate::cube::profile::{Knob, Profile};
use crate::cube::time::Report;
use half::f16;

/// Sixteen rows of sixteen halves, each at an address of its own, become columns: element `j` of row `i` becomes element `i` of the
/// block at the `j`-th target address. Each repeat does so a stride further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transpose {
    /// Where the rows stand, in UB.
    pub from: [usize; 16],
    /// Where the columns go, in UB.
    pub to: [usize; 16],
    /// Repeats, 1 to 255.
    pub repeat: usize,
    /// From repeat to repeat of the rows, in blocks of 32 bytes, up to 65535.
    pub from_stride: usize,
    /// From repeat to repeat of the columns, in blocks.
    pub to_stride: usize,
}

impl Transpose {
    /// The most repeats.
    pub const MOST: usize = 255;

    pub(super) fn mnemonic(&self) -> &'static str {
        "vnchwconv"
    }

    pub(super) fn pipe(&self, _: &Profile) -> Result<Pipe, Mistake> {
        Ok(Pipe::Vector)
    }

    pub(super) fn cycles(&self, profile: &Profile, _: bool) -> u64 {
        profile.cycles(Knob::VectorStartup)
            + self.repeat as u64 * profile.cycles(Knob::TransposeRepeat)
    }

    pub(super) fn account(&self, report: &mut Report) {
        report.moved(Buffer::Ub, Buffer::Ub, self.repeat * 16 * BLOCK);
    }
}

impl Operation for Transpose {
    fn check(&self, _: &Profile) -> Result<(), Mistake> {
        for at in self.from.into_iter().chain(self.to) {
            aligned(Place::new(Buffer::Ub, at))?;
        }
        field("repeat", self.repeat, (1, Self::MOST), "1 to 255")?;
        for stride in [self.from_stride, self.to_stride] {
            field("stride", stride, (0, 65_535), "0 to 65535")?;
        }
        Ok(())
    }

    fn touches(&self, visit: &mut dyn FnMut(Access, Place, usize)) {
        for repeat in 0..self.repeat {
            for (access, places, stride) in [
                (Access::Read, &self.from, self.from_stride),
                (Access::Write, &self.to, self.to_stride),
            ] {
                for at in places {
                    let at = at + repeat * stride * BLOCK;
                    visit(access, Place::new(Buffer::Ub, at), BLOCK);
                }
            }
        }
    }

    fn run(&self, memories: &mut Memories) {
        for repeat in 0..self.repeat {
            let rows: [[f16; 16]; 16] = self.from.map(|at| {
                halves(&memories.block(Buffer::Ub, at + repeat * self.from_stride * BLOCK))
            });
            for (j, at) in self.to.iter().enumerate() {
                let column = from_halves(std::array::from_fn(|i| rows[i][j]));
                memories.put(Buffer::Ub, at + repeat * self.to_stride * BLOCK, &column);
            }
        }
    }
}
