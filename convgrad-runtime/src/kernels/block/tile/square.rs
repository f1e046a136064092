//! Squares of elements, as many rows as a register has elements.
//!
//! Rounds of interleaving the first half of the registers with the second one turn over what lies in 128 bits; what lies in
//! different parts of 128 bits is exchanged then. Rows and columns that no whole square covers are covered by one that
//! overlaps the square before.

use std::arch::x86_64::*;

use super::super::plan::Step;
use super::Tile;

/// Neighbours along the side that moves by short ways, before the next ones along the other side.
const NEIGHBOURS: usize = 256;

/// Bytes ahead in every row of the input that are asked for, where the next squares lie in other rows.
const AHEAD: usize = 128;

/// Bytes of a line.
const LINE: usize = 64;

/// Where squares of `SIDE` elements begin along a side of a tile: first where the side does, then where lines of memory do, so
/// that no register lies in two of them; the last one ends with the side.
#[derive(Clone, Copy)]
struct Side<const SIDE: usize> {
    count: usize,
    lead: usize,
}

impl<const SIDE: usize> Side<SIDE> {
    /// `at` is where the side begins, and `way` the bytes from one side to the next.
    #[inline(always)]
    fn new(count: usize, at: usize, way: isize, size: usize) -> Self {
        let behind = at.wrapping_neg() % LINE;
        let aligns = way % LINE as isize == 0 && behind.is_multiple_of(size) && count >= 4 * SIDE;
        Side {
            count,
            lead: if aligns { behind / size % SIDE } else { 0 },
        }
    }

    #[inline(always)]
    fn squares(&self) -> usize {
        (self.count - self.lead).div_ceil(SIDE) + usize::from(self.lead > 0)
    }

    #[inline(always)]
    fn start(&self, square: usize) -> usize {
        match (self.lead, square) {
            (1.., 0) => 0,
            (1.., _) => (self.lead + (square - 1) * SIDE).min(self.count - SIDE),
            _ => (square * SIDE).min(self.count - SIDE),
        }
    }
}

/// Defines the walk over the squares of `$rows` rows, and the function that turns over registers.
macro_rules! square {
    ($name:ident, $features:literal, $size:literal, $rows:literal, $in_lane:literal,
        $zero:ident, $load:ident as $pointer:ty, $store:ident, $stream:ident, $low:ident, $high:ident, $exchange:ident) => {
        /// Moves the elements of a tile that has at least as many rows and columns as the square, in every turn.
        ///
        /// # Safety
        /// The processor has these vectors. All places lie inside of their tensors, which do not overlap.
        #[target_feature(enable = $features)]
        pub(super) unsafe fn $name(tile: &Tile, repeat: Step, y: *mut u8, x: *const u8) {
            const SIDE: usize = $rows;
            const BLOCK: usize = NEIGHBOURS / SIDE;
            let along_output = tile.y.unsigned_abs() <= tile.x.unsigned_abs();
            let (mut y, mut x) = (y, x);
            for _ in 0..repeat.count {
                let columns = Side::<SIDE>::new(tile.columns, y.addr(), tile.y, $size);
                let rows = Side::<SIDE>::new(tile.rows, x.addr(), tile.x, $size);
                let (slow_side, fast_side) = match along_output {
                    true => (rows, columns),
                    false => (columns, rows),
                };
                for block in (0..fast_side.squares()).step_by(BLOCK) {
                    for slow in 0..slow_side.squares() {
                        let slow = slow_side.start(slow);
                        for fast in block..fast_side.squares().min(block + BLOCK) {
                            let fast = fast_side.start(fast);
                            let (row, column) = match along_output {
                                true => (slow as isize, fast as isize),
                                false => (fast as isize, slow as isize),
                            };
                            let to = y.wrapping_offset(row * tile.y + column * $size);
                            let from = x.wrapping_offset(column * tile.x + row * $size);
                            let mut registers = [$zero(); SIDE];
                            if along_output {
                                for k in 0..SIDE as isize {
                                    let row = from.wrapping_offset(k * tile.x);
                                    let ahead = row.wrapping_add(AHEAD).cast();
                                    _mm_prefetch::<_MM_HINT_T0>(ahead);
                                }
                            }
                            for (k, register) in registers.iter_mut().enumerate() {
                                // SAFETY: the square lies inside of the tile, whose places lie inside of the tensor.
                                *register = unsafe {
                                    $load(from.wrapping_offset(k as isize * tile.x) as $pointer)
                                };
                            }
                            let mut half = 1;
                            while half < $in_lane {
                                let before = registers;
                                for group in (0..SIDE).step_by($in_lane) {
                                    for k in 0..$in_lane / 2 {
                                        let a = before[group + k];
                                        let b = before[group + k + $in_lane / 2];
                                        registers[group + 2 * k] = $low(a, b);
                                        registers[group + 2 * k + 1] = $high(a, b);
                                    }
                                }
                                half *= 2;
                            }
                            let registers: [_; SIDE] = $exchange(registers);
                            let whole_line = SIDE * $size == LINE && to.addr() % LINE == 0;
                            let streams = tile.streams && whole_line && tile.y % LINE as isize == 0;
                            for (k, register) in registers.into_iter().enumerate() {
                                let to = to.wrapping_offset(k as isize * tile.y);
                                // SAFETY: the square lies inside of the tile, whose places lie inside of the tensor; what is
                                // streamed is a whole line.
                                unsafe {
                                    match streams {
                                        true => $stream(to.cast(), register),
                                        false => $store(to.cast(), register),
                                    }
                                }
                            }
                        }
                    }
                }
                (y, x) = (y.wrapping_offset(repeat.y), x.wrapping_offset(repeat.x));
            }
        }
    };
}

