//! Tiles by way of a buffer.
//!
//! A tile writes short pieces of many rows. Where all of these fall into a few places of the fastest cache, or where the output
//! is larger than the caches, boxes of the block are moved into a small buffer first, packed, and from there in long runs to
//! the output. Beyond the caches these runs go past them: lines that are written as a whole need not be read before.

mod stream;

use std::mem::MaybeUninit;
use std::ptr;

use super::leaf::{Kind, Leaf};
use super::level::Level;
use super::plan::{MAX, Plan, Step, each};
use super::tile::Tile;

/// Bytes of output from which on it is larger than the caches, as far as that can be known.
pub(super) const BEYOND_CACHES: usize = 16 << 20;

/// Bytes of the buffer.
const BUFFER: usize = 32 << 10;
/// Bytes of a box that make up for going by way of it.
const WORTH: usize = 4 << 10;
/// Bytes of a run on either side that are enough.
const RUN: usize = 1024;
/// Neighbours of a tile that a box has at most.
const SIDE: usize = 128;
/// Bytes after which a place in the fastest cache comes again,
const PERIOD: usize = 4096;
/// and the lines that a place holds.
const WAYS: usize = 8;
/// Bytes of a line.
const LINE: usize = 64;

/// Loops of a plan and of its leaf.
const AXES: usize = MAX + 3;

#[repr(align(64))]
struct Buffer(MaybeUninit<[u8; BUFFER]>);

/// A loop that boxes are cut from.
#[derive(Clone, Copy, Default)]
struct Axis {
    step: Step,
    /// Turns of a box, but for the first one, which has fewer where the lines of memory ask for it.
    part: usize,
    first: usize,
}

/// The boxes of a block.
struct Boxes {
    size: usize,
    /// The outermost first. The last two are those of the tile.
    axes: [Axis; AXES],
    count: usize,
    /// Where among them neighbours in the output lie, and neighbours in the input.
    columns: usize,
    rows: usize,
    streams: bool,
}

/// Whether the pieces that a tile writes fall into too few places of the fastest cache.
fn collides(tile: &Tile) -> bool {
    let way = tile.y.unsigned_abs();
    let apart = PERIOD / (1 << way.trailing_zeros().min(PERIOD.ilog2()));
    way >= LINE && 2 * tile.rows.min(16) > WAYS * apart
}

/// Whether squares write whole lines of memory, so that they need no buffer: rows are long, and all begin at the same place of
/// a line.
fn has_whole_lines(plan: &Plan, tile: &Tile, size: usize) -> bool {
    let line = LINE as isize;
    let steps = plan.steps().iter().chain([&plan.leaf.repeat]);
    let mut steps = steps.filter(|step| step.count > 1);
    tile.columns * size >= RUN && tile.y % line == 0 && steps.all(|step| step.y % line == 0)
}

/// Runs a block of tiles that is better moved by way of a buffer; false for others, which are left to be done.
///
/// # Safety
/// As [`Plan::run`]; `y` and `x` are where the block begins.
pub(super) unsafe fn run(
    plan: &Plan,
    level: Level,
    (y, x): (*mut u8, *const u8),
    large: bool,
) -> bool {
    let streams = large && stream::exists(level);
    let (size, tile) = match plan.leaf.kind {
        Kind::Tile { size, tile } => (size, tile),
        Kind::Row { bytes } if streams && bytes >= RUN / 2 => {
            let row = |y, x| {
                each(&[plan.leaf.repeat], y, x, &mut |y, x| {
                    // SAFETY: as the caller says.
                    unsafe { stream::copy(level, y, x, bytes) }
                });
            };
            each(plan.steps(), y, x, &mut { row });
            stream::finish(level);
            return true;
        }
        _ => return false,
    };
    if !(streams || collides(&tile)) {
        return false;
    }
    let boxes = Boxes::of(plan, (size, &tile), (y, x), streams);
    if streams && has_whole_lines(plan, &tile, size) {
        let tile = Tile { streams, ..tile };
        let leaf = Leaf {
            kind: Kind::Tile { size, tile },
            ..plan.leaf
        };
        // SAFETY: as the caller says.
        each(plan.steps(), y, x, &mut |y, x| unsafe {
            leaf.run(level, y, x)
        });
        stream::finish(level);
        return true;
    }
    if tile.rows.min(tile.columns) * size < 16 || boxes.bytes() < WORTH {
        return false;
    }
    let mut buffer = Buffer(MaybeUninit::uninit());
    let buffer: *mut u8 = buffer.0.as_mut_ptr().cast();
    let mut counts = [0; AXES];
    // SAFETY: as the caller says.
    unsafe {
        boxes.each(0, &mut counts, (y, x), &mut |counts, y, x| {
            boxes.one(level, counts, (y, x), buffer)
        })
    };
    if streams {
        stream::finish(level);
    }
    true
}

