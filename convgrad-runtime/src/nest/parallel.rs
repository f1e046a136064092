//! Runs the iterations of outer loops on several threads.
//!
//! An outer loop over an output axis writes one stretch of the output in each iteration, a stride behind that of the iteration
//! before, and so does a run of neighbours that is not in a loop. Threads get such stretches and nothing else, so that an
//! iteration that does write elsewhere finds out before it does: then all iterations run once more, one after the other. Every
//! place is written by one iteration, which makes the result the same on any number of threads. Where loops add, a place gets
//! all its elements inside one stretch and in the order of the loops; what an iteration outside its stretch leaves behind are
//! sums that are begun, so that then everything runs once more, from the fill on that nests which add begin with.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use convgrad_dsl::sema::model::Writes;

use super::prepare::Step;
use super::run::Run;
use super::source::Source;
use super::stretches::{Outermost, Stretches};
use crate::conv::Context;
use crate::element::Element;
use crate::error::Error;

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
        self.part(y.len(), 0, y).step(step)
    }

    /// What runs on a stretch, which begins at `origin`, of an output of `whole` elements.
    fn part<'r>(&'r self, whole: usize, origin: i64, y: &'r mut [T]) -> Run<'r, S, T> {
        Run {
            x: self.x,
            y,
            origin,
            whole,
            numbers: self.numbers,
            variables: self.variables.clone(),
        }
    }

    fn shared(&mut self, step: &Step, y: &mut [T]) -> Result<Shared, Error> {
        let split = match step {
            Step::Seq(steps) => return self.each(steps, y),
            Step::Let { slot, value, body } => {
                self.variables[*slot] = value.value(&self.variables);
                return self.shared(body, y);
            }
            Step::When {
                test,
                then,
                otherwise,
            } => {
                let step = match test.holds(&self.variables) {
                    true => Some(then),
                    false => otherwise.as_ref(),
                };
                return step.map_or(Ok(Shared::Done), |step| self.shared(step, y));
            }
            Step::Loop {
                slot,
                from,
                to,
                step: by,
                body,
            } => {
                let (from, to) = (from.value(&self.variables), to.value(&self.variables));
                let output = output_stride(body, *slot);
                let outermost = Outermost {
                    from,
                    to,
                    by: *by,
                    output: output.unwrap_or(0),
                    input: i64::MAX,
                    low: output.map_or(-1, |stride| stride.saturating_mul(from)),
                };
                if outermost.has_too_few(self.threads()) {
                    return self.one_by_one(&outermost, *slot, body, y);
                }
                self.split(&outermost, y, |part, values| {
                    values.step_by(*by).try_for_each(|value| {
                        part.variables[*slot] = value;
                        part.step(body)
                    })
                })
            }
            Step::Block(block) => {
                let outermost = block.outermost(&mut self.variables);
                if let Some(first) = block.turns.first()
                    && outermost.has_too_few(self.threads())
                {
                    let mut rest = block.clone();
                    rest.turns.remove(0);
                    let rest = Step::Block(rest);
                    return self.one_by_one(&outermost, first.slot, &rest, y);
                }
                self.split(&outermost, y, |part, turns| {
                    let block = block.part(&part.variables, turns.start, turns.end);
                    part.step(&Step::Block(block))
                })
            }
        };
        match split {
            Split::Done => {}
            Split::Left if self.adds => return Ok(Shared::Spoiled),
            Split::Left | Split::Never => self.alone(step, y)?,
        }
        Ok(Shared::Done)
    }

    /// Runs steps one after the other, the loops of each shared.
    fn each(&mut self, steps: &[Step], y: &mut [T]) -> Result<Shared, Error> {
        for step in steps {
            if let Shared::Spoiled = self.shared(step, y)? {
                return Ok(Shared::Spoiled);
            }
        }
        Ok(Shared::Done)
    }

    /// Runs what is inside of a loop for each of its turns, one after the other, the loops inside shared.
    fn one_by_one(
        &mut self,
        outermost: &Outermost,
        slot: usize,
        body: &Step,
        y: &mut [T],
    ) -> Result<Shared, Error> {
        for value in (outermost.from..outermost.to).step_by(outermost.by) {
            self.variables[slot] = value;
            if let Shared::Spoiled = self.shared(body, y)? {
                return Ok(Shared::Spoiled);
            }
        }
        Ok(Shared::Done)
    }

    fn threads(&self) -> u64 {
        self.cx.threads() as u64
    }

    /// Runs the iterations of a loop, each on its stretch of the output.
    fn split(
        &self,
        outermost: &Outermost,
        y: &mut [T],
        run: impl Fn(&mut Run<'_, S, T>, Range<i64>) -> Result<(), Error> + Sync,
    ) -> Split {
        let Some(stretches) = Stretches::new::<T>(outermost, self.threads()) else {
            return Split::Never;
        };
        let (whole, turns) = (y.len(), outermost.turns());
        let end = stretches.end.min(whole);
        let Some(written) = y.get_mut(stretches.low..end) else {
            return Split::Never;
        };
        let by = outermost.by as i64;
        let done = AtomicU64::new(0);
        let length = stretches.length;
        let result = self
            .cx
            .try_for_each_chunk(whole, written, length, |_, k, y| {
                // Stretches lie inside of the output, whose length fits 64 bits, and so do their iterations.
                let origin = (stretches.low + k * length) as i64;
                let first = k as u64 * stretches.iterations;
                let count = stretches.iterations.min(turns.saturating_sub(first));
                let later = |turns: u64| (turns as i64).saturating_mul(by);
                let from = outermost.from.saturating_add(later(first));
                let to = outermost.to.min(from.saturating_add(later(count)));
                let mut part = self.part(whole, origin, y);
                run(&mut part, from..to)?;
                done.fetch_add(count, Ordering::Relaxed);
                Ok(())
            });
        match result.is_ok() && done.into_inner() == turns {
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
