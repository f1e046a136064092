//! Collects diagnostics, so that one run reports everything that is wrong.

use super::Diagnostic;
use crate::syntax::limits::MAX_REPORTS;

/// Where the stages of the compiler report to. A stage goes on after an error as long as what follows makes sense.
#[derive(Debug, Default)]
pub struct Sink {
    diagnostics: Vec<Diagnostic>,
    /// How many errors came when there was no room for more.
    dropped: usize,
}

/// A stage that does not stop where it is full may say as much again.
const ROOM: usize = 2 * MAX_REPORTS;

impl Sink {
    /// An empty sink.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a diagnostic. Beyond twice [`MAX_REPORTS`] errors are only counted.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < ROOM {
            self.diagnostics.push(diagnostic);
        } else {
            self.dropped += usize::from(diagnostic.is_error());
        }
    }

    /// Counts an error that nobody would read.
    pub fn count(&mut self) {
        self.dropped += 1;
    }

    /// Takes several.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        diagnostics.into_iter().for_each(|one| self.push(one));
    }

    /// Whether an error is among what was taken since there were `mark` diagnostics.
    pub fn has_errors_since(&self, mark: usize) -> bool {
        let mut taken = self.diagnostics.iter().skip(mark);
        self.mark() > mark.max(self.diagnostics.len()) || taken.any(Diagnostic::is_error)
    }

    /// Whether so many were taken that nobody will read more.
    pub fn is_full(&self) -> bool {
        self.diagnostics.len() >= MAX_REPORTS
    }

    /// How many were taken so far.
    pub fn mark(&self) -> usize {
        self.diagnostics.len() + self.dropped
    }

    /// All of them, by place in the text; errors before warnings of the same place. Each once. The last error says if there
    /// were more, or may be.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        let (full, dropped) = (self.is_full(), self.dropped);
        self.diagnostics
            .sort_by_key(|d| (d.span.start, d.severity(), d.span.end, d.code));
        self.diagnostics.dedup();
        let shown = self.diagnostics.len();
        let last = self.diagnostics.iter_mut().rfind(|d| d.is_error());
        if let (Some(last), true) = (last, full) {
            if dropped > 0 {
                last.notes.push(format!(
                    "{dropped} more errors were found, which are not shown"
                ));
            }
            last.notes.push(format!(
                "after {shown} diagnostics the rest of the text was not read: mend these first"
            ));
        }
        self.diagnostics
    }
}
