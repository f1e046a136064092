//! What goes to the user: results on stdout, everything else on stderr. Neither may panic when its reader goes away.

use std::io::{ErrorKind, IsTerminal, Write, stderr, stdout};

use serde::Serialize;

use crate::failure::{Failure, Result};

/// Prints text on stdout at once.
pub(crate) fn print(text: &str) -> Result {
    let mut out = stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => Failure::ReaderGone,
            _ => Failure::environment(format!("cannot write to standard output: {error}")),
        })
}

/// Prints one JSON document on stdout.
pub(crate) fn print_json(document: &impl Serialize) -> Result {
    print(&to_json(document)?)
}

/// A JSON document as text, with a newline at its end.
pub(crate) fn to_json(document: &impl Serialize) -> Result<String> {
    let mut text = serde_json::to_string_pretty(document)
        .map_err(|error| Failure::environment(format!("cannot write JSON: {error}")))?;
    text.push('\n');
    Ok(text)
}

/// Prints text on stderr. A closed stderr leaves nobody to tell, so errors are dropped.
pub(crate) fn complain(text: &str) {
    let mut err = stderr().lock();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

/// Whether stderr is a terminal that wants colours (see <https://no-color.org>).
pub(crate) fn stderr_has_colour() -> bool {
    stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
