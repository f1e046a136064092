//! Random formulas, ten thousand and more: the interpreter, the nest at constant sizes and the nest with free sizes agree.

mod device;
mod generator;
mod patches;

use convgrad::Converter as _;
use convgrad::program::Instance;
use convgrad_dsl::analysis::{Analysis, Bindings, analyze};
use convgrad_dsl::compile::compile;
use convgrad_dsl::diagnostic::{Code, Diagnostic};
use convgrad_dsl::interpret::source_map;
use convgrad_dsl::sema::model::Converter;

use crate::held;
use generator::{Formula, Random, formulas, shortest};

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
    all_agree(generator::formula);
}

#[test]
fn interpreter_and_executor_agree_on_sums() {
    all_agree(generator::sum);
}

fn all_agree(of: fn(u64) -> Formula) {
    let mut counts = [0; 3];
    let mut failures = Vec::new();
    let total = formulas(FORMULAS);
    for seed in 0..total {
        let formula = of(seed);
        match compare(seed, &formula) {
            Ok(outcome) => counts[outcome as usize] += 1,
            Err(why) => failures.push(format!(
                "seed {seed}: {}\n{:?}\n{why}\n",
                formula.text, formula.sizes
            )),
        }
    }
    assert!(failures.is_empty(), "{}", shortest(failures));
    println!("same, refused, rejected: {counts:?}");
    assert!(
        counts[0] > total * 2 / 3,
        "same, refused, rejected: {counts:?}"
    );
}

fn compare(seed: u64, formula: &Formula) -> Result<Outcome, String> {
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
    let outcome = agree(&free.converter, &free.analysis, &sizes)?;
    if outcome == Outcome::Same && seed.is_multiple_of(3) && free.converter.rule.fill.is_some() {
        let mut patched = free.converter.clone();
        patches::add(&mut patched, &mut Random::new(seed), -11);
        let bindings = free.analysis.bindings.clone();
        let (analysis, _) = analyze(&patched, &bindings)
            .map_err(|errors| format!("{:?}: {errors:#?}", patched.rule.patches))?;
        agree(&patched, &analysis, &sizes)
            .map_err(|why| format!("{:?}: {why}", patched.rule.patches))?;
    }
    Ok(outcome)
}

/// Runs a converter, analysed with its free sizes free, in all ways.
fn agree(converter: &Converter, free: &Analysis, sizes: &[i64]) -> Result<Outcome, String> {
    let map = source_map(converter, sizes);
    let bindings: Bindings = sizes.iter().copied().map(Some).collect();
    let fixed = analyze(converter, &bindings);
    let by_free = Instance::new(converter, free, sizes);
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
    let by_fixed = Instance::new(converter, &fixed, sizes)
        .map_err(|error| format!("the instance at constant sizes is refused: {error}"))?;
    let by_free =
        by_free.map_err(|error| format!("the instance of free sizes is refused: {error}"))?;

    // All different, and with sums that depend on the order.
    let elements: i64 = map.input_shape.iter().product();
    let x: Vec<f32> = (0..elements).map(|k| 1000.0 + k as f32 / 7.0).collect();
    let expected = held::output(&map, &x).ok_or("a number that is none of f32")?;
    for (how, instance) in [("constant", by_fixed), ("free", by_free)] {
        let mut y = vec![f32::NAN; expected.len()];
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
fn values(converter: &Converter, formula: &Formula) -> Result<Vec<i64>, String> {
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
