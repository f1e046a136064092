//! Equality of random formulas with themselves, written otherwise or with a mistake: what is decided, the interpreter finds.

use convgrad_dsl::compile::compile;
use convgrad_dsl::emit::formula::rule;
use convgrad_dsl::interpret::source_map;
use convgrad_dsl::proof::{Decision, equal};
use convgrad_dsl::sema::model::Converter;

use super::generator::{self, Random, formulas, shortest};
use super::rewrite::{mistaken, rewritten};
use super::values;

const PAIRS: u64 = 1_500;

#[test]
fn equality_is_what_the_interpreter_finds() {
    let (mut counts, mut failures) = (Counts::default(), Vec::new());
    let total = formulas(PAIRS);
    for seed in 0..total {
        let formula = generator::formula(seed);
        let compiled = compile(&formula.text);
        let Some(f) = compiled.converters.first().map(|c| &c.converter) else {
            continue;
        };
        let mut random = Random::new(seed.wrapping_mul(31));
        let same = rewritten(f, &mut random);
        let other = mistaken(&same, &mut random);
        let sizes = values(f, &formula);
        for g in [same, other] {
            if let Err(why) = compare(f, &g, &sizes, &formula.sizes, &mut counts) {
                failures.push(format!(
                    "seed {seed}: {}\n{:?}\n{}\n{why}\n",
                    formula.text,
                    formula.sizes,
                    rule(&g)
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", shortest(failures));
    println!("{counts:?}");
    let Counts {
        same,
        different,
        proved,
        refuted,
        open,
    } = counts;
    assert!(same > total / 3 && different > total / 4, "{counts:?}");
    assert!(proved > total / 3 && refuted > total / 4, "{counts:?}");
    assert!(open * 5 < proved + refuted, "{counts:?}");
}

/// At constant sizes, then with free ones.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    same: u64,
    different: u64,
    proved: u64,
    refuted: u64,
    open: u64,
}

fn compare(
    f: &Converter,
    g: &Converter,
    sizes: &[i64],
    given: &[(String, i64)],
    counts: &mut Counts,
) -> Result<(), String> {
    let maps = source_map(f, sizes).ok().zip(source_map(g, sizes).ok());
    // Where one of them does not accept the sizes, there is nothing to compare.
    let is =
        maps.is_none_or(|(a, b)| a.output_shape == b.output_shape && a.difference(&b).is_none());
    let constant = equal(f, g, given);
    if constant.holds != Some(is) {
        return Err(format!("equal: {is}, but {constant:?}"));
    }
    let free = equal(f, g, &[]);
    match free.holds {
        Some(true) if !is => return Err(format!("not equal, but proved: {free:?}")),
        // A counterexample tells the sizes, at which the interpreter has seen it.
        Some(false) if free.decided_by != Decision::Symbolic && free.notes.len() != 2 => {
            return Err(format!("no counterexample: {free:?}"));
        }
        _ => {}
    }
    match is {
        true => counts.same += 1,
        false => counts.different += 1,
    }
    match free.holds {
        Some(true) => counts.proved += 1,
        Some(false) => counts.refuted += 1,
        None => counts.open += 1,
    }
    Ok(())
}
