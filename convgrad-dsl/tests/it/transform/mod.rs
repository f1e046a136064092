//! Transformations of random formulas against what they do to whole tensors.

mod held;
mod layouts;
mod second;

use convgrad_dsl::analysis::analyze;
use convgrad_dsl::diagnostic::{Code, Diagnostic};
use convgrad_dsl::sema::model::{Converter, Form, Writes};
use convgrad_dsl::sizes;
use convgrad_dsl::source::Span;
use convgrad_dsl::transform::{adjoint, compose, gather, inverse};

use crate::annotations::resolve;
use crate::random::generator::{self, formulas, shortest};
use held::{Tensor, run};

/// A random formula and its sizes.
struct Case {
    f: Converter,
    text: String,
    sizes: Vec<i64>,
}

fn case(seed: u64) -> Option<Case> {
    let mut formula = generator::formula(seed);
    // Empty tensors, too.
    let sizes = formula.sizes.len();
    if seed.is_multiple_of(5) && sizes > 0 {
        formula.sizes[(seed / 5) as usize % sizes].1 = 0;
    }
    let (unit, _) = resolve(&formula.text);
    let f = unit.converters.into_iter().next()?;
    // Chains are made of formulas that compile.
    let free = sizes::bake(&f).ok()?;
    let compiles = match analyze(&f, &free) {
        Ok(_) => true,
        Err(errors) => errors.iter().all(|e| e.code == Code::GuardNeverTrue),
    };
    let sizes = values(&f, &formula.sizes).filter(|_| compiles)?;
    Some(Case {
        f,
        text: format!("{}\n{:?}", formula.text, formula.sizes),
        sizes,
    })
}

/// The values of all sizes, from those given by name.
fn values(f: &Converter, given: &[(String, i64)]) -> Option<Vec<i64>> {
    let baked = sizes::bake(f).ok()?;
    let sizes = f.sizes.iter().zip(baked);
    sizes
        .map(|(size, baked)| {
            let given = given.iter().find(|(name, _)| *name == size.name.text);
            baked.or(given.map(|(_, value)| *value))
        })
        .collect()
}

/// Runs a check on many formulas and reports the shortest ones that fail it.
fn all(check: impl Fn(u64, &Case) -> Result<&'static str, String>) {
    let mut failures = Vec::new();
    let mut counts = std::collections::BTreeMap::new();
    for seed in 0..formulas(600) {
        let Some(case) = case(seed) else { continue };
        match check(seed, &case) {
            Ok(outcome) => *counts.entry(outcome).or_insert(0) += 1,
            Err(why) => failures.push(format!("seed {seed}: {}\n{why}\n", case.text)),
        }
    }
    println!("{counts:?}");
    assert!(failures.is_empty(), "{}", shortest(failures));
    assert!(counts.values().sum::<i32>() > 0);
}

/// The made formula does what it should: in the interpreter, and according to the proofs.
fn does(made: &Converter, sizes: &[i64], wanted: &Tensor) -> Result<(), String> {
    let found =
        run(made, sizes).map_err(|fault| format!("it is refused: {fault}\n{}", rule(made)))?;
    if found != *wanted {
        return Err(format!(
            "{}\nholds {:?}\ninstead of {:?}",
            rule(made),
            found.held,
            wanted.held
        ));
    }
    let bindings = sizes.iter().copied().map(Some).collect();
    let excused = |errors: Vec<Diagnostic>| {
        // A guard that somebody wrote.
        let mut wrong = errors.into_iter().filter(|error| error.is_error());
        let wrong = wrong.find(|error| error.code != Code::GuardNeverTrue);
        wrong.map_or(Ok(()), |error| Err(format!("{error:?}\n{}", rule(made))))
    };
    match analyze(made, &bindings) {
        Ok(_) => {}
        Err(errors) => excused(errors)?,
    }
    // With free sizes, what is never right unless the output is empty is a mistake.
    match sizes::bake(made).and_then(|free| analyze(made, &free)) {
        Err(errors) if !wanted.output.contains(&0) => excused(errors),
        _ => Ok(()),
    }
}

/// A rule for messages.
fn rule(f: &Converter) -> String {
    convgrad_dsl::emit::formula::rule(f)
}

fn span() -> Span {
    Span::new(7, 9)
}

#[test]
fn gather_forms_are_the_same() {
    all(|_, case| {
        let Ok(wanted) = run(&case.f, &case.sizes) else {
            return Ok("refused");
        };
        match gather(&case.f) {
            None => Ok("stays relational"),
            Some(solved) => {
                assert_eq!(solved.rule.form, Form::Gather);
                does(&solved, &case.sizes, &wanted)?;
                Ok("solved")
            }
        }
    });
}

