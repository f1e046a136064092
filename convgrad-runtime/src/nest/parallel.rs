//! Runs the iterations of outer loops on several threads.
//!
//! An outer loop over an output axis writes one stretch of the output in each iteration: stretch `v` begins at `v` times the
//! loop's stride. Threads get such stretches and nothing else, so that an iteration that does write elsewhere finds out before it
//! does: then all iterations run once more, one after the other. Every place is written by one iteration, which makes the result
//! the same on any number of threads. Where loops add, a place gets all its elements inside one stretch and in the order of the
//! loops; what an iteration outside its stretch leaves behind are sums that are begun, so that then everything runs once more,
//! from the fill on that nests which add begin with.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use convgrad_dsl::sema::model::Writes;

use super::prepare::Step;
use super::run::Run;
use super::source::Source;
use crate::conv::Context;
use crate::element::Element;
use crate::error::Error;

/// Elements of the output that a thread gets at least.
const STRETCH: i64 = 1 << 14;
/// Iterations that it gets at least, for squares of a transposition to stay whole,
const TOGETHER: i64 = 64;
/// unless there would be fewer stretches than this.
const STRETCHES: i64 = 16;

/// What is to be run.
pub(super) struct Job<'a, T> {
    pub(super) step: &'a Step,
    /// How many slots its variables need.
    pub(super) slots: usize,
    /// The numbers that the rule writes.
    pub(super) numbers: &'a [T],
    pub(super) writes: Writes,
}

impl<T: Element> Job<'_, T> {
    /// Runs the step, its loops shared by the threads of `cx`.
    pub(super) fn run(
        &self,
        cx: &Context,
        x: &(impl Source<T> + ?Sized),
        y: &mut [T],
    ) -> Result<(), Error> {
        let mut task = Task {
            cx,
            x,
            numbers: self.numbers,
            adds: self.writes == Writes::Add,
            variables: vec![0; self.slots],
        };
        if cx.threads() == 1 {
            return task.alone(self.step, y);
        }
        match cx.enter(|| task.shared(self.step, y))? {
            Shared::Done => Ok(()),
            Shared::Spoiled => task.alone(self.step, y),
        }
    }
}

struct Task<'a, S: ?Sized, T> {
    cx: &'a Context,
    x: &'a S,
    numbers: &'a [T],
    adds: bool,
    variables: Vec<i64>,
}

/// What became of a step.
enum Shared {
    Done,
    /// Some of its sums are begun and will not end: the output has to be written from the start.
    Spoiled,
}

/// What became of iterations that were to be split.
enum Split {
    Done,
    /// They are not of a kind that can be: nothing was written.
    Never,
    /// One of them left its stretch: some have run, and others not.
    Left,
}

impl<S: Source<T> + ?Sized, T: Element> Task<'_, S, T> {
    fn alone(&self, step: &Step, y: &mut [T]) -> Result<(), Error> {
        self.part(0, y).step(step)
    }

    /// What runs on a stretch of the output that begins at `origin`.
    fn part<'r>(&'r self, origin: i64, y: &'r mut [T]) -> Run<'r, S, T> {
        Run {
            x: self.x,
            y,
            origin,
            numbers: self.numbers,
            variables: self.variables.clone(),
        }
    }

    fn shared(&mut self, step: &Step, y: &mut [T]) -> Result<Shared, Error> {
        let split = match step {
            Step::Seq(steps) => {
                for step in steps {
                    if let Shared::Spoiled = self.shared(step, y)? {
                        return Ok(Shared::Spoiled);
                    }
                }
                return Ok(Shared::Done);
            }
            Step::Loop {
                slot,
                from,
                to,
                step,
                body,
            } => {
                let (from, to) = (from.value(&self.variables), to.value(&self.variables));
                let by = i64::try_from(*step).unwrap_or(i64::MAX);
                if from < to && to.wrapping_sub(from) <= by {
                    self.variables[*slot] = from;
                    return self.shared(body, y);
                }
                let stride = output_stride(body, *slot);
                self.split(stride, y, (from, to, by), |part, values| {
                    values.step_by(*step).try_for_each(|value| {
                        part.variables[*slot] = value;
                        part.step(body)
                    })
                })
            }
            Step::Block(block) => match block.turns.first() {
                Some(first) => {
                    let from = first.from.value(&self.variables);
                    let to = first.to.value(&self.variables);
                    if from < to && to.wrapping_sub(from) <= 1 {
                        self.variables[first.slot] = from;
                        let mut rest = block.clone();
                        rest.turns.remove(0);
                        return self.shared(&Step::Block(rest), y);
                    }
                    let stride = block.output_stride(first.slot);
                    self.split(stride, y, (from, to, 1), |part, turns| {
                        part.step(&Step::Block(block.part(turns.start, turns.end)))
                    })
                }
                None => Split::Never,
            },
            Step::Let { .. } | Step::When { .. } => Split::Never,
        };
        match split {
            Split::Done => {}
            Split::Left if self.adds => return Ok(Shared::Spoiled),
            Split::Left | Split::Never => self.alone(step, y)?,
        }
        Ok(Shared::Done)
    }

    /// Runs the iterations `from..to`, `by` apart, each on its stretch of the output.
    fn split(
        &self,
        stride: Option<i64>,
        y: &mut [T],
        (from, to, by): (i64, i64, i64),
        run: impl Fn(&mut Run<'_, S, T>, Range<i64>) -> Result<(), Error> + Sync,
    ) -> Split {
        let Some(stride) = stride.filter(|stride| *stride > 0 && from >= 0) else {
            return Split::Never;
        };
        let together = TOGETHER.min(to.saturating_sub(from) / STRETCHES);
        let iterations = (STRETCH / stride).max(together).max(1);
        let (work, length) = (y.len(), stride.checked_mul(iterations));
        let Some(chunk) = length.and_then(|length| usize::try_from(length).ok()) else {
            return Split::Never;
        };
        let done = AtomicU64::new(0);
        let stretches = self.cx.try_for_each_chunk(work, y, chunk, |_, k, y| {
            // Stretches lie inside the output, whose length fits 64 bits.
            let first = k as i64 * iterations;
            let mut part = self.part(first * stride, y);
            let behind = first.saturating_sub(from).max(0) as u64;
            let start = from.saturating_add(behind.next_multiple_of(by.unsigned_abs()) as i64);
            let end = to.min(first + iterations);
            if start < end {
                run(&mut part, start..end)?;
                let turns = end.abs_diff(start).div_ceil(by.unsigned_abs());
                done.fetch_add(turns, Ordering::Relaxed);
            }
            Ok(())
        });
        let all = (i128::from(to) - i128::from(from)).max(0) as u128;
        let all = all.div_ceil(by.unsigned_abs().into());
        match stretches.is_ok() && u128::from(done.into_inner()) == all {
            true => Split::Done,
            false => Split::Left,
        }
    }
}

/// By how much a variable moves all places that a step writes; None if not all by the same.
fn output_stride(step: &Step, slot: usize) -> Option<i64> {
    match step {
        Step::Seq(steps) => {
            let mut strides = steps.iter().map(|step| output_stride(step, slot));
            let first = strides.next()??;
            strides.all(|stride| stride == Some(first)).then_some(first)
        }
        Step::Let { body, .. } | Step::Loop { body, .. } => output_stride(body, slot),
        Step::When {
            then, otherwise, ..
        } => {
            let stride = output_stride(then, slot)?;
            match otherwise {
                Some(step) if output_stride(step, slot)? != stride => None,
                _ => Some(stride),
            }
        }
        Step::Block(block) => block.output_stride(slot),
    }
}
