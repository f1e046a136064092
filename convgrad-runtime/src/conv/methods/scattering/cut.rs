//! How a scattered product is cut into rooms and tasks. No bit depends on it.

use std::ops::Range;

use crate::conv::geometry::{Axis, Conv2d};
use crate::float::Float;
use crate::gemm::evenly;

/// Bytes of a room and of the block of the output's gradient beside it, which are to stay in a second cache together.
const CACHE: usize = 3 << 18;

/// Tasks a thread, so that a late one is not waited for long.
const TASKS: usize = 4;

/// Vectors' worth of time to move 16 elements into a room in another order, and side by side.
pub(super) const MOVE: [usize; 2] = [6, 2];

/// What is computed into a room at a time, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// Input channels of a task.
    pub(super) channels: usize,
    /// Images whose pixels are columns of one product.
    pub(super) images: usize,
    /// Parts of an image's rows that are tasks of their own, and of such a part those that are computed one after the other.
    pub(super) parts: usize,
    pub(super) bands: usize,
    /// About how many multiplications of vectors could have been made while operands are moved.
    pub(super) moves: usize,
}

impl Cut {
    /// For a product whose depth goes in stretches of `depth`, the output's gradient lying side by side within an image; None if not even one
    /// channel's rows fit a room.
    pub(super) fn new<T: Float>(
        conv: &Conv2d,
        depth: usize,
        in_place: bool,
        threads: usize,
    ) -> Option<Self> {
        let inputs = conv.group_inputs();
        let chunks = (0..usize::BITS).map(|bit| 1usize << bit);
        let chunks = chunks.take_while(|&count| count < 2 * inputs);
        let cut =
            chunks.filter_map(|count| Self::of::<T>(conv, inputs.div_ceil(count), depth, in_place));
        let cut = cut.min_by_key(|cut| cut.moves)?;
        Some(cut.shared(conv, threads))
    }

    /// A channel at a time, and a row.
    pub(super) fn least(conv: &Conv2d) -> Self {
        Cut {
            channels: 1,
            images: 1,
            parts: 1,
            bands: conv.rows().input,
            moves: usize::MAX,
        }
    }

    /// For so many channels at a time.
    fn of<T: Float>(conv: &Conv2d, channels: usize, depth: usize, in_place: bool) -> Option<Self> {
        let (batch, pixels) = (conv.batch(), conv.pixels());
        let [rows, columns] = [conv.rows(), conv.columns()];
        let height = channels.saturating_mul(conv.taps());
        let most = CACHE / size_of::<T>() / height.saturating_add(depth);
        let (images, bands) = match most / pixels {
            0 => (
                1,
                rows.input.div_ceil(widest(rows, most / columns.output())?),
            ),
            // As many steps, of nearly one size.
            images => (batch.div_ceil(batch.div_ceil(images)), 1),
        };
        let chunks = conv.group_inputs().div_ceil(channels);
        let steps = batch.div_ceil(images) * bands;
        // What the rows of two bands read is kept.
        let kept = batch * (bands - 1) * (rows.span() / rows.stride + 1) * columns.output();
        let product = |extents: [usize; 3]| extents.into_iter().fold(1, usize::saturating_mul);
        let outputs = conv.group_outputs();
        let kernel = product([steps, conv.depth(), outputs * MOVE[0]]);
        let gradient = if in_place && images == 1 { 0 } else { MOVE[0] };
        let gradient = product([chunks * batch * pixels, outputs, gradient]);
        let kept = product([kept, conv.depth(), MOVE[1]]);
        Some(Cut {
            channels,
            images,
            parts: 1,
            bands,
            moves: kernel.saturating_add(gradient).saturating_add(kept) / 16,
        })
    }

    /// The parts of an image's rows.
    pub(super) fn parts(&self, rows: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let parts = self.parts;
        (0..parts).map(move |i| rows * i / parts..rows * (i + 1) / parts)
    }

    /// The bands of a part.
    pub(super) fn bands(&self, rows: &Range<usize>) -> impl Iterator<Item = Range<usize>> + use<> {
        evenly(rows.clone(), rows.len().div_ceil(self.bands).max(1))
    }

    /// With parts enough for all threads.
    fn shared(self, conv: &Conv2d, threads: usize) -> Self {
        let apart = |images: usize| {
            conv.groups()
                * conv.group_inputs().div_ceil(self.channels)
                * conv.batch().div_ceil(images)
        };
        let enough = |tasks: usize| tasks.is_multiple_of(threads) || tasks >= TASKS * threads;
        if enough(apart(self.images)) {
            return self;
        }
        // A part of several images' rows would not be one block of columns.
        let tasks = apart(1);
        let parts = (1..=conv.rows().input).find(|parts| enough(tasks * parts));
        let parts = parts.unwrap_or(1);
        Cut {
            images: 1,
            parts,
            bands: self.bands.div_ceil(parts),
            ..self
        }
    }
}

/// The most rows of the input that never read more rows of the output than `most`; None if a single one may.
fn widest(axis: &Axis, most: usize) -> Option<usize> {
    if most >= axis.output() {
        return Some(axis.input);
    }
    // Rows h to h + count read the outputs that are multiples of the stride among count + span - 1 positions.
    let positions = most.saturating_mul(axis.stride).saturating_add(1);
    positions
        .checked_sub(axis.span())
        .filter(|&count| count > 0)
        .map(|count| count.min(axis.input))
}
