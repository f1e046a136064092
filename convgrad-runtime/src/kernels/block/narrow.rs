//! Tiles that are too narrow for the squares of vectors, and those of processors without vectors.

use super::plan::Step;
use super::rows::{one_of, turns};
use super::tile::Tile;

/// Elements that a loop without branches takes at once, for the compiler to make vectors of.
const LANES: usize = 16;

/// Moves the elements of a tile in every turn.
///
/// # Safety
/// All places lie inside of their tensors, which do not overlap.
#[inline(always)]
pub(super) unsafe fn tiles<U: Copy>(tile: &Tile, repeat: Step, y: *mut u8, x: *const u8) {
    let unit = size_of::<U>() as isize;
    let whole_output = tile.y == tile.columns as isize * unit;
    let whole_input = tile.x == tile.rows as isize * unit;
    // SAFETY: as the caller says; the constants are the extents of the tile.
    unsafe {
        match (tile.columns, tile.rows) {
            (2, _) if whole_output => turns(repeat, y, x, |y, x| interleave::<U, 2>(tile, y, x)),
            (3, _) if whole_output => turns(repeat, y, x, |y, x| interleave::<U, 3>(tile, y, x)),
            (4, _) if whole_output => turns(repeat, y, x, |y, x| interleave::<U, 4>(tile, y, x)),
            (_, 2) if whole_input => turns(repeat, y, x, |y, x| deal::<U, 2>(tile, y, x)),
            (_, 3) if whole_input => turns(repeat, y, x, |y, x| deal::<U, 3>(tile, y, x)),
            (_, 4) if whole_input => turns(repeat, y, x, |y, x| deal::<U, 4>(tile, y, x)),
            _ => turns(repeat, y, x, |y, x| plain::<U>(tile, y, x)),
        }
    }
}

/// One element of each of `K` rows in turn.
///
/// # Safety
/// All places lie inside of their tensors, which do not overlap.
#[inline(always)]
unsafe fn interleave<U: Copy, const K: usize>(tile: &Tile, y: *mut u8, x: *const u8) {
    let y = y.cast::<U>();
    let mut at = 0;
    // SAFETY: elements below `rows` of every column are read, and as many groups of `K` written.
    unsafe {
        let row = |k: usize| x.wrapping_offset(k as isize * tile.x).cast::<U>();
        while at + LANES <= tile.rows {
            let rows: [[U; LANES]; K] =
                std::array::from_fn(|k| row(k).add(at).cast::<[U; LANES]>().read_unaligned());
            let lanes: [[U; K]; LANES] =
                std::array::from_fn(|lane| std::array::from_fn(|k| rows[k][lane]));
            y.add(at * K)
                .cast::<[[U; K]; LANES]>()
                .write_unaligned(lanes);
            at += LANES;
        }
        for at in at..tile.rows {
            for k in 0..K {
                y.add(at * K + k)
                    .write_unaligned(row(k).add(at).read_unaligned());
            }
        }
    }
}

/// Elements dealt out to `K` rows in turn.
///
/// # Safety
/// All places lie inside of their tensors, which do not overlap.
#[inline(always)]
unsafe fn deal<U: Copy, const K: usize>(tile: &Tile, y: *mut u8, x: *const u8) {
    let x = x.cast::<U>();
    let mut at = 0;
    // SAFETY: as many groups of `K` are read as there are columns, and elements below `columns` of every row written.
    unsafe {
        let row = |k: usize| y.wrapping_offset(k as isize * tile.y).cast::<U>();
        while at + LANES <= tile.columns {
            let lanes: [[U; K]; LANES] = x.add(at * K).cast::<[[U; K]; LANES]>().read_unaligned();
            for k in 0..K {
                let lanes: [U; LANES] = std::array::from_fn(|lane| lanes[lane][k]);
                row(k).add(at).cast::<[U; LANES]>().write_unaligned(lanes);
            }
            at += LANES;
        }
        for at in at..tile.columns {
            for k in 0..K {
                row(k)
                    .add(at)
                    .write_unaligned(x.add(at * K + k).read_unaligned());
            }
        }
    }
}

/// Rows and columns that fit into the fastest cache.
const BLOCK: usize = 16;

/// Element by element, in squares.
///
/// # Safety
/// All places lie inside of their tensors, which do not overlap.
#[inline(always)]
unsafe fn plain<U: Copy>(tile: &Tile, y: *mut u8, x: *const u8) {
    let unit = size_of::<U>() as isize;
    for rows in (0..tile.rows).step_by(BLOCK) {
        for columns in (0..tile.columns).step_by(BLOCK) {
            for row in rows..tile.rows.min(rows + BLOCK) {
                for column in columns..tile.columns.min(columns + BLOCK) {
                    let (row, column) = (row as isize, column as isize);
                    let to = y.wrapping_offset(row * tile.y + column * unit);
                    let from = x.wrapping_offset(column * tile.x + row * unit);
                    // SAFETY: the element is one of the tile's.
                    unsafe { one_of::<U>(to, from) };
                }
            }
        }
    }
}
