//! Canonical formatting: the same tokens and comments, with the white space that everybody's formulas have.
//!
//! `items` cuts a text at its items; an item that fits a line is one line, others are broken by `shape`, each kind its own way;
//! `line` fills lines, `spacing` knows what stands between two tokens. Formatting never adds, drops or moves a token, and what is
//! formatted already stays as it is.

mod items;
mod line;
mod shape;
mod spacing;

use crate::diagnostic::{Diagnostic, Sink};
use crate::syntax;

/// Lines are not longer than this, in characters, where they can be broken.
pub const WIDTH: usize = 100;

/// One level of indentation.
const INDENT: usize = 4;

/// The text in its canonical form.
///
/// Blank lines between items stay, one at most. Comments stay where they are: behind a line, or on lines of their own.
///
/// # Errors
/// What is wrong with the text, where it cannot be parsed; names need not be known and formulas need not make sense.
///
/// ```
/// let text = "converter t<N,M>(X[N,M])->Y[M,N]{Y[i,j]=X[j , i];} // turned";
/// let formatted = convgrad_dsl::format::format(text).unwrap();
/// assert_eq!(formatted, "converter t<N, M>(X[N, M]) -> Y[M, N] { Y[i, j] = X[j, i]; } // turned\n");
/// ```
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let mut sink = Sink::new();
    syntax::parse(text, &mut sink);
    let diagnostics = sink.finish();
    if diagnostics.iter().any(Diagnostic::is_error) {
        return Err(diagnostics);
    }
    let (tokens, _) = syntax::tokens::with_comments(text, syntax::limits::MAX_NESTING);
    Ok(items::format(text, &tokens))
}

#[cfg(test)]
mod tests;
