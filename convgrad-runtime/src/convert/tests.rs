//! Every conversion against its definition, spelt out in exact arithmetic.

use half::{bf16, f16};

use super::round::Nearest;
use super::{Cast, Convert, Dequantize, Quantize};

/// Numbers that look random: the same ones every time.
fn random() -> impl Iterator<Item = u64> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    })
}

/// How many of so many random numbers are tried: few where each access is checked.
fn cases(all: usize) -> usize {
    if cfg!(miri) { all / 2000 } else { all }
}

/// The step from one number that is tried to the next, for the same reason.
fn every() -> usize {
    if cfg!(miri) { 1021 } else { 1 }
}

/// What the bits of a 16-bit float mean, `exponent` of them for the exponent; None for infinities and NaN.
fn meaning(bits: u16, exponent: u32) -> Option<f64> {
    let fraction = 15 - exponent;
    let (power, digits) = ((bits & 0x7fff) >> fraction, bits & ((1 << fraction) - 1));
    let bias = (1 << (exponent - 1)) - 1;
    if u32::from(power) == (1 << exponent) - 1 {
        return None;
    }
    let (power, digits) = match power {
        0 => (1, u32::from(digits)),
        _ => (i32::from(power), u32::from(digits) | 1 << fraction),
    };
    let magnitude = f64::from(digits) * 2f64.powi(power - bias - fraction as i32);
    Some(if bits >> 15 == 1 {
        -magnitude
    } else {
        magnitude
    })
}

/// A 16-bit float, whose bits below those of infinity grow with its values.
trait Half: Copy {
    const EXPONENT: u32;
    fn bits(self) -> u16;
}

impl Half for f16 {
    const EXPONENT: u32 = 5;
    fn bits(self) -> u16 {
        self.to_bits()
    }
}

impl Half for bf16 {
    const EXPONENT: u32 = 8;
    fn bits(self) -> u16 {
        self.to_bits()
    }
}

/// Positive bits up to and with those of infinity.
fn infinity(exponent: u32) -> u16 {
    ((1 << exponent) - 1) << (15 - exponent)
}

/// The value of positive bits, infinity standing where the next value would.
fn continued(bits: u16, exponent: u32) -> f64 {
    meaning(bits, exponent).unwrap_or_else(|| {
        2.0 * meaning(bits - 1, exponent).unwrap() - meaning(bits - 2, exponent).unwrap()
    })
}

/// Checks a cast to halves at every middle of two neighbours and beside it, on both sides of 0.
fn check_middles<X, Y>(of: impl Fn(f64) -> X, beside: impl Fn(X, bool) -> X)
where
    X: Copy + std::fmt::Debug,
    Y: Half,
    Cast: Convert<X, Y>,
{
    for low in (0..infinity(Y::EXPONENT)).step_by(every()) {
        let (a, b) = (continued(low, Y::EXPONENT), continued(low + 1, Y::EXPONENT));
        let even = low + (low & 1);
        let middle = (a + b) / 2.0;
        for (sign, bit) in [(1.0, 0), (-1.0, 0x8000)] {
            let middle = of(sign * middle);
            let cases = [
                (of(sign * a), low),
                (beside(middle, false), low),
                (middle, even),
                (beside(middle, true), low + 1),
            ];
            for (x, expected) in cases {
                let mut all = [Cast.one(x); 9];
                Cast.all(&[x; 9], &mut all);
                assert_eq!(Cast.one(x).bits(), expected | bit, "{x:?}");
                assert!(
                    all.iter().all(|y| y.bits() == expected | bit),
                    "{x:?} in a slice"
                );
            }
        }
    }
}

/// The neighbour of a float away from 0, or towards it.
fn beside_f32(x: f32, away: bool) -> f32 {
    f32::from_bits(if away {
        x.to_bits() + 1
    } else {
        x.to_bits() - 1
    })
}

fn beside_f64(x: f64, away: bool) -> f64 {
    f64::from_bits(if away {
        x.to_bits() + 1
    } else {
        x.to_bits() - 1
    })
}

#[test]
fn halves_are_widened_exactly() {
    for bits in (0..=u16::MAX).step_by(every()) {
        let half = f16::from_bits(bits);
        let (single, double): (f32, f64) = (Cast.one(half), Cast.one(half));
        let mut all = [0.0f32; 9];
        Cast.all(&[half; 9], &mut all);
        match meaning(bits, 5) {
            Some(value) => {
                assert_eq!((f64::from(single), double), (value, value), "{bits:#x}");
                assert_eq!(single.is_sign_negative(), bits >> 15 == 1);
                assert_eq!(all, [single; 9]);
            }
            None => {
                assert_eq!(single.is_nan(), half.is_nan());
                assert_eq!(double.is_nan(), half.is_nan());
                assert!(half.is_nan() || (single.is_infinite() && all == [single; 9]));
            }
        }
        let brain = bf16::from_bits(bits);
        let single: f32 = Cast.one(brain);
        assert!(single.is_nan() || single.to_bits() >> 16 == bits.into());
        assert_eq!(single.is_nan(), brain.is_nan());
        assert_eq!(meaning(bits, 8).is_some(), single.is_finite());
        if let Some(value) = meaning(bits, 8) {
            assert_eq!(f64::from(single), value);
        }
    }
}

