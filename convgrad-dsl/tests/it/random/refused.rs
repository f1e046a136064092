//! Random formulas with mistakes: what is refused or denied with free sizes fails at all sizes that give the output elements.

use convgrad_dsl::analysis::analyze;
use convgrad_dsl::diagnostic::{Code, Diagnostic};
use convgrad_dsl::emit::formula::rule;
use convgrad_dsl::interpret::{Map, source_map};
use convgrad_dsl::sema::model::Converter;
use convgrad_dsl::sizes;
use convgrad_dsl::transform::inverse;

use super::generator::{self, Formula, Random, formulas, shortest};
use super::rewrite::mistaken;
use super::verdicts::{others, sound};
use crate::annotations::resolve;

const FORMULAS: u64 = 2_000;

/// Refusals that speak of all sizes. Others say that something could not be shown, or is too large.
const CERTAIN: [Code; 9] = [
    Code::OutOfBoundsAbove,
    Code::OutOfBoundsBelow,
    Code::LongerThanSource,
    Code::WriteOutOfBounds,
    Code::WrittenTwice,
    Code::NotWritten,
    Code::NegativeExtent,
    Code::DivisorAlwaysZero,
    Code::DivisorNegative,
];

#[test]
fn what_is_refused_fails_at_all_sizes() {
    refused(generator::formula);
}

#[test]
fn sums_that_are_refused_fail_at_all_sizes() {
    refused(generator::sum);
}

/// How many claims were compared with the interpreter.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    refused: u64,
    verdicts: u64,
    inverses: u64,
}

fn refused(of: fn(u64) -> Formula) {
    let (mut counts, mut failures) = (Counts::default(), Vec::new());
    let total = formulas(FORMULAS);
    for seed in 0..total {
        let formula = of(seed);
        let Some(f) = resolve(&formula.text).0.converters.pop() else {
            continue;
        };
        let mut random = Random::new(seed.wrapping_mul(37));
        let other = mistaken(&f, &mut random);
        let worse = mistaken(&other, &mut random);
        for (which, g) in [f, other, worse].iter().enumerate() {
            let sizes = others(g, &formula, seed);
            if let Err(why) = compare(g, &sizes, &mut counts) {
                failures.push(format!(
                    "seed {seed}, {which} mistakes: {}\n{}\n{why}\n",
                    formula.text,
                    rule(g)
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", shortest(failures));
    println!("{counts:?}");
    assert!(counts.refused > total / 20, "{counts:?}");
    assert!(counts.verdicts > total, "{counts:?}");
    assert!(counts.inverses > total / 20, "{counts:?}");
}

fn compare(f: &Converter, all: &[Vec<i64>], counts: &mut Counts) -> Result<(), String> {
    let Ok(bindings) = sizes::bake(f) else {
        return Ok(());
    };
    let maps = || {
        let map = |sizes: &Vec<i64>| Some((sizes.clone(), source_map(f, sizes).ok()?));
        all.iter().filter_map(map)
    };
    match analyze(f, &bindings) {
        Ok((analysis, _)) => {
            for sizes in all {
                let at = |why| format!("at {sizes:?}: {why}");
                counts.verdicts += sound(f, &analysis.verdicts, sizes).map_err(at)?;
            }
        }
        Err(errors) if certain(&errors) => {
            if let Some((sizes, _)) = maps().find(|(_, map)| !map.source.is_empty()) {
                return Err(format!("refused, but runs at {sizes:?}: {errors:#?}"));
            }
            counts.refused += 1;
        }
        Err(_) => {}
    }
    if let Err(errors) = inverse(f, f.name.span) {
        for (word, holds) in [
            ("not injective", Map::injective as fn(&Map) -> bool),
            ("not surjective", Map::surjective),
        ] {
            if !errors.iter().any(|e| e.label == word) {
                continue;
            }
            let wrong = maps().find(|(_, map)| !map.source.is_empty() && holds(map));
            if let Some((sizes, _)) = wrong {
                return Err(format!("invertible at {sizes:?}: {errors:#?}"));
            }
            counts.inverses += 1;
        }
    }
    Ok(())
}

fn certain(errors: &[Diagnostic]) -> bool {
    let mut errors = errors.iter().filter(|e| e.is_error());
    errors.all(|error| CERTAIN.contains(&error.code))
}
