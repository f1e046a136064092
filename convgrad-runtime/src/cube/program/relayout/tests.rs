//! Converters on the device against the same converters on the CPU, bit for bit, on every chip.

use half::f16;
use proptest::prelude::*;

use super::Relayout;
use crate::converter::Converter;
use crate::cube::machine::{Buffer, Pipe};
use crate::cube::profile::Profile;
use crate::cube::program::Refusal;
use crate::cube::time::Report;

convgrad_macros::convgrad! {
    crate = crate;

    converter blocks<N, C, H, W>(X[N, C, H, W]) -> Y[N, ceil(C/16), H, W, 16] {
        Y[n, c1, h, w, c0] = X[n, c1*16 + c0, h, w] else 0;
    }

    converter planes<N, C, H, W>(X[N, ceil(C/16), H, W, 16]) -> Y[N, C, H, W] {
        Y[n, c, h, w] = X[n, c/16, h, w, c % 16];
    }

    converter innermost<N, C, H, W>(X[N, C, H, W]) -> Y[N, H, W, C] {
        Y[n, h, w, c] = X[n, c, h, w];
    }

    converter outermost<N, C, H, W>(X[N, H, W, C]) -> Y[N, C, H, W] {
        Y[n, c, h, w] = X[n, h, w, c];
    }

    converter framed<N, C, H, W>(X[N, C, H, W]) -> Y[N, C, H + 3, W + 2] {
        Y[n, c, h, w] = X[n, c, h - 1, w - 1] else -1.5;
    }

    converter flipped<N, C, H, W>(X[N, C, H, W]) -> Y[N, C, H, W] {
        Y[n, c, h, w] = X[n, c, H - 1 - h, W - 1 - w];
    }

    converter turned<N, C, H, W>(X[N, ceil(C/16), H, W, 16]) -> Y[C, ceil(N/16), H, W, 16] {
        Y[c, n1, h, w, n0] = X[n1*16 + n0, c/16, h, w, c % 16] else 0;
    }

    converter spread<N, C, H, W>(X[N, ceil(C/16), H, W, 16]) -> Y[N, ceil(C/16), 3*H + 1, 2*W, 16] {
        Y[n, c1, h, w, c0] = X[n, c1, h/3, w/2, c0] if h < 3*H && h % 3 == 0 && w % 2 == 0 else 0;
    }

    converter diagonal<N, C, H, W>(X[N, C, H, W]) -> Y[ceil(C/16), H, W, N, 16, 16] {
        Y[c1, h, w, n, a, b] = X[n, c1*16 + a, h, w] if a == b else 0;
    }

    converter picked<N, C, H, W>(X[N, C, H, W]) -> Y[N, H, W]
    requires C >= 1 {
        Y[n, h, w] = X[n, 0, h, w];
    }

    converter summed<N, C, H, W>(X[N, C, H, W]) -> Y[N, H, W] {
        Y[n, h, w] += X[n, c, h, w];
    }
}

/// Runs a converter on the CPU and on a chip.
fn check(profile: &Profile, converter: &impl Converter, what: &str) -> Report {
    use ndarray::Dimension;
    let size =
        |dim: usize| -> Vec<f16> { (0..dim).map(|i| f16::from_bits(i as u16 | 1)).collect() };
    let x = size(converter.input_dim().size());
    let mut expected = vec![f16::ZERO; converter.output_dim().size()];
    converter.convert(&x, &mut expected).unwrap();
    let mut found = vec![f16::NAN; expected.len()];
    let relayout = Relayout::new(profile, converter).unwrap();
    let ran = relayout
        .run(&x, &mut found, false)
        .unwrap_or_else(|refusal| panic!("{what}: {refusal}"));
    let bits = |all: &[f16]| -> Vec<u16> { all.iter().map(|half| half.to_bits()).collect() };
    assert!(
        bits(&found) == bits(&expected),
        "{what}: {found:?} is not {expected:?}"
    );
    ran.report
}

macro_rules! check_all {
    ($profile:expr, $sizes:expr, $($converter:ident)*) => {{
        let [n, c, h, w] = $sizes;
        $(
            let converter = $converter::new(n, c, h, w).unwrap();
            let what = format!("{} {:?} on {}", stringify!($converter), $sizes, $profile.name());
            check($profile, &converter, &what);
        )*
    }};
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn converters_have_the_bits_of_the_cpu(
        n in 1usize..20, c in 1usize..40, h in 1usize..8, w in 1usize..20, chip in 0usize..3,
    ) {
        let profile = Profile::named(Profile::NAMES[chip]).unwrap();
        check_all!(
            &profile, [n, c, h, w],
            Blocks Planes Innermost Outermost Framed Flipped Turned Spread Diagonal Picked
        );
    }
}

#[test]
fn large_ones_pass_through_ub_in_tiles() {
    let profile = Profile::ascend910();
    check_all!(&profile, [2, 64, 32, 48], Blocks Planes Innermost Outermost Turned Spread);
    // 31 and 33 leave nothing aligned.
    check_all!(&profile, [2, 31, 33, 15], Blocks Planes Innermost Outermost Framed);
}

#[test]
fn what_stays_whole_needs_no_vector_unit_and_what_is_turned_takes_a_transposition() {
    let profile = Profile::ascend910();
    let whole = Picked::new(1, 4, 16, 16).unwrap();
    let report = check(&profile, &whole, "picked");
    assert_eq!(report.pipe(Pipe::Vector).instructions, 0);
    assert_eq!(report.bytes(Buffer::Gm, Buffer::Ub), 512);
    // 64 channels of 64 pixels are 4 x 4 squares: each is read once, turned, and written once.
    let report = check(&profile, &Blocks::new(1, 64, 8, 8).unwrap(), "blocks");
    let bytes = 64 * 64 * 2;
    for (from, to) in [
        (Buffer::Gm, Buffer::Ub),
        (Buffer::Ub, Buffer::Ub),
        (Buffer::Ub, Buffer::Gm),
    ] {
        assert_eq!(report.bytes(from, to), bytes, "{from:?} {to:?}");
    }
}

#[test]
fn sums_are_refused_and_empty_tensors_are_not() {
    let profile = Profile::ascend910();
    let refusal = Relayout::new(&profile, &Summed::new(1, 3, 4, 4).unwrap());
    assert!(matches!(refusal, Err(Refusal::Unavailable(reason)) if reason.contains("adds")));
    let report = check(&profile, &Blocks::new(0, 3, 4, 4).unwrap(), "empty");
    assert_eq!(report.cycles, 0);
}
