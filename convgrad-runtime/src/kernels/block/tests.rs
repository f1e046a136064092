//! Every leaf against the loops as they are written, on all vectors that this processor has.

use super::plan::Plan;
use super::*;

/// Where a block lies in a tensor so large that all of it is inside, and the tensor's length.
pub(super) fn placed(dims: &[Loop], way: fn(&Loop) -> i64) -> (i64, usize) {
    let all = |sign: i64| -> i64 {
        let ways = dims.iter().map(|dim| way(dim) * (dim.count - 1));
        ways.filter(|way| way.signum() == sign).sum()
    };
    // Something lies before and behind, so that it shows if it is touched.
    (3 - all(-1), (all(1) - all(-1) + 8) as usize)
}

/// Elements that are all different, as far as the type holds as many.
pub(super) fn numbers<T: Copy, const N: usize>(len: usize, of: fn([u8; N]) -> T) -> Vec<T> {
    let bytes = |k: usize| {
        let mixed = (k as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed.to_be_bytes()
    };
    let element = |k| of(std::array::from_fn(|at| bytes(k)[at]));
    (0..len).map(element).collect()
}

fn agrees<T: Copy + PartialEq + std::fmt::Debug + 'static, const N: usize>(
    of: fn([u8; N]) -> T,
    dims: &[Loop],
    behind: usize,
) {
    let behind = |(at, len): (i64, usize)| (at + behind as i64, len + behind);
    let (y_at, y_len) = behind(placed(dims, |dim| dim.output));
    let (x_at, x_len) = behind(placed(dims, |dim| dim.input));
    let (x, blank) = (numbers(x_len, of), numbers(y_len, of));
    let mut expected = blank.clone();
    loops(&mut expected, y_at, &x, x_at, dims).unwrap();
    let mut y = blank.clone();
    assert_eq!(block(&mut y, y_at, &x, x_at, dims), Ok(()));
    assert!(y == expected, "{dims:?}");
    for large in [false, true] {
        let plan = Plan::new(dims, (y_at, x_at), N, large);
        for (level, plan) in Level::all().filter_map(|level| Some((level, plan?))) {
            // What the output begins with is a line of memory, so that `behind` says where in a line the block begins.
            let mut room = vec![blank[0]; y_len + 64];
            let start = room.as_ptr().align_offset(64).min(64);
            let y = &mut room[start..][..y_len];
            y.copy_from_slice(&blank);
            let places = (y.as_mut_ptr().cast(), x.as_ptr().cast());
            // SAFETY: the processor has the vectors; all of the block lies inside.
            unsafe { plan.run(level, places) };
            let leaf = plan.leaf;
            assert!(y == expected, "{dims:?} {level:?} {large} {leaf:?}");
        }
    }
}

fn all_sizes(dims: &[Loop]) {
    all_sizes_behind(0, dims);
}

/// The same with so many elements more before both places.
fn all_sizes_behind(behind: usize, dims: &[Loop]) {
    agrees(u32::from_be_bytes, dims, behind);
    // Without vectors elements of all sizes go the same ways.
    if !cfg!(miri) || behind == 0 {
        agrees(u8::from_be_bytes, dims, behind);
    }
    if !cfg!(miri) {
        agrees(u16::from_be_bytes, dims, behind);
        agrees(i64::from_be_bytes, dims, behind);
    }
}

pub(super) fn dim(count: i64, output: i64, input: i64) -> Loop {
    Loop {
        count,
        output,
        input,
    }
}

/// Extents around those of all squares; few where each access is checked.
fn sides() -> Vec<i64> {
    match cfg!(miri) {
        true => vec![1, 3, 17],
        false => (1..20)
            .chain([23, 31, 32, 33, 47, 48, 64, 65, 70])
            .collect(),
    }
}

#[test]
fn tiles_of_all_extents() {
    for rows in sides() {
        for columns in sides() {
            // Packed, with space around, backwards.
            all_sizes(&[dim(rows, columns, 1), dim(columns, 1, rows)]);
            all_sizes(&[dim(rows, columns + 3, 1), dim(columns, 1, rows + 5)]);
            all_sizes(&[dim(rows, columns, -1), dim(columns, 1, rows)]);
            all_sizes(&[dim(rows, columns, 1), dim(columns, 1, -rows - 1)]);
        }
    }
}

