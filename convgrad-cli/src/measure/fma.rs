//! The rate of multiply-adds on registers: what no convolution can pass.

use std::hint::black_box;

/// Independent chains of multiply-adds, enough to fill the pipelines of two units.
const CHAINS: usize = 12;
/// Multiply-adds of each chain in a round.
const LENGTH: usize = 200_000;

/// One round of multiply-adds on vectors of the widest kind that this machine has.
pub(super) fn round() {
    match widest() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `widest` has seen AVX-512F.
        Vectors::Avx512 => unsafe { avx512() },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `widest` has seen AVX2 and FMA.
        Vectors::Avx2 => unsafe { avx2() },
        Vectors::Portable => chains::<4>(|a, x, b| a * x + b),
    }
}

/// The floating-point operations of a round.
pub(super) fn operations_a_round() -> f64 {
    let lanes = match widest() {
        #[cfg(target_arch = "x86_64")]
        Vectors::Avx512 => 16,
        #[cfg(target_arch = "x86_64")]
        Vectors::Avx2 => 8,
        Vectors::Portable => 4,
    };
    2.0 * (lanes * CHAINS * LENGTH) as f64
}

enum Vectors {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Portable,
}

fn widest() -> Vectors {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            return Vectors::Avx512;
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            return Vectors::Avx2;
        }
    }
    Vectors::Portable
}

/// The chains on vectors of `N` lanes, for the compiler to turn into the instructions that its caller enables.
#[inline(always)]
fn chains<const N: usize>(multiply_add: impl Fn(f32, f32, f32) -> f32 + Copy) {
    let x = black_box([0.999_f32; N]);
    let b = black_box([0.001_f32; N]);
    let mut a = black_box([[1.0_f32; N]; CHAINS]);
    for _ in 0..LENGTH {
        for chain in &mut a {
            for lane in 0..N {
                chain[lane] = multiply_add(chain[lane], x[lane], b[lane]);
            }
        }
    }
    black_box(a);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn avx512() {
    use std::arch::x86_64::{_mm512_fmadd_ps, _mm512_set1_ps};
    let (x, b) = black_box((_mm512_set1_ps(0.999), _mm512_set1_ps(0.001)));
    let mut a = black_box([_mm512_set1_ps(1.0); CHAINS]);
    for _ in 0..LENGTH {
        for chain in &mut a {
            *chain = _mm512_fmadd_ps(*chain, x, b);
        }
    }
    black_box(a);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2() {
    use std::arch::x86_64::{_mm256_fmadd_ps, _mm256_set1_ps};
    let (x, b) = black_box((_mm256_set1_ps(0.999), _mm256_set1_ps(0.001)));
    let mut a = black_box([_mm256_set1_ps(1.0); CHAINS]);
    for _ in 0..LENGTH {
        for chain in &mut a {
            *chain = _mm256_fmadd_ps(*chain, x, b);
        }
    }
    black_box(a);
}
