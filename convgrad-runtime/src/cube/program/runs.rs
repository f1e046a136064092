//! Vector copies of blocks: runs with strides, joined to as few instructions as carry them.

use super::Issue;
use crate::cube::isa::{Operand, Vector};
use crate::cube::machine::{BLOCK, Core};

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
    last: Option<Run>,
    /// Runs of the last one's form that came before it at equal distances, and these distances, in blocks.
    before: usize,
    steps: [usize; 2],
}

/// Blocks of a repeat.
const LANES: usize = 8;

impl Runs {
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
            return core.issue(Vector::copy(
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
            core.issue(Vector::copy(from, to, repeat, LANES))?;
        }
        if rest > 0 {
            let [from, to] = operands(repeats * LANES);
            core.issue(Vector::copy(from, to, 1, rest))?;
        }
        Ok(())
    }
}

/// Fills blocks of UB with zeros.
pub(super) fn zero_blocks(core: &mut Core<'_>, at: usize, blocks: usize) -> Issue {
    let (repeats, rest) = (blocks / LANES, blocks % LANES);
    for start in (0..repeats).step_by(Vector::MOST) {
        let to = Operand::dense(at + start * LANES * BLOCK);
        core.issue(Vector::zero(to, Vector::MOST.min(repeats - start), LANES))?;
    }
    if rest > 0 {
        let to = Operand::dense(at + repeats * LANES * BLOCK);
        core.issue(Vector::zero(to, 1, rest))?;
    }
    Ok(())
}
