//! Every kernel against one plain definition, over all small runs, inside and outside.

use super::*;

/// What a run means: None if it leaves a tensor.
fn naive(
    y: &[u32],
    (y_at, y_stride): (i64, i64),
    x: &[u32],
    (x_at, x_stride): (i64, i64),
    count: i64,
) -> Option<Vec<u32>> {
    let copy = |to: &mut u32, from: u32| *to = from;
    naive_by(copy, y, (y_at, y_stride), x, (x_at, x_stride), count)
}

fn naive_by(
    write: fn(&mut u32, u32),
    y: &[u32],
    (y_at, y_stride): (i64, i64),
    x: &[u32],
    (x_at, x_stride): (i64, i64),
    count: i64,
) -> Option<Vec<u32>> {
    let mut y = y.to_vec();
    for k in 0..count {
        let from = usize::try_from(x_at + k * x_stride).ok()?;
        let to = usize::try_from(y_at + k * y_stride).ok()?;
        write(y.get_mut(to)?, *x.get(from)?);
    }
    Some(y)
}

/// All of them, or every third where each access is checked.
fn few(numbers: std::ops::Range<i64>) -> impl Iterator<Item = i64> {
    numbers.step_by(if cfg!(miri) { 3 } else { 1 })
}

#[test]
fn runs_do_what_they_say_and_never_leave_their_tensors() {
    let x: Vec<u32> = (0..7).map(|k| 100 + k * k).collect();
    let blank = [1, 2, 3, 4, 5, 6];
    for y_at in few(-1..7) {
        for x_at in few(-1..8) {
            for count in few(-1..5) {
                for y_stride in few(-3..4) {
                    for x_stride in few(-3..4) {
                        let expected = naive(&blank, (y_at, y_stride), &x, (x_at, x_stride), count);
                        let check = |result: Result<(), Stray>, y: [u32; 6]| match &expected {
                            Some(expected) => {
                                assert_eq!(result, Ok(()));
                                assert_eq!(y, expected.as_slice());
                            }
                            None => {
                                assert_eq!(result, Err(Stray));
                                assert_eq!(y, blank, "an error writes nothing");
                            }
                        };
                        let mut y = blank;
                        check(
                            strided(&mut y, y_at, y_stride, &x, x_at, x_stride, count),
                            y,
                        );
                        let halves: Vec<f32> = x.iter().map(|x| *x as f32 / 2.0).collect();
                        let twice = crate::convert::Quantize {
                            scale: 0.5,
                            zero: 0,
                        };
                        let mut y = blank;
                        let to = (&mut y[..], y_at, y_stride);
                        check(convert(twice, to, (&halves, x_at, x_stride), count), y);
                        if y_stride == 1 {
                            let mut y = blank;
                            check(gather(&mut y, y_at, &x, x_at, x_stride, count), y);
                            let mut y = blank;
                            match x_stride {
                                1 => check(copy(&mut y, y_at, &x, x_at, count), y),
                                -1 => check(reverse(&mut y, y_at, &x, x_at, count), y),
                                0 => check(splat(&mut y, y_at, &x, x_at, count), y),
                                _ => {}
                            }
                        }
                        if x_stride == 1 {
                            let mut y = blank;
                            check(scatter(&mut y, y_at, y_stride, &x, x_at, count), y);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn sums_add_every_element_of_a_run() {
    let x: Vec<u32> = (0..5).map(|k| (u32::MAX - 1).wrapping_add(k * k)).collect();
    let blank = [1, 2, 3, 4];
    let plus = |to: &mut u32, from: u32| *to = to.wrapping_add(from);
    for (y_at, x_at) in few(-1..5).flat_map(|y_at| few(-1..6).map(move |x_at| (y_at, x_at))) {
        for (count, y_stride) in few(-1..5).flat_map(|n| (-2..3).map(move |stride| (n, stride))) {
            for x_stride in few(-2..3) {
                let (to, from) = ((y_at, y_stride), (x_at, x_stride));
                let expected = naive_by(plus, &blank, to, &x, from, count);
                let mut y = blank;
                let result = add_strided(&mut y, y_at, y_stride, &x, x_at, x_stride, count);
                assert_eq!(result.is_ok(), expected.is_some());
                assert_eq!(y.to_vec(), expected.unwrap_or(blank.to_vec()));
            }
        }
    }
}

#[test]
fn fills_write_their_places_only() {
    let blank = [1u32, 2, 3, 4, 5, 6];
    for y_at in -1..7 {
        for count in -1..5 {
            for stride in -3..4 {
                let expected = naive(&blank, (y_at, stride), &[9], (0, 0), count);
                let mut y = blank;
                let result = fill_strided(&mut y, y_at, stride, count, 9);
                assert_eq!(result.is_ok(), expected.is_some());
                assert_eq!(y.to_vec(), expected.unwrap_or(blank.to_vec()));
            }
        }
    }
}

#[test]
fn extreme_numbers_are_errors() {
    let (x, mut y) = ([1u8; 4], [0u8; 4]);
    for at in [i64::MIN, -1, 5, i64::MAX] {
        for stride in [i64::MIN, i64::MAX] {
            for count in [2, i64::MAX] {
                assert_eq!(strided(&mut y, at, stride, &x, 0, 1, count), Err(Stray));
                assert_eq!(strided(&mut y, 0, 1, &x, at, stride, count), Err(Stray));
                assert_eq!(fill_strided(&mut y, at, stride, count, 7), Err(Stray));
            }
        }
    }
    assert_eq!(y, [0; 4]);
}
