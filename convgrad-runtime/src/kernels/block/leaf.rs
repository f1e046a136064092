//! What lies inside the loops of a block.

use super::Loop;
use super::level::Level;
use super::narrow;
use super::plan::Step;
use super::rows;
use super::tile::{self, Tile};

/// The innermost loops of a block, which one kernel runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaf {
    pub(super) kind: Kind,
    /// The loop around it, as often as the kernel does it at once.
    pub(super) repeat: Step,
}

/// What a kernel does with the elements inside of a turn of its loop.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Neighbours to neighbours, so many bytes.
    Row { bytes: usize },
    /// Elements to places apart, or from places apart, or both.
    Line { size: usize, line: Step },
    /// Rows of neighbours on one side are columns on the other.
    Tile { size: usize, tile: Tile },
}

impl Default for Leaf {
    fn default() -> Self {
        Leaf {
            kind: Kind::Row { bytes: 0 },
            repeat: Step::ONCE,
        }
    }
}

impl Leaf {
    /// Takes the loops of the leaf out of those of a block, which are sorted by their way in the output and joined, and sorts
    /// what is left; returns how many these are. `at` are the places where the block begins, in bytes; `large` says whether the
    /// output is larger than the caches.
    pub(super) fn choose(
        steps: &mut [Step],
        count: usize,
        size: usize,
        at: &mut (&mut isize, &mut isize),
        large: bool,
    ) -> (Leaf, usize) {
        let mut left = Loops { steps, count };
        let kind = Kind::choose(&mut left, size, at);
        let Loops { steps, mut count } = left;
        steps[..count].sort_unstable_by_key(|step| std::cmp::Reverse(step.rank(large)));
        let mut repeat = Step::ONCE;
        if let Some(last) = count.checked_sub(1) {
            (repeat, count) = (steps[last], last);
        }
        (Leaf { kind, repeat }, count)
    }

    /// The leaf of rows or lines of neighbours in the output, where it needs no plan: short ones, and no tiles.
    pub(super) fn of_rows(outer: &Loop, run: &Loop, size: usize) -> Option<Leaf> {
        const LONGEST: i64 = 1 << 14;
        let (unit, short) = (
            size as isize,
            outer.count <= LONGEST && run.count <= LONGEST,
        );
        let tile = outer.input.abs() == 1;
        if run.output != 1 || !short || outer.output == 0 || (tile && run.input != 1) {
            return None;
        }
        let step = |own: &Loop| Step {
            count: own.count as usize,
            y: own.output as isize * unit,
            x: own.input as isize * unit,
        };
        let kind = match run.input {
            1 => Kind::Row {
                bytes: run.count as usize * size,
            },
            _ => Kind::Line {
                size,
                line: step(run),
            },
        };
        Some(Leaf {
            kind,
            repeat: step(outer),
        })
    }

    /// Moves the elements of all turns of its loop.
    ///
    /// # Safety
    /// The processor has the vectors of `level`. All places lie inside of their tensors, which do not overlap.
    pub(super) unsafe fn run(&self, level: Level, y: *mut u8, x: *const u8) {
        // SAFETY: as the caller says.
        unsafe {
            match level {
                Level::Portable => self.inline(level, y, x),
                #[cfg(target_arch = "x86_64")]
                Level::Avx2 => self.avx2(y, x),
                #[cfg(target_arch = "x86_64")]
                Level::Avx512 => self.avx512(y, x),
            }
        }
    }

    /// # Safety
    /// The processor has the vectors that the name or the level says. All places lie inside of their tensors, which do not overlap.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    unsafe fn avx2(&self, y: *mut u8, x: *const u8) {
        // SAFETY: as the caller says.
        unsafe { self.inline(Level::Avx2, y, x) }
    }

    /// # Safety
    /// The processor has the vectors that the name or the level says. All places lie inside of their tensors, which do not overlap.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl")]
    unsafe fn avx512(&self, y: *mut u8, x: *const u8) {
        // SAFETY: as the caller says.
        unsafe { self.inline(Level::Avx512, y, x) }
    }

    /// The same, to be compiled for the vectors of its caller.
    ///
    /// # Safety
    /// The processor has the vectors that the name or the level says. All places lie inside of their tensors, which do not overlap.
    #[inline(always)]
    unsafe fn inline(&self, level: Level, y: *mut u8, x: *const u8) {
        let repeat = self.repeat;
        // SAFETY: as the caller says.
        unsafe {
            match self.kind {
                Kind::Row { bytes } => rows::copy(bytes, repeat, y, x),
                #[cfg(target_arch = "x86_64")]
                Kind::Line { size, line }
                    if level == Level::Avx512 && tile::lines(size, line, repeat, y, x) => {}
                Kind::Line { size, line } => match size {
                    1 => rows::lines::<u8>(line, repeat, y, x),
                    2 => rows::lines::<u16>(line, repeat, y, x),
                    4 => rows::lines::<u32>(line, repeat, y, x),
                    _ => rows::lines::<u64>(line, repeat, y, x),
                },
                Kind::Tile { size, tile } if !tile::run(level, size, &tile, repeat, y, x) => {
                    match size {
                        1 => narrow::tiles::<u8>(&tile, repeat, y, x),
                        2 => narrow::tiles::<u16>(&tile, repeat, y, x),
                        4 => narrow::tiles::<u32>(&tile, repeat, y, x),
                        _ => narrow::tiles::<u64>(&tile, repeat, y, x),
                    }
                }
                Kind::Tile { .. } => {}
            }
        }
    }
}

/// The loops that are not yet in a leaf.
struct Loops<'s> {
    steps: &'s mut [Step],
    count: usize,
}

impl Loops<'_> {
    fn last(&self) -> Option<Step> {
        self.steps[..self.count].last().copied()
    }

    fn pop(&mut self) -> Option<Step> {
        self.count = self.count.checked_sub(1)?;
        Some(self.steps[self.count])
    }

    /// Takes out the first loop that is so.
    fn take(&mut self, so: impl Fn(&Step) -> bool) -> Option<Step> {
        let at = self.steps[..self.count].iter().position(so)?;
        self.steps[at..self.count].rotate_left(1);
        self.pop()
    }
}

impl Kind {
    fn choose(left: &mut Loops<'_>, mut size: usize, at: &mut (&mut isize, &mut isize)) -> Kind {
        loop {
            let unit = size as isize;
            let Some(last) = left.last() else {
                return Kind::Row { bytes: size };
            };
            if last.y != unit {
                left.pop();
                return Kind::Line { size, line: last };
            }
            left.pop();
            if last.x == unit {
                let bytes = last.count * size;
                // A short row is one element of a larger size.
                if !matches!(bytes, 2 | 4 | 8) || left.count == 0 {
                    return Kind::Row { bytes };
                }
                size = bytes;
                continue;
            }
            let Some(mut row) = left.take(|step| step.x.abs() == unit) else {
                return Kind::Line { size, line: last };
            };
            if row.x < 0 {
                // Backwards through the rows of the input is backwards through those of the output.
                let turns = row.count as isize - 1;
                *at.0 += turns * row.y;
                *at.1 += turns * row.x;
                row.y = -row.y;
            }
            return Kind::Tile {
                size,
                tile: Tile {
                    columns: last.count,
                    x: last.x,
                    rows: row.count,
                    y: row.y,
                    streams: false,
                },
            };
        }
    }
}
