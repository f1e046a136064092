//! Runs whose elements change their type.

use super::block::row;
use super::span::{Stray, neighbours, some};
use super::strided::pairs;
use crate::convert::Convert;

/// Converts `count` elements of `x`, `x_stride` apart from `x_at`, to places of `y`, `y_stride` apart from `y_at`; nothing if
/// `count <= 0`.
#[inline]
pub fn convert<X: Copy + 'static, Y: 'static>(
    conversion: impl Convert<X, Y>,
    (y, y_at, y_stride): (&mut [Y], i64, i64),
    (x, x_at, x_stride): (&[X], i64, i64),
    count: i64,
) -> Result<(), Stray> {
    if (y_stride, x_stride) != (1, 1) {
        let (to, from) = ((y, y_at, y_stride), (x, x_at, x_stride));
        return pairs(to, from, count, |y, x| *y = conversion.one(*x));
    }
    let Some(count) = some(count) else {
        return Ok(());
    };
    let to = neighbours(y.len(), y_at, count)?;
    let from = neighbours(x.len(), x_at, count)?;
    row(conversion, &x[from], &mut y[to]);
    Ok(())
}
