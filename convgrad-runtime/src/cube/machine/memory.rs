//! The memories of a core, as bytes.

use half::f16;

use crate::buffer::zeros;
use crate::cube::profile::{Knob, Profile};
use crate::error::Result;

/// A memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Buffer {
    /// Global memory.
    Gm,
    /// The large memory on the core.
    L1,
    /// The left factors of the cube unit.
    L0a,
    /// The right factors.
    L0b,
    /// The sums.
    L0c,
    /// The unified buffer, on which the vector unit works.
    Ub,
}

impl Buffer {
    /// All of them.
    pub const ALL: [Buffer; 6] = [
        Buffer::Gm,
        Buffer::L1,
        Buffer::L0a,
        Buffer::L0b,
        Buffer::L0c,
        Buffer::Ub,
    ];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Buffer::Gm => "GM",
            Buffer::L1 => "L1",
            Buffer::L0a => "L0A",
            Buffer::L0b => "L0B",
            Buffer::L0c => "L0C",
            Buffer::Ub => "UB",
        }
    }

    /// What addresses must be a multiple of: 512 in L0A and L0B, 64 in L0C, 32 elsewhere.
    pub fn alignment(self) -> usize {
        match self {
            Buffer::L0a | Buffer::L0b => 512,
            Buffer::L0c => 64,
            _ => 32,
        }
    }

    /// Its size on a core; None for global memory, which is as large as the program says.
    pub fn size(self, profile: &Profile) -> Option<usize> {
        let knob = match self {
            Buffer::Gm => return None,
            Buffer::L1 => Knob::L1Bytes,
            Buffer::L0a => Knob::L0aBytes,
            Buffer::L0b => Knob::L0bBytes,
            Buffer::L0c => Knob::L0cBytes,
            Buffer::Ub => Knob::UbBytes,
        };
        Some(profile.count(knob))
    }
}

/// An address: a byte of a memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The memory.
    pub buffer: Buffer,
    /// The byte.
    pub at: usize,
}

impl Place {
    /// A byte of a memory.
    pub fn new(buffer: Buffer, at: usize) -> Self {
        Self { buffer, at }
    }

    /// So many bytes further.
    pub fn plus(self, bytes: usize) -> Self {
        Self {
            at: self.at + bytes,
            ..self
        }
    }
}

/// The smallest piece that moves: 16 halves, or a row of a fractal.
pub(crate) const BLOCK: usize = 32;
/// The bytes of a fractal of a factor.
pub(crate) const FRACTAL: usize = 512;
/// The bytes of a fractal of sums.
pub(crate) const SUMS: usize = 1024;

/// What stands in the memories.
#[derive(Debug)]
pub(crate) struct Memories([Vec<u8>; 6]);

impl Memories {
    /// Memories of a core, with so much global memory.
    pub(crate) fn new(profile: &Profile, global: usize) -> Result<Self> {
        let mut all: [Vec<u8>; 6] = Default::default();
        for buffer in Buffer::ALL {
            let bytes = buffer.size(profile).unwrap_or(global);
            all[buffer as usize] = zeros("a memory of the core", bytes)?;
        }
        Ok(Self(all))
    }

    pub(crate) fn bytes(&self, buffer: Buffer) -> &[u8] {
        &self.0[buffer as usize]
    }

    pub(crate) fn bytes_mut(&mut self, buffer: Buffer) -> &mut [u8] {
        &mut self.0[buffer as usize]
    }

    /// Calls with one memory to be written, and the others. The memory itself reads as empty.
    pub(crate) fn write<R>(
        &mut self,
        buffer: Buffer,
        work: impl FnOnce(&mut [u8], &Self) -> R,
    ) -> R {
        let mut taken = std::mem::take(&mut self.0[buffer as usize]);
        let result = work(&mut taken, self);
        self.0[buffer as usize] = taken;
        result
    }

    /// Copies bytes, inside a memory or from one to another.
    pub(crate) fn copy(&mut self, from: Place, to: Place, bytes: usize) {
        if from.buffer == to.buffer {
            self.bytes_mut(to.buffer)
                .copy_within(from.at..from.at + bytes, to.at);
        } else {
            self.write(to.buffer, |target, others| {
                target[to.at..to.at + bytes]
                    .copy_from_slice(&others.bytes(from.buffer)[from.at..from.at + bytes]);
            });
        }
    }

    /// The block of 32 bytes at a place.
    pub(crate) fn block(&self, buffer: Buffer, at: usize) -> [u8; BLOCK] {
        let mut block = [0; BLOCK];
        block.copy_from_slice(&self.bytes(buffer)[at..at + BLOCK]);
        block
    }

    /// Writes a block of 32 bytes.
    pub(crate) fn put(&mut self, buffer: Buffer, at: usize, block: &[u8; BLOCK]) {
        self.bytes_mut(buffer)[at..at + BLOCK].copy_from_slice(block);
    }
}

/// Sixteen halves of a block.
pub(crate) fn halves(block: &[u8; BLOCK]) -> [f16; 16] {
    let (pairs, _) = block.as_chunks::<2>();
    std::array::from_fn(|i| f16::from_le_bytes(pairs[i]))
}

/// The block of sixteen halves.
pub(crate) fn from_halves(halves: [f16; 16]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let (pairs, _) = block.as_chunks_mut::<2>();
    for (pair, half) in pairs.iter_mut().zip(halves) {
        *pair = half.to_le_bytes();
    }
    block
}

/// Eight f32 of a block.
pub(crate) fn singles(block: &[u8; BLOCK]) -> [f32; 8] {
    let (words, _) = block.as_chunks::<4>();
    std::array::from_fn(|i| f32::from_le_bytes(words[i]))
}

/// The block of eight f32.
pub(crate) fn from_singles(singles: [f32; 8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let (words, _) = block.as_chunks_mut::<4>();
    for (word, single) in words.iter_mut().zip(singles) {
        *word = single.to_le_bytes();
    }
    block
}
