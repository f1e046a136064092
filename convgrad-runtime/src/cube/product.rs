//! A matrix product as a program of tile operations, and the loops that run it.
//!
//! The product is cut into blocks of at most 8 x 8 tiles of the result, whose accumulators stay put while `k` runs:
//!
//! ```text
//! for each block of the result:                     (independent: these run on several threads)
//!     for k1 in 0..K1:
//!         load the block's left fractals (m1, k1)
//!         for n1 in the block:
//!             load the right fractal (n1, k1)
//!             for m1 in the block: one tile operation
//! ```
//!
//! Every tile of the result is one sequential sum over `k`, whatever the blocks and the threads.

use super::Counts;
use super::tile::{Accumulator, Fractal, Mode, Multiplier, SIDE, ZERO};
use crate::buffer::filled;
use crate::conv::Context;
use crate::error::Result;

/// Tiles of a block along each side: 64 accumulators, a quarter of the L0C of an Ascend 910.
const BLOCK: usize = 8;

/// A factor: where its fractals come from.
pub(super) trait Source: Sync {
    /// Writes the whole fractal of row `outer` (of M on the left, of N on the right) and column `k1`.
    fn load(&self, outer: usize, k1: usize, fractal: &mut Fractal);
}

/// A factor whose fractals are turned and whose axes are swapped on the way.
pub(super) struct Transposed<S>(pub(super) S);

impl<S: Source> Source for Transposed<S> {
    fn load(&self, outer: usize, k1: usize, fractal: &mut Fractal) {
        self.0.load(k1, outer, fractal);
        super::tile::transpose(fractal);
    }
}

/// The extents of a product in fractals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extents {
    pub(super) m1: usize,
    pub(super) k1: usize,
    pub(super) n1: usize,
}

impl Extents {
    /// What a program of these extents counts; None if it does not fit.
    pub(super) fn counts(self) -> Option<Counts> {
        let product = |factors: &[usize]| {
            factors.iter().try_fold(1u64, |product, &factor| {
                product.checked_mul(u64::try_from(factor).ok()?)
            })
        };
        let Self { m1, k1, n1 } = self;
        Some(Counts {
            tiles: product(&[m1, k1, n1])?,
            left: product(&[m1, k1, n1.div_ceil(BLOCK)])?,
            right: product(&[m1.div_ceil(BLOCK), k1, n1])?,
            results: product(&[m1, n1])?,
        })
    }
}

/// A result: tiles in blocks of rows, in the order NZ (`[n1][m1]`) within each.
pub(super) struct Product {
    extents: Extents,
    tiles: Vec<Accumulator>,
}

impl Product {
    /// The tile of row `m1` and column `n1`.
    pub(super) fn tile(&self, m1: usize, n1: usize) -> &Accumulator {
        let first = m1 - m1 % BLOCK;
        let rows = BLOCK.min(self.extents.m1 - first);
        &self.tiles[first * self.extents.n1 + n1 * rows + (m1 - first)]
    }
}

/// What leaves an accumulator: the same number, and one and the same NaN on every machine.
pub(super) fn settled(value: f32) -> f32 {
    if value.is_nan() { f32::NAN } else { value }
}

/// The part of the result that one thread computes: some rows and columns of tiles, in the order `[n1][m1]`.
struct Block<'a> {
    first_m1: usize,
    first_n1: usize,
    rows: usize,
    tiles: &'a mut [Accumulator],
}

/// Runs the product of two factors.
/// Fails if there is no memory for the result.
pub(super) fn run(
    cx: &Context,
    left: &impl Source,
    right: &impl Source,
    extents: Extents,
) -> Result<(Product, Counts)> {
    let Extents { m1, k1, n1 } = extents;
    let mut tiles = filled("the result in fractals", &[m1, n1], [[0.0; SIDE]; SIDE])?;
    let mut blocks = Vec::new();
    // A chunk of size 0 is refused, and an empty result has none anyway.
    for (i, chunk) in tiles.chunks_mut((BLOCK * n1).max(1)).enumerate() {
        let rows = BLOCK.min(m1 - i * BLOCK);
        for (j, tiles) in chunk.chunks_mut(BLOCK * rows).enumerate() {
            blocks.push(Block {
                first_m1: i * BLOCK,
                first_n1: j * BLOCK,
                rows,
                tiles,
            });
        }
    }
    let multiplier = Multiplier::new();
    let counts = cx.map(blocks, |block| block.run(left, right, k1, multiplier));
    Ok((Product { extents, tiles }, counts.into_iter().sum()))
}

impl Block<'_> {
    fn run(
        self,
        left: &impl Source,
        right: &impl Source,
        k1: usize,
        multiplier: Multiplier,
    ) -> Counts {
        let mut counts = Counts {
            results: self.tiles.len() as u64,
            ..Counts::default()
        };
        let mut fractal = ZERO;
        let mut lefts = Vec::with_capacity(self.rows);
        for k in 0..k1 {
            let mode = if k == 0 {
                Mode::Overwrite
            } else {
                Mode::Accumulate
            };
            lefts.clear();
            for m in 0..self.rows {
                left.load(self.first_m1 + m, k, &mut fractal);
                lefts.push(multiplier.left(&fractal));
            }
            counts.left += lefts.len() as u64;
            for (n, column) in self.tiles.chunks_mut(self.rows).enumerate() {
                right.load(self.first_n1 + n, k, &mut fractal);
                counts.right += 1;
                let right = multiplier.right(&fractal);
                for (accumulator, left) in column.iter_mut().zip(&lefts) {
                    multiplier.multiply(accumulator, left, &right, mode);
                    counts.tiles += 1;
                }
            }
        }
        counts
    }
}
