//! Diagnostics of formulas as rustc prints its own.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use convgrad_dsl::diagnostic::{Diagnostic, Severity};
use convgrad_dsl::source::Span;

/// The diagnostics of one file, each followed by an empty line.
pub(crate) fn diagnostics<'d>(
    path: &str,
    text: &str,
    diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
    colour: bool,
) -> String {
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    diagnostics
        .into_iter()
        .map(|diagnostic| renderer.render(&[group(path, text, diagnostic)]) + "\n\n")
        .collect()
}

fn group<'a>(path: &'a str, text: &'a str, diagnostic: &'a Diagnostic) -> Group<'a> {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut primary = AnnotationKind::Primary.span(inside(text, diagnostic.span));
    if !diagnostic.label.is_empty() {
        primary = primary.label(diagnostic.label.as_str());
    }
    let secondary = diagnostic.labels.iter().map(|label| {
        AnnotationKind::Context
            .span(inside(text, label.span))
            .label(label.text.as_str())
    });
    let snippet = Snippet::source(text)
        .path(path)
        .annotation(primary)
        .annotations(secondary);
    let group = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.number())
        .element(snippet)
        .elements(
            diagnostic
                .notes
                .iter()
                .map(|note| Level::NOTE.message(note.as_str())),
        );
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    }
}

/// A span as a range of whole characters of the text.
fn inside(text: &str, span: Span) -> Range<usize> {
    let start = text.floor_char_boundary(span.start.min(text.len()));
    let end = text.ceil_char_boundary(span.end.clamp(start, text.len()));
    start..end
}

#[cfg(test)]
mod tests {
    use convgrad_dsl::diagnostic::Code;

    use super::*;

    #[test]
    fn looks_like_rustc() {
        let text = "converter t<N>(X[N]) -> Y[N] {\n    Y[j] = X[j + 1];\n}\n";
        let at = text.find("j + 1").unwrap();
        let diagnostic = Diagnostic::new(
            Code::OutOfBoundsAbove,
            Span::new(at, at + 5),
            "X is read out of bounds in axis 0",
        )
        .label("reaches N")
        .secondary(Span::new(15, 19), "has the extent N")
        .note("witness Y[0] reads X[1]")
        .help("write `else 0`");
        let expected = "\
error[CG021]: X is read out of bounds in axis 0
 --> t.cg:2:14
  |
1 | converter t<N>(X[N]) -> Y[N] {
  |                ---- has the extent N
2 |     Y[j] = X[j + 1];
  |              ^^^^^ reaches N
  |
  = note: witness Y[0] reads X[1]
  = help: write `else 0`

";
        assert_eq!(diagnostics("t.cg", text, &[diagnostic], false), expected);
    }

    #[test]
    fn spans_that_do_not_fit_are_cut() {
        for (text, span) in [
            ("", Span::new(0, 9)),
            ("äö", Span::new(1, 3)),
            ("x", Span::new(7, 2)),
            ("a\n", Span::new(2, 2)),
        ] {
            let diagnostic = Diagnostic::new(Code::Unexpected, span, "message");
            assert!(diagnostics("t.cg", text, &[diagnostic], false).contains("message"));
        }
    }
}
