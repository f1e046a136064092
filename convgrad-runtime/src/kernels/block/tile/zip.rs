//! Few rows interleaved, and few rows dealt out: two or four of them, whose elements meet in registers of 512 bits.

use std::arch::x86_64::*;

use super::super::plan::Step;
use super::super::rows::one_of;
use super::{LINE, Tile};

/// Whether a tile is of this kind: its short side lies together on one side of memory, and nothing between.
pub(super) fn fits(size: usize, tile: &Tile) -> bool {
    interleaves(size, tile) || deals(size, tile)
}

fn interleaves(size: usize, tile: &Tile) -> bool {
    matches!(tile.columns, 2 | 4) && tile.y == (tile.columns * size) as isize
}

fn deals(size: usize, tile: &Tile) -> bool {
    matches!(tile.rows, 2 | 4) && tile.x == (tile.rows * size) as isize
}

/// Moves the elements of a tile that [`fits`], in every turn.
///
/// # Safety
/// The processor has AVX-512. All places lie inside of their tensors, which do not overlap.
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl")]
#[inline]
pub(super) unsafe fn run(size: usize, tile: &Tile, repeat: Step, y: *mut u8, x: *const u8) {
    let (mut y, mut x) = (y, x);
    for _ in 0..repeat.count {
        // SAFETY: as the caller says; the tile is of the size that the function is for.
        unsafe {
            match (size, interleaves(size, tile)) {
                (1, true) => interleave::<u8>(tile, y, x),
                (2, true) => interleave::<u16>(tile, y, x),
                (4, true) => interleave::<u32>(tile, y, x),
                (_, true) => interleave::<u64>(tile, y, x),
                (1, false) => deal::<u8>(tile, y, x),
                (2, false) => deal::<u16>(tile, y, x),
                (4, false) => deal::<u32>(tile, y, x),
                (_, false) => deal::<u64>(tile, y, x),
            }
        }
        (y, x) = (y.wrapping_offset(repeat.y), x.wrapping_offset(repeat.x));
    }
}

/// One element of each row in turn.
///
/// # Safety
/// The processor has AVX-512. All places lie inside of their tensors, which do not overlap.
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl")]
unsafe fn interleave<U: Copy>(tile: &Tile, y: *mut u8, x: *const u8) {
    let size = size_of::<U>();
    let lanes = 64 / size;
    let row = |k: usize| x.wrapping_offset(k as isize * tile.x);
    let mut at = 0;
    while at + lanes <= tile.rows {
        // SAFETY: so many elements of every row are there, and as many groups of them in the output.
        unsafe {
            let load = |k: usize| _mm512_loadu_si512(row(k).add(at * size).cast());
            let to = y.add(at * tile.columns * size);
            let streams = tile.streams && to.addr().is_multiple_of(LINE);
            let store = |k: usize, register| match streams {
                true => _mm512_stream_si512(to.add(k * LINE).cast(), register),
                false => _mm512_storeu_si512(to.add(k * LINE).cast(), register),
            };
            if tile.columns == 2 {
                each(zip::<U>(load(0), load(1)), store);
            } else {
                each(zip_four::<U>([load(0), load(1), load(2), load(3)]), store);
            }
        }
        at += lanes;
    }
    let left = tile.rows - at;
    if left == 0 {
        return;
    }
    // SAFETY: the masks end with the elements of the rows, and with as many groups of them in the output.
    unsafe {
        let load = |k: usize| load::<U>(row(k).wrapping_add(at * size), left);
        let to = y.add(at * tile.columns * size);
        let store = |k: usize, register| {
            let before = k * lanes;
            store::<U>(
                to.wrapping_add(before * size),
                (left * tile.columns).saturating_sub(before),
                register,
            );
        };
        if tile.columns == 2 {
            each(zip::<U>(load(0), load(1)), store);
        } else {
            each(zip_four::<U>([load(0), load(1), load(2), load(3)]), store);
        }
    }
}

