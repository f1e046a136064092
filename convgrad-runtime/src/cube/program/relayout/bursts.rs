//! Blocks that move between global memory and UB, as few bursts and moves as carry them.

use crate::cube::isa::Move;
use crate::cube::machine::{BLOCK, Buffer, Core, Place};
use crate::cube::program::{Issue, burst};

/// Which way blocks go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    In,
    Out,
}

/// Neighbouring blocks of global memory that stay neighbours in UB, some times at equal distances.
#[derive(Clone, Copy, Debug)]
struct Bursts {
    global: usize,
    local: usize,
    length: usize,
    count: usize,
    /// From burst to burst there and here.
    steps: [usize; 2],
}

/// The largest gap between bursts, in blocks.
const GAP: usize = 65_535;

impl Bursts {
    /// Takes another burst, if that goes on at equal distances.
    fn take(&mut self, other: &Bursts) -> bool {
        let last = |start: usize, step: usize| start + (self.count - 1) * step;
        let steps = [
            other.global.checked_sub(last(self.global, self.steps[0])),
            other.local.checked_sub(last(self.local, self.steps[1])),
        ];
        let [Some(there), Some(here)] = steps else {
            return false;
        };
        let legal = |step: usize| (self.length..=self.length + GAP).contains(&step);
        let fits = other.length == self.length
            && legal(there)
            && legal(here)
            && (self.count == 1 || self.steps == [there, here]);
        if fits {
            self.steps = [there, here];
            self.count += 1;
        }
        fits
    }

    fn issue(&self, core: &mut Core<'_>, (global, local): (usize, usize), way: Way) -> Issue {
        let there = Place::new(Buffer::Gm, global + self.global * BLOCK);
        let here = Place::new(Buffer::Ub, local + self.local * BLOCK);
        let [far, near] = self.steps.map(|step| step * BLOCK);
        let length = self.length * BLOCK;
        let first = match way {
            Way::In => Move {
                from_stride: far,
                to_stride: near,
                ..Move::run(there, here, length)
            },
            Way::Out => Move {
                from_stride: near,
                to_stride: far,
                ..Move::run(here, there, length)
            },
        };
        burst(core, self.count, first)
    }
}

/// Moves blocks, given by their places in global memory and in UB, which begin at two addresses.
pub(super) fn transfer(
    core: &mut Core<'_>,
    blocks: impl Iterator<Item = (usize, usize)>,
    begin: (usize, usize),
    way: Way,
) -> Issue {
    let mut pending: Option<Bursts> = None;
    let mut run: Option<Bursts> = None;
    let mut finish = |core: &mut Core<'_>, run: Bursts| {
        if pending.as_mut().is_some_and(|pending| pending.take(&run)) {
            return Ok(());
        }
        match pending.replace(run) {
            Some(done) => done.issue(core, begin, way),
            None => Ok(()),
        }
    };
    for (global, local) in blocks {
        if let Some(run) = &mut run
            && (global, local) == (run.global + run.length, run.local + run.length)
        {
            run.length += 1;
            continue;
        }
        let next = Bursts {
            global,
            local,
            length: 1,
            count: 1,
            steps: [1, 1],
        };
        if let Some(mut done) = run.replace(next) {
            done.steps = [done.length; 2];
            finish(core, done)?;
        }
    }
    if let Some(mut done) = run {
        done.steps = [done.length; 2];
        finish(core, done)?;
    }
    match pending {
        Some(done) => done.issue(core, begin, way),
        None => Ok(()),
    }
}
