//! The vector unit: eight blocks of 32 bytes a repeat.

use super::{Operation, field};
use crate::cube::machine::{
    Access, BLOCK, Buffer, Memories, Mistake, Pipe, Place, from_halves, from_singles, halves,
    singles,
};
use crate::cube::profile::{Knob, Profile};
use crate::cube::time::Report;
use half::f16;

/// What the lanes hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lanes {
    /// 128 halves a repeat.
    F16,
    /// 64 f32.
    F32,
}

impl Lanes {
    /// The lanes of a block.
    fn per_block(self) -> usize {
        match self {
            Lanes::F16 => 16,
            Lanes::F32 => 8,
        }
    }
}

/// What is done in each lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VectorOp {
    /// The sum of both operands.
    Add,
    /// Their product.
    Multiply,
    /// The first operand, bit for bit.
    Copy,
    /// A number, given by its bits (in the low half for [`Lanes::F16`]).
    Fill(u32),
}

/// Where an operand stands in UB: block `b` of repeat `r` at `at + 32 * (b * block_stride + r * repeat_stride)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operand {
    /// The first block.
    pub at: usize,
    /// From block to block of a repeat, in blocks, up to 65535.
    pub block_stride: usize,
    /// From repeat to repeat, in blocks, up to 65535.
    pub repeat_stride: usize,
}

impl Operand {
    /// Blocks one after the other.
    pub fn dense(at: usize) -> Self {
        Self {
            at,
            block_stride: 1,
            repeat_stride: 8,
        }
    }

    fn block(&self, repeat: usize, block: usize) -> usize {
        self.at + BLOCK * (block * self.block_stride + repeat * self.repeat_stride)
    }

    fn check(&self) -> Result<(), Mistake> {
        super::aligned(Place::new(Buffer::Ub, self.at))?;
        let most = (0, 65_535);
        field("block_stride", self.block_stride, most, "0 to 65535")?;
        field("repeat_stride", self.repeat_stride, most, "0 to 65535")
    }
}

/// An elementwise instruction on UB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vector {
    /// What it does.
    pub op: VectorOp,
    /// What the lanes hold.
    pub lanes: Lanes,
    /// Where the results go.
    pub to: Operand,
    /// The operands; those that the operation does not need are not read.
    pub from: [Operand; 2],
    /// Repeats, 1 to 255.
    pub repeat: usize,
    /// The lanes that count: bit `i` for lane `i` of each repeat, not 0. Others are neither read nor written.
    pub mask: u128,
}

impl Vector {
    /// The most repeats.
    pub const MOST: usize = 255;

    /// The mask of the first `blocks` blocks.
    pub fn first_blocks(lanes: Lanes, blocks: usize) -> u128 {
        match lanes.per_block() * blocks {
            128.. => u128::MAX,
            bits => (1 << bits) - 1,
        }
    }

    /// Copies blocks.
    pub fn copy(from: Operand, to: Operand, repeat: usize, blocks: usize) -> Self {
        Self {
            op: VectorOp::Copy,
            lanes: Lanes::F16,
            to,
            from: [from; 2],
            repeat,
            mask: Self::first_blocks(Lanes::F16, blocks),
        }
    }

    fn operands(&self) -> usize {
        match self.op {
            VectorOp::Add | VectorOp::Multiply => 2,
            VectorOp::Copy => 1,
            VectorOp::Fill(_) => 0,
        }
    }

    /// The mask of a block, in its lowest bits.
    fn block_mask(&self, block: usize) -> u32 {
        let width = self.lanes.per_block();
        (self.mask >> (block * width)) as u32 & ((1 << width) - 1)
    }

    /// The repeats and the blocks of each of which a lane counts.
    fn blocks(&self) -> impl Iterator<Item = (usize, usize, u32)> {
        let masked = (0..8).map(|block| (block, self.block_mask(block)));
        let blocks: Vec<_> = masked.filter(|&(_, mask)| mask != 0).collect();
        (0..self.repeat).flat_map(move |r| {
            blocks
                .clone()
                .into_iter()
                .map(move |(b, mask)| (r, b, mask))
        })
    }

