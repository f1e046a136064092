//! Blocks: loops of known lengths that move both places by strides, around one element.
//!
//! A block writes no place twice, so that its loops may run in any order and be cut anywhere. [`plan`](plan::Plan) brings them
//! into the order that memory likes and finds what lies inside: rows, rows backwards, one element repeated, two rows of
//! unit strides that exchange their roles. [`leaf`] moves these, in machine code for the vectors that the processor has.
//! Elements are bytes here, 1, 2, 4 or 8 of them.

mod converted;
mod leaf;
mod level;
mod narrow;
mod plan;
mod rows;
mod stage;
mod tile;

use std::any::TypeId;

use half::{bf16, f16};

use super::span::Stray;
use super::strided::strided;
use crate::convert::Convert;
use leaf::Leaf;
use level::Level;
use plan::Plan;

pub use converted::convert_block;
#[cfg(feature = "executor")]
pub(crate) use converted::convert_part;

/// A loop of a block: how often it runs, and by how many elements each turn moves both places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loop {
    /// How often; nothing is done if it is below 1.
    pub count: i64,
    /// The way in the output.
    pub output: i64,
    /// The way in the input.
    pub input: i64,
}

impl Loop {
    /// A loop of so many turns.
    #[inline]
    pub const fn new(count: i64, output: i64, input: i64) -> Self {
        Loop {
            count,
            output,
            input,
        }
    }
}

/// Copies an element of `x` to a place of `y` for every turn of the loops, the first turns' being `x[x_at]` and `y[y_at]`.
///
/// The loops must not meet a place of `y` twice; where they do, it is left with one of its elements.
#[inline]
pub fn block<T: Copy + 'static>(
    y: &mut [T],
    y_at: i64,
    x: &[T],
    x_at: i64,
    dims: &[Loop],
) -> Result<(), Stray> {
    block_part(y.len(), y, y_at, x, x_at, dims)
}

/// The same for a part `y` of an output of `whole` elements, whose size decides how it is written.
#[inline]
pub(crate) fn block_part<T: Copy + 'static>(
    whole: usize,
    y: &mut [T],
    y_at: i64,
    x: &[T],
    x_at: i64,
    dims: &[Loop],
) -> Result<(), Stray> {
    if dims.iter().any(|dim| dim.count <= 0) {
        return Ok(());
    }
    inside(y.len(), y_at, dims, |dim| dim.output)?;
    inside(x.len(), x_at, dims, |dim| dim.input)?;
    if !bytes::<T>() {
        return loops(y, y_at, x, x_at, dims);
    }
    if let [outer, run] = dims
        && let Some(leaf) = Leaf::of_rows(outer, run, size_of::<T>())
    {
        let to = y.as_mut_ptr().wrapping_offset(y_at as isize);
        let from = x.as_ptr().wrapping_offset(x_at as isize);
        // SAFETY: all places that the loops meet lie inside of their slices.
        unsafe { leaf.run(Level::best(), to.cast(), from.cast()) };
        return Ok(());
    }
    let large = stage::is_large::<T>(whole);
    match Plan::new(dims, (y_at, x_at), size_of::<T>(), large) {
        Some(plan) => {
            // SAFETY: all places that the loops meet lie inside of their slices, and the plan meets the same. `T` is one of the
            // types that every pattern of bytes is an element of.
            unsafe { plan.run(Level::best(), (y.as_mut_ptr().cast(), x.as_ptr().cast())) };
            Ok(())
        }
        None => loops(y, y_at, x, x_at, dims),
    }
}

/// Converts neighbours, as many as both slices have, with the vectors that this processor has.
#[inline]
pub(super) fn row<X: Copy + 'static, Y: 'static>(
    conversion: impl Convert<X, Y>,
    x: &[X],
    y: &mut [Y],
) {
    let count = x.len().min(y.len());
    // SAFETY: the processor has the vectors, and both sides so many elements.
    unsafe { converted::row(Level::best(), conversion, &x[..count], y.as_mut_ptr()) }
}

/// That no turn leaves a tensor of so many elements.
fn inside(len: usize, at: i64, dims: &[Loop], way: fn(&Loop) -> i64) -> Result<(), Stray> {
    let (mut low, mut high) = (at, at);
    for dim in dims {
        let all = way(dim).checked_mul(dim.count - 1).ok_or(Stray)?;
        let end = if all < 0 { &mut low } else { &mut high };
        *end = end.checked_add(all).ok_or(Stray)?;
    }
    match low >= 0 && usize::try_from(high).is_ok_and(|high| high < len) {
        true => Ok(()),
        false => Err(Stray),
    }
}

/// Whether elements are nothing but bytes, all of which count.
fn bytes<T: 'static>() -> bool {
    macro_rules! is_one_of {
        ($($known:ty)*) => { $(TypeId::of::<T>() == TypeId::of::<$known>())||* };
    }
    is_one_of!(f16 bf16 f32 f64 i8 u8 i16 u16 i32 u32 i64 u64 isize usize)
}

/// The loops as they are, run by run.
fn loops<T: Copy>(y: &mut [T], y_at: i64, x: &[T], x_at: i64, dims: &[Loop]) -> Result<(), Stray> {
    match dims {
        [] => strided(y, y_at, 1, x, x_at, 1, 1),
        [run] => strided(y, y_at, run.output, x, x_at, run.input, run.count),
        [first, rest @ ..] => (0..first.count)
            .try_for_each(|k| loops(y, y_at + k * first.output, x, x_at + k * first.input, rest)),
    }
}

#[cfg(test)]
mod tests;
