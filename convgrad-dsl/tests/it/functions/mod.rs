//! Stand-alone functions: compiled by the compilers of their languages, without a warning, they do what the interpreter does.

mod c;
mod conversions;
mod rust;

use std::path::Path;
use std::process::Command;

use convgrad_dsl::analysis::analyze;
use convgrad_dsl::compile::{CompiledConverter, compile};
use convgrad_dsl::interpret::{Map, source_map};
use convgrad_dsl::sema::eval::Values;
use convgrad_dsl::sema::model::{Converter, Expr, Number};
use convgrad_dsl::sizes;

use crate::annotations::{Run, all_sizes, fixtures};

/// A call of an emitted function.
struct Call {
    /// The function, its name unique among all fixtures.
    function: String,
    /// What the names of its sizes and their values are.
    sizes: Vec<(String, i64)>,
    /// How many elements it reads and writes.
    elements: [usize; 2],
    /// The fill value, if the converter has one.
    fill: Option<f64>,
    /// What must be in the output; None if the call must be refused.
    expected: Option<Map>,
}

/// A converter to emit, and how it is called.
struct Subject {
    converter: CompiledConverter,
    calls: Vec<Call>,
}

fn value(number: Number) -> f64 {
    match number {
        Number::Int(n) => n as f64,
        Number::Float(x) => x,
    }
}

/// The elements of a shape, 0 where an extent is negative.
fn elements(extents: &[Expr], sizes: &[i64]) -> usize {
    let sizes: Vec<Option<i64>> = sizes.iter().copied().map(Some).collect();
    let of_sizes = Values::of_sizes(&sizes);
    let extents = extents
        .iter()
        .map(|extent| of_sizes.number(extent).unwrap_or(0));
    extents.map(|n| usize::try_from(n).unwrap_or(0)).product()
}

fn call(function: &str, converter: &Converter, run: &Run, holds: bool) -> Call {
    let sizes = all_sizes(converter, &run.given);
    let shapes = [&converter.input.extents, &converter.output.extents];
    Call {
        function: function.to_owned(),
        sizes: run.given.clone(),
        elements: shapes.map(|extents| elements(extents, &sizes)),
        fill: converter.rule.numbers().first().copied().map(value),
        expected: holds.then(|| source_map(converter, &sizes).unwrap()),
    }
}

/// All formulas of `tests/formulas`, with free sizes and with the sizes of each run.
fn subjects() -> Vec<Subject> {
    let mut subjects = Vec::new();
    for fixture in fixtures("pass").into_iter().chain(fixtures("run")) {
        let stem = fixture
            .path
            .file_stem()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let mut calls: Vec<(Run, bool)> = Vec::new();
        calls.extend(fixture.runs("run").into_iter().map(|run| (run, true)));
        calls.extend(fixture.runs("holds").into_iter().map(|run| (run, true)));
        // What the compiler has simplified away cannot overflow.
        let violations = fixture.runs("violates").into_iter();
        calls.extend(
            violations
                .filter(|run| run.result != "CG044")
                .map(|run| (run, false)),
        );
        for mut compiled in compile(&fixture.text).converters {
            // Which elements go where is seen in numbers that tell all places apart.
            compiled.converter.elements = None;
            let name = format!("{stem}_{}", compiled.converter.name.text);
            let of_this = |(run, _): &&(Run, bool)| run.converter == compiled.converter.name.text;
            let mine: Vec<&(Run, bool)> = calls.iter().filter(of_this).collect();
            let rename = |name: &str| {
                let mut converter = compiled.converter.clone();
                converter.name.text = name.to_owned();
                converter
            };
            for (at, (run, holds)) in mine.iter().enumerate().filter(|(_, (_, holds))| *holds) {
                let converter = rename(&format!("{name}_at_{at}"));
                let bindings = sizes::bind(&converter, &run.given).unwrap();
                let (analysis, _) = analyze(&converter, &bindings).unwrap();
                let mut call = call(&converter.name.text, &converter, run, *holds);
                call.sizes.clear();
                subjects.push(Subject {
                    calls: vec![call],
                    converter: CompiledConverter {
                        converter,
                        analysis,
                    },
                });
            }
            let converter = rename(&name);
            let calls = mine
                .iter()
                .map(|(run, holds)| call(&name, &converter, run, *holds));
            subjects.push(Subject {
                calls: calls.collect(),
                converter: CompiledConverter {
                    analysis: compiled.analysis.clone(),
                    converter,
                },
            });
        }
    }
    subjects.extend(library());
    subjects
}