/// Elements dealt out to the rows in turn.
///
/// # Safety
/// The processor has AVX-512. All places lie inside of their tensors, which do not overlap.
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl")]
unsafe fn deal<U: Copy>(tile: &Tile, y: *mut u8, x: *const u8) {
    let size = size_of::<U>();
    let lanes = 64 / size;
    let row = |k: usize| y.wrapping_offset(k as isize * tile.y);
    let mut at = 0;
    while at + lanes <= tile.columns {
        // SAFETY: so many groups are there, and as many elements of every row of the output.
        unsafe {
            let from = x.add(at * tile.rows * size);
            let load = |k: usize| _mm512_loadu_si512(from.add(k * 64).cast());
            let store =
                |k: usize, register| _mm512_storeu_si512(row(k).add(at * size).cast(), register);
            if tile.rows == 2 {
                each(unzip::<U>(load(0), load(1)), store);
            } else {
                each(unzip_four::<U>([load(0), load(1), load(2), load(3)]), store);
            }
        }
        at += lanes;
    }
    let left = tile.columns - at;
    if left == 0 {
        return;
    }
    // SAFETY: the masks end with the groups of elements, and with as many elements of the rows of the output.
    unsafe {
        let from = x.add(at * tile.rows * size);
        let load = |k: usize| {
            let before = k * lanes;
            load::<U>(
                from.wrapping_add(before * size),
                (left * tile.rows).saturating_sub(before),
            )
        };
        let store = |k: usize, register| store::<U>(row(k).wrapping_add(at * size), left, register);
        if tile.rows == 2 {
            each(unzip::<U>(load(0), load(1)), store);
        } else {
            each(unzip_four::<U>([load(0), load(1), load(2), load(3)]), store);
        }
    }
}

/// Calls `store` with every register and its number.
#[inline(always)]
fn each<const N: usize>(registers: [__m512i; N], store: impl Fn(usize, __m512i)) {
    for (k, register) in registers.into_iter().enumerate() {
        store(k, register);
    }
}

/// The first elements from a place, as many as fit into a register at most; the others are 0, and nothing of them is read.
///
/// # Safety
/// The processor has AVX-512, and so many elements are there.
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl")]
#[inline]
unsafe fn load<U>(x: *const u8, elements: usize) -> __m512i {
    let bytes = (elements * size_of::<U>()).min(64);
    // SAFETY: as the caller says; elements that are masked out are not touched.
    unsafe { _mm512_maskz_loadu_epi8(first(bytes), x.cast()) }
}

/// Writes the first elements of a register, as many as it has at most.
///
/// # Safety
/// The processor has AVX-512, and so many elements are there.
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl")]
#[inline]
unsafe fn store<U>(y: *mut u8, elements: usize, register: __m512i) {
    let bytes = (elements * size_of::<U>()).min(64);
    // SAFETY: as the caller says; elements that are masked out are not touched.
    unsafe { _mm512_mask_storeu_epi8(y.cast(), first(bytes), register) }
}

/// The mask of the first bytes of a register.
#[inline(always)]
fn first(bytes: usize) -> __mmask64 {
    match bytes {
        0 => 0,
        _ => u64::MAX >> (64 - bytes),
    }
}

/// One element of each of four registers in turn.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn zip_four<U>([a, b, c, d]: [__m512i; 4]) -> [__m512i; 4] {
    let [even, more_even] = zip::<U>(a, c);
    let [odd, more_odd] = zip::<U>(b, d);
    let [a, b] = zip::<U>(even, odd);
    let [c, d] = zip::<U>(more_even, more_odd);
    [a, b, c, d]
}

/// The elements of four registers dealt out in turn.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn unzip_four<U>([a, b, c, d]: [__m512i; 4]) -> [__m512i; 4] {
    let [even, odd] = unzip::<U>(a, b);
    let [more_even, more_odd] = unzip::<U>(c, d);
    let [a, c] = unzip::<U>(even, more_even);
    let [b, d] = unzip::<U>(odd, more_odd);
    [a, b, c, d]
}

/// `a[0] b[0] a[1] b[1] …`, in two registers.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn zip<U>(a: __m512i, b: __m512i) -> [__m512i; 2] {
    let (low, high) = match size_of::<U>() {
        1 => (_mm512_unpacklo_epi8(a, b), _mm512_unpackhi_epi8(a, b)),
        2 => (_mm512_unpacklo_epi16(a, b), _mm512_unpackhi_epi16(a, b)),
        4 => (_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b)),
        _ => (_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b)),
    };
    // Instructions for elements work in parts of 128 bits: those of the two registers follow each other in turn.
    let first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
    let second = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    [
        _mm512_permutex2var_epi64(low, first, high),
        _mm512_permutex2var_epi64(low, second, high),
    ]
}