#[test]
fn halves_are_the_nearest() {
    check_middles::<f32, f16>(|x| x as f32, beside_f32);
    check_middles::<f64, f16>(|x| x, beside_f64);
    check_middles::<f32, bf16>(|x| x as f32, beside_f32);
    check_middles::<f64, bf16>(|x| x, beside_f64);
}

#[test]
fn what_is_no_number_stays_none() {
    let nan: f16 = Cast.one(f32::NAN);
    let brain: bf16 = Cast.one(f64::NAN);
    let signalling: bf16 = Cast.one(f32::from_bits(0x7f80_0001));
    assert!(nan.is_nan() && brain.is_nan() && signalling.is_nan());
    let infinite: (f16, bf16) = (Cast.one(f64::NEG_INFINITY), Cast.one(f32::INFINITY));
    assert_eq!(infinite, (f16::NEG_INFINITY, bf16::INFINITY));
    let large: (f16, f32) = (Cast.one(bf16::MAX), Cast.one(1e300f64));
    assert_eq!(large, (f16::INFINITY, f32::INFINITY));
}

#[test]
fn random_floats_are_cast_to_the_nearest() {
    for bits in random().take(cases(200_000)) {
        let x = f32::from_bits(bits as u32);
        if x.is_nan() {
            continue;
        }
        let half: f16 = Cast.one(x);
        let bits = half.to_bits() & 0x7fff;
        let at = |bits: u16| continued(bits, 5);
        let magnitude = f64::from(x).abs().min(65536.0);
        let distance = (at(bits) - magnitude).abs();
        if bits > 0 {
            let below = (at(bits - 1) - magnitude).abs();
            assert!(
                distance < below || (distance == below && bits & 1 == 0),
                "{x}"
            );
        }
        if bits < infinity(5) {
            let above = (at(bits + 1) - magnitude).abs();
            assert!(
                distance < above || (distance == above && bits & 1 == 0),
                "{x}"
            );
        }
    }
}

#[test]
fn integers_are_cast_to_the_nearest() {
    let near_ties = (8..62).flat_map(|e| {
        let tie = (1i64 << e) + (1 << (e - 8)) + (1 << (e.max(9) - 9));
        [tie - 1, tie, tie + 1, -tie - 1, -tie, 1 - tie]
    });
    for x in near_ties.chain(
        random()
            .take(cases(100_000))
            .map(|x| (x as i64) >> (x % 63)),
    ) {
        let brain: bf16 = Cast.one(x);
        let float = |bits: u16| f64::from(bf16::from_bits(bits)) as i128;
        let (bits, magnitude) = (brain.to_bits() & 0x7fff, i128::from(x).abs());
        let distance = |bits| (float(bits) - magnitude).abs();
        if magnitude < 256 {
            assert_eq!(f64::from(brain), x as f64);
            continue;
        }
        for other in [bits - 1, bits + 1] {
            let tie = distance(other) == distance(bits) && bits & 1 == 0;
            assert!(distance(bits) < distance(other) || tie, "{x}");
        }
        assert_eq!(brain.is_sign_negative(), x < 0);
        let small: bf16 = Cast.one(x as i32);
        let same: bf16 = Cast.one(i64::from(x as i32));
        assert_eq!(small, same);
        let half: f16 = Cast.one(x);
        assert_eq!(
            half,
            Cast.one(x as f64),
            "f64 holds all that f16 does not make infinite"
        );
    }
    let wide: (i64, u32, i16) = (Cast.one(u32::MAX), Cast.one(u16::MAX), Cast.one(i8::MIN));
    assert_eq!(wide, (i64::from(u32::MAX), 65535, -128));
}

#[test]
fn nearest_integers_are_those_of_the_standard() {
    let halves = (0..4000).step_by(every()).map(|k| k as f32 / 2.0);
    let edges = [
        0.499_999_97,
        8_388_607.5,
        8_388_608.0,
        8_388_609.0,
        4_194_303.8,
        f32::MAX,
        f32::INFINITY,
    ];
    let random = random()
        .take(cases(300_000))
        .map(|bits| f32::from_bits(bits as u32));
    for x in halves.chain(edges).chain(random).filter(|x| !x.is_nan()) {
        for x in [x, -x] {
            assert_eq!(x.nearest().to_bits(), x.round_ties_even().to_bits(), "{x}");
            let x = f64::from(x) * 1.000_000_1;
            assert_eq!(x.nearest().to_bits(), x.round_ties_even().to_bits(), "{x}");
        }
    }
    assert!(f32::NAN.nearest().is_nan() && f64::NAN.nearest().is_nan());
}