/// The converters of the standard library, called with some sizes that fit them.
fn library() -> Vec<Subject> {
    const VALUES: [i64; 6] = [1, 2, 3, 4, 16, 18];
    let mut state = 1u64;
    let mut random = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        VALUES[(state >> 33) as usize % VALUES.len()]
    };
    let subject = |mut compiled: CompiledConverter| {
        compiled.converter.elements = None;
        let plain = compiled.converter.name.text.clone();
        let name = format!("std_{plain}");
        compiled.converter.name.text = name.clone();
        let converter = &compiled.converter;
        let mut calls = Vec::new();
        for _ in 0..200 {
            let free = converter.sizes.iter().filter(|size| size.value.is_none());
            let run = Run {
                converter: plain.clone(),
                given: free
                    .map(|size| (size.name.text.clone(), random()))
                    .collect(),
                result: String::new(),
            };
            let sizes = all_sizes(converter, &run.given);
            let small = |extents| elements(extents, &sizes) < 1 << 13;
            if calls.len() < 2
                && small(&converter.input.extents)
                && small(&converter.output.extents)
                && source_map(converter, &sizes).is_ok()
            {
                calls.push(call(&name, converter, &run, true));
            }
        }
        assert!(!calls.is_empty(), "no sizes fit {name}");
        Subject {
            calls,
            converter: compiled,
        }
    };
    let compiled = compile(&convgrad_dsl::library::text());
    assert!(
        compiled.converters.len() > 50,
        "{:#?}",
        compiled.diagnostics
    );
    compiled.converters.into_iter().map(subject).collect()
}

/// The input of a call: numbers that differ.
fn input(count: usize) -> Vec<f64> {
    (0..count).map(|k| element(k as u64)).collect()
}

/// What stands at a place of every input; the emitted programs compute the same.
fn element(place: u64) -> f64 {
    let mixed = (place + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 16) as f64 / 65536.0
}

/// FNV-1a over the bits of the elements.
fn checksum(elements: &[f64]) -> u64 {
    let bits = elements.iter().map(|x| x.to_bits());
    bits.fold(0xcbf2_9ce4_8422_2325, |hash, bits| {
        (hash ^ bits).wrapping_mul(0x0100_0000_01b3)
    })
}

/// What a program must print for a call: the checksum of its output.
fn expected(map: &Map, call: &Call) -> String {
    let x = input(call.elements[0]);
    let held = (0..map.source.len()).map(|place| {
        let held = map.held(place);
        let elements = held.elements.iter().map(|&at| x[at]);
        elements
            .fold(None, |sum: Option<f64>, x| {
                Some(sum.map_or(x, |sum| sum + x))
            })
            .unwrap_or(value(held.number))
    });
    format!("{:016x}", checksum(&held.collect::<Vec<f64>>()))
}

/// Runs a compiler; what it says, if it fails.
fn compile_with(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.trim().is_empty(), "{said}");
}

/// The lines that a program prints.
fn lines(program: &Path) -> Vec<String> {
    let output = Command::new(program).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{:?}: {said}", output.status);
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Compares what a program printed with what the interpreter says. `refused` says whether a line is a refusal for the
/// right reason.
fn compare(subjects: &[Subject], lines: &[String], refused: impl Fn(&str) -> bool) {
    let calls: Vec<&Call> = subjects.iter().flat_map(|subject| &subject.calls).collect();
    assert_eq!(calls.len(), lines.len());
    let mut refusals = 0;
    for (call, line) in calls.iter().zip(lines) {
        let name = format!("{} {:?}", call.function, call.sizes);
        match &call.expected {
            Some(map) => assert_eq!(*line, expected(map, call), "{name}"),
            None => {
                assert!(refused(line), "{name}: {line}");
                refusals += 1;
            }
        }
    }
    assert!(refusals > 8, "only {refusals} refusals");
    assert!(calls.len() > 150, "only {} calls", calls.len());
}
