//! One value to many places.

use super::block::Loop;
use super::span::{Stray, neighbours, some, span};

/// Writes `value` to `count` neighbours from `y[y_at]`; nothing if `count <= 0`.
#[inline]
pub fn fill<T: Copy>(y: &mut [T], y_at: i64, count: i64, value: T) -> Result<(), Stray> {
    let Some(count) = some(count) else {
        return Ok(());
    };
    let to = neighbours(y.len(), y_at, count)?;
    y[to].fill(value);
    Ok(())
}

/// Writes `value` to a place of `y` for every turn of the loops, the first turns' being `y[y_at]`.
#[inline]
pub fn fill_block<T: Copy>(y: &mut [T], y_at: i64, loops: &[Loop], value: T) -> Result<(), Stray> {
    match loops {
        [] => fill(y, y_at, 1, value),
        [run] => fill_strided(y, y_at, run.output, run.count, value),
        [outer, Loop { count: 1, .. }] => fill_strided(y, y_at, outer.output, outer.count, value),
        [outer, rest @ ..] => {
            let mut at = y_at;
            for _ in 0..outer.count {
                fill_block(y, at, rest, value)?;
                at = at.wrapping_add(outer.output);
            }
            Ok(())
        }
    }
}

/// Writes `value` to `count` places of `y`, `y_stride` apart from `y_at`; nothing if `count <= 0`.
#[inline]
pub fn fill_strided<T: Copy>(
    y: &mut [T],
    y_at: i64,
    y_stride: i64,
    count: i64,
    value: T,
) -> Result<(), Stray> {
    if y_stride == 1 {
        return fill(y, y_at, count, value);
    }
    let Some(count) = some(count) else {
        return Ok(());
    };
    let to = span(y.len(), y_at, y_stride, count)?;
    // A step of 0 meets one place only.
    let step = usize::try_from(y_stride.unsigned_abs().max(1)).map_err(|_| Stray)?;
    for to in y[to].iter_mut().step_by(step) {
        *to = value;
    }
    Ok(())
}
