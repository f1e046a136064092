//! What is explained of the formulas in `tests/formulas`, against the interpreter.

use convgrad_dsl::compile::{CompiledConverter, compile};
use convgrad_dsl::emit::formula;
use convgrad_dsl::explain::{Explanation, Kind, Step, explain};
use convgrad_dsl::interpret::{Map, source_map};
use convgrad_dsl::sema::model::{Form, Writes};
use convgrad_dsl::sizes::{Source, solve, sources};

use crate::annotations::{Fixture, all_sizes, fixtures};

/// One converter at annotated sizes.
struct Case {
    fixture: Fixture,
    compiled: CompiledConverter,
    sizes: Vec<i64>,
    map: Map,
}

impl Case {
    fn explain(&self) -> Explanation {
        let bindings = self.sizes.iter().copied().map(Some).collect();
        explain(&self.compiled.converter, &bindings).unwrap_or_else(|e| panic!("{self}: {e:?}"))
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = &self.compiled.converter.name.text;
        write!(f, "{} {name} {:?}", self.fixture.name(), self.sizes)
    }
}

/// Every annotated run of the formulas that pass.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for fixture in fixtures("pass") {
        let converters = compile(&fixture.text).converters;
        for run in fixture.runs("run ") {
            let of_run = |c: &&CompiledConverter| c.converter.name.text == run.converter;
            let compiled = converters.iter().find(of_run).unwrap().clone();
            let sizes = all_sizes(&compiled.converter, &run.given);
            let map = source_map(&compiled.converter, &sizes).unwrap();
            let (path, text) = (fixture.path.clone(), fixture.text.clone());
            cases.push(Case {
                fixture: Fixture { path, text },
                compiled,
                sizes,
                map,
            });
        }
    }
    assert!(cases.len() >= 70);
    cases
}

fn number(step: &Option<Step>) -> i64 {
    step.as_ref().and_then(|step| step.number).unwrap()
}

#[test]
fn what_is_counted_is_what_the_interpreter_moves() {
    for case in cases() {
        let rule = &case.compiled.converter.rule;
        let moves = case.explain().moves;
        let places = case.map.source.len() as i64;
        let read: usize = (0..case.map.source.len())
            .map(|place| case.map.held(place).elements.len())
            .sum();
        let read = read as i64;
        assert_eq!(number(&moves.read), read, "{case}");
        let once = rule.form == Form::Gather && rule.writes == Writes::Once;
        if once && rule.patches.is_empty() {
            // A row of which few places read may be filled as a whole.
            let filled = number(&moves.filled);
            assert!((places - read..=places).contains(&filled), "{case}");
            assert_eq!(number(&moves.written), read + filled, "{case}");
            assert_eq!(moves.bytes(4), Some(4 * (2 * read + filled)), "{case}");
        }
        assert!(number(&moves.written) >= places, "{case}");
    }
}

#[test]
fn the_longest_run_is_there() {
    for case in cases() {
        let moves = case.explain().moves;
        let longest = moves.longest[0].number.unwrap();
        let mut best = 0;
        let mut run: i64 = 0;
        let mut last = None;
        for source in &case.map.source {
            run = match (last, source) {
                (Some(last), Some(source)) if last + 1 == *source => run + 1,
                (_, Some(_)) => 1,
                (_, None) => 0,
            };
            last = *source;
            best = best.max(run);
        }
        if case.map.sums.is_none() {
            assert!(longest <= best, "{case}: {longest} of {best}");
            assert_eq!(longest == 0, best == 0, "{case}");
        }
    }
}

