//! Which part of a slice a run touches.

use std::ops::Range;

use crate::error::Error;

/// A run that leaves its tensor. What was proved of the formula did not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stray;

impl From<Stray> for Error {
    fn from(_: Stray) -> Self {
        Error::Internal {
            what: "a run of elements leaves its tensor".into(),
        }
    }
}

/// `count` neighbours from `at`, as a range of a slice of `len` elements.
#[inline(always)]
pub(super) fn neighbours(len: usize, at: i64, count: usize) -> Result<Range<usize>, Stray> {
    let start = usize::try_from(at).map_err(|_| Stray)?;
    let end = start.checked_add(count).ok_or(Stray)?;
    if end <= len {
        Ok(start..end)
    } else {
        Err(Stray)
    }
}

/// From the lowest to the highest of `count` >= 1 elements, `stride` apart from `at`.
#[inline(always)]
pub(super) fn span(len: usize, at: i64, stride: i64, count: usize) -> Result<Range<usize>, Stray> {
    let way = i64::try_from(count - 1)
        .ok()
        .and_then(|steps| steps.checked_mul(stride))
        .ok_or(Stray)?;
    let last = at.checked_add(way).ok_or(Stray)?;
    let start = usize::try_from(at.min(last)).map_err(|_| Stray)?;
    let end = usize::try_from(at.max(last)).map_err(|_| Stray)?;
    if end < len {
        Ok(start..end + 1)
    } else {
        Err(Stray)
    }
}

/// The number of elements; None if there is nothing to do.
#[inline(always)]
pub(super) fn some(count: i64) -> Option<usize> {
    usize::try_from(count).ok().filter(|&count| count > 0)
}