/// Registers of one part of 128 bits have nothing to exchange.
#[target_feature(enable = "avx2")]
#[inline]
fn single<const N: usize>(registers: [__m128i; N]) -> [__m128i; N] {
    registers
}

/// Exchanges the second part of the first half of the registers with the first part of the second half.
#[target_feature(enable = "avx2")]
#[inline]
fn double<const N: usize>(registers: [__m256i; N]) -> [__m256i; N] {
    let mut out = registers;
    for k in 0..N / 2 {
        let (a, b) = (registers[k], registers[k + N / 2]);
        out[k] = _mm256_permute2x128_si256::<0x20>(a, b);
        out[k + N / 2] = _mm256_permute2x128_si256::<0x31>(a, b);
    }
    out
}

/// Turns over the squares of 4 x 4 parts of 128 bits.
#[target_feature(enable = "avx512f")]
#[inline]
fn fourfold<const N: usize>(registers: [__m512i; N]) -> [__m512i; N] {
    let mut out = registers;
    let quarter = N / 4;
    for k in 0..quarter {
        let [a, b, c, d] = [0, 1, 2, 3].map(|part| registers[k + part * quarter]);
        let first = _mm512_shuffle_i64x2::<0x44>(a, b);
        let second = _mm512_shuffle_i64x2::<0xee>(a, b);
        let third = _mm512_shuffle_i64x2::<0x44>(c, d);
        let fourth = _mm512_shuffle_i64x2::<0xee>(c, d);
        out[k] = _mm512_shuffle_i64x2::<0x88>(first, third);
        out[k + quarter] = _mm512_shuffle_i64x2::<0xdd>(first, third);
        out[k + 2 * quarter] = _mm512_shuffle_i64x2::<0x88>(second, fourth);
        out[k + 3 * quarter] = _mm512_shuffle_i64x2::<0xdd>(second, fourth);
    }
    out
}

