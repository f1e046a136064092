//! Every item of the library as a program for an emulated core, bit for bit what the CPU does with halves.

use convgrad::Converter;
use convgrad::cube::profile::Profile;

use super::layouts::{LAYOUTS, shapes};
use super::row::Sizes;
use super::{program, rows};
use crate::device::{Ran, on_device};

#[test]
fn every_item_runs_on_the_device() {
    let (program, profile) = (program(), Profile::ascend910());
    let (mut moved, mut refused) = (0, Vec::new());
    let mut run = |name: &str, given: &[(&str, usize)]| {
        let formula = program.converter(name).unwrap();
        let instance = formula
            .at(given)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        match on_device(&profile, &instance).unwrap_or_else(|why| panic!("{name} {given:?}: {why}"))
        {
            Ran::Same => moved += 1,
            Ran::Refused(why) => refused.push((instance.name().to_owned(), why)),
        }
    };
    for layout in LAYOUTS {
        for shape in shapes(layout.base) {
            for name in [
                format!("to_{}", layout.name),
                format!("from_{}", layout.name),
            ] {
                let formula = program.converter(&name).unwrap();
                let given: Vec<_> = formula.free_sizes().zip(shape.iter().copied()).collect();
                run(&name, &given);
            }
        }
    }
    for row in rows() {
        for text in row.sizes {
            let sizes = Sizes::read(text);
            let given: Vec<_> = sizes
                .0
                .iter()
                .map(|(name, value)| (name.as_str(), *value))
                .collect();
            run(row.name, &given);
        }
    }
    assert!(moved > 100, "{moved}");
    // What is refused adds.
    assert!(
        refused
            .iter()
            .all(|(_, why)| why.contains("adds elements up")),
        "{refused:#?}"
    );
}
