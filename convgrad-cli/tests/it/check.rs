//! `check`: the JSON that others rely on, what people read, and exit codes.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::Folder;

/// The paper's first converter.
const T_NC: &str = "\
converter t_nc<N, C, H, W>(X[N, C/16, H, W, 16]) -> X_tnc[C, ceil(N/16), H, W, 16] {
    X_tnc[j0, j1, j2, j3, j4] = X[i0..] else 0
    where i0 = j1*16 + j4, i1 = j0/16, i2 = j2, i3 = j3, i4 = j0 % 16;
}
";

fn with(text: &str) -> Folder {
    let folder = Folder::new();
    folder.put("f.cg", text);
    folder
}

/// The only converter of a report.
fn converter(report: &Value) -> &Value {
    let converters = report["files"][0]["converters"].as_array().unwrap();
    assert_eq!(converters.len(), 1);
    &converters[0]
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

#[test]
fn every_key_is_there() {
    let outcome = with(&format!(
        "{T_NC}converter bad<>(X[4]) -> Y[4] {{ Y[j] = X[i] }}\n"
    ))
    .run("check f.cg --json");
    outcome.fails(1, &[]);
    assert_eq!(outcome.stderr, "", "diagnostics are in the document");
    let report = outcome.json();
    assert_eq!(keys(&report), ["files"]);
    let file = &report["files"][0];
    assert_eq!(
        keys(file),
        ["assertions", "converters", "diagnostics", "path"]
    );
    assert_eq!(file["path"], "f.cg");
    let diagnostic = &file["diagnostics"][0];
    assert_eq!(
        keys(diagnostic),
        [
            "code",
            "column",
            "end_column",
            "end_line",
            "help",
            "line",
            "message",
            "notes",
            "severity"
        ]
    );
    assert_eq!(diagnostic["code"], "CG010");
    assert_eq!(diagnostic["severity"], "error");
    let place = [
        &diagnostic["line"],
        &diagnostic["column"],
        &diagnostic["end_line"],
        &diagnostic["end_column"],
    ];
    assert_eq!(place, [5, 42, 5, 43]);
    assert_eq!(
        keys(converter(&report)),
        [
            "bijective",
            "decided_by",
            "elements",
            "in_bounds",
            "injective",
            "name",
            "obligations",
            "sizes",
            "surjective"
        ]
    );
}

#[test]
fn free_sizes_leave_some_verdicts_open() {
    let report = with(T_NC).run("check f.cg --json").succeeds().json();
    let t_nc = converter(&report);
    assert_eq!(t_nc["name"], "t_nc");
    assert_eq!(t_nc["sizes"], json!(["N", "C", "H", "W"]));
    assert_eq!(t_nc["in_bounds"], Value::Null);
    assert_eq!(t_nc["bijective"], Value::Null);
}

#[test]
fn element_types_are_listed() {
    let folder = with(
        "converter q<N>(X: f32[N]) -> Y: i8[N] { Y[j] = quantize(X[j], 0.05, -3); }
        converter m<N>(X: u16[N]) -> Y: u16[N] { Y[j] = X[N - 1 - j]; }
        converter any<N>(X[N]) -> Y[N] { Y[j] = X[N - 1 - j]; }",
    );
    let report = folder.run("check f.cg --json").succeeds().json();
    let elements = |at: usize| report["files"][0]["converters"][at]["elements"].clone();
    let quantised = json!({"input": "f32", "output": "i8", "conversion": "quantize(0.05, -3)"});
    assert_eq!(elements(0), quantised);
    let moved = json!({"input": "u16", "output": "u16", "conversion": null});
    assert_eq!(elements(1), moved);
    assert_eq!(elements(2), Value::Null);
    let text = folder.run("check f.cg").succeeds().stdout.clone();
    assert!(
        text.contains("q makes i8 of f32 by quantize(0.05, -3)"),
        "{text}"
    );
    assert!(
        text.contains("m moves u16") && !text.contains("any m"),
        "{text}"
    );
}

#[test]
fn given_sizes_decide_exactly() {
    let folder = with(T_NC);
    for (n, full) in [(16, true), (32, true), (20, false), (1, false)] {
        let report = folder
            .run(&format!("check f.cg --json --set N={n},C=32 --set H=2,W=3"))
            .succeeds()
            .json();
        let t_nc = converter(&report);
        let verdicts = [
            &t_nc["in_bounds"],
            &t_nc["injective"],
            &t_nc["surjective"],
            &t_nc["bijective"],
        ];
        assert_eq!(
            verdicts,
            [&json!(full), &json!(true), &json!(true), &json!(full)],
            "N = {n}"
        );
        assert_eq!(t_nc["obligations"], json!([]));
        assert_ne!(t_nc["decided_by"], "undecided");
    }
}

#[test]
fn people_read_a_table_and_rustc_like_diagnostics() {
    let folder = with(&format!(
        "{T_NC}converter bad<>(X[4]) -> Y[4] {{ Y[j] = X[i] }}\n"
    ));
    let outcome = folder.run("check f.cg");
    outcome.fails(
        1,
        &["error[CG010]: unknown name `i`", " --> f.cg:5:42", "| "],
    );
    for word in ["f.cg", "t_nc", "in bounds", "bijective", "N, C, H, W"] {
        assert!(outcome.stdout.contains(word), "{}", outcome.stdout);
    }
}

#[test]
fn an_error_at_the_given_sizes_only() {
    let folder = with("converter f<N>(X[N]) -> Y[4] { Y[j] = X[j] }\n");
    folder.run("check f.cg --set N=4").succeeds();
    folder.run("check f.cg").succeeds();
    let outcome = folder.run("check f.cg --set N=3");
    outcome.fails(1, &["f.cg:1:", "X"]);
}

#[test]
fn sizes_that_no_converter_has() {
    let folder = with(T_NC);
    folder
        .run("check f.cg --set Q=3")
        .fails(1, &["--set Q=3", "no size `Q`", "N"]);
    folder
        .run("check f.cg --set N=-3")
        .fails(1, &["N=-3", "never negative"]);
    folder
        .run("check f.cg --set N")
        .fails(2, &["expected NAME=VALUE"]);
    folder
        .run("check f.cg --set N=x")
        .fails(2, &["`x` is not an integer"]);
    folder
        .run("check f.cg --set N=1,N=2")
        .fails(2, &["N twice"]);
    folder.put(
        "g.cg",
        "converter g<Q, B = 16>(X[Q, B]) -> Y[B, Q] { Y[i, j] = X[j, i] }\n",
    );
    folder.run("check f.cg g.cg --set Q=3").succeeds();
    folder
        .run("check g.cg --set B=8")
        .fails(1, &["--set B=8", "bakes"]);
}

#[test]
fn warnings_alone_succeed() {
    let outcome = with("converter f<N>(X[N]) -> Y[N, 2] { Y[i, j] = X[i] }\n").run("check f.cg");
    assert!(
        outcome.succeeds().stderr.contains("warning[CG011]"),
        "{outcome:?}"
    );
}

#[test]
fn files_that_are_no_formulas() {
    let folder = Folder::new();
    folder.put("binary.cg", [0x63, 0xff, 0xfe]);
    folder.put("empty.cg", "");
    folder
        .run("check nowhere.cg")
        .fails(2, &["nowhere.cg", "No such file"]);
    folder.run("check .").fails(2, &[": cannot read"]);
    if cfg!(target_os = "linux") {
        folder
            .run("check /dev/zero")
            .fails(1, &["/dev/zero", "too large"]);
    }
    folder
        .run("check binary.cg")
        .fails(1, &["binary.cg", "not UTF-8", "offset 1"]);
    assert_eq!(
        folder.run("check empty.cg --json").succeeds().json()["files"][0]["converters"],
        json!([])
    );
}

#[test]
fn hostile_formulas_do_not_crash() {
    let deep = format!(
        "converter f<N>(X[N]) -> Y[N] {{ Y[i] = X[{}i{}] }}",
        "(".repeat(100_000),
        ")".repeat(100_000)
    );
    let long = format!(
        "converter f<N>(X[N]) -> Y[N] {{ Y[i] = X[i{}] }}",
        " + 1 - 1".repeat(50_000)
    );
    for text in [
        deep.as_str(),
        long.as_str(),
        &"[".repeat(200_000),
        "converter",
        "\u{0}",
        "converter f<N>(X[N]) -> Y[",
    ] {
        let outcome = with(text).run("check f.cg");
        outcome.fails(1, &["error"]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() {
    let folder = with(T_NC);
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_convgrad"))
        .args(["check", "f.cg"])
        .current_dir(folder.path())
        .stdout(full)
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write to standard output"));
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = with(T_NC);
    let mut child = Command::new(env!("CARGO_BIN_EXE_convgrad"))
        .args(["check", "f.cg", "--json"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

/// Equal at all sizes, injective at all, surjective at some, and a claim that only trying all places decides.
const CLAIMS: &str = "\
converter rows<N, M>(X[N]) -> Y[N, M] { Y[i, _j] = X[i]; }
converter even<N>(X[2]) -> Y[N] { Y[j] = X[(j*j + j) % 2]; }
converter zero<N>(X[2]) -> Y[N] { Y[_j] = X[0]; }
assert rows == rows;
assert in_bounds(rows);
assert even == zero;
";

#[test]
fn assertions_are_listed() {
    let folder = with(CLAIMS);
    let claims = |arguments: &str| {
        let report = folder
            .run(&format!("check f.cg --json{arguments}"))
            .succeeds()
            .json();
        let file = report["files"][0].clone();
        let codes: Vec<Value> = file["diagnostics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|diagnostic| diagnostic["code"].clone())
            .collect();
        (file["assertions"].clone(), codes)
    };
    let claim = |text: &str, holds: Value, decided_by: &str| json!({"text": text, "holds": holds, "decided_by": decided_by});
    let (list, codes) = claims("");
    assert_eq!(
        list,
        json!([
            claim("rows == rows", json!(true), "symbolic"),
            claim("in_bounds(rows)", json!(true), "symbolic"),
            claim("even == zero", Value::Null, "undecided"),
        ])
    );
    assert_eq!(codes, ["CG077"]);
    let (list, codes) = claims(" --set N=7");
    assert_eq!(list[2], claim("even == zero", json!(true), "enumeration"));
    assert_eq!(codes, [""; 0], "it is decided");
    let outcome = folder.run("check f.cg");
    for word in ["assertion", "rows == rows", "in_bounds(rows)", "open"] {
        assert!(outcome.stdout.contains(word), "{}", outcome.stdout);
    }
}

#[test]
fn refuted_assertions_are_errors() {
    let folder = with(&CLAIMS.replace("even == zero", "surjective(rows)"));
    folder.run("check f.cg").fails(
        1,
        &["error[CG038]", "f.cg:6:8", "M = 0", "X[0] is never read"],
    );
    let report = folder.run("check f.cg --json --set N=3,M=2").json();
    let claim = &report["files"][0]["assertions"][2];
    assert_eq!(claim["holds"], true, "at these sizes");
    let report = folder.run("check f.cg --json --set N=3,M=0").json();
    assert_eq!(report["files"][0]["assertions"][2]["holds"], false);
}

#[test]
fn sizes_at_which_a_read_leaves_are_told() {
    let folder = with("converter f<N>(X[N]) -> Y[4] { Y[j] = X[j] }\n");
    let report = folder.run("check f.cg --json --set N=3").json();
    assert_eq!(converter(&report)["in_bounds"], false);
}

#[test]
fn files_that_cannot_be_read_leave_a_document_and_the_other_results() {
    let folder = with(T_NC);
    folder.put("binary.cg", b"layout L<N>[n] =\n [n\xff];");
    let outcome = folder.run("check --json binary.cg f.cg");
    outcome.fails(1, &[]);
    let report = outcome.json();
    let wrong = &report["files"][0];
    assert_eq!(wrong["path"], "binary.cg");
    assert_eq!(wrong["diagnostics"][0]["code"], "CG078");
    assert_eq!(wrong["diagnostics"][0]["line"], 2);
    assert_eq!(wrong["diagnostics"][0]["column"], 4);
    assert_eq!(wrong["converters"], json!([]));
    assert_eq!(report["files"][1]["converters"][0]["name"], "t_nc");

    let outcome = folder.run("check --json missing.cg f.cg nowhere.cg");
    outcome.fails(2, &["missing.cg: cannot read", "nowhere.cg: cannot read"]);
    let report = outcome.json();
    assert_eq!(report["files"][0]["diagnostics"][0]["code"], "CG078");
    assert_eq!(report["files"][1]["converters"][0]["name"], "t_nc");
    let outcome = folder.run("check missing.cg f.cg");
    outcome.fails(2, &["missing.cg: cannot read"]);
    assert!(outcome.stdout.contains("t_nc"), "{outcome:?}");
}

#[test]
fn a_size_that_nothing_has_leaves_a_document() {
    let outcome = with(T_NC).run("check --json f.cg --set Q=3");
    outcome.fails(1, &["no size `Q`"]);
    assert_eq!(outcome.json()["files"][0]["converters"][0]["name"], "t_nc");
}

#[test]
fn errors_beyond_the_most_that_are_shown_are_counted() {
    let unknown: Vec<String> = (0..1500).map(|at| format!("x{at}")).collect();
    let text = format!("layout L<N>[n] = [n + {}];\n", unknown.join("*"));
    let text = text
        .repeat(3)
        .replacen("L<", "M<", 1)
        .replacen(" L<", " K<", 1);
    let outcome = with(&text).run("check --json f.cg");
    outcome.fails(1, &[]);
    let report = outcome.json();
    let diagnostics = report["files"][0]["diagnostics"].as_array().unwrap();
    assert!(diagnostics.len() < 1100, "{}", diagnostics.len());
    let last = diagnostics.last().unwrap()["notes"].to_string();
    assert!(last.contains("more errors were found"), "{last}");
}
