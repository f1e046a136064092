//! What fuzzing found to reach different places of the compiler, compiled again: the promises of `fuzz/fuzz_targets/compile.rs`, without a
//! fuzzer.

use std::fs;
use std::path::Path;

use convgrad_dsl::compile::compile;
use convgrad_dsl::format::format;

#[test]
fn every_text_of_the_corpus_is_answered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/compile");
    let mut texts = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        // The fuzzer hands on text only, so bytes that are none are of no interest.
        let Ok(text) = String::from_utf8(fs::read(&path).unwrap()) else {
            continue;
        };
        texts += 1;
        for diagnostic in &compile(&text).diagnostics {
            assert!(
                text.get(diagnostic.span.start..diagnostic.span.end)
                    .is_some(),
                "{}: {diagnostic:?} points elsewhere",
                path.display()
            );
            assert!(!diagnostic.message.is_empty(), "{}", path.display());
        }
        if let Ok(once) = format(&text) {
            assert_eq!(format(&once).as_ref(), Ok(&once), "{}", path.display());
        }
    }
    assert!(texts >= 32, "only {texts} in {}", folder.display());
}
