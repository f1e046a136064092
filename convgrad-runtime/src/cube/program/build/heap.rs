//! Where tensors stand in global memory.

use crate::cube::machine::FRACTAL;
use crate::cube::program::view::Map;
use crate::cube::program::{ZEROS, Zone};

/// Channels in blocks of 16.
pub(super) fn blocks(channels: usize) -> usize {
    channels.div_ceil(16)
}

/// Global memory, handed out from its start.
pub(super) struct Heap {
    next: usize,
    groups: usize,
}

impl Heap {
    /// Zeros come first.
    pub(super) fn new(groups: usize) -> Self {
        Self {
            next: ZEROS,
            groups,
        }
    }

    /// The bytes that have been handed out.
    pub(super) fn bytes(&self) -> usize {
        self.next
    }

    /// A tensor of so many bytes for each group.
    pub(super) fn zone(&mut self, bytes: usize) -> Zone {
        let step = bytes.next_multiple_of(FRACTAL);
        let base = self.next;
        self.next += step * self.groups;
        Zone { base, step }
    }

    /// A map in NC1HWC0 for each group.
    pub(super) fn map(&mut self, [images, channels, height, width]: [usize; 4]) -> Map {
        let c1 = blocks(channels);
        Map {
            zone: self.zone(Map::bytes([images, c1, height, width])),
            images,
            c1,
            height,
            width,
        }
    }
}
