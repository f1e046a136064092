//! The way of a box: packed into the buffer, and from there in long runs to the output, while the next box is asked for.

use std::mem::MaybeUninit;
use std::ptr;

use super::super::leaf::{Kind, Leaf};
use super::super::level::Level;
use super::super::plan::{Step, each};
use super::super::tile::{LINE, Tile};
use super::boxes::{AXES, Boxes, Counts};
use super::sink::Sink;
use super::{BUFFER, stream};

/// Bytes that leave the buffer before more lines of the next box are asked for.
const PIECE: usize = 512;
/// Runs of a box that the processor follows by itself: asking for these as well makes them slower.
const FOLLOWED: usize = 16;
/// Lines of a box that are asked for, at most.
const ASKED: usize = 1024;

/// Where boxes are packed.
#[repr(align(64))]
struct Buffer(MaybeUninit<[u8; BUFFER]>);

/// What moves the boxes of a block.
pub(super) struct Mover<'b, S> {
    boxes: &'b Boxes,
    level: Level,
    sink: &'b S,
    shape: Shape,
    ahead: Ahead,
}

/// A box: how often its loops run, and where it begins.
type Place = (Counts, *mut u8, *const u8);

impl<S: Sink> Mover<'_, S> {
    /// Moves all boxes.
    ///
    /// # Safety
    /// The processor has the vectors of `level`. The boxes lie inside of their tensors, which do not overlap; `y` and `x` are
    /// where the first one begins, the output's as the sink counts it.
    pub(super) unsafe fn run(boxes: &Boxes, level: Level, (y, x): (*mut u8, *const u8), sink: &S) {
        let mut buffer = Buffer(MaybeUninit::uninit());
        let buffer: *mut u8 = buffer.0.as_mut_ptr().cast();
        let mut mover = Mover {
            boxes,
            level,
            sink,
            shape: Shape::default(),
            ahead: Ahead {
                lines: [ptr::null(); ASKED],
                count: 0,
                done: 0,
            },
        };
        let mut last: Option<Place> = None;
        // SAFETY: as the caller says.
        let mut one = |place: Place, next: Option<Place>| unsafe { mover.one(place, next, buffer) };
        boxes.each(0, &mut [0; AXES], (y, x), &mut |counts, y, x| {
            let place = (*counts, y, x);
            if let Some(before) = last.replace(place) {
                one(before, Some(place));
            }
        });
        if let Some(place) = last {
            one(place, None);
        }
        if sink.streams() {
            stream::finish(level);
        }
    }

    /// Moves a box, and asks for the next one.
    ///
    /// # Safety
    /// As [`Mover::run`]. The buffer has room for a box.
    unsafe fn one(&mut self, (counts, y, x): Place, next: Option<Place>, buffer: *mut u8) {
        let (level, sink) = (self.level, self.sink);
        if self.shape.counts != counts {
            self.shape = Shape::new(self.boxes, &counts);
        }
        let (shape, ahead) = (&self.shape, &mut self.ahead);
        ahead.forget();
        if let Some((counts, _, x)) = next {
            ahead.remember(self.boxes, &counts, x);
        }
        if sink.streams() {
            each(&shape.runs, y, ptr::null(), &mut |y, _| {
                sink.ask_for_borders(y, shape.run)
            });
        }
        each(&shape.around, buffer, x, &mut |buffer, x| {
            // SAFETY: the processor has the vectors, the box lies inside of the block, and its elements fit into the buffer.
            unsafe { shape.leaf.run(level, buffer, x) }
        });
        each(&shape.runs, y, buffer, &mut |mut y, mut buffer| {
            let mut left = shape.run;
            while left > 0 {
                // Cut where lines of the output end.
                let piece = left.min(PIECE - y.addr() % sink.line());
                // SAFETY: the run lies inside of the output, and was written in the buffer above.
                unsafe { sink.write(y, buffer, piece) };
                ahead.ask(piece.div_ceil(LINE));
                (y, buffer) = (y.wrapping_add(piece), buffer.wrapping_add(piece));
                left -= piece;
            }
        });
    }
}

/// What boxes of some counts have in common.
#[derive(Default)]
struct Shape {
    counts: Counts,
    /// The loops around the leaf, which packs,
    around: Steps,
    leaf: Leaf,
    /// and those around runs that leave.
    runs: Steps,
    run: usize,
}

/// Lines of the next box that are asked for.
struct Ahead {
    lines: [*const u8; ASKED],
    count: usize,
    done: usize,
}

