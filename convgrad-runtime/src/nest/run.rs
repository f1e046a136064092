//! Runs steps.

use super::prepare::Step;
use super::source::{Part, Source};
use crate::element::Element;
use crate::error::Error;

/// What steps work on.
pub(super) struct Run<'a, S: ?Sized, T> {
    pub(super) x: &'a S,
    pub(super) y: &'a mut [T],
    /// The place of the first element of `y` in the whole output,
    pub(super) origin: i64,
    /// which has so many elements.
    pub(super) whole: usize,
    /// The numbers that the rule writes.
    pub(super) numbers: &'a [T],
    /// The values of the variables, by slot.
    pub(super) variables: Vec<i64>,
}

impl<S: Source<T> + ?Sized, T: Element> Run<'_, S, T> {
    pub(super) fn step(&mut self, step: &Step) -> Result<(), Error> {
        match step {
            Step::Seq(steps) => steps.iter().try_for_each(|step| self.step(step)),
            Step::Let { slot, value, body } => {
                self.variables[*slot] = value.value(&self.variables);
                self.step(body)
            }
            Step::Loop {
                slot,
                from,
                to,
                step,
                body,
            } => {
                let range = from.value(&self.variables)..to.value(&self.variables);
                for value in range.step_by(*step) {
                    self.variables[*slot] = value;
                    self.step(body)?;
                }
                Ok(())
            }
            Step::When {
                test,
                then,
                otherwise,
            } => match (test.holds(&self.variables), otherwise) {
                (true, _) => self.step(then),
                (false, Some(otherwise)) => self.step(otherwise),
                (false, None) => Ok(()),
            },
            Step::Block(block) => block.run(
                &mut self.variables,
                self.x,
                Part {
                    whole: self.whole,
                    origin: self.origin,
                    elements: self.y,
                },
                self.numbers,
            ),
        }
    }
}
