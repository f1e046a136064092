//! General matrix multiplication, of matrices that need not exist: one result bit for bit whatever the number of threads.
//!
//! The chapter in the order in which a product runs:
//! - [`source`]: operands that are tensors, or anything that can write rows of itself; `places` says where a tensor's rows and columns lie,
//! - [`target`]: where the result goes,
//! - [`blocking`]: how the work falls into stretches of the depth, by the shape alone, tasks, and blocks that fit the caches,
//! - [`engine`]: a product from beginning to end; [`parts`], one whose parts a caller takes as they come; `packed` is an operand that it keeps, [`prepared`] one that outlives it,
//! - [`task`]: the loops over tiles, which read an operand into a room only where it cannot stay where it is (`panels`, `pack`),
//! - [`microkernel`]: a tile in registers, in the instructions that the processor has.
//!
//! [`product`] multiplies sources, [`multiply_matrices`] plain matrices, turned over where that is cheaper.

mod blocking;
mod engine;
mod microkernel;
mod pack;
mod packed;
mod panels;
mod parts;
mod places;
mod prepared;
mod source;
mod target;
mod task;

#[expect(
    unreachable_pub,
    reason = "the sealed half of the public trait `Float`"
)]
pub use microkernel::HasKernels;

pub(crate) use blocking::{evenly, line};
pub(crate) use engine::product;
pub(crate) use microkernel::{
    Area, Column, Gather, Kernels, MOST_LANES, Piece, Run, Slot, Spread, Steps, Taps, host,
};
pub(crate) use pack::{pad, turn};
pub(crate) use parts::Parts;
pub(crate) use places::Places;
pub(crate) use prepared::Prepared;
pub(crate) use source::{Block, Cuts, LaidOut, Lent, Matrix, Room, Source, Strip};
pub(crate) use target::Target;

use crate::conv::Context;
use crate::error::Result;
use crate::float::Float;

/// How large the product is: `batch` times (m x k) by (k x n).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) batch: usize,
    pub(crate) m: usize,
    pub(crate) n: usize,
    pub(crate) k: usize,
}

impl Shape {
    /// Of the product of the transposed factors in the other order.
    pub(crate) fn transposed(self) -> Self {
        Shape {
            m: self.n,
            n: self.m,
            ..self
        }
    }
}

/// Where the elements of a batch of matrices lie in a slice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Strides {
    /// Where the first element lies.
    pub(crate) offset: usize,
    /// From a matrix to the next.
    pub(crate) batch: usize,
    /// From a row to the next.
    pub(crate) row: usize,
    /// From a column to the next.
    pub(crate) column: usize,
}

impl Strides {
    /// The same elements with rows and columns exchanged.
    pub(crate) fn transposed(self) -> Self {
        Strides {
            row: self.column,
            column: self.row,
            ..self
        }
    }
}

/// Whether a product replaces what the result held or is added to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Write {
    /// The old contents are not read.
    Replace,
    /// The old contents are a summand.
    Add,
}

/// Computes `c = a * b` or `c += a * b` for each matrix of a batch.
///
/// # Errors
/// [`Error::Memory`](crate::Error::Memory) if there is no room for a few panels.
///
/// # Panics
/// If k is 0, a stride leads out of its slice or two elements of `c` share a place: a defect of the caller.
pub(crate) fn multiply<T: Float>(
    cx: &Context,
    shape: Shape,
    (a, a_strides): (&[T], Strides),
    (b, b_strides): (&[T], Strides),
    (c, c_strides): (&mut [T], Strides),
    write: Write,
) -> Result<()> {
    let Shape { batch, m, n, k } = shape;
    let places = |strides: Strides, rows: usize, columns: usize| -> Result<_> {
        let mut places = Places::default();
        (0..batch)
            .try_for_each(|i| places.push(strides.offset + i * strides.batch, strides.row, rows))?;
        Ok((places, Places::steady(columns, strides.column)?))
    };
    let (rows, columns) = places(a_strides, m, k)?;
    let a = Matrix::new(a, rows, columns, [m, 0]);
    let (rows, columns) = places(b_strides, k, n)?;
    let b = Matrix::new(b, rows, columns, [k, 0]);
    let (rows, columns) = places(c_strides, m, n)?;
    multiply_matrices(
        cx,
        shape,
        a,
        b,
        Target::new(c, rows, columns, [m, 0]),
        write,
    )
}

/// [`product`] of two matrices, or of both turned over if that leaves less to do.
///
/// # Errors
/// As [`product`].
pub(crate) fn multiply_matrices<T: Float>(
    cx: &Context,
    shape: Shape,
    a: Matrix<T>,
    b: Matrix<T>,
    c: Target<T>,
    write: Write,
) -> Result<()> {
    let sides = |by_rows, by_columns| Sides {
        by_rows,
        by_columns,
    };
    let (a_sides, b_sides) = (
        sides(a.goes_by_rows(), a.goes_by_columns()),
        sides(b.goes_by_rows(), b.goes_by_columns()),
    );
    if is_turned(host::<T>(), shape, a_sides, b_sides, c.goes_by_rows()) {
        let (a, b) = (a.transposed(), b.transposed());
        product(cx, shape.transposed(), &b, &a, &c.transposed(), write)
    } else {
        product(cx, shape, &a, &b, &c, write)
    }
}

