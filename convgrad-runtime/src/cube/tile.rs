//! The tile: one 16 x 16 x 16 multiply-accumulate, the only arithmetic the Cube has.
//!
//! `acc[m][n] += sum over k of left[m][k] * right[n][k]`, with f16 factors and an f32 accumulator.
//!
//! ```text
//!     left: ZZ            right: ZN            result: NZ
//!       k0 ->               k0 ->                n0 ->
//!  m0 [ . . . . ]      n0 [ . . . . ]       m0 [ . . . . ]
//!   | [ . . . . ]       | [ . . . . ]        | [ . . . . ]
//!   v [ . . . . ]       v [ . . . . ]        v [ . . . . ]
//! ```
//!
//! Both factors hold `k` innermost: the right one is a block of the *transposed* matrix, as the DaVinci order ZN has it.
//! The letters name the order of the fractals in their matrix and of the numbers in a fractal; `fractal.rs` has the former.
//!
//! # The numeric contract
//!
//! * **Products are exact.** Two 11-bit significands give 22 bits, and the exponents of a product of non-zero halves lie
//!   between 2^-48 and 2^32, far inside the normal range of f32. A fused multiply-add therefore gives the same bits as a
//!   multiplication followed by an addition, and no flush-to-zero mode can make a difference.
//! * **Order.** For each element the sixteen products are added one by one, `k` ascending, to what the accumulator holds
//!   ([`Mode::Accumulate`]) or to +0.0 ([`Mode::Overwrite`]); each addition rounds to the nearest f32, ties to even. A
//!   chain of tiles is hence one long sequential sum over `k`. The real machine does not document its order.
//! * **Subnormals** of f16 count with their full value. **Infinities** propagate, infinity times zero and the difference
//!   of two infinities are NaN, a sum beyond the largest f32 is infinite.
//! * **NaN.** A NaN stays a NaN; its sign and payload are not defined here, since machines differ. Results that leave the
//!   Cube hold the one canonical NaN.
//!
//! [`multiply`] is the definition; [`Multiplier`] does the same with vector instructions and is tested against it.

mod multiplier;

use half::f16;

pub use multiplier::{Multiplier, Operand};

/// The side of a fractal, and so of the tile.
pub const SIDE: usize = 16;
/// The number of elements of a fractal.
pub const AREA: usize = SIDE * SIDE;

/// A 16 x 16 block of a factor: `[m][k]` on the left, `[n][k]` on the right.
pub type Fractal = [[f16; SIDE]; SIDE];
/// A 16 x 16 block of the result: `[m][n]`.
pub type Accumulator = [[f32; SIDE]; SIDE];

/// The fractal of which every element is 0.
pub const ZERO: Fractal = [[f16::ZERO; SIDE]; SIDE];

/// What a tile operation does with the accumulator's old value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Forgets it: the sum begins at +0.0.
    Overwrite,
    /// Adds to it.
    Accumulate,
}

/// One tile operation, by the definition: 4,096 multiplications, one after the other.
pub fn multiply(accumulator: &mut Accumulator, left: &Fractal, right: &Fractal, mode: Mode) {
    for (row, left) in accumulator.iter_mut().zip(left) {
        for (sum, right) in row.iter_mut().zip(right) {
            let start = match mode {
                Mode::Overwrite => 0.0,
                Mode::Accumulate => *sum,
            };
            *sum = left
                .iter()
                .zip(right)
                .fold(start, |sum, (a, b)| sum + a.to_f32() * b.to_f32());
        }
    }
}

/// A flat tensor seen as fractals; what does not fill one at the end is left out.
pub(crate) fn fractals<T>(flat: &[T]) -> &[[[T; SIDE]; SIDE]] {
    flat.as_chunks().0.as_chunks().0
}

/// A flat tensor seen as fractals to be written.
pub(crate) fn fractals_mut<T>(flat: &mut [T]) -> &mut [[[T; SIDE]; SIDE]] {
    flat.as_chunks_mut().0.as_chunks_mut().0
}

