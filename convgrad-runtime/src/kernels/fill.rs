//! One value to many places.

use super::block::{Loop, block};
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

/// Elements of a row of which a short run is copied.
const PATTERN: usize = 64;

/// Writes `value` to a place of `y` for every turn of the loops, the first turns' being `y[y_at]`.
#[inline]
pub fn fill_block<T: Copy + 'static>(
    y: &mut [T],
    y_at: i64,
    loops: &[Loop],
    value: T,
) -> Result<(), Stray> {
    match loops {
        [] => fill(y, y_at, 1, value),
        [run] => fill_strided(y, y_at, run.output, run.count, value),
        _ if loops.iter().any(|own| own.count <= 0) => Ok(()),
        [outer, run] if run.output == 1 && run.count <= PATTERN as i64 => {
            let pattern = [value; PATTERN];
            let (outer, run) = (Loop { input: 0, ..*outer }, Loop { input: 1, ..*run });
            block(y, y_at, &pattern, 0, &[outer, run])
        }
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