/// The definition, for a quotient that is rounded to the type that is computed in.
fn quantised(quotient: f64, zero: i64, smallest: i128, largest: i128) -> i128 {
    if quotient.is_nan() {
        return zero.into();
    }
    let floor = quotient.floor();
    let rest = quotient - floor;
    let up = rest > 0.5 || (rest == 0.5 && floor % 2.0 != 0.0);
    let rounded = if up { floor + 1.0 } else { floor };
    // Numbers beyond 2^100 saturate at both ends of everything.
    let rounded = rounded.clamp(-(2f64.powi(100)), 2f64.powi(100)) as i128;
    (rounded + i128::from(zero)).clamp(smallest, largest)
}

macro_rules! check_quantised {
    ($x:expr, $quotient:expr, $scale:expr, $($type:ident $zero:expr),*) => {$({
        let (scale, zero): (f64, i64) = ($scale, $zero);
        let y: $type = Quantize { scale, zero }.one($x);
        let expected = quantised($quotient, zero, $type::MIN.into(), $type::MAX.into());
        assert_eq!(i128::from(y), expected, "{} by {scale}, {zero}", $x);
    })*};
}

#[test]
fn floats_are_quantised_as_defined() {
    for scale in [1.0, 0.5, 0.05, 3.7, 1e-3, 1e-40, 1e30] {
        let halves = (0..=u16::MAX).step_by(every()).map(f16::from_bits);
        for x in halves {
            let quotient = f64::from(x.to_f32() / scale as f32);
            check_quantised!(x, quotient, scale, i8 3, i8 -128, u8 128, u8 0, i16 -5, u16 65535);
        }
        for bits in random().take(cases(50_000)) {
            let (brain, x) = (bf16::from_bits(bits as u16), f32::from_bits(bits as u32));
            let quotient = f64::from(brain.to_f32() / scale as f32);
            check_quantised!(brain, quotient, scale, i8 127, i32 -7);
            let quotient = f64::from(x / scale as f32);
            check_quantised!(x, quotient, scale, i8 3, u8 255, i32 2_147_483_647, u32 9, i64 -1, u64 1);
            let double = f64::from_bits(bits);
            for x in [
                double,
                bits as i64 as f64 * scale,
                f64::from(bits as i16) * scale / 2.0,
            ] {
                check_quantised!(x, x / scale, scale, i8 -3, u16 7, i32 -2, u32 1, i64 -9, u64 i64::MAX);
            }
        }
    }
}

#[test]
fn ties_go_to_even_and_what_is_too_large_saturates() {
    let quantize = Quantize {
        scale: 0.5,
        zero: 3,
    };
    let made = |x: f32| -> i8 { quantize.one(x) };
    let cases = [
        (0.25, 3),
        (0.75, 5),
        (1.25, 5),
        (-0.25, 3),
        (-0.75, 1),
        (1e9, 127),
        (-1e9, -128),
    ];
    for (x, y) in cases {
        assert_eq!(made(x), y, "{x}");
    }
    assert_eq!(
        (made(f32::NAN), made(f32::INFINITY), made(f32::NEG_INFINITY)),
        (3, 127, -128)
    );
}

#[test]
fn integers_are_dequantised_as_defined() {
    for (scale, zero) in [(0.05, 3), (1.0, -128), (1e-3, 127), (1e30, 0)] {
        // A product of two f32 is exact in f64.
        let single = |x: i64| ((x - zero) as f64 * f64::from(scale as f32)) as f32;
        let by = Dequantize { scale, zero };
        for x in (i16::MIN..=i16::MAX).step_by(every()) {
            let (y, half): (f32, f16) = (by.one(x), by.one(x));
            assert_eq!(y, single(x.into()), "{x}");
            assert_eq!(half, Cast.one(y), "{x}");
            let (brain, double): (bf16, f64) = (by.one(x as i8), by.one(x as i8));
            assert_eq!(brain, Cast.one(single((x as i8).into())), "{x}");
            assert_eq!(
                double,
                f64::from(i64::from(x as i8) as i32 - zero as i32) * scale
            );
        }
        for bits in random().take(cases(20_000)) {
            let (large, small): (f32, f32) = (by.one(bits), by.one(bits as u32));
            // 1 + 64 bits: rounded once, then multiplied.
            let difference = (i128::from(bits) - i128::from(zero)) as f32;
            assert_eq!(large, difference * scale as f32);
            let difference = (i64::from(bits as u32) - zero) as f32;
            assert_eq!(small, difference * scale as f32);
        }
    }
    let extreme: f64 = Dequantize {
        scale: 1.0,
        zero: i64::MIN,
    }
    .one(i64::MAX);
    assert_eq!(extreme, 2f64.powi(64));
}
