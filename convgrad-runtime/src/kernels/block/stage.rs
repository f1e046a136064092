//! Tiles by way of a buffer.
//!
//! A tile writes short pieces of many rows. Where all of these fall into a few places of the fastest cache, or where the output
//! is larger than the caches, boxes of the block are moved into a small buffer first, packed, and from there in long runs to
//! the output. Beyond the caches these runs go past them: lines that are written as a whole need not be read before.

mod boxes;
mod mover;
pub(super) mod sink;
pub(super) mod stream;

use super::leaf::{Kind, Leaf};
use super::level::Level;
use super::plan::{Plan, each};
use super::tile::Tile;
use boxes::Boxes;
use mover::Mover;
use sink::{Bytes, Sink};

/// Bytes of output from which on it is larger than the caches, as far as that can be known.
const BEYOND_CACHES: usize = 16 << 20;

/// Whether an output of so many elements is larger than the caches.
pub(super) fn is_large<T>(elements: usize) -> bool {
    elements.saturating_mul(size_of::<T>()) >= BEYOND_CACHES
}

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
/// Rows after which one is written whose borders are asked for.
const FAR: isize = 8;
/// Bytes of a line.
pub(super) const LINE: usize = 64;

/// Whether so many pieces, `way` bytes apart, fall into too few places of the fastest cache.
fn collide(way: isize, pieces: usize) -> bool {
    let way = way.unsigned_abs();
    let apart = PERIOD / (1 << way.trailing_zeros().min(PERIOD.ilog2()));
    way >= LINE && 2 * pieces.min(16) > WAYS * apart
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
    let sink = Bytes { level, streams };
    let (size, tile) = match plan.leaf.kind {
        Kind::Tile { size, tile } => (size, tile),
        Kind::Row { bytes } if streams && bytes >= RUN / 2 => {
            // SAFETY: as the caller says.
            unsafe { rows(plan, level, bytes, &sink, (y, x)) };
            return true;
        }
        _ => return false,
    };
    if !(streams || collide(tile.y, tile.rows)) {
        return false;
    }
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
    let boxes = Boxes::of(plan, (size, &tile), (y, x), LINE);
    if tile.rows.min(tile.columns) * size < 16 || boxes.bytes() < WORTH {
        return false;
    }
    // SAFETY: as the caller says.
    unsafe { Mover::run(&boxes, level, (y, x), &sink) };
    true
}

/// Runs a block whose elements a sink changes on their way to the output; false for one that writes no neighbours, which is left
/// to be done.
///
/// # Safety
/// As [`Plan::run`]; `y` and `x` are where the block begins, the output's as the sink counts it.
pub(super) unsafe fn convert(
    plan: &Plan,
    level: Level,
    (y, x): (*mut u8, *const u8),
    sink: &impl Sink,
) -> bool {
    let (size, tile) = match plan.leaf.kind {
        Kind::Tile { size, tile } => (size, tile),
        Kind::Line { size, line } if line.y == size as isize => (size, Tile::of_line(line)),
        Kind::Line { .. } => return false,
        Kind::Row { bytes } => {
            // SAFETY: as the caller says.
            unsafe { rows(plan, level, bytes, sink, (y, x)) };
            return true;
        }
    };
    let boxes = Boxes::of(plan, (size, &tile), (y, x), sink.line());
    // SAFETY: as the caller says.
    unsafe { Mover::run(&boxes, level, (y, x), sink) };
    true
}

/// Writes rows of neighbours as they lie in the input.
///
/// # Safety
/// As [`Plan::run`]; `y` and `x` are where the block begins, the output's as the sink counts it.
unsafe fn rows(
    plan: &Plan,
    level: Level,
    bytes: usize,
    sink: &impl Sink,
    (y, x): (*mut u8, *const u8),
) {
    let repeat = plan.leaf.repeat;
    each(plan.steps(), y, x, &mut |y, x| {
        each(&[repeat], y, x, &mut |y: *mut u8, x| {
            sink.ask_for_borders(y.wrapping_offset(FAR * repeat.y), bytes);
            // SAFETY: as the caller says.
            unsafe { sink.write(y, x, bytes) }
        });
    });
    if sink.streams() {
        stream::finish(level);
    }
}
