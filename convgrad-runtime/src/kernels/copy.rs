//! Neighbours to neighbours.

use super::span::{Stray, neighbours, some};

/// Copies `count` neighbours from `x[x_at..]` to `y[y_at..]`; nothing if `count <= 0`.
#[inline]
pub fn copy<T: Copy>(y: &mut [T], y_at: i64, x: &[T], x_at: i64, count: i64) -> Result<(), Stray> {
    let Some(count) = some(count) else {
        return Ok(());
    };
    let to = neighbours(y.len(), y_at, count)?;
    let from = neighbours(x.len(), x_at, count)?;
    y[to].copy_from_slice(&x[from]);
    Ok(())
}
