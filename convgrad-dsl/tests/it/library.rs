//! The texts of the standard library.

use std::path::Path;

use convgrad_dsl::compile::compile;
use convgrad_dsl::format::format;
use convgrad_dsl::library;

/// Its assertions are proved, and nothing in it is odd.
#[test]
fn there_is_nothing_to_say_about_it() {
    let text = library::text();
    let diagnostics = compile(&text).diagnostics;
    let said = diagnostics.iter().map(|diagnostic| {
        let line = text[..diagnostic.span.start].lines().count();
        format!(
            "{line}: {} {}",
            diagnostic.code.number(),
            diagnostic.message
        )
    });
    assert_eq!(said.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn its_texts_are_formatted() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("library");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let formatted = format(&text).unwrap();
        if std::env::var_os("UPDATE_LIBRARY").is_some() {
            std::fs::write(&path, &formatted).unwrap();
        } else {
            assert_eq!(
                text,
                formatted,
                "{}: UPDATE_LIBRARY=1 formats it",
                path.display()
            );
        }
    }
}
