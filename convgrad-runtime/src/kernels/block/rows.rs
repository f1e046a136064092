//! Rows of neighbours, and lines of elements that stand apart.

use std::ptr;

use super::plan::Step;

/// Bytes from which on the system's copy is faster than ours.
const LONG: usize = 2048;

/// Copies `bytes` neighbours in every turn.
///
/// # Safety
/// All places lie inside of their tensors, which do not overlap.
#[inline(always)]
pub(super) unsafe fn copy(bytes: usize, repeat: Step, y: *mut u8, x: *const u8) {
    // SAFETY: as the caller says; each kernel is called for rows of the bytes that it says.
    unsafe {
        match bytes {
            1 => turns(repeat, y, x, |y, x| one::<1>(y, x)),
            2 => turns(repeat, y, x, |y, x| one::<2>(y, x)),
            4 => turns(repeat, y, x, |y, x| one::<4>(y, x)),
            8 => turns(repeat, y, x, |y, x| one::<8>(y, x)),
            16 => turns(repeat, y, x, |y, x| one::<16>(y, x)),
            32 => turns(repeat, y, x, |y, x| one::<32>(y, x)),
            64 => turns(repeat, y, x, |y, x| one::<64>(y, x)),
            128 => turns(repeat, y, x, |y, x| one::<128>(y, x)),
            _ => match bytes {
                LONG.. => turns(repeat, y, x, |y, x| ptr::copy_nonoverlapping(x, y, bytes)),
                64.. => turns(repeat, y, x, |y, x| chunks::<64>(bytes, y, x)),
                32.. => turns(repeat, y, x, |y, x| chunks::<32>(bytes, y, x)),
                16.. => turns(repeat, y, x, |y, x| chunks::<16>(bytes, y, x)),
                8.. => turns(repeat, y, x, |y, x| chunks::<8>(bytes, y, x)),
                4.. => turns(repeat, y, x, |y, x| chunks::<4>(bytes, y, x)),
                _ => turns(repeat, y, x, |y, x| chunks::<2>(bytes, y, x)),
            },
        }
    }
}

/// Copies `count` elements in every turn, each from where and to where the line says.
///
/// # Safety
/// All places lie inside of their tensors, which do not overlap.
#[inline(always)]
pub(super) unsafe fn lines<U: Copy>(line: Step, repeat: Step, y: *mut u8, x: *const u8) {
    let unit = size_of::<U>() as isize;
    let count = line.count;
    // SAFETY: as the caller says; the constants are the ways of the line.
    unsafe {
        match (line.y, line.x) {
            (y_way, 0) if y_way == unit => turns(repeat, y, x, |y, x| {
                let value = x.cast::<U>().read_unaligned();
                for k in 0..count {
                    y.cast::<U>().add(k).write_unaligned(value);
                }
            }),
            (y_way, x_way) if y_way == unit && x_way == -unit => {
                turns(repeat, y, x, |y, x| reverse::<U>(count, y, x));
            }
            (y_way, x_way) if y_way == unit && x_way == 2 * unit => {
                turns(repeat, y, x, |y, x| apart::<U>(count, (1, 2), y, x));
            }
            (y_way, x_way) if y_way == 2 * unit && x_way == unit => {
                turns(repeat, y, x, |y, x| apart::<U>(count, (2, 1), y, x));
            }
            (y_way, x_way) => turns(repeat, y, x, |mut y, mut x| {
                for _ in 0..count {
                    one_of::<U>(y, x);
                    (y, x) = (y.wrapping_offset(y_way), x.wrapping_offset(x_way));
                }
            }),
        }
    }
}

/// Calls `row` with both places of every turn.
#[inline(always)]
pub(super) fn turns(
    repeat: Step,
    mut y: *mut u8,
    mut x: *const u8,
    mut row: impl FnMut(*mut u8, *const u8),
) {
    for _ in 0..repeat.count {
        row(y, x);
        (y, x) = (y.wrapping_offset(repeat.y), x.wrapping_offset(repeat.x));
    }
}

/// Copies `N` bytes.
///
/// # Safety
/// All places lie inside of their tensors, which do not overlap.
#[inline(always)]
unsafe fn one<const N: usize>(y: *mut u8, x: *const u8) {
    // SAFETY: the caller's places reach so far.
    unsafe { ptr::copy_nonoverlapping(x.cast::<[u8; N]>(), y.cast::<[u8; N]>(), 1) }
}

/// Copies an element.
///
/// # Safety
/// All places lie inside of their tensors, which do not overlap.
#[inline(always)]
pub(super) unsafe fn one_of<U: Copy>(y: *mut u8, x: *const u8) {
    // SAFETY: the caller's places hold an element each.
    unsafe {
        y.cast::<U>()
            .write_unaligned(x.cast::<U>().read_unaligned())
    }
}

/// Copies `bytes` >= `N` bytes, `N` at a time; the last ones overlap those before.
///
/// # Safety
/// All places lie inside of their tensors, which do not overlap.
#[inline(always)]
unsafe fn chunks<const N: usize>(bytes: usize, y: *mut u8, x: *const u8) {
    let mut at = 0;
    // SAFETY: no chunk begins behind `bytes - N`.
    unsafe {
        while at + N <= bytes {
            one::<N>(y.add(at), x.add(at));
            at += N;
        }
        if at < bytes {
            one::<N>(y.add(bytes - N), x.add(bytes - N));
        }
    }
}

/// Elements that a loop without branches takes at once, for the compiler to make vectors of.
const LANES: usize = 16;

/// Copies `x[0]`, `x[-1]`, … to neighbours.
///
/// # Safety
/// All places lie inside of their tensors, which do not overlap.
#[inline(always)]
unsafe fn reverse<U: Copy>(count: usize, y: *mut u8, x: *const u8) {
    let (y, x) = (y.cast::<U>(), x.cast::<U>());
    let mut at = 0;
    // SAFETY: places below `count` are read and written only.
    unsafe {
        while at + LANES <= count {
            let mut lanes: [U; LANES] = x.sub(at + LANES - 1).cast::<[U; LANES]>().read_unaligned();
            lanes.reverse();
            y.add(at).cast::<[U; LANES]>().write_unaligned(lanes);
            at += LANES;
        }
        for k in at..count {
            y.add(k).write_unaligned(x.sub(k).read_unaligned());
        }
    }
}

/// Copies elements by constant ways, which the compiler makes vectors of.
///
/// # Safety
/// All places lie inside of their tensors, which do not overlap.
#[inline(always)]
unsafe fn apart<U: Copy>(count: usize, (y_way, x_way): (usize, usize), y: *mut u8, x: *const u8) {
    let (y, x) = (y.cast::<U>(), x.cast::<U>());
    let mut at = 0;
    // SAFETY: places below `count` are read and written only.
    unsafe {
        if y_way == 1 && count > LANES {
            // The last lane of a group stands before the last element, so that whole groups of both kinds can be read.
            while at + LANES < count {
                let both: [[U; 2]; LANES] =
                    x.add(at * x_way).cast::<[[U; 2]; LANES]>().read_unaligned();
                let lanes: [U; LANES] = std::array::from_fn(|lane| both[lane][0]);
                y.add(at).cast::<[U; LANES]>().write_unaligned(lanes);
                at += LANES;
            }
        }
        for k in at..count {
            y.add(k * y_way)
                .write_unaligned(x.add(k * x_way).read_unaligned());
        }
    }
}
