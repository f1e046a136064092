//! Functions in C.

use std::fmt::Write;
use std::process::Command;

use convgrad_dsl::emit::function::{Language, function};
use convgrad_dsl::sema::model::ElementType;

use super::{Call, Subject, compare, compile_with, lines, subjects};

const PROGRAM: &str = r#"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static double *input(size_t count)
{
    double *x = malloc((count + 1) * sizeof *x);
    for (size_t k = 0; k < count; ++k) {
        x[k] = (double)((k + 1) * UINT64_C(0x9e3779b97f4a7c15) >> 16) / 65536.0;
    }
    return x;
}

static void report(int status, const double *y, size_t count)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    if (status != 0) {
        printf("%d\n", status);
        return;
    }
    for (size_t k = 0; k < count; ++k) {
        uint64_t bits;
        memcpy(&bits, &y[k], sizeof bits);
        hash = (hash ^ bits) * UINT64_C(0x100000001b3);
    }
    printf("%016" PRIx64 "\n", hash);
}
"#;

fn call(text: &mut String, call: &Call) {
    let [x, y] = call.elements;
    let sizes = call.sizes.iter().map(|(_, value)| format!(", {value}"));
    writeln!(
        text,
        "    {{\n        double *x = input({x}), *y = malloc({} * sizeof *y);\n        \
         memset(y, 0xff, {} * sizeof *y);\n        \
         report({}(x, y{}), y, {y});\n        free(x);\n        free(y);\n    }}",
        y + 1,
        y + 1,
        call.function,
        sizes.collect::<String>()
    )
    .unwrap();
}

fn program(subjects: &[Subject]) -> String {
    let mut text = String::new();
    for subject in subjects {
        text += &function(&subject.converter, Language::C, Some(ElementType::F64)).unwrap();
        text.push('\n');
    }
    text += "#include <string.h>\n";
    text += PROGRAM;
    text += "\nint main(void)\n{\n";
    for subject in subjects {
        subject.calls.iter().for_each(|one| call(&mut text, one));
    }
    text + "    return 0;\n}\n"
}

/// What a program prints; None if there is no compiler.
pub(super) fn run(text: &str) -> Option<Vec<String>> {
    if Command::new("cc").arg("--version").output().is_err() {
        eprintln!("skipped: there is no C compiler `cc` here");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("functions.c");
    let program = folder.path().join("functions");
    std::fs::write(&source, text).unwrap();
    let strict = [
        "-std=c11",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-pedantic",
        "-O1",
        "-o",
    ];
    compile_with(Command::new("cc").args(strict).args([&program, &source]));
    Some(lines(&program))
}

#[test]
fn functions_in_c_do_what_the_interpreter_does() {
    let subjects = subjects();
    let Some(lines) = run(&program(&subjects)) else {
        return;
    };
    // 2 is the first obligation.
    let refused = |line: &str| {
        line.parse::<i64>()
            .is_ok_and(|code| (2..64).contains(&code))
    };
    compare(&subjects, &lines, refused);
}
