//! What blocks read: a tensor of the output's elements, or one whose elements are converted on their way.

use convgrad_dsl::sema::model::Writes;

use crate::convert::Convert;
use crate::element::Element;
use crate::kernels::{self, Loop, Stray};

/// A part of an output.
pub struct Part<'y, T> {
    /// How many elements the output has.
    pub(super) whole: usize,
    /// Where the part begins.
    pub(super) origin: i64,
    pub(super) elements: &'y mut [T],
}

/// A flat tensor that elements of an output come from.
pub trait Source<Y>: Sync {
    /// Writes a block to a part of the output: its first element goes from the second to the first of two places, the first one
    /// counted from where the part begins. The last loop is the run.
    fn read(
        &self,
        y: Part<'_, Y>,
        places: (i64, i64),
        loops: &[Loop],
        writes: Writes,
    ) -> Result<(), Stray>;
}

/// Calls `run` with the places and the loop of every run, in the order of the loops.
fn each(
    loops: &[Loop],
    (mut output, mut input): (i64, i64),
    run: &mut impl FnMut(i64, i64, &Loop) -> Result<(), Stray>,
) -> Result<(), Stray> {
    match loops {
        [] => Ok(()),
        [last] => run(output, input, last),
        [first, rest @ ..] => {
            for _ in 0..first.count {
                each(rest, (output, input), run)?;
                output = output.wrapping_add(first.output);
                input = input.wrapping_add(first.input);
            }
            Ok(())
        }
    }
}

impl<T: Element> Source<T> for [T] {
    fn read(
        &self,
        Part {
            whole, elements: y, ..
        }: Part<'_, T>,
        (to, from): (i64, i64),
        loops: &[Loop],
        writes: Writes,
    ) -> Result<(), Stray> {
        match (writes, loops) {
            (Writes::Add, loops) => each(loops, (to, from), &mut |to, from, run| {
                kernels::add_strided(y, to, run.output, self, from, run.input, run.count)
            }),
            (Writes::Once, [run]) if (run.output, run.input) == (1, 1) => {
                kernels::copy(y, to, self, from, run.count)
            }
            (Writes::Once, loops) => kernels::block_part(whole, y, to, self, from, loops),
        }
    }
}

impl<Y, S: Source<Y> + ?Sized> Source<Y> for &S {
    fn read(
        &self,
        y: Part<'_, Y>,
        places: (i64, i64),
        loops: &[Loop],
        writes: Writes,
    ) -> Result<(), Stray> {
        (**self).read(y, places, loops, writes)
    }
}

/// A tensor of other elements than the output's.
pub(super) struct Converted<'x, X, C> {
    pub(super) x: &'x [X],
    pub(super) conversion: C,
}

impl<X: Element, Y: Element, C: Convert<X, Y>> Source<Y> for Converted<'_, X, C> {
    fn read(
        &self,
        y: Part<'_, Y>,
        (to, from): (i64, i64),
        loops: &[Loop],
        _: Writes,
    ) -> Result<(), Stray> {
        // The compiler refuses sums of elements that are converted.
        kernels::convert_part(
            y.whole,
            self.conversion,
            (y.elements, to),
            (self.x, from),
            loops,
        )
    }
}
