//! A matrix product on the Cube: what a convolution is once its operands stand in fractals.

use half::f16;

use super::Counts;
use super::fractal::{Order, Stored, check_length};
use super::product::{self, Extents};
use super::real::{Real, rounded};
use super::tile::SIDE;
use crate::buffer::filled;
use crate::conv::Context;
use crate::error::Result;

/// The product of `a` (m rows, k columns) and `b` (k rows, n columns), all row by row, and what it took.
///
/// The factors are rounded to f16 and brought into ZZ and ZN, the result comes out of NZ.
///
/// ```
/// use convgrad_runtime::conv::Context;
/// use convgrad_runtime::cube;
///
/// let (product, counts) = cube::matmul(&Context::default(), &[1.0f32, 2.0], &[3.0, 4.0], [1, 2, 1])?;
/// assert_eq!(product, [11.0]);
/// assert_eq!(counts.tiles, 1);
/// # Ok::<(), convgrad_runtime::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`](crate::Error::Length) if a slice has not the length of its matrix,
/// [`Error::Memory`](crate::Error::Memory) if a matrix in fractals does not fit.
pub fn matmul<T: Real>(
    cx: &Context,
    a: &[T],
    b: &[T],
    [m, k, n]: [usize; 3],
) -> Result<(Vec<T>, Counts)> {
    check_length("the left matrix", &[m, k], a.len())?;
    check_length("the right matrix", &[k, n], b.len())?;
    let left = Order::Zz.pack(&rounded("the left matrix", a)?, [m, k], f16::ZERO)?;
    let right = Order::Zn.pack(&rounded("the right matrix", b)?, [k, n], f16::ZERO)?;
    let extents = Extents {
        m1: m.div_ceil(SIDE),
        k1: k.div_ceil(SIDE),
        n1: n.div_ceil(SIDE),
    };
    let (left, right) = (
        Stored::zz(&left, extents.k1),
        Stored::zn(&right, extents.n1),
    );
    let (product, counts) = cx.enter(|| product::run(cx, &left, &right, extents))?;
    let mut result = filled("the product", &[m, n], T::from_accumulator(0.0))?;
    for (i, value) in result.iter_mut().enumerate() {
        let (row, column) = (i / n, i % n);
        let tile = product.tile(row / SIDE, column / SIDE);
        *value = T::from_accumulator(product::settled(tile[row % SIDE][column % SIDE]));
    }
    Ok((result, counts))
}
