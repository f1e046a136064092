//! Runs whose elements stand apart, on one side or on both.

use std::iter::repeat;

use super::span::{Stray, neighbours, some, span};
use super::{copy, reverse};

/// The distance between elements as a step of an iterator; a run of one element has none.
#[inline(always)]
fn step(stride: i64) -> Result<usize, Stray> {
    usize::try_from(stride.unsigned_abs().max(1)).map_err(|_| Stray)
}

/// Copies `count` elements of `x`, `x_stride` apart, to neighbours in `y`; nothing if `count <= 0`.
#[inline]
pub fn gather<T: Copy>(
    y: &mut [T],
    y_at: i64,
    x: &[T],
    x_at: i64,
    x_stride: i64,
    count: i64,
) -> Result<(), Stray> {
    let Some(count) = some(count) else {
        return Ok(());
    };
    let to = neighbours(y.len(), y_at, count)?;
    let from = span(x.len(), x_at, x_stride, count)?;
    let (y, x, step) = (&mut y[to], &x[from], step(x_stride)?);
    match x_stride {
        0 => y.fill(x[0]),
        1.. => each(y.iter_mut(), x.iter().step_by(step), |y, x| *y = *x),
        _ => each(y.iter_mut(), x.iter().rev().step_by(step), |y, x| *y = *x),
    }
    Ok(())
}

/// Copies `count` neighbours in `x` to places of `y`, `y_stride` apart; nothing if `count <= 0`.
#[inline]
pub fn scatter<T: Copy>(
    y: &mut [T],
    y_at: i64,
    y_stride: i64,
    x: &[T],
    x_at: i64,
    count: i64,
) -> Result<(), Stray> {
    strided(y, y_at, y_stride, x, x_at, 1, count)
}

/// Writes `x[x_at]` to `count` neighbours in `y`; nothing if `count <= 0`.
#[inline]
pub fn splat<T: Copy>(y: &mut [T], y_at: i64, x: &[T], x_at: i64, count: i64) -> Result<(), Stray> {
    gather(y, y_at, x, x_at, 0, count)
}

/// Copies `count` elements of `x`, `x_stride` apart, to places of `y`, `y_stride` apart; nothing if `count <= 0`.
///
/// A run that writes one place several times leaves it with the last element.
#[inline]
pub fn strided<T: Copy>(
    y: &mut [T],
    y_at: i64,
    y_stride: i64,
    x: &[T],
    x_at: i64,
    x_stride: i64,
    count: i64,
) -> Result<(), Stray> {
    match (y_stride, x_stride) {
        (1, 1) => return copy(y, y_at, x, x_at, count),
        (1, -1) => return reverse(y, y_at, x, x_at, count),
        (1, _) => return gather(y, y_at, x, x_at, x_stride, count),
        _ => {}
    }
    pairs((y, y_at, y_stride), (x, x_at, x_stride), count, |y, x| {
        *y = *x;
    })
}

/// Calls `write` for each pair of a run, in order.
#[inline(always)]
pub(super) fn pairs<Y, X>(
    (y, y_at, y_stride): (&mut [Y], i64, i64),
    (x, x_at, x_stride): (&[X], i64, i64),
    count: i64,
    write: impl Fn(&mut Y, &X),
) -> Result<(), Stray> {
    let Some(elements) = some(count) else {
        return Ok(());
    };
    let to = span(y.len(), y_at, y_stride, elements)?;
    let from = span(x.len(), x_at, x_stride, elements)?;
    let (y, x) = (&mut y[to], &x[from]);
    let (y_step, x_step) = (step(y_stride)?, step(x_stride)?);
    match (y_stride, x_stride) {
        (1.., 0) => each(y.iter_mut().step_by(y_step), repeat(&x[0]), write),
        (1.., 1..) => each(
            y.iter_mut().step_by(y_step),
            x.iter().step_by(x_step),
            write,
        ),
        (1.., _) => each(
            y.iter_mut().step_by(y_step),
            x.iter().rev().step_by(x_step),
            write,
        ),
        (0, 0) => (0..elements).for_each(|_| write(&mut y[0], &x[0])),
        (0, 1..) => x.iter().step_by(x_step).for_each(|x| write(&mut y[0], x)),
        (0, _) => x
            .iter()
            .rev()
            .step_by(x_step)
            .for_each(|x| write(&mut y[0], x)),
        (_, 0) => each(y.iter_mut().rev().step_by(y_step), repeat(&x[0]), write),
        (_, 1..) => each(
            y.iter_mut().rev().step_by(y_step),
            x.iter().step_by(x_step),
            write,
        ),
        (_, _) => each(
            y.iter_mut().rev().step_by(y_step),
            x.iter().rev().step_by(x_step),
            write,
        ),
    }
    Ok(())
}

#[inline(always)]
fn each<'y, 'x, Y: 'y, X: 'x>(
    y: impl Iterator<Item = &'y mut Y>,
    x: impl Iterator<Item = &'x X>,
    write: impl Fn(&mut Y, &X),
) {
    for (to, from) in y.zip(x) {
        write(to, from);
    }
}
