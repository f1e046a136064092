//! Conversions of blocks and of rows, on all vectors that this processor has, against an element after the other.

use half::{bf16, f16};

use super::super::tests::{dim, numbers, placed};
use super::*;
use crate::convert::{Cast, Dequantize, Quantize};

/// An element whose bits can be compared, NaN or not.
trait Bits: Copy + PartialEq + 'static {
    const ZERO: Self;
    fn of(bytes: [u8; 8]) -> Self;
    fn bits(self) -> u64;
}

macro_rules! bits {
    ($($type:ty: $zero:expr, $of:expr, $bits:expr;)*) => {$(
        impl Bits for $type {
            const ZERO: Self = $zero;

            fn of(bytes: [u8; 8]) -> Self {
                $of(u64::from_be_bytes(bytes))
            }

            fn bits(self) -> u64 {
                $bits(self)
            }
        }
    )*};
}

bits! {
    f16: f16::ZERO, |bits| f16::from_bits((bits >> 48) as u16), |x: f16| x.to_bits().into();
    bf16: bf16::ZERO, |bits| bf16::from_bits((bits >> 48) as u16), |x: bf16| x.to_bits().into();
    // Numbers of some size, and among them all that a float can be.
    f32: 0.0, |bits: u64| match bits % 4 {
        0 => f32::from_bits((bits >> 32) as u32),
        _ => (bits >> 32) as i32 as f32 / 1e7,
    }, |x: f32| x.to_bits().into();
    f64: 0.0, |bits: u64| (bits as i64) as f64 / 1e16, f64::to_bits;
    i8: 0, |bits| (bits >> 56) as i8, |x| x as u8 as u64;
    u8: 0, |bits| (bits >> 56) as u8, u64::from;
    i64: 0, |bits| bits as i64, |x| x as u64;
}

fn agrees<X: Bits, Y: Bits>(conversion: impl Convert<X, Y>, dims: &[Loop]) {
    let (y_at, y_len) = placed(dims, |dim| dim.output);
    let (x_at, x_len) = placed(dims, |dim| dim.input);
    let x = numbers(x_len, X::of);
    let mut expected = vec![Y::ZERO; y_len];
    one_by_one(conversion, (&mut expected, y_at), (&x, x_at), dims);
    let expected: Vec<u64> = expected.into_iter().map(Y::bits).collect();
    let check = |y: Vec<Y>, how: &str| {
        let y: Vec<u64> = y.into_iter().map(Y::bits).collect();
        assert!(y == expected, "{dims:?} {how}");
    };
    let mut y = vec![Y::ZERO; y_len];
    let done = convert_block(conversion, (&mut y, y_at), (&x, x_at), dims);
    assert_eq!(done, Ok(()));
    check(y, "as called");
    for level in Level::all() {
        // The output is not larger than the caches, or is and begins anywhere, or with a line of memory.
        for (large, aligned) in [(false, false), (true, false), (true, true)] {
            let mut room = vec![Y::ZERO; y_len + LINE];
            let behind = |start: &usize| {
                let first = room.as_ptr().wrapping_add(start + y_at as usize);
                first.addr() % LINE == if aligned { 0 } else { size_of::<Y>() }
            };
            let start = (0..LINE).find(behind).unwrap_or(0);
            let y = &mut room[start..][..y_len];
            let places = (y_at, x_at);
            // SAFETY: the processor has the vectors; all of the block lies inside.
            let done = unsafe { run(level, large, conversion, (&mut *y, &x), places, dims) };
            if done {
                check(y.to_vec(), &format!("{level:?} {large} {aligned}"));
            }
        }
    }
}

fn one_by_one<X: Bits, Y: Bits>(
    conversion: impl Convert<X, Y>,
    (y, y_at): (&mut [Y], i64),
    (x, x_at): (&[X], i64),
    dims: &[Loop],
) {
    match dims {
        [] => y[y_at as usize] = conversion.one(x[x_at as usize]),
        [first, rest @ ..] => (0..first.count).for_each(|k| {
            let (to, from) = (y_at + k * first.output, x_at + k * first.input);
            one_by_one(conversion, (&mut *y, to), (x, from), rest);
        }),
    }
}

/// Wider to narrower, narrower to wider, and as wide as before.
fn all_pairs(dims: &[Loop]) {
    let (scale, zero) = (0.7, 3);
    agrees::<f32, f16>(Cast, dims);
    agrees::<f16, f32>(Cast, dims);
    agrees::<f32, bf16>(Cast, dims);
    agrees::<f32, i8>(Quantize { scale, zero }, dims);
    if !cfg!(miri) {
        agrees::<u8, f32>(Dequantize { scale, zero }, dims);
        agrees::<f64, i8>(Quantize { scale, zero }, dims);
        agrees::<i8, i64>(Cast, dims);
        agrees::<f64, f32>(Cast, dims);
        agrees::<f16, bf16>(Cast, dims);
    }
}

