//! `convgrad fmt`: formulas in their canonical form.

use std::io::{Read, stdin};
use std::path::PathBuf;

use clap::Args;
use convgrad_dsl::format::format;

use crate::failure::{Failure, Result};
use crate::files::Staged;
use crate::formulas::FormulaFile;
use crate::output;

/// Format formulas in place
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Files of formulas; `-` reads standard input and prints the result
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Change nothing; name the files that are not formatted, and fail if there are any
    #[arg(long)]
    check: bool,
}

/// Formats. A file that is none of formulas stays as it is, and does not keep the others from being formatted.
pub(crate) fn run(options: &Options) -> Result {
    let mut staged = Staged::new();
    let mut failed = false;
    for path in &options.files {
        let standard = path.as_os_str() == "-";
        let file = match standard {
            true => from_stdin()?,
            false => match FormulaFile::open(path) {
                Ok(file) => file,
                Err(unreadable) if unreadable.content => {
                    unreadable.file.show([&*unreadable.diagnostic]);
                    failed = true;
                    continue;
                }
                Err(unreadable) => return Err(unreadable.into()),
            },
        };
        let formatted = match format(&file.text) {
            Ok(formatted) => formatted,
            Err(diagnostics) => {
                file.show(&diagnostics);
                failed = true;
                continue;
            }
        };
        let differs = formatted != file.text;
        if options.check {
            if differs {
                output::print(&format!("{}\n", path.display()))?;
                failed = true;
            }
        } else if standard {
            output::print(&formatted)?;
        } else if differs {
            let slot = staged.reserve(path)?;
            staged.write(slot, |out| out.write_all(formatted.as_bytes()))?;
        }
    }
    staged.publish()?;
    if failed {
        Err(Failure::Reported)
    } else {
        Ok(())
    }
}

fn from_stdin() -> Result<FormulaFile> {
    let mut text = String::new();
    stdin()
        .lock()
        .take(FormulaFile::LARGEST + 1)
        .read_to_string(&mut text)
        .map_err(|error| Failure::input(format!("standard input: {error}")))?;
    if text.len() as u64 > FormulaFile::LARGEST {
        return Err(Failure::input("standard input: too large for formulas"));
    }
    Ok(FormulaFile {
        path: PathBuf::from("<stdin>"),
        text,
        own: true,
    })
}
