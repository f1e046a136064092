//! Squares of registers turned over: rows become columns.
//!
//! Rounds of interleaving the first half of the registers with the second one turn over what lies in 128 bits; what lies in
//! different parts of 128 bits is exchanged then.

use std::arch::x86_64::*;

/// Defines the function that turns over as many registers as each has elements, of which `$in_lane` lie in 128 bits.
macro_rules! turn {
    ($name:ident, $features:literal, $register:ty, $side:literal, $in_lane:literal, $low:ident, $high:ident, $exchange:ident) => {
        #[target_feature(enable = $features)]
        #[inline]
        pub(super) fn $name(mut registers: [$register; $side]) -> [$register; $side] {
            let mut half = 1;
            while half < $in_lane {
                let before = registers;
                for group in (0..$side).step_by($in_lane) {
                    for k in 0..$in_lane / 2 {
                        let a = before[group + k];
                        let b = before[group + k + $in_lane / 2];
                        registers[group + 2 * k] = $low(a, b);
                        registers[group + 2 * k + 1] = $high(a, b);
                    }
                }
                half *= 2;
            }
            $exchange(registers)
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

/// Parts of 128 bits that were loaded each from its own place have nothing to exchange.
#[target_feature(enable = "avx512f")]
#[inline]
fn placed<const N: usize>(registers: [__m512i; N]) -> [__m512i; N] {
    registers
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

turn!(
    bytes_16,
    "avx2",
    __m128i,
    16,
    16,
    _mm_unpacklo_epi8,
    _mm_unpackhi_epi8,
    single
);
turn!(
    pairs_8,
    "avx2",
    __m128i,
    8,
    8,
    _mm_unpacklo_epi16,
    _mm_unpackhi_epi16,
    single
);
turn!(
    fours_4,
    "avx2",
    __m128i,
    4,
    4,
    _mm_unpacklo_epi32,
    _mm_unpackhi_epi32,
    single
);
turn!(
    eights_2,
    "avx2",
    __m128i,
    2,
    2,
    _mm_unpacklo_epi64,
    _mm_unpackhi_epi64,
    single
);
turn!(
    pairs_16,
    "avx2",
    __m256i,
    16,
    8,
    _mm256_unpacklo_epi16,
    _mm256_unpackhi_epi16,
    double
);
turn!(
    fours_8,
    "avx2",
    __m256i,
    8,
    4,
    _mm256_unpacklo_epi32,
    _mm256_unpackhi_epi32,
    double
);
turn!(
    eights_4,
    "avx2",
    __m256i,
    4,
    2,
    _mm256_unpacklo_epi64,
    _mm256_unpackhi_epi64,
    double
);
turn!(
    bytes_32,
    "avx2,avx512f,avx512bw,avx512vl",
    __m256i,
    32,
    16,
    _mm256_unpacklo_epi8,
    _mm256_unpackhi_epi8,
    double
);
turn!(
    pairs_32,
    "avx2,avx512f,avx512bw,avx512vl",
    __m512i,
    32,
    8,
    _mm512_unpacklo_epi16,
    _mm512_unpackhi_epi16,
    fourfold
);
turn!(
    fours_16,
    "avx2,avx512f,avx512bw,avx512vl",
    __m512i,
    16,
    4,
    _mm512_unpacklo_epi32,
    _mm512_unpackhi_epi32,
    fourfold
);
turn!(
    eights_8,
    "avx2,avx512f,avx512bw,avx512vl",
    __m512i,
    8,
    2,
    _mm512_unpacklo_epi64,
    _mm512_unpackhi_epi64,
    fourfold
);
turn!(
    strip_of_bytes,
    "avx2,avx512f,avx512bw,avx512vl",
    __m512i,
    16,
    16,
    _mm512_unpacklo_epi8,
    _mm512_unpackhi_epi8,
    placed
);
turn!(
    strip_of_pairs,
    "avx2,avx512f,avx512bw,avx512vl",
    __m512i,
    8,
    8,
    _mm512_unpacklo_epi16,
    _mm512_unpackhi_epi16,
    placed
);
turn!(
    strip_of_fours,
    "avx2,avx512f,avx512bw,avx512vl",
    __m512i,
    4,
    4,
    _mm512_unpacklo_epi32,
    _mm512_unpackhi_epi32,
    placed
);
turn!(
    strip_of_eights,
    "avx2,avx512f,avx512bw,avx512vl",
    __m512i,
    2,
    2,
    _mm512_unpacklo_epi64,
    _mm512_unpackhi_epi64,
    placed
);