#[test]
fn tiles_at_all_places_of_a_line() {
    let places = if cfg!(miri) { 1..2 } else { 0..64 };
    for behind in places {
        // Whole squares and parts of them, rows of whole lines, pairs interleaved and dealt out, by way of a buffer.
        let (wide, line) = if cfg!(miri) { (40, 64) } else { (1100, 1152) };
        let (blocks, apart) = if cfg!(miri) { (5, 512) } else { (70, 4096) };
        all_sizes_behind(behind, &[dim(37, 64, 1), dim(33, 1, 37)]);
        all_sizes_behind(behind, &[dim(9, 64, 1), dim(30, 1, 11)]);
        all_sizes_behind(behind, &[dim(17, line, 1), dim(wide, 1, 17)]);
        all_sizes_behind(behind, &[dim(75, 2, 1), dim(2, 1, 80)]);
        all_sizes_behind(behind, &[dim(4, 80, 1), dim(75, 1, 4)]);
        all_sizes_behind(
            behind,
            &[dim(blocks, 16, 16), dim(16, apart, 1), dim(16, 1, 1120)],
        );
        all_sizes_behind(behind, &[dim(2, wide + 100, wide + 100), dim(wide, 1, 1)]);
    }
}

#[test]
fn tiles_inside_of_loops() {
    let sides: &[i64] = if cfg!(miri) {
        &[3, 16]
    } else {
        &[2, 3, 8, 16, 21, 40]
    };
    for &rows in sides {
        for &columns in sides {
            for outer in 2..if cfg!(miri) { 3 } else { 4 } {
                let tile = rows * columns;
                // Tile by tile; tiles side by side in the input; in the output; on both sides, as T_NC has them.
                all_sizes(&[
                    dim(outer, tile, tile),
                    dim(rows, columns, 1),
                    dim(columns, 1, rows),
                ]);
                all_sizes(&[
                    dim(outer, tile, rows),
                    dim(rows, columns, 1),
                    dim(columns, 1, outer * rows),
                ]);
                all_sizes(&[
                    dim(rows, outer * columns, 1),
                    dim(outer, columns, tile),
                    dim(columns, 1, rows),
                ]);
                all_sizes(&[
                    dim(rows, outer * columns, 1),
                    dim(outer, columns, rows),
                    dim(columns, 1, outer * rows),
                ]);
                // Of pairs, which are elements of twice the size.
                all_sizes(&[
                    dim(rows, 2 * columns, 2),
                    dim(columns, 2, 2 * rows),
                    dim(2, 1, 1),
                ]);
            }
        }
    }
}

#[test]
fn rows_of_all_lengths() {
    let longest = if cfg!(miri) { 9 } else { 300 };
    for count in (1..longest).chain(if cfg!(miri) { 33..35 } else { 0..0 }) {
        all_sizes(&[dim(2, count + 1, count + 2), dim(count, 1, 1)]);
        all_sizes(&[dim(2, -count, count), dim(count, 1, -1)]);
        all_sizes(&[dim(3, count, 1), dim(count, 1, 0)]);
        all_sizes(&[dim(2, 2 * count, count), dim(count, 2, 1)]);
        all_sizes(&[dim(2, count, 2 * count), dim(count, 1, 2)]);
        all_sizes(&[dim(2, 3 * count, 5 * count), dim(count, -3, 5)]);
    }
    if !cfg!(miri) {
        all_sizes(&[dim(3, 5000, 4100), dim(4099, 1, 1)]);
    }
}

#[test]
fn rows_that_are_parts_of_lines() {
    // Tiles whose rows are 16 or 32 bytes for some size of elements, which the next turns, or the next rows, continue.
    let turns: &[i64] = if cfg!(miri) {
        &[5]
    } else {
        &[1, 2, 3, 4, 7, 9]
    };
    let (rows, columns): (&[i64], &[i64]) = match cfg!(miri) {
        true => (&[9], &[4, 16]),
        false => (&[2, 3, 4, 5, 8, 9, 15, 16, 17, 33, 70], &[2, 4, 8, 16, 32]),
    };
    for &turns in turns {
        for &rows in rows {
            for &columns in columns {
                let line = (turns * columns + 63) / 64 * 64;
                for (y, behind) in [(line, 0), (line + 64, 61), (line + 1, 5)] {
                    let tile = [
                        dim(rows, y, 1),
                        dim(turns, columns, columns * rows),
                        dim(columns, 1, rows),
                    ];
                    all_sizes_behind(behind, &tile);
                }
                let apart = if cfg!(miri) { 2 } else { 64 };
                let tiles = [
                    dim(turns, apart * rows * columns, rows),
                    dim(rows, columns, 1),
                    dim(columns, 1, turns * rows),
                ];
                all_sizes(&tiles);
            }
        }
    }
}

