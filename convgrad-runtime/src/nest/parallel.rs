//! Runs the iterations of outer loops on several threads.
//!
//! An outer loop over an output axis writes one stretch of the output in each iteration: stretch `v` begins at `v` times the
//! loop's stride. Threads get such stretches and nothing else, so that an iteration that does write elsewhere finds out before it
//! does: then all iterations run once more, one after the other. Every place is written by one iteration, which makes the result
//! the same on any number of threads.

use std::sync::atomic::{AtomicU64, Ordering};

use super::prepare::Step;
use super::run::Run;
use crate::conv::Context;
use crate::element::Element;
use crate::error::Error;

/// Elements of the output that a thread gets at least.
const STRETCH: i64 = 1 << 14;

/// Runs a step, its loops shared by the threads of `cx`.
pub(super) fn run<T: Element>(
    cx: &Context,
    step: &Step,
    slots: usize,
    x: &[T],
    y: &mut [T],
    fill: T,
) -> Result<(), Error> {
    let mut task = Task {
        cx,
        x,
        fill,
        variables: vec![0; slots],
    };
    match cx.threads() {
        1 => task.alone(step, y),
        _ => cx.enter(|| task.shared(step, y)),
    }
}

struct Task<'a, T> {
    cx: &'a Context,
    x: &'a [T],
    fill: T,
    variables: Vec<i64>,
}

impl<T: Element> Task<'_, T> {
    fn alone(&self, step: &Step, y: &mut [T]) -> Result<(), Error> {
        self.part(0, y).step(step)
    }

    /// What runs on a stretch of the output that begins at `origin`.
    fn part<'r>(&'r self, origin: i64, y: &'r mut [T]) -> Run<'r, T> {
        Run {
            x: self.x,
            y,
            origin,
            fill: self.fill,
            variables: self.variables.clone(),
        }
    }

    fn shared(&mut self, step: &Step, y: &mut [T]) -> Result<(), Error> {
        match step {
            Step::Seq(steps) => steps.iter().try_for_each(|step| self.shared(step, y)),
            Step::Loop {
                slot,
                from,
                to,
                step: by,
                body,
            } => {
                let (from, to) = (from.value(&self.variables), to.value(&self.variables));
                let by = i64::try_from(*by).unwrap_or(i64::MAX);
                if from < to && to.wrapping_sub(from) <= by {
                    self.variables[*slot] = from;
                    return self.shared(body, y);
                }
                let stride = output_stride(body, *slot);
                let split = self.split(stride, y, (from, to, by), |part, value| {
                    part.variables[*slot] = value;
                    part.step(body)
                });
                match split {
                    true => Ok(()),
                    false => self.alone(step, y),
                }
            }
            Step::Block(block) => {
                let Some((count, stride, iteration)) = block.first_loop() else {
                    return self.alone(step, y);
                };
                let count = i64::try_from(count).unwrap_or(i64::MAX);
                if count == 1 {
                    return self.shared(&Step::Block(iteration(0)), y);
                }
                let split = self.split(Some(stride), y, (0, count, 1), |part, k| {
                    part.step(&Step::Block(iteration(k)))
                });
                match split {
                    true => Ok(()),
                    false => self.alone(step, y),
                }
            }
            step => self.alone(step, y),
        }
    }

    /// Runs the iterations `from..to`, `by` apart, each on its stretch of the output; false if one does not stay there.
    fn split(
        &self,
        stride: Option<i64>,
        y: &mut [T],
        (from, to, by): (i64, i64, i64),
        run: impl Fn(&mut Run<'_, T>, i64) -> Result<(), Error> + Sync,
    ) -> bool {
        let Some(stride) = stride.filter(|stride| *stride > 0 && from >= 0) else {
            return false;
        };
        let iterations = (STRETCH / stride).max(1);
        let (work, length) = (y.len(), stride.checked_mul(iterations));
        let Some(chunk) = length.and_then(|length| usize::try_from(length).ok()) else {
            return false;
        };
        let done = AtomicU64::new(0);
        let stretches = self.cx.try_for_each_chunk(work, y, chunk, |_, k, y| {
            // Stretches lie inside the output, whose length fits 64 bits.
            let first = k as i64 * iterations;
            let mut part = self.part(first * stride, y);
            let behind = first.saturating_sub(from).max(0) as u64;
            let start = from.saturating_add(behind.next_multiple_of(by.unsigned_abs()) as i64);
            let mut value = start;
            while value < to.min(first + iterations) {
                run(&mut part, value)?;
                done.fetch_add(1, Ordering::Relaxed);
                value = value.saturating_add(by);
            }
            Ok(())
        });
        let all = (i128::from(to) - i128::from(from)).max(0) as u128;
        let all = all.div_ceil(by.unsigned_abs().into());
        stretches.is_ok() && u128::from(done.into_inner()) == all
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
