//! Vector copies and fills of blocks: runs with strides, joined to as few instructions as carry them.

use super::Issue;
use crate::cube::isa::{Operand, Vector, VectorOp};
use crate::cube::machine::{BLOCK, Core};

/// What happens to each block: an operation of one operand at most, in some of the sixteen lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) op: VectorOp,
    pub(super) lanes: u16,
}

impl Default for Stamp {
    /// Blocks are copied.
    fn default() -> Self {
        Self {
            op: VectorOp::Copy,
            lanes: u16::MAX,
        }
    }
}

impl Stamp {
    fn vector(self, from: Operand, to: Operand, repeat: usize, blocks: usize) -> Vector {
        let lanes = u128::from(self.lanes);
        Vector {
            op: self.op,
            mask: (0..blocks).fold(0, |mask, block| mask | lanes << (16 * block)),
            ..Vector::copy(from, to, repeat, blocks)
        }
    }
}

/// Blocks of UB that are copied: `count` of them, with strides in blocks at either end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) count: usize,
    /// Of the source and the target.
    pub(super) strides: [usize; 2],
}

impl Run {
    fn same_form(&self, other: &Run) -> bool {
        (self.count, self.strides) == (other.count, other.strides)
    }

    /// Whether the other run goes on where this one ends.
    fn continues(&self, other: &Run) -> bool {
        self.strides == other.strides
            && other.from == self.from + self.count * self.strides[0] * BLOCK
            && other.to == self.to + self.count * self.strides[1] * BLOCK
    }
}

/// What has been asked for and not yet issued.
#[derive(Debug, Default)]
pub(super) struct Runs {
    stamp: Stamp,
    last: Option<Run>,
    /// Runs of the last one's form that came before it at equal distances, and these distances, in blocks.
    before: usize,
    steps: [usize; 2],
}

/// Blocks of a repeat.
const LANES: usize = 8;

impl Runs {
    pub(super) fn new(stamp: Stamp) -> Self {
        Self {
            stamp,
            ..Self::default()
        }
    }

    /// Copies a run, now or together with later ones.
    pub(super) fn push(&mut self, core: &mut Core<'_>, run: Run) -> Issue {
        if let Some(last) = &mut self.last {
            if self.before == 0 && last.continues(&run) {
                last.count += run.count;
                return Ok(());
            }
            let step = |from: usize, to: usize| Some(to.checked_sub(from)? / BLOCK);
            let steps = step(last.from, run.from).zip(step(last.to, run.to));
            if let Some((from, to)) = steps
                && last.same_form(&run)
                && run.count <= LANES
                && from.max(to) <= 65_535
                && (self.before == 0 || self.steps == [from, to])
                && self.before + 1 < Vector::MOST
            {
                (self.last, self.steps) = (Some(run), [from, to]);
                self.before += 1;
                return Ok(());
            }
            self.flush(core)?;
        }
        self.last = Some(run);
        Ok(())
    }

    /// Issues what is left.
    pub(super) fn flush(&mut self, core: &mut Core<'_>) -> Issue {
        let Some(run) = self.last.take() else {
            return Ok(());
        };
        let before = std::mem::take(&mut self.before);
        if before > 0 {
            let back = self.steps.map(|step| before * step * BLOCK);
            let operand = |at, stride, step| Operand {
                at,
                block_stride: stride,
                repeat_stride: step,
            };
            return core.issue(self.stamp.vector(
                operand(run.from - back[0], run.strides[0], self.steps[0]),
                operand(run.to - back[1], run.strides[1], self.steps[1]),
                before + 1,
                run.count,
            ));
        }
        let (repeats, rest) = (run.count / LANES, run.count % LANES);
        let operands = |skipped: usize| {
            let operand = |at: usize, stride: usize| Operand {
                at: at + skipped * stride * BLOCK,
                block_stride: stride,
                repeat_stride: stride * LANES,
            };
            [
                operand(run.from, run.strides[0]),
                operand(run.to, run.strides[1]),
            ]
        };
        for start in (0..repeats).step_by(Vector::MOST) {
            let [from, to] = operands(start * LANES);
            let repeat = Vector::MOST.min(repeats - start);
            core.issue(self.stamp.vector(from, to, repeat, LANES))?;
        }
        if rest > 0 {
            let [from, to] = operands(repeats * LANES);
            core.issue(self.stamp.vector(from, to, 1, rest))?;
        }
        Ok(())
    }
}

/// Fills blocks of UB with zeros.
pub(super) fn zero_blocks(core: &mut Core<'_>, at: usize, blocks: usize) -> Issue {
    fill_blocks(core, at, blocks, 0)
}

/// Fills blocks of UB with a half, given by its bits.
pub(super) fn fill_blocks(core: &mut Core<'_>, at: usize, blocks: usize, bits: u16) -> Issue {
    let mut runs = Runs::new(Stamp {
        op: VectorOp::Fill(bits.into()),
        ..Stamp::default()
    });
    let run = Run {
        from: at,
        to: at,
        count: blocks,
        strides: [1, 1],
    };
    runs.push(core, run)?;
    runs.flush(core)
}
