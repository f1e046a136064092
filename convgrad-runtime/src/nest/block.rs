//! The innermost part of a nest: loops that only move both places by strides, around one run of elements.

use convgrad_dsl::sema::model::Writes;

use super::expr::Expr;
use super::source::{Part, Source};
use super::stretches::Outermost;
use crate::element::Element;
use crate::error::Error;
use crate::kernels::{self, Loop, Stray};

/// Loops that move both places by strides, around a run.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// The loops, the outermost first.
    pub(super) turns: Vec<Turns>,
    /// The length of the run.
    pub(super) count: Expr,
    /// Where it writes.
    pub(super) output: Runs,
    pub(super) work: Work,
}

/// A loop of a block: what it counts, which only variables outside of the block decide.
#[derive(Clone, Debug)]
pub(super) struct Turns {
    pub(super) slot: usize,
    pub(super) from: Expr,
    pub(super) to: Expr,
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

/// A place: what is evaluated, plus a stride for each variable.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) base: Expr,
    pub(super) terms: Vec<(usize, i64)>,
}

/// Loops of a block at most, with its run; a nest of more is run loop by loop.
pub(super) const MOST_LOOPS: usize = 12;

impl Block {
    /// The block with only the turns `from..to` of its first loop, or of its run where it has no loops.
    pub(super) fn part(&self, variables: &[i64], from: i64, to: i64) -> Block {
        let mut part = self.clone();
        match part.turns.first_mut() {
            Some(first) => (first.from, first.to) = (Expr::Const(from), Expr::Const(to)),
            None => {
                part.count = Expr::Const(to.saturating_sub(from));
                part.output.forward(variables, from);
                if let Work::Read(input, _) = &mut part.work {
                    input.forward(variables, from);
                }
            }
        }
        part
    }

    /// What can be split: the first loop, or the run where there are no loops.
    pub(super) fn outermost(&self, variables: &mut [i64]) -> Outermost {
        let input = self.work.input();
        let Some(first) = self.turns.first() else {
            return Outermost {
                from: 0,
                to: self.count.value(variables),
                by: 1,
                output: self.output.stride,
                input: input.map_or(0, |runs| runs.stride),
                low: self.output.start.value(variables),
            };
        };
        // The lowest place of the first turn: all other loops where they move least.
        let mut low = 0i64;
        for (k, turns) in self.turns.iter().enumerate() {
            let (from, to) = (turns.from.value(variables), turns.to.value(variables));
            variables[turns.slot] = from;
            let way = self.output.start.stride(turns.slot);
            if k > 0 && way < 0 {
                low = low.saturating_add(way.saturating_mul(to.saturating_sub(from).max(1) - 1));
            }
        }
        if self.output.stride < 0 {
            let steps = self.count.value(variables).max(1) - 1;
            low = low.saturating_add(self.output.stride.saturating_mul(steps));
        }
        Outermost {
            from: variables[first.slot],
            to: first.to.value(variables),
            by: 1,
            output: self.output.start.stride(first.slot),
            input: input.map_or(0, |runs| runs.start.stride(first.slot)),
            low: low.saturating_add(self.output.start.value(variables)),
        }
    }

    /// The same with `of` each of its limits and places.
    pub(super) fn with(&self, of: &impl Fn(&Expr) -> Expr) -> Block {
        let runs = |runs: &Runs| Runs {
            start: Place {
                base: of(&runs.start.base),
                terms: runs.start.terms.clone(),
            },
            stride: runs.stride,
        };
        let turns = self.turns.iter().map(|own| Turns {
            slot: own.slot,
            from: of(&own.from),
            to: of(&own.to),
        });
        Block {
            turns: turns.collect(),
            count: of(&self.count),
            output: runs(&self.output),
            work: match &self.work {
                Work::Read(input, writes) => Work::Read(runs(input), *writes),
                Work::Fill(number) => Work::Fill(*number),
            },
        }
    }

    /// By how much a variable moves the output; None if not by a stride alone.
    pub(super) fn output_stride(&self, slot: usize) -> Option<i64> {
        let start = &self.output.start;
        (!start.base.depends_on(slot)).then(|| start.stride(slot))
    }

    pub(super) fn run<T: Element>(
        &self,
        variables: &mut [i64],
        x: &(impl Source<T> + ?Sized),
        y: Part<'_, T>,
        numbers: &[T],
    ) -> Result<(), Error> {
        let mut loops = [Loop::default(); MOST_LOOPS];
        for (turns, own) in self.turns.iter().zip(&mut loops) {
            let (from, to) = (turns.from.value(variables), turns.to.value(variables));
            if to <= from {
                return Ok(());
            }
            variables[turns.slot] = from;
            let input = self.work.input();
            *own = Loop {
                count: to.saturating_sub(from),
                output: self.output.start.stride(turns.slot),
                input: input.map_or(0, |runs| runs.start.stride(turns.slot)),
            };
        }
        let count = self.count.value(variables);
        let step = self.output.stride;
        let input = self.work.input();
        let Some(run) = loops.get_mut(self.turns.len()) else {
            return Err(Stray.into());
        };
        *run = Loop::new(count, step, input.map_or(0, |runs| runs.stride));
        // Single elements are no runs: the loop around them is one.
        let depth = match count {
            1 if !self.turns.is_empty() => self.turns.len(),
            _ => self.turns.len() + 1,
        };
        let loops = &loops[..depth];
        let to = self.output.start.value(variables).wrapping_sub(y.origin);
        match &self.work {
            Work::Read(input, writes) => {
                let places = (to, input.start.value(variables));
                x.read(y, places, loops, *writes)?;
            }
            Work::Fill(number) => {
                kernels::fill_block(y.elements, to, loops, numbers[*number])?;
            }
        }
        Ok(())
    }
}

impl Runs {
    /// Begins so many elements later, the variables being what they are.
    fn forward(&mut self, variables: &[i64], elements: i64) {
        let start = self.start.value(variables);
        self.start = Place {
            base: Expr::Const(start.wrapping_add(self.stride.wrapping_mul(elements))),
            terms: Vec::new(),
        };
    }
}

impl Place {
    /// By how much a variable moves it.
    fn stride(&self, slot: usize) -> i64 {
        let own = self.terms.iter().filter(|(own, _)| *own == slot);
        own.fold(0, |sum: i64, (_, stride)| sum.wrapping_add(*stride))
    }

    // Wrapping, since a sum that leaves 64 bits on the way comes back: the place itself was bounded.
    fn value(&self, variables: &[i64]) -> i64 {
        let base = self.base.value(variables);
        self.terms.iter().fold(base, |sum, (slot, stride)| {
            sum.wrapping_add(stride.wrapping_mul(variables[*slot]))
        })
    }
}
