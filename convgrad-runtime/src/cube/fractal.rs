//! The fractal orders: where the elements of a matrix stand when it is cut into blocks of 16 x 16.
//!
//! The first letter says how the fractals follow each other in the matrix, the second how the numbers follow in a fractal,
//! Z by rows and N by columns:
//!
//! ```text
//!     Z: rows first         N: columns first
//!     0 -> 1 -> 2             0    3
//!        .-----'              |  / |
//!     3 -> 4 -> 5             1    4
//!        .-----'              |  / |
//!     6 -> 7 -> 8             2    5
//! ```
//!
//! | order | of a matrix | shape | element | what it is for |
//! |---|---|---|---|---|
//! | ZZ | (M, K) | (M/16, K/16, 16, 16) | `[m/16, k/16, m%16, k%16]` | left factors |
//! | ZN | (K, N) | (K/16, N/16, 16, 16) | `[k/16, n/16, n%16, k%16]` | right factors |
//! | NZ | (M, N) | (N/16, M/16, 16, 16) | `[n/16, m/16, m%16, n%16]` | results |
//!
//! Blocks are counted rounding up, and places beyond the matrix hold 0. The formats of tensors are the same thing:
//! FRACTAL_Z of a kernel *is* ZN of the matrix with rows (c/16, r, s, c%16) and columns k, and NC1HWC0 of an image *is* NZ
//! of the matrix with rows (h, w) and columns c, without the rows that fill the last fractal.

use half::f16;

use super::product::Source;
use super::tile::{Fractal, SIDE, fractals};
use crate::buffer::filled;
use crate::error::{Error, Result};

/// An order of fractals in a matrix, and of numbers in a fractal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// Rows of fractals, each by rows.
    Zz,
    /// Rows of fractals, each by columns.
    Zn,
    /// Columns of fractals, each by rows.
    Nz,
}

impl Order {
    /// The shape in memory of a matrix of so many rows and columns.
    pub fn shape(self, [rows, columns]: [usize; 2]) -> [usize; 4] {
        let (rows, columns) = (rows.div_ceil(SIDE), columns.div_ceil(SIDE));
        match self {
            Order::Zz | Order::Zn => [rows, columns, SIDE, SIDE],
            Order::Nz => [columns, rows, SIDE, SIDE],
        }
    }

    /// Where the element of a row and a column stands, in the matrix's shape in memory.
    pub fn index(self, [row, column]: [usize; 2]) -> [usize; 4] {
        let (row1, row0, column1, column0) = (row / SIDE, row % SIDE, column / SIDE, column % SIDE);
        match self {
            Order::Zz => [row1, column1, row0, column0],
            Order::Zn => [row1, column1, column0, row0],
            Order::Nz => [column1, row1, row0, column0],
        }
    }

    /// Brings a matrix, given row by row, into this order; what is beyond it becomes `padding`.
    ///
    /// # Errors
    /// [`Error::Length`] if the slice is no matrix of that shape, [`Error::Memory`] if the result does not fit.
    pub fn pack<T: Copy>(self, matrix: &[T], extents: [usize; 2], padding: T) -> Result<Vec<T>> {
        check_length("the matrix", &extents, matrix.len())?;
        let shape = self.shape(extents);
        let mut packed = filled("the matrix in fractals", &shape, padding)?;
        for (i, &value) in matrix.iter().enumerate() {
            packed[flat(shape, self.index([i / extents[1], i % extents[1]]))] = value;
        }
        Ok(packed)
    }

    /// The matrix, row by row, that stands in this order.
    ///
    /// # Errors
    /// [`Error::Length`] if the slice has not the length of such a matrix.
    pub fn unpack<T: Copy>(self, packed: &[T], extents: [usize; 2]) -> Result<Vec<T>> {
        let shape = self.shape(extents);
        check_length("the matrix in fractals", &shape, packed.len())?;
        let [rows, columns] = extents;
        let place = |i| packed[flat(shape, self.index([i / columns, i % columns]))];
        Ok((0..rows * columns).map(place).collect())
    }
}

fn flat(shape: [usize; 4], index: [usize; 4]) -> usize {
    shape
        .iter()
        .zip(index)
        .fold(0, |flat, (extent, index)| flat * extent + index)
}

/// Refuses a slice that has another length than its shape says.
pub(super) fn check_length(tensor: &'static str, shape: &[usize], found: usize) -> Result<()> {
    let expected = shape
        .iter()
        .try_fold(1usize, |len, &extent| len.checked_mul(extent));
    if expected == Some(found) {
        Ok(())
    } else {
        Err(Error::length(tensor, shape, found))
    }
}

/// A factor that stands in memory in fractals: ZZ on the left, ZN on the right.
pub(super) struct Stored<'a> {
    fractals: &'a [Fractal],
    /// Fractals from one row (of M, or of N) to the next, and from one step of `k` to the next.
    outer: usize,
    k1: usize,
}

impl<'a> Stored<'a> {
    /// A left factor of `k1` fractals along `k`.
    pub(super) fn zz(data: &'a [f16], k1: usize) -> Self {
        Self {
            fractals: fractals(data),
            outer: k1,
            k1: 1,
        }
    }

    /// A right factor of `n1` fractals along N.
    pub(super) fn zn(data: &'a [f16], n1: usize) -> Self {
        Self {
            fractals: fractals(data),
            outer: 1,
            k1: n1,
        }
    }
}

impl Source for Stored<'_> {
    fn load(&self, outer: usize, k1: usize, fractal: &mut Fractal) {
        *fractal = self.fractals[outer * self.outer + k1 * self.k1];
    }
}
