//! Lines gathered from the lines of a scattered product: each result is the sum of what its taps find there.
//!
//! The lines of the product have a tap each. Neighbouring results read neighbours of a tap's line, from a place on that is the tap's own, as far
//! as the line goes; several rows of results may be one line, whose lanes then read inside each row. Taps ascend, and nothing is
//! multiplied.

use super::tile::Vector;

/// What the vectors of a line read by each tap.
#[derive(Clone, Debug)]
pub(crate) struct Gather {
    /// For each vector and, within it, each tap: where lane 0 reads, outside perhaps, and the lanes that do not.
    reads: Vec<(isize, u32)>,
    taps: usize,
    lanes: usize,
    /// Results of the longest line.
    results: usize,
    /// From a row of results to the next, if there are several.
    pitch: usize,
    /// Elements of a row that is read, and where the last tap's line begins.
    extent: usize,
    farthest: usize,
}

impl Gather {
    /// For lines of so many rows at most, each of `count` results that read of rows of `extent` elements; `taps` says where each tap's rows
    /// begin, and which element the first result reads, outside perhaps.
    ///
    /// # Panics
    /// If rows that are one line have more results than what they read has elements: a defect of the caller.
    pub(crate) fn new(
        lanes: usize,
        [count, extent]: [usize; 2],
        rows: usize,
        taps: &[(usize, isize)],
    ) -> Self {
        let pitch = if rows == 1 { count } else { extent };
        assert!(count <= pitch, "{count} results in rows of {pitch}");
        let results = (rows - 1) * pitch + count;
        let inside = |first: isize, result: usize| {
            let column = result % pitch;
            let source = first + column as isize;
            result < results && column < count && (0..extent as isize).contains(&source)
        };
        let read = |start: usize, &(place, first): &(usize, isize)| {
            let lanes = (0..lanes).filter(|lane| inside(first, start + lane));
            let mask = lanes.fold(0u32, |mask, lane| mask | 1 << lane);
            (place as isize + first + start as isize, mask)
        };
        let vector = |start: usize| taps.iter().map(move |tap| read(start, tap));
        Gather {
            reads: (0..results).step_by(lanes).flat_map(vector).collect(),
            taps: taps.len(),
            lanes,
            results,
            pitch,
            extent,
            farthest: taps.iter().map(|&(place, _)| place).max().unwrap_or(0),
        }
    }

    /// Whether any tap reaches the line.
    pub(crate) fn is_reached(&self) -> bool {
        self.taps > 0
    }

    /// Where a line lies that is a part of what its only tap reads.
    pub(crate) fn lent(&self) -> Option<usize> {
        let (offset, _) = *self.reads.first()?;
        let all = self.taps == 1 && self.pitch <= self.extent && offset == self.farthest as isize;
        all.then_some(self.farthest)
    }

    /// Whether vectors of so many lanes may gather so many results from lines of so many elements, the first of which begin at `starts`.
    pub(super) fn fits(&self, lanes: usize, len: usize, starts: &[usize], results: usize) -> bool {
        let rows = results.div_ceil(self.pitch.max(1));
        let reach = self.farthest + rows * self.extent;
        self.taps > 0
            && lanes == self.lanes
            && results <= self.results
            && starts.iter().all(|start| start + reach <= len)
    }
}

/// Gathers a line.
///
/// # Safety
/// As [`Gathering`](super::Gathering).
#[inline(always)]
pub(super) unsafe fn gather<V: Vector>(
    from: *const V::Element,
    starts: &[usize],
    gather: &Gather,
    to: *mut V::Element,
    results: usize,
) {
    let all = u32::MAX >> (32 - V::LANES);
    let vectors = gather.reads.chunks_exact(gather.taps);
    for (reads, first) in vectors.zip((0..results).step_by(V::LANES)) {
        let count = (results - first).min(V::LANES);
        let some = u32::MAX >> (32 - count);
        // SAFETY: the caller vouches for the processor, for what the lanes inside read, and for all results.
        unsafe {
            let mut sum = V::zero();
            for &start in starts {
                let from = from.add(start);
                for &(offset, inside) in reads {
                    let (from, inside) = (from.wrapping_offset(offset), inside & some);
                    sum = sum.add(if inside == all {
                        V::load(from)
                    } else {
                        V::zero().merge(inside, from)
                    });
                }
            }
            if count == V::LANES {
                sum.store(to.add(first));
            } else {
                sum.store_first(to.add(first), count);
            }
        }
    }
}
