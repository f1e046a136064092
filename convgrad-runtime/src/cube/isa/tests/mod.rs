//! Every instruction against a definition of its own.

mod compute;
mod windows;

use half::f16;

use super::{Operation, Profile};
use crate::cube::machine::{Buffer, Memories, Place};
use crate::cube::tests::support::Random;

/// Memories with random halves everywhere (small whole numbers, so that sums are exact).
fn filled(seed: u64) -> Memories {
    let mut memories = Memories::new(&Profile::ascend910(), 1 << 16).unwrap();
    let mut random = Random(seed);
    for buffer in Buffer::ALL {
        for pair in memories.bytes_mut(buffer).as_chunks_mut::<2>().0 {
            *pair = f16::from_f64((random.next() * 8.0).trunc()).to_le_bytes();
        }
    }
    memories
}

fn run(operation: &dyn Operation, memories: &mut Memories) {
    operation.check(&Profile::ascend910()).unwrap();
    operation.run(memories);
}

fn half(memories: &Memories, buffer: Buffer, index: usize) -> f64 {
    let bytes = memories.bytes(buffer);
    f16::from_le_bytes([bytes[2 * index], bytes[2 * index + 1]]).to_f64()
}

fn single(memories: &Memories, buffer: Buffer, index: usize) -> f32 {
    let bytes = &memories.bytes(buffer)[4 * index..];
    f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

fn at(buffer: Buffer, at: usize) -> Place {
    Place::new(buffer, at)
}
