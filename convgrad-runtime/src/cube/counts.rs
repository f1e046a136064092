//! What a program of tile operations does to the machine: counted while it runs, and in closed form.

use std::iter::Sum;
use std::ops::{Add, AddAssign};

use super::Scheme;
use super::backward_kernel::extents as kernel_extents;
use super::forward::{extents, outputs, too_many};
use super::product::Extents;
use super::windows::Rows;
use crate::conv::Conv2d;
use crate::error::Result;

/// How many tile operations a program takes, and how many fractals it moves.
///
/// A fractal of a factor holds 256 halves (512 bytes), one of the result 256 f32 (1 KiB).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counts {
    /// Tile operations: 16 x 16 x 16 multiply-accumulates, one a cycle on the real machine.
    pub tiles: u64,
    /// Fractals loaded as left factors.
    pub left: u64,
    /// Fractals loaded as right factors.
    pub right: u64,
    /// Fractals of the result that leave the accumulators.
    pub results: u64,
}

impl Add for Counts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            tiles: self.tiles + other.tiles,
            left: self.left + other.left,
            right: self.right + other.right,
            results: self.results + other.results,
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Self::add)
    }
}

/// The counts of forward, in closed form.
///
/// # Errors
/// [`Error::Overflow`](crate::Error::Overflow) if they do not fit 64 bits.
pub fn forward(conv: &Conv2d) -> Result<Counts> {
    of_groups(conv, extents(conv, Rows::PerImage, outputs(conv)))
}

/// The counts of the input's gradient, in closed form.
///
/// # Errors
/// [`Error::Overflow`](crate::Error::Overflow) if they do not fit 64 bits.
pub fn backward_input(conv: &Conv2d) -> Result<Counts> {
    forward(&conv.input_gradient())
}

/// The counts of the kernel's gradient, in closed form.
///
/// # Errors
/// [`Error::Overflow`](crate::Error::Overflow) if they do not fit 64 bits.
pub fn backward_kernel(conv: &Conv2d, scheme: Scheme) -> Result<Counts> {
    of_groups(conv, kernel_extents(conv, scheme))
}

/// The counts of all groups together, from the extents of one.
fn of_groups(conv: &Conv2d, extents: Option<Extents>) -> Result<Counts> {
    let groups = u64::try_from(conv.groups()).ok();
    let times = |one: u64| one.checked_mul(groups?);
    let all = || {
        let one = extents?.counts()?;
        Some(Counts {
            tiles: times(one.tiles)?,
            left: times(one.left)?,
            right: times(one.right)?,
            results: times(one.results)?,
        })
    };
    all().ok_or_else(too_many)
}