    pub(super) fn mnemonic(&self) -> &'static str {
        match self.op {
            VectorOp::Add => "vadd",
            VectorOp::Multiply => "vmul",
            VectorOp::Copy => "vcopy",
            VectorOp::Fill(_) => "vdup",
        }
    }

    pub(super) fn pipe(&self, _: &Profile) -> Result<Pipe, Mistake> {
        Ok(Pipe::Vector)
    }

    pub(super) fn cycles(&self, profile: &Profile, _: bool) -> u64 {
        profile.cycles(Knob::VectorStartup)
            + self.repeat as u64 * profile.cycles(Knob::VectorRepeat)
    }

    pub(super) fn account(&self, report: &mut Report) {
        let lanes = self.mask.count_ones() as usize;
        let bytes = lanes * BLOCK / self.lanes.per_block();
        report.moved(Buffer::Ub, Buffer::Ub, bytes * self.repeat);
    }
}

impl Operation for Vector {
    fn check(&self, _: &Profile) -> Result<(), Mistake> {
        self.to.check()?;
        for from in &self.from[..self.operands()] {
            from.check()?;
        }
        let lanes = 8 * self.lanes.per_block();
        if self.mask == 0 || (lanes < 128 && self.mask >> lanes != 0) {
            return field("mask", 0, (1, 0), "some of the lanes");
        }
        field("repeat", self.repeat, (1, Self::MOST), "1 to 255")
    }

    fn touches(&self, visit: &mut dyn FnMut(Access, Place, usize)) {
        for (repeat, block, _) in self.blocks() {
            for from in &self.from[..self.operands()] {
                visit(
                    Access::Read,
                    Place::new(Buffer::Ub, from.block(repeat, block)),
                    BLOCK,
                );
            }
            visit(
                Access::Write,
                Place::new(Buffer::Ub, self.to.block(repeat, block)),
                BLOCK,
            );
        }
    }

    fn run(&self, memories: &mut Memories) {
        for (repeat, block, mask) in self.blocks() {
            let [a, b] = self.from.map(|from| from.block(repeat, block));
            let to = self.to.block(repeat, block);
            let read = |at| memories.block(Buffer::Ub, at);
            let result = match (self.op, self.lanes) {
                (VectorOp::Copy, _) => read(a),
                (VectorOp::Fill(bits), Lanes::F16) => {
                    from_halves([f16::from_bits(bits as u16); 16])
                }
                (VectorOp::Fill(bits), Lanes::F32) => from_singles([f32::from_bits(bits); 8]),
                (op, Lanes::F16) => {
                    let (a, b) = (halves(&read(a)), halves(&read(b)));
                    from_halves(std::array::from_fn(|i| {
                        // In f32, rounded once: a sum and a product of two halves are exact enough for that.
                        let (a, b) = (a[i].to_f32(), b[i].to_f32());
                        f16::from_f32(if op == VectorOp::Add { a + b } else { a * b })
                    }))
                }
                (op, Lanes::F32) => {
                    let (a, b) = (singles(&read(a)), singles(&read(b)));
                    from_singles(std::array::from_fn(|i| match op {
                        VectorOp::Add => a[i] + b[i],
                        _ => a[i] * b[i],
                    }))
                }
            };
            let width = self.lanes.per_block();
            if mask.count_ones() as usize == width {
                memories.put(Buffer::Ub, to, &result);
                continue;
            }
            let bytes = BLOCK / width;
            let target = &mut memories.bytes_mut(Buffer::Ub)[to..to + BLOCK];
            for lane in (0..width).filter(|lane| mask >> lane & 1 == 1) {
                let at = lane * bytes..(lane + 1) * bytes;
                target[at.clone()].copy_from_slice(&result[at]);
            }
        }
    }
}