#[test]
fn columns_that_collide_and_columns_that_do_not() {
    let (ways, tiles): (&[i64], &[_]) = match cfg!(miri) {
        true => (&[80], &[(20, 33)]),
        false => (&[70, 96, 512, 4096], &[(64, 64), (70, 80), (33, 130)]),
    };
    for &way in ways {
        for &(rows, columns) in tiles {
            all_sizes(&[dim(rows, columns, 1), dim(columns, 1, way)]);
            all_sizes_behind(3, &[dim(rows, columns + 64, 1), dim(columns, 1, way)]);
        }
    }
}

#[test]
fn tiles_whose_rows_collide_go_by_way_of_a_buffer() {
    let (apart, tiles): (&[i64], &[_]) = match cfg!(miri) {
        true => (&[1024], &[(5, 16, 13)]),
        false => (
            &[512, 1024, 4096],
            &[(16, 16, 5), (9, 16, 70), (70, 40, 2), (20, 3, 9)],
        ),
    };
    for &apart in apart {
        for &(rows, columns, outer) in tiles {
            // Far enough that no place is met twice.
            let apart = (outer * columns * rows + 1) / apart * apart + apart;
            all_sizes(&[
                dim(rows, apart, 1),
                dim(outer, columns, rows),
                dim(columns, 1, outer * rows),
            ]);
            all_sizes(&[
                dim(outer, columns, rows * columns),
                dim(rows, -apart, 1),
                dim(columns, 1, rows),
            ]);
        }
    }
    if cfg!(miri) {
        return;
    }
    let y = 4 * 4096;
    all_sizes(&[
        dim(2, 7 * y, 3),
        dim(6, y, 1),
        dim(3, 320, 6),
        dim(20, 16, 18),
        dim(16, 1, 360),
    ]);
}

#[test]
fn large_tiles_are_walked_over_in_blocks() {
    if !cfg!(miri) {
        all_sizes(&[dim(300, 530, 1), dim(530, 1, 300)]);
        all_sizes(&[dim(530, 300, 1), dim(300, 1, 530)]);
    }
}

#[test]
fn elements_that_are_more_than_bytes_are_moved_as_they_are() {
    let x: Vec<Option<u16>> = (0..64).map(|k| (k % 3 > 0).then_some(k)).collect();
    let mut y = vec![None; 64];
    assert_eq!(
        block(&mut y, 0, &x, 0, &[dim(8, 8, 1), dim(8, 1, 8)]),
        Ok(())
    );
    assert!((0..64).all(|k| y[k] == x[k % 8 * 8 + k / 8]));
}

#[test]
fn blocks_that_leave_their_tensors_write_nothing() {
    let x = [1; 12];
    let wrong: [(i64, i64, &[Loop]); 7] = [
        (0, 0, &[dim(4, 3, 1), dim(4, 1, 3)]),
        (-1, 0, &[dim(3, 1, 1)]),
        (0, 10, &[dim(3, 1, 1)]),
        (0, 2, &[dim(2, 1, -3)]),
        (0, 0, &[dim(i64::MAX, 1, 0)]),
        (0, 0, &[dim(i64::MAX, i64::MAX, 1)]),
        (i64::MAX, 0, &[dim(2, i64::MAX, 0), dim(2, 1, 1)]),
    ];
    for (y_at, x_at, dims) in wrong {
        let mut y = [0; 12];
        assert_eq!(block(&mut y, y_at, &x, x_at, dims), Err(Stray), "{dims:?}");
        assert_eq!(y, [0; 12]);
    }
    let mut y = [0; 12];
    assert_eq!(
        block(&mut y, 99, &x, 99, &[dim(3, 1, 1), dim(0, 1, 1)]),
        Ok(())
    );
    assert_eq!(block(&mut y, 2, &x, 99, &[dim(-2, 1, 1)]), Ok(()));
    assert_eq!(y, [0; 12]);
}

#[test]
fn short_runs_at_steps_that_are_no_multiples_of_them() {
    let (runs, more): (&[i64], fn(i64) -> i64) = match cfg!(miri) {
        true => (&[2, 3], |_| 2),
        false => (&[2, 3, 4, 8], |run| run + 2),
    };
    for &run in runs {
        for rows in sides() {
            for step in run..run + more(run) {
                all_sizes(&[dim(rows, 2 * run + 1, step), dim(run, 1, 1)]);
                all_sizes(&[dim(rows, step, 2 * run + 1), dim(run, 1, 1)]);
                all_sizes(&[dim(rows, 2 * run, step), dim(run, 1, 1)]);
                all_sizes(&[dim(rows, step, -2 * run), dim(run, 1, 1)]);
            }
        }
    }
}
