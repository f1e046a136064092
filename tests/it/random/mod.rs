//! Ten thousand random formulas: the interpreter, the nest at constant sizes and the nest with free sizes agree.

mod generator;

use convgrad::Converter;
use convgrad::program::Instance;
use convgrad_dsl::analysis::{Bindings, analyze};
use convgrad_dsl::compile::compile;
use convgrad_dsl::diagnostic::{Code, Diagnostic};
use convgrad_dsl::interpret::source_map;
use convgrad_dsl::sema::model;

use generator::Formula;

const FORMULAS: u64 = 10_000;

/// What became of a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// All ways ran and wrote the same.
    Same,
    /// All ways refused these sizes.
    Refused,
    /// The compiler refused the formula for all sizes.
    Rejected,
}

#[test]
fn interpreter_and_executor_agree() {
    let mut counts = [0; 3];
    let mut failures = Vec::new();
    for seed in 0..FORMULAS {
        let formula = generator::formula(seed);
        match compare(&formula) {
            Ok(outcome) => counts[outcome as usize] += 1,
            Err(why) => failures.push(format!(
                "seed {seed}: {}\n{:?}\n{why}\n",
                formula.text, formula.sizes
            )),
        }
    }
    failures.sort_by_key(String::len);
    let shortest: String = failures.iter().take(5).cloned().collect();
    assert!(
        failures.is_empty(),
        "{} of {FORMULAS} formulas fail, among them\n{shortest}",
        failures.len()
    );
    println!("same, refused, rejected: {counts:?}");
    assert!(
        counts[0] > FORMULAS * 3 / 4,
        "same, refused, rejected: {counts:?}"
    );
}

fn compare(formula: &Formula) -> Result<Outcome, String> {
    let compiled = compile(&formula.text);
    let Some(free) = compiled.converters.first() else {
        let errors: Vec<_> = compiled
            .diagnostics
            .iter()
            .filter(|d| d.is_error())
            .collect();
        return match errors.is_empty() {
            true => Err("neither a converter nor an error".to_owned()),
            false => rejected(&errors),
        };
    };
    let sizes = values(&free.converter, formula)?;
    let map = source_map(&free.converter, &sizes);
    let bindings: Bindings = sizes.iter().copied().map(Some).collect();
    let fixed = analyze(&free.converter, &bindings);
    let by_free = Instance::new(&free.converter, &free.analysis, &sizes);
    let map = match map {
        Ok(map) => map,
        Err(fault) => {
            return match (fixed, by_free) {
                (Err(_), Err(_)) => Ok(Outcome::Refused),
                (Ok(_), _) => Err(format!(
                    "the interpreter refuses, constant sizes do not: {fault}"
                )),
                (_, Ok(_)) => Err(format!(
                    "the interpreter refuses, free sizes do not: {fault}"
                )),
            };
        }
    };
    let (fixed, _) = fixed.map_err(|errors| format!("constant sizes are refused: {errors:#?}"))?;
    let by_fixed = Instance::new(&free.converter, &fixed, &sizes)
        .map_err(|error| format!("the instance at constant sizes is refused: {error}"))?;
    let by_free =
        by_free.map_err(|error| format!("the instance of free sizes is refused: {error}"))?;

    let elements: i64 = map.input_shape.iter().product();
    let x: Vec<i64> = (0..elements).map(|k| 1000 + k).collect();
    let expected: Vec<i64> = map
        .source
        .iter()
        .map(|place| place.map_or(-7, |place| x[place]))
        .collect();
    for (how, instance) in [("constant", by_fixed), ("free", by_free)] {
        let mut y = vec![i64::MIN; expected.len()];
        instance
            .convert(&x, &mut y)
            .map_err(|error| format!("with {how} sizes: {error}"))?;
        if y != expected {
            return Err(format!("with {how} sizes\n{y:?} instead of\n{expected:?}"));
        }
    }
    Ok(Outcome::Same)
}

/// Whether the compiler may refuse such a formula: for what it reads or writes, never for how it is written.
fn rejected(errors: &[&Diagnostic]) -> Result<Outcome, String> {
    const ALLOWED: [Code; 10] = [
        Code::OutOfBoundsAbove,
        Code::OutOfBoundsBelow,
        Code::LongerThanSource,
        Code::GuardNeverTrue,
        Code::WrittenTwice,
        Code::WriteOutOfBounds,
        Code::NotWritten,
        Code::RequiresContradict,
        Code::RequirementViolated,
        Code::DivisorAlwaysZero,
    ];
    match errors.iter().find(|error| !ALLOWED.contains(&error.code)) {
        None => Ok(Outcome::Rejected),
        Some(error) => Err(format!("an error that it does not deserve: {error:#?}")),
    }
}

/// The values of all sizes, in the order of declaration.
fn values(converter: &model::Converter, formula: &Formula) -> Result<Vec<i64>, String> {
    let baked = convgrad_dsl::sizes::bake(converter).map_err(|errors| format!("{errors:#?}"))?;
    converter
        .sizes
        .iter()
        .zip(baked)
        .map(|(size, baked)| {
            let given = formula
                .sizes
                .iter()
                .find(|(name, _)| *name == size.name.text);
            baked
                .or(given.map(|(_, value)| *value))
                .ok_or_else(|| format!("no value for {}", size.name.text))
        })
        .collect()
}
