//! Programs against the definition, on every chip, and against what is known about their times.

use proptest::prelude::*;

use super::{By, Detail, Method, Problem, Refusal, Sample};
use crate::conv::{Context, Conv2d, Layout};
use crate::cube::Scheme;
use crate::cube::counts;
use crate::cube::machine::{Buffer, Pipe};
use crate::cube::profile::{Knob, Profile};
use crate::cube::tests::support::{Random, geometry, seed, to_f32};

/// Runs every method on a chip; returns how many it can do.
fn check(conv: &Conv2d, profile: &Profile, random: &mut Random) -> usize {
    let [x, kernel, dy] = [conv.input_shape(), conv.kernel_shape(), conv.output_shape()]
        .map(|shape| to_f32(&random.tensor(shape)));
    let problem = Problem::new(conv, Layout::Nchw.formats(), &x, &kernel, &dy).unwrap();
    let mut done = 0;
    for method in Method::ALL {
        for by in By::ALL {
            let case = || format!("{} {method:?} {by:?} {conv:?}", profile.name());
            match problem.run(&Context::default(), profile, method, by, Detail::default()) {
                Ok(outcome) => {
                    done += 1;
                    assert!(outcome.exact, "{} {:?}", case(), outcome.tiling);
                    assert!(outcome.max_rel_error < 1e-3, "{}", case());
                    let busiest = outcome.report.busiest();
                    assert!(outcome.report.cycles >= outcome.report.pipe(busiest).busy);
                    let expected = match method {
                        Method::Forward => counts::forward(conv),
                        Method::DxConverters => counts::backward_input(conv),
                        Method::Dk(scheme) => counts::backward_kernel(conv, scheme),
                        // Bands may make products twice.
                        Method::DxCol2img => continue,
                    };
                    assert_eq!(outcome.report.tiles, expected.unwrap().tiles, "{}", case());
                }
                // Every chip has vector instructions; not every one brings products or folded windows to UB.
                Err(Refusal::Unavailable(_))
                    if conv.batch() == 0
                        || method == Method::DxCol2img
                        || (method, by) == (Method::Dk(Scheme::Folded), By::Hardware) => {}
                Err(refusal) => panic!("{}: {refusal}", case()),
            }
        }
    }
    done
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn random_convolutions_have_the_bits_of_the_definition(conv in geometry(), mut random in seed()) {
        for name in Profile::NAMES {
            check(&conv, &Profile::named(name).unwrap(), &mut random);
        }
    }
}

#[test]
fn a_sample_has_the_cycles_of_the_whole_and_the_bits_of_its_part() {
    let conv = Conv2d::builder([2, 20, 40, 40], [36, 20, 3, 3])
        .padding(1)
        .build()
        .unwrap();
    let mut random = Random(5);
    let [x, kernel, dy] = [conv.input_shape(), conv.kernel_shape(), conv.output_shape()]
        .map(|shape| to_f32(&random.tensor(shape)));
    let problem = Problem::new(&conv, Layout::Nchw.formats(), &x, &kernel, &dy).unwrap();
    let (cx, profile) = (Context::default(), Profile::ascend910());
    let mut sampled = 0;
    for method in Method::ALL {
        let run = |tiles| {
            let detail = Detail {
                tiles,
                ..Detail::default()
            };
            problem
                .run(&cx, &profile, method, By::Hardware, detail)
                .unwrap()
        };
        let (whole, part) = (run(None), run(Some(3)));
        assert!(whole.exact && part.exact, "{method:?}");
        assert_eq!(whole.report, part.report, "{method:?}");
        assert_eq!(whole.sample, None);
        if let Some(Sample { tiles, of }) = part.sample {
            assert!(tiles == 3 && of > 3, "{method:?}: {tiles} of {of}");
            sampled += 1;
        }
    }
    assert!(sampled >= 4, "{sampled}");
}

/// A product of matrices of this many fractals along each side, as a 1 x 1 convolution.
fn product(side: usize) -> Conv2d {
    let extent = 16 * side;
    Conv2d::builder([1, extent, 1, extent], [extent, extent, 1, 1])
        .build()
        .unwrap()
}

