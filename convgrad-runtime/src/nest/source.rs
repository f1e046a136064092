//! What blocks read: a tensor of the output's elements, or one whose elements are converted on their way.

use convgrad_dsl::sema::model::Writes;

use super::block::each;
use crate::convert::Convert;
use crate::element::Element;
use crate::kernels::{self, Dim, Stray};

/// A flat tensor that elements of an output come from.
pub trait Source<Y>: Sync {
    /// Writes runs of elements to `y`.
    fn read(&self, reads: &Reads<'_>, y: &mut [Y]) -> Result<(), Stray>;
}

/// Equal runs, one for each iteration of some loops.
#[derive(Clone, Copy, Debug)]
pub struct Reads<'l> {
    pub(super) loops: &'l [Dim],
    /// The first place of the first run, and from one element of a run to the next.
    pub(super) output: (i64, i64),
    /// The same of the input.
    pub(super) input: (i64, i64),
    /// The length of a run.
    pub(super) count: i64,
    pub(super) writes: Writes,
}

impl Reads<'_> {
    /// Calls `run` with both places of every run.
    fn each(&self, run: &mut impl FnMut(i64, i64) -> Result<(), Stray>) -> Result<(), Stray> {
        each(self.loops, (self.output.0, self.input.0), run)
    }
}

impl<T: Element> Source<T> for [T] {
    fn read(&self, reads: &Reads<'_>, y: &mut [T]) -> Result<(), Stray> {
        let count = reads.count;
        match (reads.output.1, reads.input.1) {
            (step, stride) if reads.writes == Writes::Add => reads
                .each(&mut |to, from| kernels::add_strided(y, to, step, self, from, stride, count)),
            (1, 1) if reads.loops.is_empty() => {
                kernels::copy(y, reads.output.0, self, reads.input.0, count)
            }
            (output, input) => {
                let run = Dim {
                    count,
                    output,
                    input,
                };
                let dims: Vec<Dim> = reads.loops.iter().copied().chain([run]).collect();
                kernels::block(y, reads.output.0, self, reads.input.0, &dims)
            }
        }
    }
}

impl<Y, S: Source<Y> + ?Sized> Source<Y> for &S {
    fn read(&self, reads: &Reads<'_>, y: &mut [Y]) -> Result<(), Stray> {
        (**self).read(reads, y)
    }
}

/// A tensor of other elements than the output's.
pub(super) struct Converted<'x, X, C> {
    pub(super) x: &'x [X],
    pub(super) conversion: C,
}

impl<X: Element, Y: Element, C: Convert<X, Y>> Source<Y> for Converted<'_, X, C> {
    fn read(&self, reads: &Reads<'_>, y: &mut [Y]) -> Result<(), Stray> {
        // The compiler refuses sums of elements that are converted.
        let (step, stride) = (reads.output.1, reads.input.1);
        reads.each(&mut |to, from| {
            let (y, x) = ((&mut *y, to, step), (self.x, from, stride));
            kernels::convert(self.conversion, y, x, reads.count)
        })
    }
}