/// The elements at even places, and those at odd ones.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn unzip<U>(a: __m512i, b: __m512i) -> [__m512i; 2] {
    let low = _mm512_shuffle_i64x2::<0x88>(a, b);
    let high = _mm512_shuffle_i64x2::<0xdd>(a, b);
    let sorted = |register| {
        let order = match size_of::<U>() {
            1 => _mm_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15),
            2 => _mm_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15),
            4 => _mm_setr_epi8(0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15),
            _ => return register,
        };
        _mm512_shuffle_epi8(register, _mm512_broadcast_i32x4(order))
    };
    let (low, high) = (sorted(low), sorted(high));
    [
        _mm512_unpacklo_epi64(low, high),
        _mm512_unpackhi_epi64(low, high),
    ]
}

/// Copies a line of which one side steps by neighbours and the other by every second place, in every turn; false for other lines.
///
/// # Safety
/// The processor has AVX-512. All places lie inside of their tensors, which do not overlap.
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl")]
#[inline]
pub(in super::super) unsafe fn lines<U: Copy>(
    line: Step,
    repeat: Step,
    y: *mut u8,
    x: *const u8,
) -> bool {
    let unit = size_of::<U>() as isize;
    // Steps need not be multiples of what moves at a time: a run of several elements is moved as one.
    let spreads = match (line.y, line.x) {
        (y, x) if (y, x) == (2 * unit, unit) => true,
        (y, x) if (y, x) == (unit, 2 * unit) => false,
        _ => return false,
    };
    let (mut y, mut x) = (y, x);
    for _ in 0..repeat.count {
        // SAFETY: as the caller says.
        unsafe {
            let done = match spreads {
                true => spread::<U>(line.count, y, x),
                false => thin::<U>(line.count, y, x),
            };
            for k in done as isize..line.count as isize {
                one_of::<U>(y.wrapping_offset(k * line.y), x.wrapping_offset(k * line.x));
            }
        }
        (y, x) = (y.wrapping_offset(repeat.y), x.wrapping_offset(repeat.x));
    }
    true
}

/// Copies neighbours to every second place; returns how many.
///
/// # Safety
/// The processor has AVX-512. All places lie inside of their tensors, which do not overlap.
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl")]
unsafe fn spread<U>(count: usize, y: *mut u8, x: *const u8) -> usize {
    let size = size_of::<U>();
    let lanes = 32 / size;
    let mut at = 0;
    while at + lanes <= count {
        // SAFETY: so many elements are there, and the masks leave the places between them alone.
        unsafe {
            let half = _mm256_loadu_si256(x.add(at * size).cast());
            let to = y.add(2 * at * size);
            match size {
                1 => _mm512_mask_storeu_epi8(
                    to.cast(),
                    0x5555_5555_5555_5555,
                    _mm512_cvtepu8_epi16(half),
                ),
                2 => _mm512_mask_storeu_epi16(to.cast(), 0x5555_5555, _mm512_cvtepu16_epi32(half)),
                4 => _mm512_mask_storeu_epi32(to.cast(), 0x5555, _mm512_cvtepu32_epi64(half)),
                _ => {
                    let twice = _mm512_setr_epi64(0, 0, 1, 1, 2, 2, 3, 3);
                    let spread = _mm512_permutexvar_epi64(twice, _mm512_castsi256_si512(half));
                    _mm512_mask_storeu_epi64(to.cast(), 0x55, spread);
                }
            }
        }
        at += lanes;
    }
    at
}

/// Copies every second element to neighbours; returns how many.
///
/// # Safety
/// The processor has AVX-512. All places lie inside of their tensors, which do not overlap.
#[target_feature(enable = "avx2,avx512f,avx512bw,avx512vl")]
unsafe fn thin<U>(count: usize, y: *mut u8, x: *const u8) -> usize {
    let size = size_of::<U>();
    let lanes = 64 / size;
    let mut at = 0;
    // Behind the last element nothing may be read: it is left to others.
    while at + lanes < count {
        // SAFETY: so many elements are there, each with one behind it.
        unsafe {
            let from = x.add(2 * at * size);
            let a = _mm512_loadu_si512(from.cast());
            let b = _mm512_loadu_si512(from.add(64).cast());
            let [even, _] = unzip::<U>(a, b);
            _mm512_storeu_si512(y.add(at * size).cast(), even);
        }
        at += lanes;
    }
    at
}
