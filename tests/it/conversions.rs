//! Conversions: generated code and the loops of a `Program` hold what a plain conversion makes of a plain gather.

use convgrad::convert::{Cast, Convert, Dequantize, Quantize};
use convgrad::half::{bf16, f16};
use convgrad::ndarray::Dimension;
use convgrad::program::{Formula, Instance};
use convgrad::{Converter, Element, Error, Program, TypedConverter, convgrad};
use convgrad_dsl::interpret::source_map;

macro_rules! formulas {
    ($($text:tt)*) => {
        convgrad! { $($text)* }
        const TEXT: &str = stringify!($($text)*);
    };
}

formulas! {
    converter pack<N, C, H, W>(X: f32[N, C, H, W]) -> Y: f16[N, ceil(C/16), H, W, 16] {
        Y[n, c/16, h, w, c%16] = cast(X[n, c, h, w]) else -0.5 for n < N, c < C, h < H, w < W;
    }
    converter quantised<N, C, H, W>(X: f32[N, C, H, W]) -> Y: i8[N, ceil(C/32), H, W, 32] {
        Y[n, c1, h, w, c0] = quantize(X[n, c1*32 + c0, h, w], 0.05, -3) else 127;
    }
    converter crop<N, C>(X: u8[N, ceil(C/32), 32]) -> Y: f16[N, C] {
        Y[n, c] = dequantize(X[n, c/32, c%32], 0.1, 128);
    }
    converter window<H, R, s, p>(X: f64[H]) -> Y: bf16[R, (H + 2*p - R)/s + 1] requires s >= 1, H + 2*p >= R {
        Y[r, i] = cast(X[i*s + r - p]) else inf;
    }
    converter flipped<H, W>(X: f16[H, W]) -> Y: u16[W, H] {
        Y[w, h] = quantize(X[h, W - 1 - w], 0.01, 1000);
    }
    converter spread<N, S>(X: i64[N]) -> Y: f32[N*S] requires S >= 1 {
        Y[N*S - 1 - j*S] = cast(X[j]) else 1.5 for j < N;
    }
    converter repeated<N, M>(X: i32[N]) -> Y: f64[N, M] {
        Y[j, _k] = dequantize(X[j], 0.25, -7) if j % 3 != 1 else 0.1;
    }
    converter mixed<N>(X: i16[N]) -> Y: i64[N] requires N >= 1 {
        Y[j] = cast(X[(j*5 ^ 3) % N]) if j*j % 7 != 2 else -9;
    }
    converter plain<N, M>(X: bf16[N, M]) -> Y: bf16[M, N + 1] { Y[i, j] = X[j, i] else 2.5; }
}

/// Values of every size and kind.
trait Sample: Element {
    fn sample(bits: u64) -> Self;
}

macro_rules! samples {
    ($($type:ident: $sample:expr;)*) => {$(
        impl Sample for $type {
            fn sample(bits: u64) -> Self {
                $sample(bits)
            }
        }
    )*};
}

samples! {
    u8: |bits| bits as u8;
    i16: |bits| bits as i16;
    i32: |bits| bits as i32;
    i64: |bits| (bits as i64) >> (bits % 50);
    f16: |bits| f16::from_bits(bits as u16);
    bf16: |bits| bf16::from_bits(bits as u16);
    // Near the steps of quantisation, and anything at all.
    f32: |bits: u64| match bits % 3 {
        0 => f32::from_bits((bits >> 8) as u32),
        _ => (bits >> 8) as i16 as f32 / 1024.0,
    };
    f64: |bits: u64| match bits % 3 {
        0 => f64::from_bits(bits),
        _ => (bits >> 8) as i32 as f64 / 1e6,
    };
}

/// Bits that tell values apart, all NaN being one.
trait Bits {
    fn bits(&self) -> u64;
}

macro_rules! bits {
    ($($int:ident)*; $($float:ident)*) => {
        $(impl Bits for $int {
            fn bits(&self) -> u64 {
                *self as u64
            }
        })*
        $(impl Bits for $float {
            fn bits(&self) -> u64 {
                if self.is_nan() { u64::MAX } else { self.to_bits().into() }
            }
        })*
    };
}

bits! { i8 u16 i64; f16 bf16 f32 f64 }

fn formula<'p>(program: &'p Program, name: &str) -> Formula<'p> {
    program.converter(name).unwrap()
}

/// Runs one converter by the macro, by a program on one thread and on several, and plainly.
fn check<C, X, Y>(
    generated: Result<C, Error>,
    sizes: &[(&str, usize)],
    fill: Y,
    plain: impl Fn(X) -> Y,
) where
    C: TypedConverter<Input = X, Output = Y>,
    X: Sample + convgrad::program::ConvertTo<Y>,
    Y: Element + Bits,
{
    let generated = generated.unwrap();
    let name = generated.name().to_owned();
    let program = Program::compile(TEXT).unwrap();
    let model = &formula(&program, &name).compiled().converter;
    let values: Vec<i64> = sizes.iter().map(|(_, value)| *value as i64).collect();
    let map = source_map(model, &values).unwrap();
    let elements: i64 = map.input_shape.iter().product();
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state ^ state >> 29
    };
    let x: Vec<X> = (0..elements).map(|_| X::sample(random())).collect();
    let expected: Vec<u64> = map
        .source
        .iter()
        .map(|place| place.map_or(fill, |place| plain(x[place])).bits())
        .collect();
    let same = |y: &[Y], how: &str| {
        let wrong = (0..y.len()).find(|&k| y[k].bits() != expected[k]);
        assert_eq!(wrong, None, "{name} {sizes:?} {how}: the first wrong place");
        assert_eq!(y.len(), expected.len());
    };
    let mut y = vec![Y::default(); expected.len()];
    generated.convert(&x, &mut y).unwrap();
    same(&y, "by the macro");
    let shape = generated.input_dim().slice().to_vec();
    let instance = formula(&program, &name).instance(&shape, sizes).unwrap();
    for threads in [1, 3] {
        let cx = convgrad::conv::Context::with_threads(threads).unwrap();
        let instance = instance.clone().on(&cx);
        y.fill(Y::default());
        instance
            .typed::<X, Y>()
            .unwrap()
            .convert(&x, &mut y)
            .unwrap();
        same(&y, "by the program");
    }
    let array = convgrad::ndarray::ArrayD::from_shape_vec(shape, x).unwrap();
    let y = instance
        .typed::<X, Y>()
        .unwrap()
        .convert_array(&array)
        .unwrap();
    same(y.as_slice().unwrap(), "as an array");
}