impl Ahead {
    /// Remembers the lines of a box, as far as there is room, in the order in which they lie in memory.
    fn remember(&mut self, boxes: &Boxes, counts: &Counts, x: *const u8) {
        let mut steps = Steps::default();
        for (_, step) in boxes.steps(counts).filter(|(_, step)| step.count > 1) {
            steps.insert(step, |other| {
                other.x.unsigned_abs() >= step.x.unsigned_abs()
            });
        }
        let mut run = boxes.size;
        while steps.last().is_some_and(|step| step.x == run as isize) {
            run *= steps.pop().map_or(1, |step| step.count);
        }
        let runs: usize = steps.iter().map(|step| step.count).product();
        if runs <= FOLLOWED {
            return;
        }
        each(&steps, ptr::null_mut(), x, &mut |_, x| {
            let (mut line, end) = (x.addr() / LINE * LINE, x.addr() + run);
            while line < end && self.count < ASKED {
                self.lines[self.count] = x.with_addr(line);
                self.count += 1;
                line += LINE;
            }
        });
    }

    fn forget(&mut self) {
        (self.count, self.done) = (0, 0);
    }

    /// Asks for so many lines.
    fn ask(&mut self, lines: usize) {
        let end = self.done.saturating_add(lines).min(self.count);
        for line in &self.lines[self.done..end] {
            stream::ask(*line);
        }
        self.done = end;
    }
}

/// A few loops, the outermost first.
#[derive(Clone, Copy)]
struct Steps {
    steps: [Step; AXES],
    count: usize,
}

impl Default for Steps {
    fn default() -> Self {
        Steps {
            steps: [Step::ONCE; AXES],
            count: 0,
        }
    }
}

impl std::ops::Deref for Steps {
    type Target = [Step];

    fn deref(&self) -> &[Step] {
        &self.steps[..self.count]
    }
}

impl Steps {
    fn pop(&mut self) -> Option<Step> {
        let last = *self.last()?;
        self.count -= 1;
        Some(last)
    }

    /// Puts a loop inside of the last one for which `outside` holds.
    fn insert(&mut self, step: Step, outside: impl Fn(&Step) -> bool) {
        let place = self.iter().rposition(outside).map_or(0, |place| place + 1);
        self.steps[place..=self.count].rotate_right(1);
        self.steps[place] = step;
        self.count += 1;
    }
}

impl Shape {
    fn new(boxes: &Boxes, counts: &Counts) -> Shape {
        // The loops of the box, by the way in the output: so they lie in the buffer.
        let mut order = [(Step::ONCE, 0); AXES];
        let mut axes = 0;
        for (at, step) in boxes.steps(counts).filter(|(_, step)| step.count > 1) {
            let place = order[..axes]
                .iter()
                .position(|(other, _)| other.y.unsigned_abs() > step.y.unsigned_abs())
                .unwrap_or(axes);
            order[place..=axes].rotate_right(1);
            order[place] = (step, at);
            axes += 1;
        }
        let (mut packed, mut run) = (boxes.size, boxes.size);
        let (mut columns, mut rows) = (Step::ONCE, Step::ONCE);
        let (mut around, mut runs) = (Steps::default(), Steps::default());
        for (step, at) in &order[..axes] {
            let inside = Step {
                y: packed as isize,
                ..*step
            };
            match *at {
                at if at == boxes.rows => rows = inside,
                at if at == boxes.columns => columns = inside,
                _ => around.insert(inside, |other| other.count <= step.count),
            }
            // As long as the output continues where the buffer does, it is one run.
            if runs.is_empty() && step.y == packed as isize {
                run = packed * step.count;
            } else {
                let outside = Step {
                    count: step.count,
                    y: step.y,
                    x: packed as isize,
                };
                runs.insert(outside, |_| false);
            }
            packed *= step.count;
        }
        // The longest loop is the leaf's own.
        let repeat = around.pop().unwrap_or(Step::ONCE);
        let tile = Tile {
            columns: columns.count,
            x: columns.x,
            rows: rows.count,
            y: rows.y,
            streams: false,
        };
        let size = boxes.size;
        let kind = match tile.rows {
            1 => Kind::Line {
                size,
                line: columns,
            },
            _ => Kind::Tile { size, tile },
        };
        Shape {
            counts: *counts,
            around,
            leaf: Leaf { kind, repeat },
            runs,
            run,
        }
    }
}
