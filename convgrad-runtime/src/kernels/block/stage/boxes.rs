//! How a block is cut into boxes.

use super::super::plan::{MAX, Plan, Step};
use super::super::tile::{LINE, RUN, Tile};
use super::{BUFFER, SIDE};

/// Loops of a plan and of its leaf.
pub(super) const AXES: usize = MAX + 3;

/// How often the loops of a box run.
pub(super) type Counts = [usize; AXES];

/// A loop that boxes are cut from.
#[derive(Clone, Copy, Default)]
pub(super) struct Axis {
    pub(super) step: Step,
    /// Turns of a box, but for the first one, which has fewer where the lines of memory ask for it.
    part: usize,
    first: usize,
}

/// The boxes of a block.
pub(super) struct Boxes {
    pub(super) size: usize,
    /// The outermost first. The last two are those of the tile.
    axes: [Axis; AXES],
    count: usize,
    /// Where among them neighbours in the output lie, and neighbours in the input.
    pub(super) columns: usize,
    pub(super) rows: usize,
}

impl Boxes {
    /// The bytes of a box.
    pub(super) fn bytes(&self) -> usize {
        let parts = self.axes[..self.count].iter().map(|axis| axis.part);
        parts.product::<usize>() * self.size
    }

    /// The boxes of a plan of tiles that begins at these places. So many bytes of the output are a line of memory.
    pub(super) fn of(
        plan: &Plan,
        (size, tile): (usize, &Tile),
        (y, x): (*mut u8, *const u8),
        line: usize,
    ) -> Self {
        let columns = Step {
            count: tile.columns,
            y: size as isize,
            x: tile.x,
        };
        let rows = Step {
            count: tile.rows,
            y: tile.y,
            x: size as isize,
        };
        let mut axes = [Axis::default(); AXES];
        let mut count = 0;
        let inner = match tile.y.unsigned_abs() <= tile.x.unsigned_abs() {
            true => [rows, columns],
            false => [columns, rows],
        };
        for step in plan.steps().iter().chain([&plan.leaf.repeat]).chain(&inner) {
            axes[count] = Axis {
                step: *step,
                part: 1,
                first: 1,
            };
            count += 1;
        }
        let along_output = inner[1] == columns;
        let (columns, rows) = match along_output {
            true => (count - 1, count - 2),
            false => (count - 2, count - 1),
        };
        let mut boxes = Boxes {
            size,
            axes,
            count,
            columns,
            rows,
        };
        boxes.cut((y.addr(), line), (x.addr(), LINE));
        boxes
    }

    /// Chooses the parts.
    fn cut(&mut self, y: (usize, usize), x: (usize, usize)) {
        let mut room = BUFFER / self.size;
        let (columns, rows) = (self.columns, self.rows);
        // A single row has no other side that needs room.
        let side = match self.axes[rows].step.count {
            1 => RUN,
            _ => SIDE,
        };
        let side = |count: usize| count.min(side);
        self.axes[columns].part = side(self.axes[columns].step.count);
        room /= self.axes[columns].part;
        self.axes[rows].part = side(self.axes[rows].step.count).min(room);
        room /= self.axes[rows].part;
        // What continues whole runs, first in the output, then in the input.
        for (own, way) in [
            (columns, Step::in_output as fn(&Step) -> isize),
            (rows, Step::in_input),
        ] {
            let Axis { step, part, .. } = self.axes[own];
            let mut run = step.count * self.size;
            let mut whole = part == step.count;
            while whole && run < RUN && room > 1 {
                let next = self.axes[..self.count - 2].iter_mut().find(|axis| {
                    axis.part == 1 && way(&axis.step) == run as isize && axis.step.count > 1
                });
                let Some(axis) = next else { break };
                axis.part = axis.step.count.min(room).min(RUN / run);
                room /= axis.part;
                run *= axis.step.count;
                whole = axis.part == axis.step.count;
            }
        }
        // A first part that ends where a line of memory does.
        for (own, (at, line), way) in [
            (columns, y, Step::in_output as fn(&Step) -> isize),
            (rows, x, Step::in_input),
        ] {
            let lines = |axis: &Axis| way(&axis.step) % line as isize == 0 || axis.step.count == 1;
            let others = (0..self.count).filter(|other| *other != own);
            let aligned = others.map(|other| &self.axes[other]).all(lines);
            let axis = &mut self.axes[own];
            let behind = at % line / self.size;
            axis.first = axis.part;
            if aligned && axis.part < axis.step.count && axis.part > behind && at % self.size == 0 {
                axis.first = axis.part - behind;
            }
        }
        for axis in &mut self.axes[..self.count - 2] {
            axis.first = axis.part;
        }
    }

    /// The loops of a box with such counts, each with its place among the axes.
    pub(super) fn steps(&self, counts: &Counts) -> impl Iterator<Item = (usize, Step)> {
        let axes = self.axes.iter().zip(counts).take(self.count);
        axes.map(|(axis, &count)| Step { count, ..axis.step })
            .enumerate()
    }

    /// Calls `one` with the counts and the places of every box.
    pub(super) fn each(
        &self,
        at: usize,
        counts: &mut Counts,
        (y, x): (*mut u8, *const u8),
        one: &mut impl FnMut(&Counts, *mut u8, *const u8),
    ) {
        if at == self.count {
            return one(counts, y, x);
        }
        let axis = &self.axes[at];
        let (mut done, mut part) = (0, axis.first);
        while done < axis.step.count {
            counts[at] = part.min(axis.step.count - done);
            let way = done as isize;
            let y = y.wrapping_offset(way * axis.step.y);
            let x = x.wrapping_offset(way * axis.step.x);
            self.each(at + 1, counts, (y, x), one);
            done += counts[at];
            part = axis.part;
        }
    }
}
