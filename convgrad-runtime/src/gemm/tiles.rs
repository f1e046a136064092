//! How a product falls into tiles of its result.
//!
//! The tiles follow from the shape alone, never from the number of threads, and no tile splits the sum over k: each element is one
//! kernel call's sum in one order, so that the same bits come out on any number of threads.

use std::ops::Range;

use super::Shape;

/// Multiply-adds that a tile has at most, if its sides allow: a fraction of a millisecond.
const TILE_WORK: usize = 1 << 22;

/// No side is cut below this, and every cut is at a multiple of it: the rows and columns of the widest micro-kernel.
const GRAIN: usize = 16;

/// Multiply-adds below which a product is not worth waking other threads.
const SHARED_WORK: usize = 1 << 18;

/// A part of the result: which matrix of the batch, which rows, which columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tile {
    pub(super) batch: usize,
    pub(super) rows: Range<usize>,
    pub(super) columns: Range<usize>,
}

/// The tiles of a product.
pub(super) struct Tiles {
    shape: Shape,
    /// Rows and columns of a tile.
    size: [usize; 2],
    /// Tiles along the rows and the columns of one matrix.
    grid: [usize; 2],
}

impl Tiles {
    /// Halves the longer side until a tile is small enough.
    pub(super) fn new(shape: Shape) -> Self {
        let mut size = [shape.m, shape.n];
        while work(size, shape.k) > TILE_WORK {
            let longer = usize::from(size[1] > size[0]);
            let half = size[longer].div_ceil(2).next_multiple_of(GRAIN);
            if half >= size[longer] {
                break;
            }
            size[longer] = half;
        }
        Tiles {
            shape,
            size,
            grid: [shape.m.div_ceil(size[0]), shape.n.div_ceil(size[1])],
        }
    }

    pub(super) fn count(&self) -> usize {
        self.shape.batch * self.grid[0] * self.grid[1]
    }

    pub(super) fn is_worth_sharing(&self) -> bool {
        work([self.shape.m, self.shape.n], self.shape.k).saturating_mul(self.shape.batch)
            >= SHARED_WORK
    }

    pub(super) fn get(&self, i: usize) -> Tile {
        let [rows, columns] = self.grid;
        let side =
            |index: usize, size: usize, end: usize| index * size..((index + 1) * size).min(end);
        Tile {
            batch: i / (rows * columns),
            rows: side(i / columns % rows, self.size[0], self.shape.m),
            columns: side(i % columns, self.size[1], self.shape.n),
        }
    }
}

fn work([m, n]: [usize; 2], k: usize) -> usize {
    m.saturating_mul(n).saturating_mul(k)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_is_in_one_tile() {
        for shape in [
            Shape {
                batch: 1,
                m: 100,
                n: 1000,
                k: 1000,
            },
            Shape {
                batch: 3,
                m: 7,
                n: 300,
                k: 20_000,
            },
            Shape {
                batch: 2,
                m: 1,
                n: 1,
                k: 1,
            },
        ] {
            let tiles = Tiles::new(shape);
            let mut seen = vec![0; shape.batch * shape.m * shape.n];
            for i in 0..tiles.count() {
                let Tile {
                    batch,
                    rows,
                    columns,
                } = tiles.get(i);
                for row in rows {
                    for column in columns.clone() {
                        seen[(batch * shape.m + row) * shape.n + column] += 1;
                    }
                }
            }
            assert!(seen.iter().all(|&times| times == 1), "{shape:?}");
        }
    }
}
