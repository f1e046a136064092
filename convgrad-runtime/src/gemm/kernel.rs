//! The leaf: one tile of one product, computed by the `matrixmultiply` crate. All unsafe code of the multiplication is here.
//!
//! Numeric contract: every element is a sum of k products in the element's own type, in an order that depends on k and the processor
//! only, with fused multiply-adds where the processor has them.

use std::marker::PhantomData;

use super::tiles::{Tile, Tiles};
use super::{Shape, Strides, Write};
use crate::conv::Context;
use crate::float::Float;

/// A number type with a matrix kernel. Sealed: only the types in this file have one.
pub trait Kernel: Sized + sealed::Sealed {
    /// `c = beta * c + a * b` for an m x k and a k x n matrix; each operand is a pointer, a row stride and a column stride.
    ///
    /// # Safety
    /// Every element that the extents and strides of `a` and `b` reach must be readable, every one of `c` writable and, unless beta is 0,
    /// initialised; no two elements of `c` may share a place, nor one with `a` or `b`.
    #[doc(hidden)]
    unsafe fn gemm(
        extents: [usize; 3],
        a: (*const Self, isize, isize),
        b: (*const Self, isize, isize),
        beta: Self,
        c: (*mut Self, isize, isize),
    );
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! kernels {
    ($($float:ty: $gemm:path;)*) => {$(
        impl sealed::Sealed for $float {}

        impl Kernel for $float {
            unsafe fn gemm(
                [m, k, n]: [usize; 3],
                (a, rsa, csa): (*const Self, isize, isize),
                (b, rsb, csb): (*const Self, isize, isize),
                beta: Self,
                (c, rsc, csc): (*mut Self, isize, isize),
            ) {
                // SAFETY: the caller vouches for exactly what matrixmultiply asks.
                unsafe { $gemm(m, k, n, 1.0, a, rsa, csa, b, rsb, csb, beta, c, rsc, csc) }
            }
        }
    )*};
}

kernels! {
    f32: matrixmultiply::sgemm;
    f64: matrixmultiply::dgemm;
}

/// A batch of matrices whose every element is known to lie in the slice it was made from.
pub(super) struct Matrix<'a, P> {
    start: P,
    strides: Strides,
    slice: PhantomData<&'a ()>,
}

/// The last place that a batch of matrices reaches, None if it is empty.
fn last(strides: Strides, [batch, rows, columns]: [usize; 3]) -> Option<usize> {
    let step = |count: usize, stride: usize| count.checked_sub(1)?.checked_mul(stride);
    let steps = [
        step(batch, strides.batch)?,
        step(rows, strides.row)?,
        step(columns, strides.column)?,
    ];
    Some(
        steps
            .iter()
            .fold(strides.offset, |sum, &step| sum.saturating_add(step)),
    )
}

fn check(strides: Strides, extents: [usize; 3], len: usize) {
    let empty = extents.contains(&0);
    let inside = last(strides, extents).is_some_and(|last| last < len);
    assert!(
        empty || inside,
        "a matrix leads out of its slice: {strides:?}, {extents:?}, {len} elements"
    );
}

impl<'a, T: Float> Matrix<'a, *const T> {
    /// A batch to read.
    pub(super) fn new(slice: &'a [T], strides: Strides, extents: [usize; 3]) -> Self {
        check(strides, extents, slice.len());
        Matrix {
            start: slice.as_ptr(),
            strides,
            slice: PhantomData,
        }
    }
}

impl<'a, T: Float> Matrix<'a, *mut T> {
    /// A batch to write, whose elements all have places of their own.
    pub(super) fn new_exclusive(slice: &'a mut [T], strides: Strides, extents: [usize; 3]) -> Self {
        check(strides, extents, slice.len());
        // Sorted by stride, each stride must step over everything that the smaller ones reach.
        let mut axes = [
            (strides.batch, extents[0]),
            (strides.row, extents[1]),
            (strides.column, extents[2]),
        ];
        axes.sort_unstable();
        let mut reach = 0;
        for (stride, extent) in axes {
            if extent > 1 {
                assert!(
                    stride > reach,
                    "two elements of a result share a place: {strides:?}, {extents:?}"
                );
                reach += (extent - 1) * stride;
            }
        }
        Matrix {
            start: slice.as_mut_ptr(),
            strides,
            slice: PhantomData,
        }
    }
}

/// A product of two batches into a third, whose tiles can be computed side by side.
pub(super) struct Block<'a, T> {
    pub(super) a: Matrix<'a, *const T>,
    pub(super) b: Matrix<'a, *const T>,
    pub(super) c: Matrix<'a, *mut T>,
    pub(super) shape: Shape,
    pub(super) write: Write,
}

// SAFETY: threads share `a` and `b` for reading, as `&[T]` with T: Sync may be, and write to disjoint tiles of `c` only, as
// `compute_tile`, the one method that writes, demands.
unsafe impl<T: Float> Sync for Block<'_, T> {}

impl<T: Float> Block<'_, T> {
    /// Computes the product.
    pub(super) fn compute(self, cx: &Context) {
        let tiles = Tiles::new(self.shape);
        // SAFETY: the tiles are of the very shape that the matrices were checked with, no two overlap, and each is computed once.
        cx.for_each(tiles.count(), tiles.is_worth_sharing(), |i| unsafe {
            self.compute_tile(tiles.get(i))
        });
    }

    /// Computes one tile.
    ///
    /// # Safety
    /// The tile must lie within the shape, and no other thread may compute an overlapping one.
    unsafe fn compute_tile(&self, tile: Tile) {
        let Tile {
            batch,
            rows,
            columns,
        } = tile;
        let at = |s: Strides, row: usize, column: usize| {
            s.offset + batch * s.batch + row * s.row + column * s.column
        };
        let (a, b, c) = (&self.a, &self.b, &self.c);
        let beta = T::from_f64(match self.write {
            Write::Replace => 0.0,
            Write::Add => 1.0,
        });
        // SAFETY: the matrices were checked to lie in their slices and `c` to have no shared places, the tile lies within them, and `c`
        // is borrowed exclusively, so that it meets neither `a` nor `b`. The sum over k is not empty, so that all starts lie inside.
        unsafe {
            T::gemm(
                [rows.len(), self.shape.k, columns.len()],
                (
                    a.start.add(at(a.strides, rows.start, 0)),
                    a.strides.row as isize,
                    a.strides.column as isize,
                ),
                (
                    b.start.add(at(b.strides, 0, columns.start)),
                    b.strides.row as isize,
                    b.strides.column as isize,
                ),
                beta,
                (
                    c.start.add(at(c.strides, rows.start, columns.start)),
                    c.strides.row as isize,
                    c.strides.column as isize,
                ),
            );
        }
    }
}
