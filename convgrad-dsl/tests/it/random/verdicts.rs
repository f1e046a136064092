//! What is said of random formulas is what the interpreter counts: at constant sizes exactly and always, with free sizes at
//! all sizes that are tried.

use convgrad_dsl::analysis::{Bindings, analyze};
use convgrad_dsl::compile::compile;
use convgrad_dsl::interpret::{Map, source_map};
use convgrad_dsl::proof::Verdicts;
use convgrad_dsl::sema::model::Converter;

use super::generator::{self, Formula, Random, formulas, shortest};
use super::values;

const FORMULAS: u64 = 20_000;

#[test]
fn verdicts_are_what_the_interpreter_counts() {
    counted(generator::formula);
}

#[test]
fn verdicts_of_sums_are_what_the_interpreter_counts() {
    counted(generator::sum);
}

fn counted(of: fn(u64) -> Formula) {
    let (mut decided, mut claims, mut failures) = (0, 0, Vec::new());
    let total = formulas(FORMULAS);
    for seed in 0..total {
        let formula = of(seed);
        let mut fail = |why: String| {
            failures.push(format!(
                "seed {seed}: {}\n{:?}\n{why}\n",
                formula.text, formula.sizes
            ));
        };
        let compiled = compile(&formula.text);
        let Some(free) = compiled.converters.first() else {
            continue;
        };
        let sizes = values(&free.converter, &formula);
        match exact(&free.converter, &sizes) {
            Ok(accepted) => decided += u64::from(accepted),
            Err(why) => fail(why),
        }
        for sizes in others(&free.converter, &formula, seed) {
            match sound(&free.converter, &free.analysis.verdicts, &sizes) {
                Ok(count) => claims += count,
                Err(why) => fail(format!("at {sizes:?}: {why}")),
            }
        }
    }
    assert!(failures.is_empty(), "{}", shortest(failures));
    println!("{decided} of {total} decided at constant sizes, {claims} claims with free sizes");
    assert!(
        decided > total / 2,
        "only {decided} of {total} formulas run"
    );
    assert!(claims > total, "only {claims} claims with free sizes");
}

/// The four verdicts and what they should be.
fn each(verdicts: &Verdicts, map: &Map) -> [(&'static str, Option<bool>, bool); 4] {
    [
        ("in bounds", verdicts.in_bounds, map.in_bounds),
        ("injective", verdicts.injective, map.injective()),
        ("surjective", verdicts.surjective, map.surjective()),
        ("bijective", verdicts.bijective, map.bijective()),
    ]
}

/// At constant sizes nothing is open and nothing is wrong; says whether the sizes are accepted.
pub(super) fn exact(converter: &Converter, sizes: &[i64]) -> Result<bool, String> {
    let bindings: Bindings = sizes.iter().copied().map(Some).collect();
    let (map, analysis) = match (source_map(converter, sizes), analyze(converter, &bindings)) {
        (Ok(map), Ok((analysis, _))) => (map, analysis),
        (Err(_), Err(_)) => return Ok(false),
        (Ok(_), Err(errors)) => return Err(format!("sizes are refused: {errors:#?}")),
        (Err(fault), Ok(_)) => return Err(format!("sizes are taken although {fault}")),
    };
    for (what, said, is) in each(&analysis.verdicts, &map) {
        if said != Some(is) {
            return Err(format!("{what} at constant sizes: {said:?}, not {is}"));
        }
    }
    Ok(true)
}

/// What is claimed with free sizes holds at these: "yes" at all that are accepted, "no" at those that write something.
pub(super) fn sound(
    converter: &Converter,
    verdicts: &Verdicts,
    sizes: &[i64],
) -> Result<u64, String> {
    let Ok(map) = source_map(converter, sizes) else {
        return Ok(0);
    };
    let mut claims = 0;
    for (what, said, is) in each(verdicts, &map) {
        let counts = said == Some(true) || said == Some(false) && !map.source.is_empty();
        if counts && said != Some(is) {
            return Err(format!("{what} with free sizes: {said:?}, not {is}"));
        }
        claims += u64::from(counts);
    }
    Ok(claims)
}

/// Other values of the free sizes, none and ragged ones among them.
pub(super) fn others(converter: &Converter, formula: &Formula, seed: u64) -> Vec<Vec<i64>> {
    let mut random = Random::new(!seed);
    let mut all = Vec::new();
    for round in 0..4 {
        let mut other = formula.clone();
        for (_, value) in &mut other.sizes {
            *value = match round {
                0 => *value,
                _ => random.range(0, 7),
            };
        }
        all.push(values(converter, &other));
    }
    all
}
