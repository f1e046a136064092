//! The pages of the codes say what is true: every example raises its code, and nothing else; mended, it does not.

use std::collections::BTreeSet;

use convgrad_dsl::compile::compile;
use convgrad_dsl::diagnostic::{Code, Diagnostic};

#[test]
fn every_code_has_a_page_whose_example_raises_it() {
    let mut wrong = Vec::new();
    for &code in Code::ALL {
        let (number, page) = (code.number(), code.page());
        assert!(!page.meaning.is_empty(), "{number}");
        let Some(example) = page.example else {
            if !page.meaning.contains("text raises it") {
                wrong.push(format!("{number} has no example and does not say why"));
            }
            continue;
        };
        let found = example.diagnostics();
        let codes: BTreeSet<&str> = found.iter().map(|d| d.code.number()).collect();
        if codes != BTreeSet::from([number]) || page.mending.is_empty() {
            wrong.push(format!("{number}: {}: {found:?}", example.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_mended_compiles() {
    let mut wrong = Vec::new();
    for &code in Code::ALL {
        let mended = code
            .page()
            .mended
            .unwrap_or("converter ok<>(X[]) -> Y[] { Y[] = X[]; }");
        let found: Vec<Diagnostic> = compile(mended).diagnostics;
        if !found.is_empty() {
            wrong.push(format!("{}: {mended}: {found:?}", code.number()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn codes_are_found_by_any_of_their_names() {
    for &code in Code::ALL {
        let number = code.number();
        let short = number.trim_start_matches("CG").trim_start_matches('0');
        for name in [number, &number.to_lowercase(), short] {
            assert_eq!(Code::find(name), Some(code));
        }
    }
    for nonsense in ["", "CG", "CG000", "999999999999", "-1", "XY001"] {
        assert_eq!(Code::find(nonsense), None);
    }
}

#[test]
fn no_two_codes_have_one_number() {
    let numbers: BTreeSet<&str> = Code::ALL.iter().map(|code| code.number()).collect();
    assert_eq!(numbers.len(), Code::ALL.len());
}
