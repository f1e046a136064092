//! Runs that are added to what is there.
//!
//! Every place gets its elements in the order of the run, one after the other.

use super::span::{Stray, neighbours, some};
use super::strided::pairs;
use crate::element::Element;

/// Adds `count` neighbours from `x[x_at..]` to `y[y_at..]`; nothing if `count <= 0`.
#[inline]
pub fn add<T: Element>(
    y: &mut [T],
    y_at: i64,
    x: &[T],
    x_at: i64,
    count: i64,
) -> Result<(), Stray> {
    let Some(count) = some(count) else {
        return Ok(());
    };
    let to = neighbours(y.len(), y_at, count)?;
    let from = neighbours(x.len(), x_at, count)?;
    for (y, x) in y[to].iter_mut().zip(&x[from]) {
        *y = y.plus(*x);
    }
    Ok(())
}

/// Adds `count` elements of `x`, `x_stride` apart, to places of `y`, `y_stride` apart; nothing if `count <= 0`.
#[inline]
pub fn add_strided<T: Element>(
    y: &mut [T],
    y_at: i64,
    y_stride: i64,
    x: &[T],
    x_at: i64,
    x_stride: i64,
    count: i64,
) -> Result<(), Stray> {
    if (y_stride, x_stride) == (1, 1) {
        return add(y, y_at, x, x_at, count);
    }
    pairs((y, y_at, y_stride), (x, x_at, x_stride), count, |y, x| {
        *y = y.plus(*x);
    })
}
