//! Vector additions of pixels in f32, neighbours joined to as few instructions as carry them.

use super::Issue;
use crate::cube::isa::{Lanes, Operand, Vector, VectorOp};
use crate::cube::machine::{BLOCK, Core};

/// Sixteen channels of a pixel in f32.
pub(super) const PIXEL: usize = 2 * BLOCK;

/// Pixels in f32 that are added to others, `step` pixels apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Add {
    pub(super) to: usize,
    pub(super) from: usize,
    pub(super) count: usize,
    pub(super) step: usize,
}

/// What is to be added, neighbours joined.
#[derive(Debug, Default)]
pub(super) struct Adds(Option<Add>);

impl Adds {
    /// Adds, now or together with later ones.
    pub(super) fn push(&mut self, core: &mut Core<'_>, add: Add) -> Issue {
        if let Some(last) = &mut self.0
            && last.step == 1
            && add.to == last.to + last.count * PIXEL
            && add.from == last.from + last.count * PIXEL
        {
            last.count += add.count;
            return Ok(());
        }
        self.flush(core)?;
        self.0 = Some(add);
        Ok(())
    }

    /// Issues what is left.
    pub(super) fn flush(&mut self, core: &mut Core<'_>) -> Issue {
        let Some(add) = self.0.take() else {
            return Ok(());
        };
        if add.step == 1 {
            return blocks(core, [add.to, add.from], [1, 1], add.count * 2);
        }
        // The two blocks of a pixel one after the other, each with the stride of pixels.
        for half in [0, BLOCK] {
            let places = [add.to + half, add.from + half];
            blocks(core, places, [2 * add.step, 2], add.count)?;
        }
        Ok(())
    }
}

/// Adds blocks of f32 to blocks, with strides in blocks.
fn blocks(core: &mut Core<'_>, [to, from]: [usize; 2], strides: [usize; 2], count: usize) -> Issue {
    let mut done = 0;
    while done < count {
        let left = count - done;
        let (repeat, lanes) = if left >= 8 {
            ((left / 8).min(Vector::MOST), 8)
        } else {
            (1, left)
        };
        let operand = |at: usize, stride: usize| Operand {
            at: at + done * stride * BLOCK,
            block_stride: stride,
            repeat_stride: 8 * stride,
        };
        let sums = operand(to, strides[0]);
        core.issue(Vector {
            op: VectorOp::Add,
            lanes: Lanes::F32,
            to: sums,
            from: [sums, operand(from, strides[1])],
            repeat,
            mask: Vector::first_blocks(Lanes::F32, lanes),
        })?;
        done += repeat * lanes;
    }
    Ok(())
}