#[test]
fn elements_become_what_a_plain_conversion_makes_of_them() {
    for (n, c, h, w) in [(2, 20, 3, 5), (1, 16, 1, 1), (1, 0, 2, 2), (3, 100, 9, 40)] {
        let sizes = [("N", n), ("C", c), ("H", h), ("W", w)];
        check(Pack::new(n, c, h, w), &sizes, f16::from_f32(-0.5), |x| {
            Cast.one(x)
        });
        let by = Quantize {
            scale: 0.05,
            zero: -3,
        };
        check(Quantised::new(n, c, h, w), &sizes, 127, |x| by.one(x));
    }
    let by = Dequantize {
        scale: 0.1,
        zero: 128,
    };
    for (n, c) in [(3, 40), (2, 32), (1, 5)] {
        check(Crop::new(n, c), &[("N", n), ("C", c)], f16::NAN, |x| {
            by.one(x)
        });
    }
    for (h, r, s, p) in [(20, 3, 1, 1), (17, 4, 3, 2), (5, 1, 1, 0)] {
        let sizes = [("H", h), ("R", r), ("s", s), ("p", p)];
        check(Window::new(h, r, s, p), &sizes, bf16::INFINITY, |x| {
            Cast.one(x)
        });
    }
    let by = Quantize {
        scale: 0.01,
        zero: 1000,
    };
    for (h, w) in [(5, 7), (1, 300), (300, 1)] {
        check(Flipped::new(h, w), &[("H", h), ("W", w)], 0, |x| by.one(x));
        check(
            Plain::new(h, w),
            &[("N", h), ("M", w)],
            bf16::from_f32(2.5),
            |x| x,
        );
    }
    let by = Dequantize {
        scale: 0.25,
        zero: -7,
    };
    for (n, s) in [(9, 1), (30, 4), (1, 6)] {
        check(Spread::new(n, s), &[("N", n), ("S", s)], 1.5, |x| {
            Cast.one(x)
        });
        check(Repeated::new(n, s), &[("N", n), ("M", s)], 0.1, |x| {
            by.one(x)
        });
    }
    for n in [1, 8, 200] {
        check(Mixed::new(n), &[("N", n)], -9, |x| Cast.one(x));
    }
}

fn instance(name: &str, shape: &[usize], sizes: &[(&str, usize)]) -> Instance {
    let program = Program::compile(TEXT).unwrap();
    formula(&program, name).instance(shape, sizes).unwrap()
}

#[test]
fn elements_of_other_types_are_errors() {
    let quantised = instance("quantised", &[1, 1, 1, 2], &[]);
    let found = quantised.typed::<f32, f16>().err().unwrap();
    assert_eq!(
        found.to_string(),
        "`quantised` makes i8 of f32, not f16 of f32"
    );
    let found = quantised.convert(&[0.0f32; 2], &mut [0.0; 64]).unwrap_err();
    assert_eq!(
        found.to_string(),
        "`quantised` makes i8 of f32, not f32 of f32"
    );
    let plain = instance("plain", &[1, 2], &[]);
    let mut y = [bf16::ZERO; 4];
    plain.convert(&[bf16::ONE; 2], &mut y).unwrap();
    assert_eq!(y.map(f32::from), [1.0, 2.5, 1.0, 2.5]);
    assert!(plain.convert(&[0u16; 2], &mut [0; 4]).is_err());
    assert!(plain.typed::<f32, f32>().is_err());
    let untyped = "converter copy<N>(X[N]) -> Y[N] { Y[j] = X[j]; }";
    let untyped = Program::compile(untyped).unwrap();
    let untyped = formula(&untyped, "copy").instance(&[2], &[]).unwrap();
    assert!(untyped.typed::<u8, u8>().is_ok());
    let found = untyped.typed::<u8, i8>().err().unwrap();
    assert_eq!(
        found.to_string(),
        "`copy` does not convert elements: it makes no i8 of u8"
    );
}

#[test]
fn slices_of_other_lengths_are_errors() {
    let crop = Crop::new(1, 5).unwrap();
    let mut y = [f16::ONE; 5];
    assert_eq!(
        crop.convert(&[0; 31], &mut y),
        Err(Error::length("X", &[1, 1, 32], 31))
    );
    assert_eq!(
        crop.convert(&[0; 32], &mut y[..4]),
        Err(Error::length("Y", &[1, 5], 4))
    );
    let crop = instance("crop", &[1, 1, 32], &[("C", 5)]);
    let crop = crop.typed::<u8, f16>().unwrap();
    assert_eq!(
        crop.convert(&[0; 31], &mut y),
        Err(Error::length("X", &[1, 1, 32], 31))
    );
    assert_eq!(y, [f16::ONE; 5]);
}
