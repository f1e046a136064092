//! An axis of a product, in fractals, and how it may be cut.

use std::ops::Range;

/// `outer` equal parts of `inner` fractals. A tile is some whole parts, or lies in one part and starts at a multiple of `unit` there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    pub(super) outer: usize,
    pub(super) inner: usize,
    pub(super) unit: usize,
}

impl Axis {
    /// An axis that may be cut anywhere.
    pub(super) fn plain(len: usize) -> Self {
        Self {
            outer: 1,
            inner: len,
            unit: 1,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.outer * self.inner
    }

    /// Tiles of about `target` fractals: no more, unless a unit is larger.
    pub(super) fn tiles(&self, target: usize) -> Vec<Range<usize>> {
        let (len, inner) = (self.len(), self.inner.max(1));
        if target >= inner {
            let step = target / inner * inner;
            return (0..len)
                .step_by(step)
                .map(|start| start..(start + step).min(len))
                .collect();
        }
        let step = (target / self.unit).max(1) * self.unit;
        // Pieces of about the same size, rather than a small one at the end of each part.
        let pieces = inner.div_ceil(step);
        let step = inner.div_ceil(pieces).next_multiple_of(self.unit);
        let of_part = |part: usize| {
            (0..inner)
                .step_by(step)
                .map(move |start| part * inner + start..part * inner + (start + step).min(inner))
        };
        (0..self.outer).flat_map(of_part).collect()
    }
}

/// The longest of some tiles.
pub(super) fn longest(tiles: &[Range<usize>]) -> usize {
    tiles.iter().map(Range::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_an_axis_and_respect_its_parts() {
        for outer in 1..5 {
            for inner in 1..12 {
                for unit in (1..=inner).filter(|unit| inner % unit == 0) {
                    let axis = Axis { outer, inner, unit };
                    for target in 1..30 {
                        let tiles = axis.tiles(target);
                        let mut next = 0;
                        for tile in &tiles {
                            assert_eq!(tile.start, next);
                            assert!(!tile.is_empty());
                            next = tile.end;
                            let whole = tile.start % inner == 0 && tile.end % inner == 0;
                            let part = tile.start / inner == (tile.end - 1) / inner
                                && tile.start % inner % unit == 0;
                            assert!(whole || part, "{axis:?} {target} {tile:?}");
                            assert!(tile.len() <= target.max(unit));
                        }
                        assert_eq!(next, axis.len());
                    }
                }
            }
        }
    }
}
