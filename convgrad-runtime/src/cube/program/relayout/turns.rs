//! Transpositions of sixteen blocks, joined to as few instructions as carry them.

use super::atom::LANES;
use crate::cube::isa::Transpose;
use crate::cube::machine::{BLOCK, Core};
use crate::cube::program::Issue;

/// Sixteen addresses in UB. Those that are not free stand for something that is the same wherever it is read, or that nobody reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rows {
    pub(super) at: [usize; LANES],
    pub(super) free: [bool; LANES],
}

impl Rows {
    /// The lowest of the free addresses.
    pub(super) fn start(&self) -> usize {
        let free = self.at.iter().zip(self.free).filter(|(_, free)| *free);
        free.map(|(&at, _)| at).min().unwrap_or(0)
    }

    /// What is the same in all that a stride takes to each other.
    pub(super) fn form(&self) -> [Option<usize>; LANES] {
        let start = self.start();
        std::array::from_fn(|i| self.free[i].then(|| self.at[i] - start))
    }

    /// By how many blocks another one is further than this, if all of it is.
    fn step(&self, other: &Rows) -> Option<usize> {
        let step = other.start().checked_sub(self.start())?;
        let further = |i: usize| self.at[i] + if self.free[i] { step } else { 0 };
        let all = (0..LANES).all(|i| further(i) == other.at[i]);
        (self.free == other.free && all).then_some(step / BLOCK)
    }

    fn all_free(&self) -> bool {
        self.free.iter().all(|&free| free)
    }
}

/// How far the places may go that are not free, in blocks: of what is read, and of what is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    pub(super) from: usize,
    pub(super) to: usize,
}

/// What has been asked for and not yet issued.
pub(super) struct Turns {
    reach: Reach,
    first: Option<(Rows, Rows)>,
    last: Option<(Rows, Rows)>,
    repeat: usize,
    steps: [usize; 2],
}

impl Turns {
    pub(super) fn new(reach: Reach) -> Self {
        Self {
            reach,
            first: None,
            last: None,
            repeat: 0,
            steps: [0; 2],
        }
    }

    /// Turns rows, now or together with later ones.
    pub(super) fn push(&mut self, core: &mut Core<'_>, from: Rows, to: Rows) -> Issue {
        if let Some(steps) = self.steps(&from, &to) {
            self.steps = steps;
            self.repeat += 1;
            self.last = Some((from, to));
            return Ok(());
        }
        self.flush(core)?;
        self.first = Some((from.clone(), to.clone()));
        self.last = Some((from, to));
        self.repeat = 1;
        Ok(())
    }

    /// The strides with which the instruction takes these rows too.
    fn steps(&self, from: &Rows, to: &Rows) -> Option<[usize; 2]> {
        let (last_from, last_to) = self.last.as_ref()?;
        let steps = [last_from.step(from)?, last_to.step(to)?];
        let reach = |rows: &Rows, step: usize, most: usize| {
            step <= 65_535 && (rows.all_free() || self.repeat * step < most)
        };
        let fits = reach(from, steps[0], self.reach.from)
            && reach(to, steps[1], self.reach.to)
            && (self.repeat == 1 || self.steps == steps)
            && self.repeat < Transpose::MOST;
        fits.then_some(steps)
    }

    /// Issues what is left.
    pub(super) fn flush(&mut self, core: &mut Core<'_>) -> Issue {
        self.last = None;
        let Some((from, to)) = self.first.take() else {
            return Ok(());
        };
        let [from_stride, to_stride] = self.steps;
        core.issue(Transpose {
            from: from.at,
            to: to.at,
            repeat: std::mem::take(&mut self.repeat),
            from_stride,
            to_stride,
        })
    }
}
