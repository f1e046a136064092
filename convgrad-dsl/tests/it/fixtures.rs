//! The formulas of `tests/formulas` say what is true of them.

use convgrad_dsl::diagnostic::Diagnostic;
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

/// FNV-1a over the extents and the sources.
fn checksum(map: &Map) -> String {
    let source = map
        .source
        .iter()
        .map(|place| place.map_or(-1, |p| p as i64));
    let numbers = map.output_shape.iter().copied().chain(source);
    let bytes = numbers.flat_map(i64::to_le_bytes);
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// Whether a code is the front end's to report: the others need proofs.
fn is_front(code: &str) -> bool {
    const PROOFS: [&str; 23] = [
        "CG017", "CG020", "CG021", "CG022", "CG023", "CG024", "CG025", "CG027", "CG032", "CG033",
        "CG036", "CG037", "CG038", "CG039", "CG042", "CG044", "CG045", "CG046", "CG047", "CG055",
        "CG064", "CG065", "CG067",
    ];
    !PROOFS.contains(&code)
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
        let (unit, diagnostics) = fixture.resolve();
        let mut announced = fixture.announced();
        announced.retain(|(_, code, _)| is_front(code));
        assert_eq!(
            places(&fixture.text, &diagnostics),
            announced,
            "{}: {diagnostics:#?}",
            fixture.name()
        );
        assert!(unit.stubs.is_empty(), "{}", fixture.name());
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
        let (_, diagnostics) = fixture.resolve();
        let announced = fixture.announced();
        assert!(
            !announced.is_empty(),
            "{} announces nothing",
            fixture.name()
        );
        let places = places(&fixture.text, &diagnostics);
        let mut differ = |one: &[Place], other: &[Place], what: &str| {
            let front = one.iter().filter(|(_, code, _)| is_front(code));
            let lines = front.filter(|place| count(place, one) > count(place, other));
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
