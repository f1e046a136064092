//! Programs against the definition, on every chip, and against what is known about their times.

use proptest::prelude::*;

use super::{By, Method, Problem, Refusal};
use crate::conv::{Context, Conv2d, Layout};
use crate::cube::counts;
use crate::cube::profile::Profile;
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
            match problem.run(&Context::default(), profile, method, by, false) {
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
                Err(Refusal::Unavailable(_)) => {}
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
