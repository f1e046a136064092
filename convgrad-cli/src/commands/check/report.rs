//! What `--json` prints, and what people read of it.

use convgrad_dsl::analysis::Analysis;
use std::path::Path;

use convgrad_dsl::diagnostic::{Code, Diagnostic, Severity};
use convgrad_dsl::proof::{Answer, Decision};
use convgrad_dsl::sema::model::{Assertion, Conversion, Converter, Elements};
use convgrad_dsl::source::LineIndex;
use serde::Serialize;

use super::Checked;

/// What `--json` prints.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) files: Vec<FileReport>,
}

#[derive(Debug, Serialize)]
pub(super) struct FileReport {
    pub(super) path: String,
    pub(super) diagnostics: Vec<DiagnosticReport>,
    pub(super) converters: Vec<ConverterReport>,
    pub(super) assertions: Vec<AssertionReport>,
    /// For people only.
    #[serde(skip)]
    pub(super) convolutions: usize,
}

impl Report {
    /// Whether anything is wrong.
    pub(super) fn has_errors(&self) -> bool {
        let mut all = self.files.iter().flat_map(|file| &file.diagnostics);
        all.any(|diagnostic| diagnostic.severity == Severity::Error.word())
    }
}

impl FileReport {
    /// What was found in a file with this text.
    pub(super) fn new(path: &Path, text: &str, checked: Checked, convolutions: usize) -> Self {
        let index = LineIndex::new(text);
        let diagnostics = checked.diagnostics.into_iter();
        FileReport {
            path: path.display().to_string(),
            diagnostics: diagnostics.map(|one| describe(one, &index)).collect(),
            converters: checked.converters,
            assertions: checked.assertions,
            convolutions,
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct DiagnosticReport {
    pub(super) code: &'static str,
    pub(super) severity: &'static str,
    pub(super) message: String,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
    pub(super) notes: Vec<String>,
    pub(super) help: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct ConverterReport {
    pub(super) name: String,
    pub(super) sizes: Vec<String>,
    /// None for elements of any type.
    pub(super) elements: Option<ElementsReport>,
    pub(super) in_bounds: Option<bool>,
    pub(super) injective: Option<bool>,
    pub(super) surjective: Option<bool>,
    pub(super) bijective: Option<bool>,
    pub(super) decided_by: &'static str,
    pub(super) obligations: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct ElementsReport {
    pub(super) input: &'static str,
    pub(super) output: &'static str,
    /// As it stands in a rule, without the element: `quantize(0.05, 3)`; None if elements are moved as they are.
    pub(super) conversion: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct AssertionReport {
    pub(super) text: String,
    pub(super) holds: Option<bool>,
    pub(super) decided_by: &'static str,
}

impl ConverterReport {
    pub(super) fn new(converter: &Converter, analysis: &Analysis) -> Self {
        let verdicts = analysis.verdicts;
        let obligations = analysis.obligations.iter();
        ConverterReport {
            in_bounds: verdicts.in_bounds,
            injective: verdicts.injective,
            surjective: verdicts.surjective,
            bijective: verdicts.bijective,
            decided_by: decision(verdicts.decided_by),
            obligations: obligations.map(|o| o.text.clone()).collect(),
            ..Self::refused(converter, &[])
        }
    }

    /// Of a converter that has errors at the sizes given. They may be that it reads outside its input.
    pub(super) fn refused(converter: &Converter, errors: &[Diagnostic]) -> Self {
        let sizes = converter.sizes.iter();
        ConverterReport {
            name: converter.name.text.clone(),
            sizes: sizes.map(|size| size.name.text.clone()).collect(),
            elements: converter.elements.map(ElementsReport::new),
            in_bounds: errors.iter().any(reads_outside).then_some(false),
            injective: None,
            surjective: None,
            bijective: None,
            decided_by: decision(Decision::Undecided),
            obligations: Vec::new(),
        }
    }
}

impl ElementsReport {
    fn new(elements: Elements) -> Self {
        ElementsReport {
            input: elements.input.name(),
            output: elements.output.name(),
            conversion: match elements.conversion {
                Conversion::Same => None,
                conversion => Some(conversion.to_string()),
            },
        }
    }
}

/// A diagnostic with its place as people count.
fn describe(diagnostic: Diagnostic, index: &LineIndex<'_>) -> DiagnosticReport {
    let (line, column) = index.line_column(diagnostic.span.start);
    let (end_line, end_column) = index.line_column(diagnostic.span.end.max(diagnostic.span.start));
    DiagnosticReport {
        code: diagnostic.code.number(),
        severity: diagnostic.severity().word(),
        message: diagnostic.message,
        line,
        column,
        end_line,
        end_column,
        notes: diagnostic.notes,
        help: diagnostic.help,
    }
}

impl AssertionReport {
    pub(super) fn new(assertion: &Assertion, answer: &Answer) -> Self {
        AssertionReport {
            text: assertion.text.clone(),
            holds: answer.holds,
            decided_by: decision(answer.decided_by),
        }
    }
}

fn reads_outside(error: &Diagnostic) -> bool {
    matches!(
        error.code,
        Code::OutOfBoundsAbove | Code::OutOfBoundsBelow | Code::LongerThanSource
    )
}

/// How an answer was found, as JSON documents say it.
pub(in crate::commands) fn decision(decided_by: Decision) -> &'static str {
    match decided_by {
        Decision::Symbolic => "symbolic",
        Decision::Enumeration => "enumeration",
        Decision::Undecided => "undecided",
    }
}
