//! Why a command could not do its work, and the exit code that says so.

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

use convgrad::Error;

/// Why a command stops.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The input is at fault: a formula, sizes, an array, a geometry. Exit code 1.
    Input(String),
    /// The call, a file or the machine is at fault. Exit code 2.
    Environment(String),
    /// The input is at fault, and the user has read already how. Exit code 1.
    Reported,
    /// Nobody reads the output any more, as in `convgrad paper | head`. Not an error.
    ReaderGone,
}

/// What a command gives.
pub(crate) type Result<T = (), E = Failure> = std::result::Result<T, E>;

impl Failure {
    /// The input is at fault.
    pub(crate) fn input(message: impl Display) -> Self {
        Failure::Input(message.to_string())
    }

    /// The call or the machine is at fault.
    pub(crate) fn environment(message: impl Display) -> Self {
        Failure::Environment(message.to_string())
    }

    /// The content of a file is at fault.
    pub(crate) fn content(path: &Path, message: impl Display) -> Self {
        Failure::Input(format!("{}: {message}", path.display()))
    }

    /// A file could not be read or written.
    pub(crate) fn file(path: &Path, message: impl Display) -> Self {
        Failure::Environment(format!("{}: {message}", path.display()))
    }

    /// What the runtime says: the input's fault, unless memory or threads are missing or convgrad itself is wrong.
    pub(crate) fn runtime(error: Error) -> Self {
        match error {
            Error::Memory { .. } | Error::Threads { .. } | Error::Internal { .. } => {
                Failure::environment(error)
            }
            _ => Failure::input(error),
        }
    }

    /// What to tell the user, where they have not read it already, and the exit code.
    pub(crate) fn verdict(self) -> (Option<String>, ExitCode) {
        let (message, code) = match self {
            Failure::Input(message) => (message, 1),
            Failure::Environment(message) => (message, 2),
            Failure::Reported => return (None, ExitCode::from(1)),
            Failure::ReaderGone => return (None, ExitCode::SUCCESS),
        };
        let told = format!("error: {}\n", printable(&message));
        (Some(told), ExitCode::from(code))
    }
}

/// The same text without characters that would steer the terminal: messages quote file names and headers.
fn printable(message: &str) -> String {
    message
        .chars()
        .map(|c| {
            if c.is_control() && c != '\n' {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}
