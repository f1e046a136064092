//! Rows of vectors, each put together from pieces of a tensor.

use std::ops::Range;

use crate::gemm::{Piece, Room};

/// The pieces of a row of vectors, from left to right.
#[derive(Default)]
pub(super) struct Pieces {
    pub(super) all: Vec<Piece>,
    lanes: usize,
    /// The vector that is being put together, and where it goes.
    vector: usize,
    to: usize,
    /// Whether it has pieces.
    begun: bool,
    panel: Panel,
}

/// The panel that a vector goes to.
#[derive(Default)]
struct Panel {
    start: usize,
    /// To the next.
    step: usize,
    /// Vectors of a panel, and those that are left of this one.
    vectors: usize,
    left: usize,
}

impl Pieces {
    /// A row's vectors in a room.
    #[inline]
    pub(super) fn begin(&mut self, lanes: usize, room: Room) {
        self.all.clear();
        (self.lanes, self.vector, self.to, self.begun) = (lanes, 0, 0, false);
        let vectors = room.width / lanes;
        self.panel = Panel {
            start: 0,
            step: room.panel,
            vectors,
            left: vectors,
        };
    }

    /// Completes all vectors before one.
    #[inline]
    fn advance(&mut self, vector: usize) {
        while self.vector < vector {
            match self.all.last_mut() {
                Some(last) if self.begun => last.last = true,
                _ => self.all.push(Piece {
                    mask: 0,
                    from: 0,
                    to: self.to,
                    last: true,
                }),
            }
            (self.vector, self.begun) = (self.vector + 1, false);
            let panel = &mut self.panel;
            (self.to, panel.left) = (self.to + self.lanes, panel.left - 1);
            if panel.left == 0 {
                (panel.start, panel.left) = (panel.start + panel.step, panel.vectors);
                self.to = panel.start;
            }
        }
    }

    /// Some columns, from an address on.
    #[inline]
    pub(super) fn add(&mut self, columns: Range<usize>, address: isize, step: usize) {
        // A vector has a power of two of lanes.
        let (lanes, shift) = (self.lanes, self.lanes.trailing_zeros());
        let (mut start, mut address) = (columns.start, address);
        while start < columns.end {
            self.advance(start >> shift);
            let lane = start & (lanes - 1);
            let len = (columns.end - start).min(lanes - lane);
            self.all.push(Piece {
                mask: ((1u32 << len) - 1) << lane,
                from: address - (lane * step) as isize,
                to: self.to,
                last: false,
            });
            self.begun = true;
            (start, address) = (start + len, address + (len * step) as isize);
        }
    }

    /// Completes the vectors of so many columns.
    #[inline]
    pub(super) fn end(&mut self, columns: usize) {
        self.advance(columns.div_ceil(self.lanes));
    }
}
