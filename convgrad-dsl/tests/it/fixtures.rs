//! The formulas of `tests/formulas` say what is true of them.

use std::collections::BTreeSet;

use convgrad_dsl::analysis::analyze;
use convgrad_dsl::compile::compile;
use convgrad_dsl::diagnostic::{Code, Diagnostic};
use convgrad_dsl::interpret::{Map, source_map};
use convgrad_dsl::source::LineIndex;

use crate::annotations::{Fixture, Run, all_sizes, fixtures};

/// Line, code and text of a diagnostic.
type Place = (usize, String, String);

fn places(text: &str, diagnostics: &[Diagnostic]) -> Vec<Place> {
    let lines = LineIndex::new(text);
    let mut places: Vec<_> = diagnostics
        .iter()
        .map(|d| {
            (
                lines.line_column(d.span.start).0,
                d.code.number().to_owned(),
                text[d.span.start..d.span.end].to_owned(),
            )
        })
        .collect();
    places.sort();
    places
}

/// FNV-1a over the extents and the sources, of sums over how many each place has and which ones.
fn checksum(map: &Map) -> String {
    let place = |place: &usize| *place as i64;
    let source: Vec<i64> = match &map.sums {
        None => map
            .source
            .iter()
            .map(|source| source.as_ref().map_or(-1, place))
            .collect(),
        Some(sums) => sums
            .iter()
            .flat_map(|sum| std::iter::once(sum.len() as i64).chain(sum.iter().map(place)))
            .collect(),
    };
    let numbers = map.output_shape.iter().copied().chain(source);
    let bytes = numbers.flat_map(i64::to_le_bytes);
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

fn interpret(fixture: &Fixture, run: &Run) -> Result<Map, convgrad_dsl::interpret::Fault> {
    let (unit, _) = fixture.resolve();
    let converter = unit
        .converters
        .iter()
        .find(|c| c.name.text == run.converter);
    let converter =
        converter.unwrap_or_else(|| panic!("{}: no converter {}", fixture.name(), run.converter));
    source_map(converter, &all_sizes(converter, &run.given))
}

#[test]
fn formulas_that_pass_have_the_warnings_they_announce() {
    for fixture in fixtures("pass") {
        let compiled = compile(&fixture.text);
        let (name, diagnostics) = (fixture.name(), &compiled.diagnostics);
        assert_eq!(
            places(&fixture.text, diagnostics),
            fixture.announced(),
            "{name}: {diagnostics:#?}"
        );
        assert!(compiled.stubs.is_empty(), "{name}");
    }
}

#[test]
fn formulas_do_what_an_independent_interpreter_says() {
    let mut runs = 0;
    for fixture in fixtures("pass") {
        for run in fixture.runs("run ") {
            let map = interpret(&fixture, &run)
                .unwrap_or_else(|e| panic!("{} {}: {e}", fixture.name(), run.converter));
            assert_eq!(
                checksum(&map),
                run.result,
                "{} {} {:?}",
                fixture.name(),
                run.converter,
                run.given
            );
            runs += 1;
        }
    }
    assert!(runs >= 70, "only {runs}");
}

#[test]
fn every_formula_that_passes_is_run() {
    for fixture in fixtures("pass") {
        let (unit, _) = fixture.resolve();
        let runs = fixture.runs("run ");
        for converter in &unit.converters {
            assert!(
                runs.iter().any(|r| r.converter == converter.name.text),
                "{} is not run",
                converter.name.text
            );
        }
    }
}

#[test]
fn formulas_that_fail_have_the_diagnostics_they_announce() {
    let mut wrong = Vec::new();
    for fixture in fixtures("fail") {
        let diagnostics = compile(&fixture.text).diagnostics;
        let announced = fixture.announced();
        assert!(
            !announced.is_empty(),
            "{} announces nothing",
            fixture.name()
        );
        let places = places(&fixture.text, &diagnostics);
        let mut differ = |one: &[Place], other: &[Place], what: &str| {
            let lines = one
                .iter()
                .filter(|place| count(place, one) > count(place, other));
            wrong.extend(lines.map(|place| format!("{} {what}: {place:?}", fixture.name())));
        };
        differ(&announced, &places, "does not have");
        differ(&places, &announced, "does not announce");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn count(place: &Place, places: &[Place]) -> usize {
    places.iter().filter(|p| *p == place).count()
}

#[test]
fn formulas_are_violated_at_the_sizes_they_announce() {
    for fixture in fixtures("run") {
        let (unit, diagnostics) = fixture.resolve();
        assert!(
            unit.stubs.is_empty(),
            "{}: {diagnostics:#?}",
            fixture.name()
        );
        for run in fixture.runs("violates ") {
            let fault =
                interpret(&fixture, &run).expect_err(&format!("{} {:?}", run.converter, run.given));
            assert_eq!(
                fault.code.number(),
                run.result,
                "{}: {fault}",
                run.converter
            );
        }
        for run in fixture.runs("holds ") {
            if let Err(fault) = interpret(&fixture, &run) {
                panic!("{} {:?}: {fault}", run.converter, run.given);
            }
        }
    }
}

#[test]
fn verdicts_at_given_sizes_are_what_the_interpreter_counts() {
    let mut wrong = Vec::new();
    for fixture in fixtures("pass") {
        let (unit, _) = fixture.resolve();
        for run in fixture.runs("run ") {
            let converter = unit
                .converters
                .iter()
                .find(|c| c.name.text == run.converter)
                .unwrap();
            let sizes = all_sizes(converter, &run.given);
            let map = source_map(converter, &sizes).unwrap();
            let bindings: Vec<_> = sizes.into_iter().map(Some).collect();
            let verdicts = match analyze(converter, &bindings) {
                Ok((analysis, _)) => analysis.verdicts,
                Err(errors) => panic!("{} {:?}: {errors:#?}", run.converter, run.given),
            };
            for (what, proved, counted) in [
                ("in bounds", verdicts.in_bounds, map.in_bounds),
                ("injective", verdicts.injective, map.injective()),
                ("surjective", verdicts.surjective, map.surjective()),
                ("bijective", verdicts.bijective, map.bijective()),
            ] {
                if proved != Some(counted) {
                    wrong.push(format!(
                        "{} {:?} {what}: {proved:?}, not {counted}",
                        run.converter, run.given
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The codes that no text can have, or only one that is not a file of this folder.
const ELSEWHERE: [(&str, &str); 8] = [
    ("CG024", "products of iterators are allowed"),
    ("CG042", "empty ranges are allowed"),
    ("CG053", "everything is available"),
    ("CG061", "`hostile` makes such texts"),
    ("CG065", "known when sizes are given"),
    ("CG067", "known when sizes are given"),
    ("CG068", "known when sizes are given"),
    (
        "CG078",
        "a file without a text has no formula; tested with the command",
    ),
];

#[test]
fn every_code_has_a_formula() {
    let announced: BTreeSet<String> = fixtures("fail")
        .iter()
        .chain(&fixtures("pass"))
        .flat_map(|f| f.announced())
        .map(|(_, code, _)| code)
        .collect();
    for code in Code::ALL {
        let number = code.number();
        let excused = ELSEWHERE.iter().any(|(n, _)| *n == number);
        assert!(
            excused || announced.contains(number),
            "{number} ({}) has no formula",
            code.title()
        );
    }
}

/// Formatted, no list does.
#[test]
fn every_list_may_end_with_a_comma() {
    let text = "\
use std::{NC1HWC0, NCHW as Plain,};
layout Wide<N, C, C0 = 16,>[n, c < C,] = [n, c/C0, c%C0,];
converter turned<N, M,>(X[N, M,]) -> Y[M, N,] requires N >= 1, M >= 1 {
    Y[i, j,] = X[a, b,] else 0 where a = max(j, 0,), b = i,
}
converter scattered<N,>(X[N,]) -> Y[N,] { Y[i,] = X[i,] for i < N, }
converter back = compose(turned, inverse(turned),);
converter by_hand = Plain -> NC1HWC0<C0 = 32,> by [n, c, h, w,] -> [c, n, h, w,];
converter half = cast(Plain -> Plain, f32 -> f16,);
convolution c { input NC1HWC0, kernel FRACTAL_Z, output NC1HWC0, stride [2, 2,], groups 1, }
";
    let found = compile(text).diagnostics;
    assert!(found.is_empty(), "{found:#?}");
    let formatted = convgrad_dsl::format::format(text).unwrap();
    let ends = [",]", ",)", ",>", ",}", ", }", ",\n}"];
    assert!(
        !ends.iter().any(|end| formatted.contains(end)),
        "{formatted}"
    );
}

#[test]
fn formulas_that_pass_are_formatted() {
    for fixture in fixtures("pass") {
        let formatted = convgrad_dsl::format::format(&fixture.text).unwrap();
        assert!(formatted == fixture.text, "{}", fixture.name());
    }
}