/// What of a matrix lies side by side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sides {
    /// Neighbouring columns.
    pub(crate) by_rows: bool,
    /// Neighbouring rows.
    pub(crate) by_columns: bool,
}

/// Whether a product of matrices leaves less to do when all of them are turned over.
fn is_turned<T>(kernels: &Kernels<T>, shape: Shape, a: Sides, b: Sides, c_by_rows: bool) -> bool {
    let as_is = [a.by_rows, b.by_rows, c_by_rows];
    let turned = [b.by_columns, a.by_columns, !c_by_rows];
    cost(kernels, shape.transposed(), turned, b.by_rows) < cost(kernels, shape, as_is, a.by_columns)
}

/// About how many multiplications of vectors a product takes, or could have been made while operands are moved: `by_rows` says of a, b and c
/// whether columns lie side by side.
fn cost<T>(kernels: &Kernels<T>, shape: Shape, [a, b, c]: [bool; 3], a_by_columns: bool) -> usize {
    /// Vectors' worth of time to move 16 elements: side by side, and one by one.
    const MOVE: [usize; 2] = [6, 24];
    let moved = |elements: usize, cost: usize| elements.saturating_mul(cost) / 16;
    let Shape { m, n, k, .. } = shape;
    // Half vectors gain little where b comes out of a room.
    let grain = if b { kernels.grain } else { kernels.lanes };
    let grains = m.saturating_mul(k).saturating_mul(n.div_ceil(grain));
    let products = grains / (kernels.lanes / grain);
    let reads_a = if a || a_by_columns {
        0
    } else {
        moved(m.saturating_mul(k), MOVE[1])
    };
    let reads_b = if b {
        0
    } else {
        moved(k.saturating_mul(n), MOVE[0])
    };
    let writes_c = if c {
        0
    } else {
        moved(m.saturating_mul(n), MOVE[1])
    };
    products
        .saturating_add(reads_a)
        .saturating_add(reads_b)
        .saturating_add(writes_c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_the_definition(
            batch in 0usize..4, m in 0usize..40, n in 0usize..40, k in 1usize..20,
            transposed in prop::array::uniform3(any::<bool>()), add in any::<bool>(), seed in any::<u64>(),
        ) {
            let strides = |rows: usize, columns: usize, transposed: bool, gap: usize| if transposed {
                Strides { offset: 3, batch: columns * (rows + gap), row: 1, column: rows + gap }
            } else {
                Strides { offset: 2, batch: rows * (columns + gap), row: columns + gap, column: 1 }
            };
            let mut state = seed | 1;
            let mut random = |len: usize| (0..len).map(|_| {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                (state >> 40) as f64 / (1u64 << 23) as f64 - 1.0
            }).collect::<Vec<f64>>();
            let [sa, sb, sc] = [strides(m, k, transposed[0], 0), strides(k, n, transposed[1], 2), strides(m, n, transposed[2], 1)];
            let len = |s: Strides, rows: usize, columns: usize| s.offset + batch * s.batch + rows * s.row + columns * s.column;
            let (a, b, start) = (random(len(sa, m, k)), random(len(sb, k, n)), random(len(sc, m, n)));
            let write = if add { Write::Add } else { Write::Replace };
            let mut c = start.clone();
            multiply(&Context::default(), Shape { batch, m, n, k }, (&a, sa), (&b, sb), (&mut c, sc), write).unwrap();
            let mut expected = start.clone();
            for g in 0..batch { for i in 0..m { for j in 0..n {
                let at = |s: Strides, i: usize, j: usize| s.offset + g * s.batch + i * s.row + j * s.column;
                let sum: f64 = (0..k).map(|l| a[at(sa, i, l)] * b[at(sb, l, j)]).sum();
                let place = &mut expected[at(sc, i, j)];
                *place = sum + if add { *place } else { 0.0 };
            } } }
            for (found, expected) in c.iter().zip(&expected) {
                prop_assert!((found - expected).abs() < 1e-12, "{found} {expected}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "leads out of its slice")]
    fn strides_must_stay_in_the_slice() {
        let strides = Strides {
            offset: 0,
            batch: 0,
            row: 2,
            column: 1,
        };
        let shape = Shape {
            batch: 1,
            m: 2,
            n: 2,
            k: 2,
        };
        multiply(
            &Context::default(),
            shape,
            (&[1.0f32; 4], strides),
            (&[1.0; 3], strides),
            (&mut [0.0; 4], strides),
            Write::Replace,
        )
        .unwrap();
    }

    #[test]
    #[should_panic(expected = "share a place")]
    fn results_must_not_overlap() {
        let strides = Strides {
            offset: 0,
            batch: 0,
            row: 1,
            column: 1,
        };
        let shape = Shape {
            batch: 1,
            m: 2,
            n: 2,
            k: 2,
        };
        multiply(
            &Context::default(),
            shape,
            (&[1.0f32; 4], strides),
            (&[1.0; 4], strides),
            (&mut [0.0; 4], strides),
            Write::Replace,
        )
        .unwrap();
    }
}
