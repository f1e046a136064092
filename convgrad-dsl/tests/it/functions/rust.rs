//! Functions in Rust.

use std::fmt::Write;
use std::process::Command;

use convgrad_dsl::emit::function::{Language, function};
use convgrad_dsl::sema::model::ElementType;

use super::{Call, Subject, compare, compile_with, lines, subjects};

const PROGRAM: &str = r#"
fn input(count: usize) -> Vec<f64> {
    (0..count as u64)
        .map(|k| ((k + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16) as f64 / 65536.0)
        .collect()
}

fn report(done: Result<(), &str>, y: &[f64]) {
    match done {
        Err(why) => println!("{why}"),
        Ok(()) => {
            let bits = y.iter().map(|x| x.to_bits());
            let hash = bits.fold(0xcbf2_9ce4_8422_2325_u64, |hash, bits| {
                (hash ^ bits).wrapping_mul(0x0100_0000_01b3)
            });
            println!("{hash:016x}");
        }
    }
}
"#;

fn call(text: &mut String, call: &Call, fill: bool) {
    let [x, y] = call.elements;
    let fill = match call.fill {
        Some(value) if fill && value.is_infinite() && value < 0.0 => ", f64::NEG_INFINITY".into(),
        Some(value) if fill => format!(", {value:?}"),
        _ => String::new(),
    };
    let sizes = call.sizes.iter().map(|(_, value)| format!(", {value}"));
    writeln!(
        text,
        "    let (x, mut y) = (input({x}), vec![f64::NAN; {y}]);\n    report({}(&x, &mut y{fill}{}), &y);",
        call.function,
        sizes.collect::<String>()
    )
    .unwrap();
}

/// With free sizes for elements of any type, with given ones for f64, as where several numbers are written.
fn program(subjects: &[Subject]) -> String {
    let (mut functions, mut calls) = (String::new(), String::new());
    for subject in subjects {
        let free = subject.calls.iter().any(|call| !call.sizes.is_empty());
        let one = subject.converter.converter.rule.numbers().len() < 2;
        let element = (!free || !one).then_some(ElementType::F64);
        let one = function(&subject.converter, Language::Rust, element).unwrap();
        let fills = one.contains("fill: T") || one.contains("zero: T");
        functions += &one;
        functions.push('\n');
        subject
            .calls
            .iter()
            .for_each(|one| call(&mut calls, one, fills));
    }
    format!("{functions}{PROGRAM}\nfn main() {{\n{calls}}}\n")
}

/// What a program prints.
pub(super) fn run(text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("functions.rs");
    let program = folder.path().join("functions");
    std::fs::write(&source, text).unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let strict = ["--edition", "2024", "-D", "warnings", "-o"];
    compile_with(Command::new(rustc).args(strict).args([&program, &source]));
    lines(&program)
}

#[test]
fn functions_in_rust_do_what_the_interpreter_does() {
    let subjects: Vec<Subject> = subjects()
        .into_iter()
        // What is not called would be dead code.
        .filter(|subject| !subject.calls.is_empty())
        .collect();
    let refused = |line: &str| line.starts_with("violated: ");
    compare(&subjects, &run(&program(&subjects)), refused);
}