#[test]
fn adjoints_are_transposes() {
    all(|_, case| {
        let Ok(tensor) = run(&case.f, &case.sizes) else {
            return Ok("refused");
        };
        let made = adjoint(&case.f, span()).map_err(|errors| format!("{errors:?}"))?;
        does(&made, &case.sizes, &tensor.adjoint())?;
        let twice = adjoint(&made, span()).map_err(|errors| format!("{errors:?}"))?;
        does(&twice, &case.sizes, &tensor.linear())?;
        Ok(match (made.rule.writes, made.rule.form) {
            (Writes::Add, _) => "sums",
            (_, Form::Gather) => "gathers",
            _ => "scatters",
        })
    });
}

#[test]
fn inverses_go_back() {
    all(|_, case| {
        let Ok(tensor) = run(&case.f, &case.sizes) else {
            return Ok("refused");
        };
        let made = inverse(&case.f, span());
        match (tensor.inverse(), made) {
            (Some(wanted), Ok(made)) => {
                does(&made, &case.sizes, &wanted)?;
                Ok(match made.rule.form {
                    Form::Gather => "gathers",
                    Form::Relational => "scatters",
                })
            }
            // What is wrong wherever there are elements is refused, although nothing is wrong where there are none.
            (Some(wanted), Err(errors)) if wanted.output.contains(&0) => match errors[0].code {
                Code::NotInvertible => Ok("not invertible elsewhere"),
                _ => Err(format!("{errors:?}")),
            },
            (Some(_), Err(errors)) => Err(format!("{errors:?}")),
            (None, Err(errors)) => match errors[0].code {
                Code::NotInvertible => Ok("not invertible"),
                _ => Err(format!("{errors:?}")),
            },
            (None, Ok(made)) => match run(&made, &case.sizes) {
                Err(_) => Ok("not invertible here"),
                Ok(_) => Err(format!("inverted wrongly: {}", rule(&made))),
            },
        }
    });
}

#[test]
fn compositions_are_one_after_the_other() {
    all(|seed, case| {
        let rank = case.f.output.extents.len();
        let text = second::second(rank, seed);
        let (unit, found) = resolve(&text);
        let Some(mut g) = unit.converters.into_iter().next() else {
            return Err(format!("{text}\n{found:?}"));
        };
        // Also as a sum.
        if g.rule.form == Form::Relational && g.rule.guard.is_none() && seed.is_multiple_of(6) {
            g.rule.writes = Writes::Add;
            g.rule.fill = None;
        }
        composed(&case.f, &g, &case.sizes).map_err(|why| format!("{text}\n{why}"))
    });
}

/// `compose(f, g)`, where the sizes of `g` are the extents of what `f` writes.
fn composed(f: &Converter, g: &Converter, sizes: &[i64]) -> Result<&'static str, String> {
    let Ok(first) = run(f, sizes) else {
        return Ok("refused");
    };
    let Ok(then) = run(g, &first.output) else {
        return Ok("refused");
    };
    let made = match compose(f, g, span()) {
        Ok(made) => made,
        Err(errors) => {
            return match errors[0].code {
                Code::MiddleStays => Ok("stuck"),
                _ => Err(format!("{errors:?}")),
            };
        }
    };
    does(&made, sizes, &first.then(&then))?;
    Ok(match (made.rule.patches.is_empty(), made.rule.form) {
        (true, Form::Gather) => "gathers",
        (true, Form::Relational) => "scatters",
        (false, Form::Gather) => "gathers with patches",
        (false, Form::Relational) => "scatters with patches",
    })
}

#[test]
fn inverses_and_adjoints_compose() {
    all(|_, case| {
        let Ok(tensor) = run(&case.f, &case.sizes) else {
            return Ok("refused");
        };
        let made = adjoint(&case.f, span()).map_err(|errors| format!("{errors:?}"))?;
        let back = tensor.adjoint();
        for (f, g, wanted) in [
            (&case.f, &made, tensor.then(&back)),
            (&made, &case.f, back.then(&tensor)),
        ] {
            match compose(f, g, span()) {
                Ok(made) => does(&made, &case.sizes, &wanted)?,
                Err(errors) if errors[0].code == Code::MiddleStays => return Ok("stuck"),
                Err(errors) => return Err(format!("{errors:?}")),
            }
        }
        Ok("composed")
    });
}