impl Boxes {
    /// The bytes of a box.
    fn bytes(&self) -> usize {
        let parts = self.axes[..self.count].iter().map(|axis| axis.part);
        parts.product::<usize>() * self.size
    }

    fn of(
        plan: &Plan,
        (size, tile): (usize, &Tile),
        (y, x): (*mut u8, *const u8),
        streams: bool,
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
            streams,
        };
        boxes.cut((y.addr(), x.addr()));
        boxes
    }

    /// Chooses the parts.
    fn cut(&mut self, (y, x): (usize, usize)) {
        let mut room = BUFFER / self.size;
        let (columns, rows) = (self.columns, self.rows);
        let side = |count: usize| count.min(SIDE);
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
        for (own, at, way) in [
            (columns, y, Step::in_output as fn(&Step) -> isize),
            (rows, x, Step::in_input),
        ] {
            let lines = |axis: &Axis| way(&axis.step) % LINE as isize == 0 || axis.step.count == 1;
            let others = (0..self.count).filter(|other| *other != own);
            let aligned = others.map(|other| &self.axes[other]).all(lines);
            let axis = &mut self.axes[own];
            let behind = at % LINE / self.size;
            axis.first = axis.part;
            if aligned && axis.part < axis.step.count && axis.part > behind && at % self.size == 0 {
                axis.first = axis.part - behind;
            }
        }
        for axis in &mut self.axes[..self.count - 2] {
            axis.first = axis.part;
        }
    }

    /// Calls `one` with the counts and the places of every box.
    fn each(
        &self,
        at: usize,
        counts: &mut [usize; AXES],
        (y, x): (*mut u8, *const u8),
        one: &mut impl FnMut(&[usize; AXES], *mut u8, *const u8),
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

    /// Moves a box.
    ///
    /// # Safety
    /// The box is one of the block's. The buffer has room for it.
    unsafe fn one(
        &self,
        level: Level,
        counts: &[usize; AXES],
        (y, x): (*mut u8, *const u8),
        buffer: *mut u8,
    ) {
        // The axes of the box, by the way in the output: so they lie in the buffer.
        let mut order = [(Step::ONCE, 0); AXES];
        let mut axes = 0;
        for (at, (axis, &count)) in self.axes.iter().zip(counts).enumerate().take(self.count) {
            if count == 1 && at != self.columns && at != self.rows {
                continue;
            }
            let step = Step { count, ..axis.step };
            let place = order[..axes]
                .iter()
                .position(|(other, _)| other.y.unsigned_abs() > step.y.unsigned_abs())
                .unwrap_or(axes);
            order[place..=axes].rotate_right(1);
            order[place] = (step, at);
            axes += 1;
        }
        let order = &order[..axes];
        let mut packed = self.size;
        let mut run = 0;
        let mut tile = Tile {
            columns: counts[self.columns],
            x: self.axes[self.columns].step.x,
            rows: counts[self.rows],
            y: 0,
            streams: false,
        };
        let mut around = [Step::ONCE; AXES];
        let mut loops = 0;
        let mut rest = [Step::ONCE; AXES];
        let mut runs = 0;
        for (step, at) in order {
            let inside = Step {
                y: packed as isize,
                ..*step
            };
            if *at == self.rows {
                tile.y = packed as isize;
            } else if *at != self.columns {
                around[loops] = inside;
                loops += 1;
            }
            // As long as the output continues where the buffer does, it is one run.
            if runs == 0 && step.y == packed as isize {
                run = packed * step.count;
            } else {
                rest[runs] = Step {
                    count: step.count,
                    y: step.y,
                    x: packed as isize,
                };
                runs += 1;
            }
            packed *= step.count;
        }
        // The longest loop is the leaf's own.
        around[..loops].sort_unstable_by_key(|step| step.count);
        let (repeat, around) = match around[..loops].split_last() {
            Some((last, others)) => (*last, others),
            None => (Step::ONCE, &around[..0]),
        };
        let kind = Kind::Tile {
            size: self.size,
            tile,
        };
        let leaf = Leaf { kind, repeat };
        rest[..runs].reverse();
        // SAFETY: the processor has the vectors, the box lies inside of the block, and its elements fit into the buffer, which is
        // read where it was written only.
        unsafe {
            each(around, buffer, x, &mut |buffer, x| {
                leaf.run(level, buffer, x)
            });
            each(
                &rest[..runs],
                y,
                buffer,
                &mut |y, buffer| match self.streams {
                    true => stream::copy(level, y, buffer, run),
                    false => ptr::copy_nonoverlapping(buffer, y, run),
                },
            );
        }
    }
}
