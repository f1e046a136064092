//! `fmt`: files in place, `--check`, standard input.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::support::Folder;

const UGLY: &str = "converter t<N,M>(X[N,M])->Y[M,N]{ Y[i,j]=X[j,i]; } // turned\n";
const PRETTY: &str = "converter t<N, M>(X[N, M]) -> Y[M, N] { Y[i, j] = X[j, i]; } // turned\n";

#[test]
fn files_are_formatted_in_place() {
    let folder = Folder::new();
    folder.put("ugly.cg", UGLY);
    folder.put("pretty.cg", PRETTY);
    folder.run("fmt ugly.cg pretty.cg").succeeds();
    assert_eq!(fs::read_to_string(folder.file("ugly.cg")).unwrap(), PRETTY);
    assert_eq!(
        fs::read_to_string(folder.file("pretty.cg")).unwrap(),
        PRETTY
    );
    assert_eq!(folder.names(), ["pretty.cg", "ugly.cg"]);
}

#[test]
fn check_changes_nothing() {
    let folder = Folder::new();
    folder.put("ugly.cg", UGLY);
    folder.put("pretty.cg", PRETTY);
    let outcome = folder.run("fmt --check pretty.cg ugly.cg");
    outcome.fails(1, &[]);
    assert_eq!(outcome.stdout, "ugly.cg\n");
    assert_eq!(fs::read_to_string(folder.file("ugly.cg")).unwrap(), UGLY);
    folder.run("fmt --check pretty.cg").succeeds();
}

#[test]
fn a_file_with_errors_stays_and_the_others_are_formatted() {
    let folder = Folder::new();
    folder.put("broken.cg", "converter t<N>(X[N) -> Y[N] { Y[i]=X[i]; }");
    folder.put("binary.cg", b"layout\xff");
    folder.put("ugly.cg", UGLY);
    let outcome = folder.run("fmt broken.cg binary.cg ugly.cg");
    outcome.fails(1, &["CG002", "broken.cg", "CG078", "binary.cg"]);
    assert_eq!(fs::read_to_string(folder.file("ugly.cg")).unwrap(), PRETTY);
    folder
        .run("fmt no_such_file.cg")
        .fails(2, &["no_such_file.cg"]);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_convgrad"))
        .args(["fmt", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(UGLY.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), PRETTY);
}
