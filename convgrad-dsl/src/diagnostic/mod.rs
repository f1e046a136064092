//! What the compiler tells its user: one type, one table of codes, collected and reported together.
//!
//! The macro and the command render the same value; see [`Code`] for the table.

mod code;
mod page;
mod sink;

pub use code::Code;
pub use page::{Example, Page};
pub use sink::Sink;

use crate::source::Span;

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is compiled.
    Error,
    /// The formula is compiled, but is probably not what was meant.
    Warning,
}

impl Severity {
    /// The word that stands before the message: `error` or `warning`.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// A secondary place and what it has to do with the primary one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What to say there.
    pub text: String,
}

/// One thing that is wrong, where, why, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The entry of the table of codes.
    pub code: Code,
    /// What is wrong, with the user's names and numbers; a sentence without a full stop.
    pub message: String,
    /// The smallest wrong expression or name.
    pub span: Span,
    /// What to say under the primary span; empty for nothing.
    pub label: String,
    /// The declarations that the primary span contradicts.
    pub labels: Vec<Label>,
    /// Derived facts: ranges, sizes, and the witness (`witness X_tnc[30,0] reads X[0,2]`).
    pub notes: Vec<String>,
    /// How to mend it, where that can be said.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A diagnostic without label, notes or help.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            span,
            label: String::new(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
        }
    }

    /// The same with words under the primary span.
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    /// The same with a secondary place.
    pub fn secondary(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// The same with one more note.
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// The same with a help text.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Error or warning, as the table of codes says.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// Whether this is an error.
    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }
}
