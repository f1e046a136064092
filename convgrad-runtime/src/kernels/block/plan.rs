//! The loops of a block in the order in which they run fast, and what lies inside of them.

use super::Loop;
use super::leaf::Leaf;
use super::level::Level;
use super::stage;

/// Loops of a block at most; others are no blocks.
pub(super) const MAX: usize = 12;

/// A loop: how often it runs, and the bytes by which each turn moves both places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) count: usize,
    pub(super) y: isize,
    pub(super) x: isize,
}

impl Step {
    /// A loop of one turn.
    pub(super) const ONCE: Step = Step {
        count: 1,
        y: 0,
        x: 0,
    };

    pub(super) fn in_output(&self) -> isize {
        self.y
    }

    pub(super) fn in_input(&self) -> isize {
        self.x
    }

    /// What it costs the memory to make it the inner loop: where lines and pages stay in the caches, the bytes that a turn moves;
    /// beyond them, whether one side goes on where it is, first of all the input, which is fetched ahead then.
    pub(super) fn rank(&self, large: bool) -> (usize, usize) {
        let (y, x) = (self.y.unsigned_abs(), self.x.unsigned_abs());
        match large {
            true => (y.min(x), x),
            false => (y.saturating_add(x), 0),
        }
    }
}

/// A block, ready to run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Where it begins, in bytes.
    pub(super) y: isize,
    pub(super) x: isize,
    /// The loops around the leaf, the outermost first.
    steps: [Step; MAX],
    count: usize,
    pub(super) leaf: Leaf,
    large: bool,
}

impl Plan {
    /// The plan of a block of elements of `size` bytes that lies inside of its tensors, all counts at least 1; None for one that
    /// has too many loops, or meets a place twice by standing still.
    /// `large` says whether the output is larger than the caches.
    pub(super) fn new(dims: &[Loop], at: (i64, i64), size: usize, large: bool) -> Option<Plan> {
        let unit = size as isize;
        let (mut y, mut x) = (at.0 as isize * unit, at.1 as isize * unit);
        let mut steps = [Step::ONCE; MAX];
        let mut count = 0;
        for dim in dims.iter().filter(|dim| dim.count > 1) {
            let mut step = Step {
                count: dim.count as usize,
                y: dim.output as isize * unit,
                x: dim.input as isize * unit,
            };
            if step.y == 0 || count == MAX {
                return None;
            }
            if step.y < 0 {
                // Backwards through the output is forwards through it from the other end.
                let turns = step.count as isize - 1;
                (y, x) = (y + turns * step.y, x + turns * step.x);
                (step.y, step.x) = (-step.y, -step.x);
            }
            // Sorted by the way in the output, the longest first.
            let place = steps[..count]
                .iter()
                .rposition(|other| other.y >= step.y)
                .map_or(0, |place| place + 1);
            steps[place..=count].rotate_right(1);
            steps[place] = step;
            count += 1;
        }
        count = join(&mut steps, count);
        let (leaf, count) = Leaf::choose(&mut steps, count, size, &mut (&mut y, &mut x), large);
        Some(Plan {
            y,
            x,
            steps,
            count,
            leaf,
            large,
        })
    }

    /// The loops around the leaf.
    pub(super) fn steps(&self) -> &[Step] {
        &self.steps[..self.count]
    }

    /// Runs it.
    ///
    /// # Safety
    /// The processor has the vectors of `level`. `y` and `x` point to tensors in which every place of the block lies, and which do not overlap.
    pub(super) unsafe fn run(&self, level: Level, (y, x): (*mut u8, *const u8)) {
        let (y, x) = (y.wrapping_offset(self.y), x.wrapping_offset(self.x));
        // SAFETY: as the caller says.
        if unsafe { stage::run(self, level, (y, x), self.large) } {
            return;
        }
        // SAFETY: the processor has the vectors; the rest is as the caller says.
        let mut leaf = |y, x| unsafe { self.leaf.run(level, y, x) };
        each(self.steps(), y, x, &mut leaf);
    }
}

/// Joins neighbouring loops that step through both tensors as one would; returns how many are left.
fn join(steps: &mut [Step; MAX], count: usize) -> usize {
    let mut kept = 0;
    for at in 0..count {
        let inner = steps[at];
        let turns = inner.count as isize;
        match steps[..kept].last_mut() {
            Some(outer) if outer.y == inner.y * turns && outer.x == inner.x * turns => {
                *outer = Step {
                    count: outer.count * inner.count,
                    ..inner
                };
            }
            _ => {
                steps[kept] = inner;
                kept += 1;
            }
        }
    }
    kept
}

/// Calls `leaf` with both places of every turn.
pub(super) fn each(
    steps: &[Step],
    y: *mut u8,
    x: *const u8,
    leaf: &mut impl FnMut(*mut u8, *const u8),
) {
    let Some((first, rest)) = steps.split_first() else {
        return leaf(y, x);
    };
    let (mut y, mut x) = (y, x);
    for _ in 0..first.count {
        each(rest, y, x, leaf);
        (y, x) = (y.wrapping_offset(first.y), x.wrapping_offset(first.x));
    }
}