/// Where no digit is ragged and nothing is computed, the last position is the sum of the last steps.
#[test]
fn steps_lead_from_the_first_place_to_the_last() {
    let mut checked = 0;
    for case in cases() {
        let explanation = case.explain();
        let table = &explanation.digits;
        let clean = table.wholes.is_empty() && table.digits.iter().all(|digit| !digit.ragged);
        if !clean || case.compiled.converter.rule.form != Form::Gather || case.map.source.is_empty()
        {
            continue;
        }
        let reach = |of: fn(&convgrad_dsl::explain::Digit) -> &Step| -> i64 {
            let digits = table.digits.iter();
            digits
                .map(|d| of(d).number.unwrap() * (d.extent.number.unwrap() - 1))
                .sum()
        };
        let (last, places) = (case.map.source.len() - 1, &case.map.source);
        assert_eq!(reach(|digit| &digit.output), last as i64, "{case}");
        if let (Some(Some(first)), Some(Some(end))) = (places.first(), places.last()) {
            let way = *end as i64 - *first as i64;
            assert_eq!(reach(|digit| &digit.input), way, "{case}");
            checked += 1;
        }
    }
    assert!(checked >= 25, "only {checked}");
}

#[test]
fn formulas_print_as_what_they_mean() {
    for case in cases() {
        let converter = &case.compiled.converter;
        if !converter.rule.patches.is_empty() {
            continue;
        }
        let text = formula::converter(converter);
        let again = compile(&text);
        assert_eq!(again.converters.len(), 1, "{text}: {:?}", again.diagnostics);
        let map = source_map(&again.converters[0].converter, &case.sizes).unwrap();
        assert_eq!(map, case.map, "{text}");
    }
}

#[test]
fn every_formula_is_explained_with_its_sizes_free() {
    for case in cases() {
        let converter = &case.compiled.converter;
        let bindings = &case.compiled.analysis.bindings;
        let free = explain(converter, bindings).unwrap_or_else(|e| panic!("{case}: {e:?}"));
        assert!(!free.nest.is_empty() && !free.reasons.is_empty(), "{case}");
        assert!(!free.nest.contains("_0x") && !free.nest.contains("Var("));
        // What is said to be known with free sizes is what it is.
        let bound = case.explain();
        assert_eq!(
            free.leaves.iter().any(|leaf| leaf.kind != Kind::Fill),
            !free.reasons[0].contains("Nothing is copied"),
            "{case}"
        );
        let amounts = [
            (&free.moves.read, &bound.moves.read),
            (&free.moves.written, &bound.moves.written),
            (&free.moves.filled, &bound.moves.filled),
        ];
        for (free, bound) in amounts {
            if let Some(step) = free {
                let given = case.sizes.iter().zip(&converter.sizes);
                let names: Vec<String> = given
                    .map(|(value, size)| format!("{} = {value}", size.name.text))
                    .collect();
                let text = format!(
                    "converter amount<{}>(X[({})]) -> Y[1] {{ Y[_j] = X[0] else 0; }}",
                    names.join(", "),
                    step.text
                );
                let amount = &compile(&text).converters[0].analysis.input_shape[0];
                assert_eq!(
                    format!("{amount:?}"),
                    format!("Const({})", number(bound)),
                    "{case} {text}"
                );
            }
        }
    }
}

/// Sizes that the input is said to determine are determined by the shapes of all annotated runs.
#[test]
fn sizes_come_from_where_it_is_said() {
    for case in cases() {
        let converter = &case.compiled.converter;
        let sources = sources(converter, &case.compiled.analysis.bindings);
        let given: Vec<(String, i64)> = (sources.iter().zip(&converter.sizes))
            .zip(&case.sizes)
            .filter(|((source, _), _)| matches!(source, Source::Caller))
            .map(|((_, size), value)| (size.name.text.clone(), *value))
            .collect();
        let fits = |source: &Source| matches!(source, Source::Fits { .. });
        let multiple = |source: &Source| matches!(source, Source::Multiple { .. });
        if sources.iter().any(fits) {
            continue;
        }
        let solved = solve(converter, &case.map.input_shape, &given)
            .unwrap_or_else(|e| panic!("{case}: {e:?}"));
        for ((source, solved), wanted) in sources.iter().zip(solved).zip(&case.sizes) {
            assert!(solved == *wanted || multiple(source), "{case}: {source:?}");
        }
    }
}