square!(
    bytes_16,
    "avx2",
    1,
    16,
    16,
    _mm_setzero_si128,
    _mm_loadu_si128 as *const __m128i,
    _mm_storeu_si128,
    _mm_stream_si128,
    _mm_unpacklo_epi8,
    _mm_unpackhi_epi8,
    single
);
square!(
    pairs_8,
    "avx2",
    2,
    8,
    8,
    _mm_setzero_si128,
    _mm_loadu_si128 as *const __m128i,
    _mm_storeu_si128,
    _mm_stream_si128,
    _mm_unpacklo_epi16,
    _mm_unpackhi_epi16,
    single
);
square!(
    fours_4,
    "avx2",
    4,
    4,
    4,
    _mm_setzero_si128,
    _mm_loadu_si128 as *const __m128i,
    _mm_storeu_si128,
    _mm_stream_si128,
    _mm_unpacklo_epi32,
    _mm_unpackhi_epi32,
    single
);
square!(
    eights_2,
    "avx2",
    8,
    2,
    2,
    _mm_setzero_si128,
    _mm_loadu_si128 as *const __m128i,
    _mm_storeu_si128,
    _mm_stream_si128,
    _mm_unpacklo_epi64,
    _mm_unpackhi_epi64,
    single
);
square!(
    pairs_16,
    "avx2",
    2,
    16,
    8,
    _mm256_setzero_si256,
    _mm256_loadu_si256 as *const __m256i,
    _mm256_storeu_si256,
    _mm256_stream_si256,
    _mm256_unpacklo_epi16,
    _mm256_unpackhi_epi16,
    double
);
square!(
    fours_8,
    "avx2",
    4,
    8,
    4,
    _mm256_setzero_si256,
    _mm256_loadu_si256 as *const __m256i,
    _mm256_storeu_si256,
    _mm256_stream_si256,
    _mm256_unpacklo_epi32,
    _mm256_unpackhi_epi32,
    double
);
square!(
    eights_4,
    "avx2",
    8,
    4,
    2,
    _mm256_setzero_si256,
    _mm256_loadu_si256 as *const __m256i,
    _mm256_storeu_si256,
    _mm256_stream_si256,
    _mm256_unpacklo_epi64,
    _mm256_unpackhi_epi64,
    double
);
square!(
    bytes_32,
    "avx2,avx512f,avx512bw,avx512vl",
    1,
    32,
    16,
    _mm256_setzero_si256,
    _mm256_loadu_si256 as *const __m256i,
    _mm256_storeu_si256,
    _mm256_stream_si256,
    _mm256_unpacklo_epi8,
    _mm256_unpackhi_epi8,
    double
);
square!(
    pairs_32,
    "avx2,avx512f,avx512bw,avx512vl",
    2,
    32,
    8,
    _mm512_setzero_si512,
    _mm512_loadu_si512 as *const __m512i,
    _mm512_storeu_si512,
    _mm512_stream_si512,
    _mm512_unpacklo_epi16,
    _mm512_unpackhi_epi16,
    fourfold
);
square!(
    fours_16,
    "avx2,avx512f,avx512bw,avx512vl",
    4,
    16,
    4,
    _mm512_setzero_si512,
    _mm512_loadu_si512 as *const __m512i,
    _mm512_storeu_si512,
    _mm512_stream_si512,
    _mm512_unpacklo_epi32,
    _mm512_unpackhi_epi32,
    fourfold
);
square!(
    eights_8,
    "avx2,avx512f,avx512bw,avx512vl",
    8,
    8,
    2,
    _mm512_setzero_si512,
    _mm512_loadu_si512 as *const __m512i,
    _mm512_storeu_si512,
    _mm512_stream_si512,
    _mm512_unpacklo_epi64,
    _mm512_unpackhi_epi64,
    fourfold
);

/// The largest square of at most 256 bits that is not larger than `side`; false if there is none, and nothing is done.
///
/// # Safety
/// The processor has AVX2. All places lie inside of their tensors, which do not overlap.
#[target_feature(enable = "avx2")]
#[inline]
pub(super) unsafe fn small(
    size: usize,
    side: usize,
    tile: &Tile,
    repeat: Step,
    y: *mut u8,
    x: *const u8,
) -> bool {
    // SAFETY: as the caller says; no square is larger than the tile.
    unsafe {
        match (size, side) {
            (1, 16..) => bytes_16(tile, repeat, y, x),
            (2, 16..) => pairs_16(tile, repeat, y, x),
            (2, 8..) => pairs_8(tile, repeat, y, x),
            (4, 8..) => fours_8(tile, repeat, y, x),
            (4, 4..) => fours_4(tile, repeat, y, x),
            (8, 4..) => eights_4(tile, repeat, y, x),
            (8, 2..) => eights_2(tile, repeat, y, x),
            _ => return false,
        }
    }
    true
}
