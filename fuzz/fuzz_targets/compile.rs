//! Any text: the compiler answers, and what it says points into the text. What parses can be formatted, and stays as it is then.
#![no_main]

use convgrad_dsl::compile::compile;
use convgrad_dsl::format::format;
use convgrad_dsl::source::LineIndex;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let compiled = compile(text);
    let lines = LineIndex::new(text);
    for diagnostic in &compiled.diagnostics {
        let span = diagnostic.span;
        assert!(span.start <= span.end && span.end <= text.len(), "{diagnostic:?}");
        assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
        assert!(!diagnostic.message.is_empty());
        let _ = lines.line_column(span.start);
    }
    if let Ok(once) = format(text) {
        assert_eq!(format(&once).as_ref(), Ok(&once), "formatted twice");
    }
});
