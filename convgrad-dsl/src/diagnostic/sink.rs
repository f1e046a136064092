//! Collects diagnostics, so that one run reports everything that is wrong.

use super::Diagnostic;
use crate::syntax::limits::MAX_REPORTS;

/// Where the stages of the compiler report to. A stage goes on after an error as long as what follows makes sense.
#[derive(Debug, Default)]
pub struct Sink {
    diagnostics: Vec<Diagnostic>,
}

impl Sink {
    /// An empty sink.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a diagnostic.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Takes several.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.diagnostics.extend(diagnostics);
    }

    /// Whether an error is among what was taken since there were `mark` diagnostics.
    pub fn has_errors_since(&self, mark: usize) -> bool {
        self.diagnostics[mark..].iter().any(Diagnostic::is_error)
    }

    /// Whether so many were taken that nobody will read more.
    pub fn is_full(&self) -> bool {
        self.diagnostics.len() >= MAX_REPORTS
    }

    /// How many were taken so far.
    pub fn mark(&self) -> usize {
        self.diagnostics.len()
    }

    /// All of them, by place in the text; errors before warnings of the same place. Each once.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.diagnostics
            .sort_by_key(|d| (d.span.start, d.severity(), d.span.end, d.code));
        self.diagnostics.dedup();
        self.diagnostics
    }
}
