//! Neighbours in reversed order.

use super::span::{Stray, neighbours, some, span};

/// Copies `x[x_at]`, `x[x_at - 1]`, … to `count` neighbours from `y[y_at]`; nothing if `count <= 0`.
#[inline]
pub fn reverse<T: Copy>(
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
    let from = span(x.len(), x_at, -1, count)?;
    for (to, from) in y[to].iter_mut().zip(x[from].iter().rev()) {
        *to = *from;
    }
    Ok(())
}
