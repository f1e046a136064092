//! Tiles by way of a buffer.
//!
//! A tile writes short pieces of many rows. Where all of these fall into a few places of the fastest cache, or where the output
//! is larger than the caches, boxes of the block are moved into a small buffer first, packed, and from there in long runs to
//! the output. Beyond the caches these runs go past them: lines that are written as a whole need not be read before.

mod boxes;
mod mover;
pub(super) mod sink;
pub(super) mod stream;

pub(super) use super::tile::LINE;
pub(super) use stream::ask;

use super::leaf::{Kind, Leaf};
use super::level::Level;
use super::plan::{Plan, Step, each};
#[cfg(target_arch = "x86_64")]
use super::tile::packed::Squares;
use super::tile::{RUN, Tile};
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
/// Neighbours of a tile that a box has at most.
const SIDE: usize = 128;
/// Columns of a tile of blocks, whose squares are one run each.
const SQUARE: usize = 16;
/// Bytes after which a place in the fastest cache comes again,
const PERIOD: usize = 4096;
/// and the lines that a place holds.
pub(super) const WAYS: usize = 8;
/// Rows after which one is written whose borders are asked for.
const FAR: isize = 8;

/// Whether so many pieces, `way` bytes apart, fall into so few places of the fastest cache that a place gets `ways` of them.
pub(super) fn collide(way: isize, pieces: usize, ways: usize) -> bool {
    let way = way.unsigned_abs();
    let apart = PERIOD / (1 << way.trailing_zeros().min(PERIOD.ilog2()));
    way >= LINE && pieces >= ways * apart
}

/// Whether whole lines of memory are written without a buffer: rows are made of them or are long, or are parts of lines that
/// the next rows or turns continue.
fn has_whole_lines(plan: &Plan, tile: &Tile, size: usize, y: *mut u8) -> bool {
    let (row, repeat) = (tile.columns * size, plan.leaf.repeat);
    let aligned = y.addr().is_multiple_of(LINE);
    let around = by_lines(plan.steps(), LINE);
    let (turns, rows) = (by_lines(&[repeat], LINE), line(tile.y, LINE));
    match row {
        RUN.. if size > 1 || !collide(tile.x, LINE, WAYS) => around && turns && rows,
        16 | 32 if repeat.y == row as isize && aligned => around && rows,
        16 | 32 if tile.columns == 16 && tile.y == row as isize && aligned => around && turns,
        _ => is_made_of_lines(plan, tile, size, y, LINE),
    }
}

/// Whether rows, or those of a tile that follow each other, are whole lines of so many bytes, each at its place.
fn is_made_of_lines(plan: &Plan, tile: &Tile, size: usize, y: *mut u8, of: usize) -> bool {
    let row = tile.columns * size;
    let (run, rows) = match tile.y == row as isize {
        true => (row * tile.rows, true),
        false => (row, line(tile.y, of)),
    };
    let around = by_lines(plan.steps(), of) && by_lines(&[plan.leaf.repeat], of);
    run.is_multiple_of(of) && y.addr().is_multiple_of(of) && around && rows
}

/// Whether rows are at least two whole lines of the output each.
fn has_lines(plan: &Plan, bytes: usize, y: *mut u8) -> bool {
    let aligned = y.addr().is_multiple_of(LINE) && bytes.is_multiple_of(LINE);
    aligned && bytes > LINE && by_lines(plan.steps(), LINE) && by_lines(&[plan.leaf.repeat], LINE)
}

/// Whether a way keeps the place in a line of so many bytes.
fn line(way: isize, of: usize) -> bool {
    way % of as isize == 0
}

/// Whether all turns begin at the same place of a line of the output.
fn by_lines(steps: &[Step], of: usize) -> bool {
    steps.iter().all(|step| step.count == 1 || line(step.y, of))
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
        Kind::Row { bytes } if streams && (bytes >= RUN / 2 || has_lines(plan, bytes, y)) => {
            // SAFETY: as the caller says.
            unsafe { rows(plan, level, bytes, &sink, (y, x)) };
            return true;
        }
        _ => return false,
    };
    if !(streams || collide(tile.y, tile.rows.min(16), WAYS / 2 + 1)) {
        return false;
    }
    if has_whole_lines(plan, &tile, size, y) {
        let tile = Tile { streams, ..tile };
        let leaf = Leaf {
            kind: Kind::Tile { size, tile },
            ..plan.leaf
        };
        // SAFETY: as the caller says.
        each(plan.steps(), y, x, &mut |y, x| unsafe {
            leaf.run(level, y, x)
        });
        if streams {
            stream::finish(level);
        }
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
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the processor has AVX-512; the rest is as the caller says.
    if level == Level::Avx512 && unsafe { packed(plan, (size, &tile), (y, x), sink) } {
        return true;
    }
    let boxes = Boxes::of(plan, (size, &tile), (y, x), sink.line());
    // SAFETY: as the caller says.
    unsafe { Mover::run(&boxes, level, (y, x), sink) };
    true
}

/// Writes a block of tiles square by square; false for tiles that are better moved by way of the buffer, which are left to be done.
///
/// # Safety
/// The processor has AVX-512. As [`Plan::run`]; `y` and `x` are where the block begins, the output's as the sink counts it.
#[cfg(target_arch = "x86_64")]
unsafe fn packed(
    plan: &Plan,
    (size, tile): (usize, &Tile),
    (y, x): (*mut u8, *const u8),
    sink: &impl Sink,
) -> bool {
    let tile = &Tile {
        streams: sink.streams(),
        ..*tile
    };
    let fits = match tile.streams {
        true => is_made_of_lines(plan, tile, size, y, sink.line()),
        // In the caches the buffer is as fast, but for squares that are one run each.
        false => tile.columns == SQUARE && tile.y == (tile.columns * size) as isize,
    };
    let Some(squares) = Squares::of(size, tile, sink.line()).filter(|_| fits) else {
        return false;
    };
    // SAFETY: as the caller says; squares lie inside of the tile.
    let mut give = |y: *mut u8, packed: *const u8, bytes: usize, rows: usize| unsafe {
        match tile.y == bytes as isize {
            true => sink.write(y, packed, bytes * rows),
            false => sink.write_rows(y, tile.y, packed, bytes, rows),
        }
    };
    each(plan.steps(), y, x, &mut |y, x| {
        // SAFETY: as the caller says.
        unsafe { squares.each(plan.leaf.repeat, y, x, &mut give) }
    });
    if sink.streams() {
        stream::finish(Level::Avx512);
    }
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
