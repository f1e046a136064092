//! Every kernel that this processor can run, against the definition.

use super::*;
use crate::float::Float;

/// Numbers whose products and short sums are exact, so that fused and rounded sums agree.
fn numbers<T: Float>(len: usize, seed: usize) -> Vec<T> {
    (0..len)
        .map(|i| T::from_f64(((i * 7 + seed * 5) % 23) as f64 - 11.0))
        .collect()
}

/// The step from one size that is tried to the next, where each access is checked.
fn every(step: usize) -> usize {
    if cfg!(miri) { step } else { 1 }
}

fn tiles_agree<T: Float>() {
    for kernels in T::kernels() {
        for rows in (1..=kernels.rows()).step_by(every(2)) {
            for columns in (1..=kernels.columns()).step_by(every(5)) {
                for (depth, skipped, by_columns, add) in [
                    (1, 0, false, false),
                    (9, 0, true, false),
                    (6, 0, false, true),
                    (4, 0, true, true),
                    (12, 1, false, false),
                    (14, 2, true, true),
                ] {
                    // Of every other half some steps at both ends, or all of them.
                    let steps = match skipped {
                        0 => Steps::all(depth),
                        _ => Steps {
                            start: skipped - 1,
                            len: depth / 2 - skipped,
                            period: depth / 2,
                            count: 2,
                        },
                    };
                    let among = |l: &usize| {
                        (steps.start..steps.start + steps.len).contains(&(l % steps.period))
                    };
                    let (a_row, a_step) = if by_columns {
                        (1, rows + 2)
                    } else {
                        (depth + 3, 1)
                    };
                    let (b_row, b_gap, c_row) = (kernels.columns() + 1, 3 * skipped, columns + 2);
                    let a = numbers::<T>(rows * a_row + depth * a_step, 1);
                    let b = numbers::<T>((depth + 1) * (b_row + b_gap), 2);
                    let start = numbers::<T>(rows * c_row, 3);
                    let mut c = start.clone();
                    let operands = Operands {
                        a: a.as_ptr(),
                        a_row,
                        a_step,
                        b: b.as_ptr(),
                        b_row,
                        b_gap,
                        ahead: 0,
                        depth: steps,
                        c: c.as_mut_ptr(),
                        c_row,
                        columns,
                        add,
                    };
                    // SAFETY: the vectors hold all elements, whole vectors of `b` included, and the processor runs its own kernels.
                    unsafe { kernels.run(rows, &operands) };
                    for (place, found) in c.iter().enumerate() {
                        let (i, j) = (place / c_row, place % c_row);
                        let sum: f64 = (0..depth)
                            .filter(among)
                            .map(|l| {
                                let at = l * b_row + l / steps.period * b_gap + j;
                                (a[i * a_row + l * a_step] * b[at]).to_f64()
                            })
                            .sum();
                        let old = start[place].to_f64();
                        let expected = if j >= columns {
                            old
                        } else {
                            sum + if add { old } else { 0.0 }
                        };
                        assert_eq!(
                            found.to_f64(),
                            expected,
                            "{} {rows} x {columns} x {depth} at ({i}, {j})",
                            kernels.name
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn tiles_of_all_sizes() {
    tiles_agree::<f32>();
    tiles_agree::<f64>();
}

fn blocks_turn<T: Float>() {
    for kernels in T::kernels() {
        let (lanes, from_row) = (kernels.lanes, kernels.lanes + 3);
        // Rows with a gap between them, side by side, and such that a row overwrites what the one before has beyond its first elements.
        for to_row in [lanes + 1, lanes, lanes - 1, lanes / 2 + 1, 1] {
            let from = numbers::<T>(lanes * from_row, 4);
            let end = (lanes - 1) * to_row + lanes;
            let mut to = vec![T::default(); end + 1];
            // SAFETY: both vectors hold lanes x lanes elements in their strides.
            unsafe { (kernels.transpose)(from.as_ptr(), from_row, to.as_mut_ptr(), to_row) };
            for (place, found) in to.iter().enumerate() {
                let i = (place / to_row).min(lanes - 1);
                let j = place - i * to_row;
                let expected = if j < lanes {
                    from[j * from_row + i]
                } else {
                    T::default()
                };
                let name = kernels.name;
                assert_eq!(*found, expected, "{name} at ({i}, {j}), rows of {to_row}");
            }
        }
    }
}

#[test]
fn blocks_are_turned() {
    blocks_turn::<f32>();
    blocks_turn::<f64>();
}

fn lines_interleave<T: Float>() {
    let (even, odd) = (numbers::<T>(50, 1), numbers::<T>(50, 2));
    for kernels in T::kernels() {
        for pairs in (0..50).step_by(every(7)) {
            let mut to = [[T::default(); 2]; 50];
            kernels.interleave(&even, &odd, &mut to[..pairs]);
            for (i, found) in to.iter().enumerate() {
                let pair = [even[i], odd[i]];
                let expected = if i < pairs { pair } else { [T::default(); 2] };
                assert_eq!(*found, expected, "{} {pairs} pairs", kernels.name);
            }
        }
    }
}

#[test]
fn pairs_of_all_lengths() {
    lines_interleave::<f32>();
    lines_interleave::<f64>();
}

fn pieces_meet<T: Float>() {
    let tensor = numbers::<T>(200, 5);
    for kernels in T::kernels() {
        let lanes = kernels.lanes;
        for step in [1, 2, 3, 5] {
            // The first lane from one place, the last two from another, whose lane 0 would lie before the tensor; then nothing.
            let far = -(((lanes - 2) * step) as isize);
            let pieces = [
                Piece {
                    mask: 1,
                    from: 190,
                    to: lanes,
                    last: false,
                },
                Piece {
                    mask: 0b11 << (lanes - 2),
                    from: far,
                    to: lanes,
                    last: true,
                },
                Piece {
                    mask: 0,
                    from: 0,
                    to: 0,
                    last: true,
                },
            ];
            let mut to = vec![T::from_f64(f64::NAN); 2 * lanes];
            // SAFETY: the masks name elements of the tensor only, and both vectors fit.
            unsafe { (kernels.assemble)(tensor.as_ptr(), step, &pieces, to.as_mut_ptr()) };
            let mut expected = vec![T::default(); 2 * lanes];
            (
                expected[lanes],
                expected[2 * lanes - 2],
                expected[2 * lanes - 1],
            ) = (tensor[190], tensor[0], tensor[step]);
            assert_eq!(to, expected, "{} step {step}", kernels.name);
        }
    }
}

#[test]
fn vectors_are_put_together() {
    pieces_meet::<f32>();
    pieces_meet::<f64>();
}

fn lines_agree<T: Float>() {
    let tensor = numbers::<T>(400, 6);
    let line = numbers::<T>(160, 7);
    for kernels in T::kernels() {
        for (vectors, count, outputs) in [(1, 1, 1), (3, 4, 3), (5, 13, 2), (9, 9, 7), (4, 2, 4)] {
            let len = vectors * kernels.lanes;
            let offsets: Vec<_> = (0..count).map(|t| t * 17 % 250).collect();
            let weights = numbers::<T>(count * outputs, 8);
            let taps = Taps {
                offsets: &offsets,
                weights: &weights,
                outputs,
            };
            let row = len + 3;
            let mut to = vec![T::default(); outputs * row];
            let mut sums = vec![T::from_f64(1.0); count];
            // SAFETY: the line and the tensor hold so many vectors, the latter at every offset, and the result a line an output.
            unsafe {
                (kernels.slide)(tensor.as_ptr(), &taps, to.as_mut_ptr(), row, vectors);
                (kernels.meet)(line.as_ptr(), tensor.as_ptr(), &offsets, &mut sums, vectors);
            }
            for (place, found) in to.iter().enumerate() {
                let (k, i) = (place / row, place % row);
                let sum = (0..count)
                    .map(|t| (weights[t * outputs + k] * tensor[offsets[t] + i]).to_f64())
                    .sum();
                let expected: f64 = if i < len { sum } else { 0.0 };
                assert_eq!(
                    found.to_f64(),
                    expected,
                    "{} {vectors} vectors, {count} taps, {outputs} outputs",
                    kernels.name
                );
            }
            for (offset, found) in offsets.iter().zip(&sums) {
                let expected: f64 = 1.0
                    + (0..len)
                        .map(|i| (line[i] * tensor[offset + i]).to_f64())
                        .sum::<f64>();
                assert_eq!(
                    found.to_f64(),
                    expected,
                    "{} {vectors} vectors, {count} taps",
                    kernels.name
                );
            }
        }
    }
}

#[test]
fn lines_of_all_lengths() {
    lines_agree::<f32>();
    lines_agree::<f64>();
}

fn areas_agree<T: Float>() {
    let (from, pixels) = (numbers::<T>(3000, 9), numbers::<T>(1500, 10));
    for kernels in T::kernels() {
        let lanes = kernels.lanes;
        // Rows, columns, taps, channels and their width: nothing, less than a vector, whole ones and a part.
        for (rows, columns, count, channels, width) in [
            (1, 1, 1, lanes, lanes),
            (2, 9, 3, lanes + 3, lanes + 3),
            (11, 2, 10, 2, lanes + 1),
            (3, 13, 19, 2 * lanes, 2 * lanes),
            (2, 3, 0, lanes + 1, lanes + 2),
        ] {
            let all = count + 2;
            let taps: Vec<_> = (0..count).map(|t| (t + 1, t * 53 % 200)).collect();
            let step = width + 1;
            let area = Area {
                taps: &taps,
                count: [rows, columns],
                from: [columns * step + 7, step + 2],
                to: [columns * step + 5, step],
                channels,
                width,
                weights: all,
            };
            let vectors = channels.div_ceil(lanes) * all * lanes;
            let (weights, start) = (numbers::<T>(vectors, 11), numbers::<T>(vectors, 12));
            let mut to = vec![T::from_f64(0.5); rows * area.to[0]];
            let mut sums = start.clone();
            // SAFETY: the vectors hold all pixels, neighbours and weights, and the processor runs its own kernels.
            unsafe {
                (kernels.blend)(from.as_ptr(), &area, weights.as_ptr(), to.as_mut_ptr());
                (kernels.weigh)(from.as_ptr(), &area, pixels.as_ptr(), sums.as_mut_ptr());
            }
            let place =
                |steps: [usize; 2], row: usize, column: usize| row * steps[0] + column * steps[1];
            let weight = |c: usize, tap: usize| (c / lanes * all + tap) * lanes + c % lanes;
            let name = format!(
                "{} {rows} x {columns}, {count} taps, {channels} channels",
                kernels.name
            );
            for (at, found) in to.iter().enumerate() {
                let (row, column, c) = (
                    at / area.to[0],
                    at % area.to[0] / step,
                    at % area.to[0] % step,
                );
                let read = |&(tap, offset): &(usize, usize)| {
                    let from = from[place(area.from, row, column) + offset + c];
                    (from * weights[weight(c, tap)]).to_f64()
                };
                let expected = match c {
                    _ if column >= columns || c >= width => 0.5,
                    _ if c >= channels => 0.0,
                    _ => taps.iter().map(read).sum(),
                };
                assert_eq!(found.to_f64(), expected, "{name} at {row}, {column}, {c}");
            }
            let mut expected = start;
            for &(tap, offset) in &taps {
                for c in 0..channels {
                    let sum = &mut expected[weight(c, tap)];
                    for (row, column) in (0..rows).flat_map(|r| (0..columns).map(move |q| (r, q))) {
                        let from = from[place(area.from, row, column) + offset + c];
                        *sum += from * pixels[place(area.to, row, column) + c];
                    }
                }
            }
            assert!(sums == expected, "{name}");
        }
    }
}

#[test]
fn areas_of_all_shapes() {
    areas_agree::<f32>();
    areas_agree::<f64>();
}
