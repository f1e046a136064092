//! The innermost part of a nest: loops that only move both places by strides, around one run of elements.

use convgrad_dsl::sema::model::Writes;

use super::expr::Expr;
use super::source::{Reads, Source};
use crate::element::Element;
use crate::error::Error;
use crate::kernels::{self, Dim, Stray};

/// Loops of known length around a run.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// The loops, the outermost first.
    pub(super) loops: Vec<Dim>,
    /// The length of the run.
    pub(super) count: Expr,
    /// Where it writes.
    pub(super) output: Runs,
    pub(super) work: Work,
}

/// What a block does at its places.
#[derive(Clone, Debug)]
pub(super) enum Work {
    /// Reads from here, to replace what is there or to be added to it.
    Read(Runs, Writes),
    /// Writes one of the rule's numbers.
    Fill(usize),
}

impl Work {
    pub(super) fn input(&self) -> Option<&Runs> {
        match self {
            Work::Read(runs, _) => Some(runs),
            Work::Fill(_) => None,
        }
    }
}

/// The first of many equal runs, one for each iteration of the loops.
#[derive(Clone, Debug)]
pub(super) struct Runs {
    pub(super) start: Place,
    /// From one element of a run to the next.
    pub(super) stride: i64,
}

/// A place: what is evaluated, plus a stride for each variable outside the block.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) base: Expr,
    pub(super) constant: i64,
    pub(super) terms: Vec<(usize, i64)>,
}

impl Block {
    /// Whether the loops must know a variable's value in other ways than by strides.
    pub(super) fn depends_on(&self, slot: usize) -> bool {
        let moves = |runs: &Runs| runs.start.base.depends_on(slot);
        self.count.depends_on(slot) || moves(&self.output) || self.work.input().is_some_and(moves)
    }

    /// Puts a loop around: the variable of `slot` takes `count` values from `from` on, `step` apart.
    pub(super) fn around(&mut self, slot: usize, from: i64, step: i64, count: u64) {
        let dim = Dim {
            count: i64::try_from(count).unwrap_or(i64::MAX),
            output: self.output.start.absorb(slot, from, step),
            input: match &mut self.work {
                Work::Read(runs, _) => runs.start.absorb(slot, from, step),
                Work::Fill(_) => 0,
            },
        };
        self.loops.insert(0, dim);
    }

    /// Its first loop as a loop of its own: how many iterations, by how much each moves the output, and what each does.
    pub(super) fn first_loop(&self) -> Option<(i64, i64, impl Fn(i64) -> Block)> {
        let (first, rest) = self.loops.split_first()?;
        let (first, rest) = (*first, rest.to_vec());
        let iteration = move |k: i64| {
            let moved = |runs: &Runs, way: i64| {
                let mut runs = runs.clone();
                let way = way.wrapping_mul(k);
                runs.start.constant = runs.start.constant.wrapping_add(way);
                runs
            };
            Block {
                loops: rest.clone(),
                count: self.count.clone(),
                output: moved(&self.output, first.output),
                work: match &self.work {
                    Work::Read(runs, writes) => Work::Read(moved(runs, first.input), *writes),
                    Work::Fill(number) => Work::Fill(*number),
                },
            }
        };
        Some((first.count, first.output, iteration))
    }

    /// By how much a variable moves the output; None if not by a stride alone.
    pub(super) fn output_stride(&self, slot: usize) -> Option<i64> {
        let terms = self.output.start.terms.iter();
        let strides = terms.filter(|(own, _)| *own == slot);
        let stride = strides.fold(0i64, |sum, (_, stride)| sum.wrapping_add(*stride));
        (!self.output.start.base.depends_on(slot)).then_some(stride)
    }

    pub(super) fn run<T: Element>(
        &self,
        variables: &[i64],
        x: &(impl Source<T> + ?Sized),
        (origin, y): (i64, &mut [T]),
        numbers: &[T],
    ) -> Result<(), Error> {
        let count = self.count.value(variables);
        let to = self.output.start.value(variables).wrapping_sub(origin);
        let step = self.output.stride;
        match &self.work {
            Work::Read(input, writes) => x.read(
                &Reads {
                    loops: &self.loops,
                    output: (to, step),
                    input: (input.start.value(variables), input.stride),
                    count,
                    writes: *writes,
                },
                y,
            )?,
            Work::Fill(number) => {
                let number = numbers[*number];
                each(&self.loops, (to, 0), &mut |to, _| {
                    kernels::fill_strided(y, to, step, count, number)
                })?;
            }
        }
        Ok(())
    }
}

impl Place {
    /// Takes a variable out: its first value into the constant; the way of one step is returned.
    fn absorb(&mut self, slot: usize, from: i64, step: i64) -> i64 {
        let mut way = 0i64;
        self.terms.retain(|(own, stride)| {
            if *own == slot {
                self.constant = self.constant.wrapping_add(stride.wrapping_mul(from));
                way = way.wrapping_add(stride.wrapping_mul(step));
            }
            *own != slot
        });
        way
    }

    // Wrapping, since a sum that leaves 64 bits on the way comes back: the place itself was bounded.
    fn value(&self, variables: &[i64]) -> i64 {
        let base = self.constant.wrapping_add(self.base.value(variables));
        self.terms.iter().fold(base, |sum, (slot, stride)| {
            sum.wrapping_add(stride.wrapping_mul(variables[*slot]))
        })
    }
}

/// Calls `run` with the places of the output and of the input of every iteration, from the first ones on.
pub(super) fn each(
    loops: &[Dim],
    (mut output, mut input): (i64, i64),
    run: &mut impl FnMut(i64, i64) -> Result<(), Stray>,
) -> Result<(), Stray> {
    match loops {
        [] => run(output, input)?,
        [last] => {
            for _ in 0..last.count {
                run(output, input)?;
                output = output.wrapping_add(last.output);
                input = input.wrapping_add(last.input);
            }
        }
        [first, rest @ ..] => {
            for _ in 0..first.count {
                each(rest, (output, input), run)?;
                output = output.wrapping_add(first.output);
                input = input.wrapping_add(first.input);
            }
        }
    }
    Ok(())
}
