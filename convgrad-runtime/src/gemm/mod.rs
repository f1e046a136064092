//! General matrix multiplication: batches of strided matrices, one result bit for bit whatever the number of threads.
//!
//! [`multiply`] is all that the convolutions know of it. The work falls into tiles by the shape alone (`tiles`), and each tile is one
//! call of a single-threaded kernel (`kernel`).

mod kernel;
mod tiles;

#[expect(
    unreachable_pub,
    reason = "the sealed half of the public trait `Float`"
)]
pub use kernel::Kernel;

use crate::conv::Context;
use crate::float::Float;
use kernel::{Block, Matrix};

/// How large the product is: `batch` times (m x k) by (k x n).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) batch: usize,
    pub(crate) m: usize,
    pub(crate) n: usize,
    pub(crate) k: usize,
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
/// # Panics
/// If k is 0, a stride leads out of its slice or two elements of `c` share a place: a defect of the caller.
pub(crate) fn multiply<T: Float>(
    cx: &Context,
    shape: Shape,
    (a, a_strides): (&[T], Strides),
    (b, b_strides): (&[T], Strides),
    (c, c_strides): (&mut [T], Strides),
    write: Write,
) {
    let Shape { batch, m, n, k } = shape;
    assert!(k > 0, "an empty sum has no product: {shape:?}");
    if batch == 0 || m == 0 || n == 0 {
        return;
    }
    Block {
        a: Matrix::new(a, a_strides, [batch, m, k]),
        b: Matrix::new(b, b_strides, [batch, k, n]),
        c: Matrix::new_exclusive(c, c_strides, [batch, m, n]),
        shape,
        write,
    }
    .compute(cx);
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
            multiply(&Context::default(), Shape { batch, m, n, k }, (&a, sa), (&b, sb), (&mut c, sc), write);
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
        );
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
        );
    }
}