fn sides() -> Vec<i64> {
    match cfg!(miri) {
        true => vec![1, 17],
        false => vec![1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 33, 64, 70],
    }
}

#[test]
fn tiles_of_all_extents_are_converted() {
    for rows in sides() {
        for columns in sides() {
            all_pairs(&[dim(rows, columns, 1), dim(columns, 1, rows)]);
            all_pairs(&[dim(rows, columns + 3, -1), dim(columns, 1, rows + 5)]);
            // Blocks of channels, and channels out of blocks.
            all_pairs(&[
                dim(2, rows * columns, rows * columns),
                dim(rows, columns, 1),
                dim(columns, 1, rows),
            ]);
            all_pairs(&[
                dim(rows, 3 * columns, 1),
                dim(3, columns, rows * columns),
                dim(columns, 1, rows),
            ]);
        }
    }
}

#[test]
fn rows_and_lines_of_all_lengths_are_converted() {
    let longest = if cfg!(miri) { 5 } else { 70 };
    for count in (1..longest).chain(if cfg!(miri) { 33..34 } else { 1200..1202 }) {
        all_pairs(&[dim(count, 1, 1)]);
        all_pairs(&[dim(3, count + 1, count + 2), dim(count, 1, 1)]);
        all_pairs(&[dim(2, count, -count), dim(count, 1, -1)]);
        all_pairs(&[dim(2, -count, 2 * count), dim(count, 1, 2)]);
        all_pairs(&[dim(3, count, 1), dim(count, 1, 0)]);
        all_pairs(&[dim(2, 2 * count, count), dim(count, 2, 1)]);
    }
}

#[test]
fn large_tiles_are_converted_box_by_box() {
    let (rows, columns) = if cfg!(miri) { (3, 140) } else { (300, 530) };
    all_pairs(&[dim(rows, columns, 1), dim(columns, 1, rows)]);
    all_pairs(&[dim(columns, rows, 1), dim(rows, 1, columns)]);
}

#[test]
fn what_leaves_its_tensor_is_refused() {
    let (x, mut y) = ([1.0f32; 4], [f16::ZERO; 4]);
    for (y_at, x_at, count) in [
        (0, 1, 4),
        (1, 0, 4),
        (-1, 0, 2),
        (0, -1, 2),
        (i64::MAX, 0, 2),
    ] {
        let dims = [dim(count, 1, 1)];
        let result = convert_block(Cast, (&mut y, y_at), (&x, x_at), &dims);
        assert_eq!(result, Err(Stray));
    }
    assert_eq!(y, [f16::ZERO; 4]);
    let nothing = [dim(0, 1, 1), dim(9, 1, 1)];
    assert_eq!(convert_block(Cast, (&mut y, 7), (&x, 7), &nothing), Ok(()));
}

#[test]
fn halves_are_rounded_by_vectors_as_by_arithmetic() {
    let low: &[u32] = match cfg!(miri) {
        true => &[0x1000],
        false => &[
            0, 1, 0x0fff, 0x1000, 0x1001, 0x2fff, 0x3000, 0x7fff, 0x8000, 0x8001, 0xffff,
        ],
    };
    let high = (0..=u16::MAX).step_by(if cfg!(miri) { 1021 } else { 1 });
    let x = high.flat_map(|high| low.iter().map(move |low| u32::from(high) << 16 | low));
    let x: Vec<f32> = x.map(f32::from_bits).collect();
    let mut halves = vec![f16::ZERO; x.len()];
    let mut brains = vec![bf16::ZERO; x.len()];
    for level in Level::all() {
        // SAFETY: the processor has the vectors.
        unsafe {
            row(level, Cast, &x, halves.as_mut_ptr());
            row(level, Cast, &x, brains.as_mut_ptr());
        }
        for ((x, half), brain) in x.iter().zip(&halves).zip(&brains) {
            let bits = x.to_bits();
            assert_eq!(
                half.to_bits(),
                f16::from_f32_const(*x).to_bits(),
                "{bits:#x} {level:?}"
            );
            assert_eq!(
                brain.to_bits(),
                bf16::from_f32_const(*x).to_bits(),
                "{bits:#x} {level:?}"
            );
        }
    }
}
