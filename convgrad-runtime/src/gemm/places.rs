//! Where the rows or the columns of a matrix lie in a tensor.

use std::ops::Range;

use super::source::SHORT;
use crate::error::{Error, Result};

/// The addresses of rows or columns, as runs that go in steady steps.
///
/// A plain matrix has one run. The pixels of a batch are a run an image, where the channels of an image separate it from the next; the
/// columns that one phase of a stride reaches are a run a row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    runs: Vec<Run>,
    len: usize,
}

/// Neighbours whose addresses go in steady steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The first one's number.
    pub(crate) start: usize,
    /// How many they are.
    pub(crate) len: usize,
    /// The first one's address.
    pub(crate) address: usize,
    /// From one to the next.
    pub(crate) step: usize,
}

impl Places {
    /// One run.
    pub(crate) fn steady(len: usize, step: usize) -> Result<Self> {
        let mut places = Places::default();
        places.push(0, step, len)?;
        Ok(places)
    }

    /// Appends a run, which joins the one before where it continues it.
    ///
    /// # Errors
    /// [`Error::Memory`] if there is no room for it.
    pub(crate) fn push(&mut self, address: usize, step: usize, len: usize) -> Result<()> {
        if len == 0 {
            return Ok(());
        }
        let start = self.len;
        self.len += len;
        if let Some(last) = self.runs.last_mut() {
            let gap = if last.len == 1 {
                address.checked_sub(last.address)
            } else {
                Some(last.step)
            };
            if let Some(gap) = gap
                && address == last.address + last.len * gap
                && (len == 1 || step == gap)
            {
                (last.step, last.len) = (gap, last.len + len);
                return Ok(());
            }
        }
        self.runs.try_reserve(1).map_err(|_| Error::Memory {
            tensor: "the places of a matrix".into(),
            bytes: self.runs.len().checked_mul(size_of::<Run>()),
        })?;
        self.runs.push(Run {
            start,
            len,
            address,
            step,
        });
        Ok(())
    }

    /// The same in another order, range by range.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub(crate) fn reordered(&self, order: impl Iterator<Item = Range<usize>>) -> Result<Self> {
        let mut places = Places::default();
        for range in order {
            for run in self.runs(range) {
                places.push(run.address, run.step, run.len)?;
            }
        }
        Ok(places)
    }

    /// How many rows or columns.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The farthest address, None without any.
    pub(crate) fn farthest(&self) -> Option<usize> {
        self.runs
            .iter()
            .map(|run| run.address + (run.len - 1) * run.step)
            .max()
    }

    /// The address of the first and the step, if the range is part of one run.
    pub(crate) fn within_a_run(&self, range: &Range<usize>) -> Option<(usize, usize)> {
        let run = self.runs[self.run_of(range.start)?];
        (range.end <= run.start + run.len)
            .then(|| (run.address + (range.start - run.start) * run.step, run.step))
    }

    /// The runs of a range, those at its ends cut; `start` counts from the range's own.
    pub(crate) fn runs(&self, range: Range<usize>) -> impl Iterator<Item = Run> + Clone + '_ {
        let first = self.run_of(range.start).unwrap_or(self.runs.len());
        self.runs[first..]
            .iter()
            .take_while(move |run| run.start < range.end)
            .map(move |run| {
                let (from, to) = (
                    run.start.max(range.start),
                    (run.start + run.len).min(range.end),
                );
                Run {
                    start: from - range.start,
                    len: to - from,
                    address: run.address + (from - run.start) * run.step,
                    step: run.step,
                }
            })
    }

    /// The length of all runs, if it is the same.
    pub(super) fn run(&self) -> Option<usize> {
        let len = self.runs.first()?.len;
        self.runs.iter().all(|run| run.len == len).then_some(len)
    }

    /// Whether neighbours lie side by side, in runs that are worth reading where they are.
    pub(crate) fn go_in_long_runs(&self) -> bool {
        self.runs.first().is_none_or(|run| {
            let long = run.len == self.len || run.len > 2 * SHORT;
            long && (run.step == 1 || run.len == 1)
        })
    }

    /// Whether neighbours lie side by side, in runs of a vector at least.
    pub(super) fn go_in_vectors(&self) -> bool {
        let first = self.runs.first();
        first.is_some_and(|run| run.step == 1 && run.len >= SHORT)
    }

    /// Whether neighbours lie side by side.
    pub(crate) fn go_side_by_side(&self) -> bool {
        let first = self.runs.first();
        first.is_none_or(|run| run.step == 1 || self.len == 1)
    }

    fn run_of(&self, place: usize) -> Option<usize> {
        self.runs
            .partition_point(|run| run.start <= place)
            .checked_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_continue_are_one() {
        let mut places = Places::default();
        for (address, step, len) in [
            (3, 1, 4),
            (7, 1, 2),
            (20, 5, 1),
            (25, 5, 3),
            (90, 1, 1),
            (0, 2, 2),
        ] {
            places.push(address, step, len).unwrap();
        }
        let expected = [3, 4, 5, 6, 7, 8, 20, 25, 30, 35, 90, 0, 2];
        assert_eq!(
            (places.len(), places.farthest()),
            (expected.len(), Some(90))
        );
        for start in 0..expected.len() {
            for end in start + 1..=expected.len() {
                let mut found = vec![usize::MAX; end - start];
                for run in places.runs(start..end) {
                    (0..run.len).for_each(|i| found[run.start + i] = run.address + i * run.step);
                }
                assert_eq!(found, expected[start..end]);
                if let Some((address, step)) = places.within_a_run(&(start..end)) {
                    assert!(
                        (start..end)
                            .enumerate()
                            .all(|(i, place)| expected[place] == address + i * step)
                    );
                }
            }
        }
        assert_eq!(places.within_a_run(&(0..6)), Some((3, 1)));
        assert_eq!(places.within_a_run(&(0..7)), None);
    }
}
