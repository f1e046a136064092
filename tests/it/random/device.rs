//! Random formulas as programs for the emulated cores.

use convgrad::cube::profile::Profile;
use convgrad::program::Instance;
use convgrad_dsl::compile::compile;

use super::generator::{self, Formula, formulas, shortest};
use super::values;
use crate::device::{Ran, on_device};

#[test]
fn random_formulas_run_on_the_device() {
    let profiles = Profile::NAMES.map(|name| Profile::named(name).unwrap());
    let (mut same, mut failures) = (0, Vec::new());
    let total = formulas(1_000);
    for seed in 0..total {
        let formula = generator::formula(seed);
        let profile = &profiles[seed as usize % profiles.len()];
        match run(profile, &formula) {
            Ok(true) => same += 1,
            Ok(false) => {}
            Err(why) => failures.push(format!(
                "seed {seed} on {}: {}\n{:?}\n{why}\n",
                profile.name(),
                formula.text,
                formula.sizes
            )),
        }
    }
    assert!(failures.is_empty(), "{}", shortest(failures));
    assert!(same > total * 2 / 3, "{same}");
}

/// Whether the compiler takes the formula at its sizes, and the device then does what the CPU does.
fn run(profile: &Profile, formula: &Formula) -> Result<bool, String> {
    let compiled = compile(&formula.text);
    let Some(free) = compiled.converters.first() else {
        return Ok(false);
    };
    let sizes = values(&free.converter, formula)?;
    let Ok(instance) = Instance::new(&free.converter, &free.analysis, &sizes) else {
        return Ok(false);
    };
    match on_device(profile, &instance)? {
        Ran::Same => Ok(true),
        Ran::Refused(why) => Err(why),
    }
}
