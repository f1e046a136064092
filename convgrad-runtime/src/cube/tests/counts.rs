//! The counts of the paper's shapes, and the closed form against what running counts.

use proptest::prelude::*;

use super::support::{Random, Run, geometry, seed, to_f32};
use crate::conv::{Conv2d, Layout};
use crate::cube::{Counts, Scheme, counts};
use crate::error::{Error, Result};

/// The paper's 20 shapes: the stem, and pointwise convolutions of (channels, pixels a side, output channels).
pub(in crate::cube) fn paper(batch: usize) -> Vec<Conv2d> {
    let pointwise = [
        (32, 112, 16),
        (16, 112, 96),
        (96, 56, 24),
        (24, 56, 144),
        (144, 56, 24),
        (144, 28, 32),
        (32, 28, 192),
        (192, 28, 32),
        (192, 14, 64),
        (64, 14, 384),
        (384, 14, 64),
        (384, 14, 96),
        (96, 14, 576),
        (576, 14, 96),
        (576, 7, 160),
        (160, 7, 960),
        (960, 7, 160),
        (960, 7, 320),
        (320, 7, 1280),
    ];
    let stem = Conv2d::builder([batch, 3, 224, 224], [32, 3, 3, 3])
        .stride(2)
        .padding(1)
        .build()
        .unwrap();
    let rest = pointwise.map(|(c, h, k)| {
        Conv2d::builder([batch, c, h, h], [k, c, 1, 1])
            .build()
            .unwrap()
    });
    std::iter::once(stem).chain(rest).collect()
}

fn tiles(shapes: &[Conv2d], count: impl Fn(&Conv2d) -> Result<Counts>) -> u64 {
    shapes.iter().map(|conv| count(conv).unwrap().tiles).sum()
}

#[test]
fn the_paper_s_shapes_take_the_tiles_that_they_must() {
    for (batch, [forward, dx, literal, folded, direct]) in [
        (1, [61_074, 103_410, 10_668_672, 726_376, 61_074]),
        (16, [977_184, 1_654_560, 10_668_672, 726_376, 977_184]),
    ] {
        let shapes = paper(batch);
        let dk = |scheme| tiles(&shapes, |conv| counts::backward_kernel(conv, scheme));
        assert_eq!(tiles(&shapes, counts::forward), forward);
        assert_eq!(tiles(&shapes, counts::backward_input), dx);
        assert_eq!(dk(Scheme::Literal), literal);
        assert_eq!(dk(Scheme::Folded), folded);
        assert_eq!(dk(Scheme::Direct), direct);
    }
}

/// Runs everything and compares what was counted with the closed form.
fn check(conv: &Conv2d, schemes: &[Scheme], random: &mut Random) {
    let [x, kernel, dy] = [conv.input_shape(), conv.kernel_shape(), conv.output_shape()]
        .map(|shape| to_f32(&random.tensor(shape)));
    let run = Run {
        conv,
        formats: Layout::Nchw.formats(),
    };
    assert_eq!(
        run.forward(&x, &kernel).unwrap().1,
        counts::forward(conv).unwrap()
    );
    let (_, counted) = run.backward_input(&kernel, &dy).unwrap();
    assert_eq!(counted, counts::backward_input(conv).unwrap());
    for &scheme in schemes {
        let (_, counted) = run.backward_kernel(&x, &dy, scheme).unwrap();
        assert_eq!(
            counted,
            counts::backward_kernel(conv, scheme).unwrap(),
            "{scheme:?}"
        );
    }
}

#[test]
fn the_paper_s_shapes_take_them_when_they_run() {
    for conv in paper(1) {
        // Ten million literal tiles take a while, so that only the shapes with few of them run that way.
        let affordable =
            |&scheme: &Scheme| counts::backward_kernel(&conv, scheme).unwrap().tiles < 250_000;
        let schemes: Vec<Scheme> = Scheme::ALL.into_iter().filter(affordable).collect();
        assert!(schemes.ends_with(&[Scheme::Folded, Scheme::Direct]));
        check(&conv, &schemes, &mut Random(11));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_runs_is_what_the_closed_form_says(conv in geometry(), mut random in seed()) {
        check(&conv, &Scheme::ALL, &mut random);
    }
}

#[test]
fn products_of_many_blocks_count_right_too() {
    // More than eight fractals along M and along N, and not a multiple of eight.
    let conv = Conv2d::builder([1, 40, 13, 13], [150, 40, 2, 2])
        .build()
        .unwrap();
    check(&conv, &Scheme::ALL, &mut Random(7));
}

#[test]
fn counts_beyond_64_bits_are_an_error() {
    // One output pixel, and 2^20 x 2^20 of the literal gradient that the stride leaves over.
    let side = 1 << 20;
    let conv = Conv2d::builder([1, 1 << 14, side, side], [1 << 40, 1 << 14, 1, 1])
        .stride(1 << 40)
        .build()
        .unwrap();
    assert_eq!(counts::forward(&conv).unwrap().tiles, 1 << 46);
    let error = counts::backward_kernel(&conv, Scheme::Literal).unwrap_err();
    assert!(matches!(error, Error::Overflow { .. }), "{error}");
}