/// Swaps rows and columns, as a load with transposition does.
pub(crate) fn transpose<T: Copy>(fractal: &mut [[T; SIDE]; SIDE]) {
    let source = *fractal;
    *fractal = std::array::from_fn(|i| std::array::from_fn(|j| source[j][i]));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Halves by their bits: normal and subnormal numbers, zeros, infinities and NaNs.
    fn any_fractal() -> impl Strategy<Value = Fractal> {
        let special = prop::sample::select(vec![
            0, 0x8000, 1, 0x8001, 0x03ff, 0x7bff, 0xfbff, 0x3c00, 0x7c00, 0xfc00, 0x7e00,
        ]);
        let bits = prop_oneof![20 => 0u16..0x7c00, 20 => 0x8000u16..0xfc00, 1 => any::<u16>(), 1 => special];
        finite_or(bits.boxed())
    }

    fn finite_or(bits: BoxedStrategy<u16>) -> impl Strategy<Value = Fractal> {
        prop::collection::vec(bits, AREA)
            .prop_map(|bits| fractals(&bits)[0].map(|row| row.map(f16::from_bits)))
    }

    fn any_accumulator() -> impl Strategy<Value = Accumulator> {
        prop::collection::vec(any::<u32>(), AREA)
            .prop_map(|bits| fractals(&bits)[0].map(|row| row.map(f32::from_bits)))
    }

    /// The bits of a number, all NaNs alike.
    fn bits(value: f32) -> u32 {
        if value.is_nan() {
            f32::NAN.to_bits()
        } else {
            value.to_bits()
        }
    }

    fn check(start: &Accumulator, left: &Fractal, right: &Fractal) {
        for multiplier in Multiplier::all() {
            for mode in [Mode::Overwrite, Mode::Accumulate] {
                let (mut expected, mut found) = (*start, *start);
                multiply(&mut expected, left, right, mode);
                multiplier.multiply(
                    &mut found,
                    &multiplier.left(left),
                    &multiplier.right(right),
                    mode,
                );
                assert_eq!(
                    found.map(|row| row.map(bits)),
                    expected.map(|row| row.map(bits)),
                    "{multiplier:?} {mode:?}"
                );
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn every_multiplier_agrees_with_the_definition(left in any_fractal(), right in any_fractal(), start in any_accumulator()) {
            check(&start, &left, &right);
        }

        #[test]
        fn small_and_subnormal_numbers_too(
            left in finite_or((0u16..0x0800).boxed()), right in finite_or((0x8000u16..0x8800).boxed()), start in any_accumulator()
        ) {
            check(&[[0.0; SIDE]; SIDE], &left, &right);
            check(&start, &left, &right);
        }
    }

    #[test]
    fn products_of_halves_are_exact_and_normal() {
        // Every pair of exponents, with the significands that have the most bits.
        let exponents = |e: u16| [e << 10, e << 10 | 0x3ff, e << 10 | 0x2ab].map(f16::from_bits);
        for a in (0..31).flat_map(exponents) {
            for b in (0..31).flat_map(exponents) {
                let product = a.to_f32() * b.to_f32();
                assert_eq!(f64::from(product), a.to_f64() * b.to_f64());
                assert!(product == 0.0 || product.is_normal());
            }
        }
    }

    #[test]
    fn the_sum_runs_upwards_in_k() {
        // 2^24 + 1 rounds to 2^24, so that adding the large number first loses every one.
        let mut left = ZERO;
        left[2][0] = f16::from_f32(4096.0);
        left[2][1..].fill(f16::ONE);
        let mut right = ZERO;
        right[5] = [f16::ONE; SIDE];
        right[5][0] = f16::from_f32(4096.0);
        let mut accumulator = [[f32::NAN; SIDE]; SIDE];
        multiply(&mut accumulator, &left, &right, Mode::Overwrite);
        assert_eq!(accumulator[2][5], 16_777_216.0);
        left[2].reverse();
        right[5].reverse();
        multiply(&mut accumulator, &left, &right, Mode::Overwrite);
        assert_eq!(accumulator[2][5], 16_777_232.0);
    }

    #[test]
    fn widening_is_exact_for_every_half() {
        let all: Vec<f16> = (0..=u16::MAX).map(f16::from_bits).collect();
        for multiplier in Multiplier::all() {
            for fractal in fractals(&all) {
                let (left, right) = (multiplier.left(fractal), multiplier.right(fractal));
                for (i, row) in fractal.iter().enumerate() {
                    for (k, half) in row.iter().enumerate() {
                        assert_eq!(bits(left.rows()[i][k]), bits(half.to_f32()));
                        assert_eq!(bits(right.rows()[k][i]), bits(half.to_f32()));
                    }
                }
            }
        }
    }

    #[test]
    fn transposition_swaps_the_sides() {
        let mut fractal: [[usize; SIDE]; SIDE] =
            std::array::from_fn(|i| std::array::from_fn(|j| i * SIDE + j));
        transpose(&mut fractal);
        assert!((0..SIDE).all(|i| (0..SIDE).all(|j| fractal[i][j] == j * SIDE + i)));
    }
}
