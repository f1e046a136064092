//! The tile operation on vector registers: the same additions in the same order, sixteen columns at a time.
//!
//! One portable text is compiled for each instruction set. A vector lane is a column `n`, and `k` stays the sequential
//! loop, so that every lane does exactly what the definition does. For that the right factor is turned to `[k][n]` when
//! it is loaded, and both factors are widened to f32, which is exact.

use super::{Accumulator, Fractal, Mode, SIDE};

/// A factor as the multipliers hold it: widened to f32, `[m][k]` on the left and `[k][n]` on the right.
#[derive(Clone, Debug)]
pub struct Operand([[f32; SIDE]; SIDE]);

impl Operand {
    #[cfg(test)]
    pub(super) fn rows(&self) -> &[[f32; SIDE]; SIDE] {
        &self.0
    }
}

/// The instructions at hand; having one proves that the processor has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Multiplier(Instructions);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Instructions {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

impl Multiplier {
    /// The fastest that this processor has.
    pub fn new() -> Self {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            return Self(Instructions::Avx2);
        }
        Self(Instructions::Portable)
    }

    /// All that this processor has, for tests and comparisons.
    pub fn all() -> Vec<Self> {
        let mut all = vec![Self(Instructions::Portable), Self::new()];
        all.dedup();
        all
    }

    /// Loads a left factor.
    pub fn left(self, fractal: &Fractal) -> Operand {
        let mut operand = Operand([[0.0; SIDE]; SIDE]);
        match self.0 {
            Instructions::Portable => widen(&mut operand, fractal),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `new` makes this variant only where the processor has AVX2 and FMA.
            Instructions::Avx2 => unsafe { avx2::widen(&mut operand, fractal) },
        }
        operand
    }

    /// Loads a right factor.
    pub fn right(self, fractal: &Fractal) -> Operand {
        let mut operand = self.left(fractal);
        super::transpose(&mut operand.0);
        operand
    }

    /// One tile operation, bit for bit that of [`super::multiply`].
    pub fn multiply(
        self,
        accumulator: &mut Accumulator,
        left: &Operand,
        right: &Operand,
        mode: Mode,
    ) {
        match self.0 {
            Instructions::Portable => multiply::<2, false>(accumulator, left, right, mode),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `new` makes this variant only where the processor has AVX2 and FMA.
            Instructions::Avx2 => unsafe { avx2::multiply(accumulator, left, right, mode) },
        }
    }
}

impl Default for Multiplier {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{Accumulator, Fractal, Mode, Operand};

    #[target_feature(enable = "avx2,fma")]
    pub(super) fn widen(operand: &mut Operand, fractal: &Fractal) {
        super::widen(operand, fractal);
    }

    #[target_feature(enable = "avx2,fma")]
    pub(super) fn multiply(
        accumulator: &mut Accumulator,
        left: &Operand,
        right: &Operand,
        mode: Mode,
    ) {
        super::multiply::<4, true>(accumulator, left, right, mode);
    }
}

#[inline(always)]
fn widen(operand: &mut Operand, fractal: &Fractal) {
    for (row, halves) in operand.0.iter_mut().zip(fractal) {
        for (wide, half) in row.iter_mut().zip(halves) {
            *wide = widened(half.to_bits());
        }
    }
}

/// A half as f32, in arithmetic that compilers turn into vector instructions; `half` converts one number by a call.
///
/// The magnitude's bits, moved to their places in an f32, stand for a number 2^112 too small, be it normal or not.
#[inline(always)]
fn widened(half: u16) -> f32 {
    let half = u32::from(half);
    let sign = (half & 0x8000) << 16;
    let magnitude = f32::from_bits((half & 0x7fff) << 13) * f32::from_bits((127 + 112) << 23);
    let special = if magnitude >= 65_536.0 { 0xff << 23 } else { 0 };
    f32::from_bits(magnitude.to_bits() | special | sign)
}

/// Multiplies `ROWS` rows of the result at a time, as many as the registers hold.
///
/// `FUSED` asks for fused multiply-adds, which give the same bits because products are exact; without the instruction
/// they would be slow calls.
#[inline(always)]
fn multiply<const ROWS: usize, const FUSED: bool>(
    accumulator: &mut Accumulator,
    left: &Operand,
    right: &Operand,
    mode: Mode,
) {
    let (blocks, _) = accumulator.as_chunks_mut::<ROWS>();
    let (lefts, _) = left.0.as_chunks::<ROWS>();
    for (block, left) in blocks.iter_mut().zip(lefts) {
        let mut sums = match mode {
            Mode::Overwrite => [[0.0; SIDE]; ROWS],
            Mode::Accumulate => *block,
        };
        for (k, right) in right.0.iter().enumerate() {
            for (sums, left) in sums.iter_mut().zip(left) {
                for (sum, right) in sums.iter_mut().zip(right) {
                    *sum = if FUSED {
                        left[k].mul_add(*right, *sum)
                    } else {
                        *sum + left[k] * right
                    };
                }
            }
        }
        *block = sums;
    }
}