#[test]
fn a_large_product_is_near_the_peak() {
    for name in ["ascend910", "ascend310p"] {
        let profile = Profile::named(name).unwrap();
        let conv = product(96);
        let report = Problem::time(&conv, &profile, Method::Forward, By::Hardware).unwrap();
        assert_eq!(report.tiles, 96 * 96 * 96);
        // 8192 floating-point operations a cycle at most: two for each of 4096 products.
        let share = conv.flops() as f64 / (8192.0 * report.cycles as f64);
        assert!(share > 0.9 && share <= 1.0, "{name}: {share}");
    }
}

/// A core on which nothing takes time but what is asked for.
fn ideal(keep: &[Knob]) -> Profile {
    let mut profile = Profile::ascend910();
    let paths = [
        Knob::GmToL1,
        Knob::GmToL0,
        Knob::GmToUb,
        Knob::L1ToL0a,
        Knob::L1ToL0b,
        Knob::L1ToUb,
        Knob::UbToGm,
        Knob::UbToL1,
        Knob::L0cToUb,
    ];
    let cycles = [
        Knob::GmStartup,
        Knob::LocalStartup,
        Knob::Burst,
        Knob::MadStartup,
        Knob::MadTile,
        Knob::VectorStartup,
        Knob::VectorRepeat,
        Knob::TransposeRepeat,
        Knob::Col2imgRepeat,
        Knob::Flag,
        Knob::Issue,
    ];
    let free = paths.map(|knob| (knob, f64::INFINITY));
    for (knob, value) in free.into_iter().chain(cycles.map(|knob| (knob, 0.0))) {
        if !keep.contains(&knob) {
            profile.set(knob, value, "an ideal").unwrap();
        }
    }
    profile
}

#[test]
fn without_moves_the_cube_is_all_and_without_the_cube_the_moves_are() {
    let conv = Conv2d::builder([2, 40, 15, 14], [70, 40, 3, 3])
        .stride(2)
        .padding(1)
        .build()
        .unwrap();
    let cube = ideal(&[Knob::MadTile]);
    for method in Method::ALL {
        for by in By::ALL {
            let report = Problem::time(&conv, &cube, method, by).unwrap();
            assert_eq!(report.cycles, report.tiles, "{method:?} {by:?}");
        }
    }
    // Only global memory takes time: the bytes on MTE2's paths and MTE3's, one after the other or side by side.
    let width = 64.0;
    let mut moves = ideal(&[]);
    for knob in [Knob::GmToL1, Knob::GmToUb, Knob::UbToGm] {
        moves.set(knob, width, "for a test").unwrap();
    }
    let report = Problem::time(&conv, &moves, Method::Forward, By::Hardware).unwrap();
    let cycles = |bytes: u64| bytes as f64 / width;
    let read = cycles(report.bytes(Buffer::Gm, Buffer::L1));
    let written = cycles(report.bytes(Buffer::Ub, Buffer::Gm));
    let all = report.cycles as f64;
    assert!(all >= read.max(written) && all <= 1.05 * (read + written) + 50.0);
    assert_eq!(report.pipe(Pipe::Cube).busy, 0);
}

#[test]
fn the_paper_s_shapes_take_the_cube_cycles_that_are_known() {
    let profile = Profile::ascend910();
    let shapes = crate::cube::tests::counts::paper(1);
    for (method, expected) in [
        (Method::Forward, 61_074),
        (Method::DxConverters, 103_410),
        (Method::Dk(Scheme::Folded), 726_376),
        (Method::Dk(Scheme::Direct), 61_074),
    ] {
        let tiles = |conv| {
            let report = Problem::time(conv, &profile, method, By::Hardware).unwrap();
            assert!(report.cycles >= report.pipe(report.busiest()).busy);
            assert!(report.pipe(Pipe::Cube).busy >= report.tiles);
            report.tiles
        };
        assert_eq!(
            shapes.iter().map(tiles).sum::<u64>(),
            expected,
            "{method:?}"
        );
    }
}
