//! `explain-code`, and the reference page that it prints.

use std::fs;
use std::path::Path;

use crate::support::Folder;

#[test]
fn a_code_has_many_names() {
    let folder = Folder::new();
    let page = folder.run("explain-code CG021");
    page.succeeds();
    for words in [
        "CG021 (error)",
        "error[CG021]: X is read out of bounds in axis 0",
        "--> example.cg:1",
        "= note: witness Y[",
        "else 0",
    ] {
        assert!(page.stdout.contains(words), "{words}: {}", page.stdout);
    }
    for name in ["cg21", "21", "CG21"] {
        assert_eq!(
            folder.run(&format!("explain-code {name}")).stdout,
            page.stdout
        );
    }
}

#[test]
fn unknown_codes_are_wrong_usage() {
    let folder = Folder::new();
    folder
        .run("explain-code CG999")
        .fails(2, &["there is no code `CG999`", "CG001"]);
    folder.run("explain-code moo").fails(2, &["`moo`"]);
}

#[test]
fn sizes_are_told_where_they_matter() {
    let page = Folder::new().run("explain-code 67");
    assert!(page.succeeds().stdout.contains("For example at N=3,M=5"));
}

/// `UPDATE_REFERENCE=1` writes the page anew.
#[test]
fn the_reference_is_current() {
    let printed = Folder::new().run("explain-code --markdown");
    printed.succeeds();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/diagnostics.md");
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        fs::write(&path, &printed.stdout).unwrap();
    }
    let page = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        page == printed.stdout,
        "docs/diagnostics.md is not current: run this test with UPDATE_REFERENCE=1"
    );
}
