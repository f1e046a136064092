//! Files of formulas: their text, what is wrong with it, and the sizes that the command line sets.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use convgrad::program::Program;
use convgrad_dsl::analysis::Bindings;
use convgrad_dsl::diagnostic::{Code, Diagnostic};
use convgrad_dsl::library;
use convgrad_dsl::sema::model::Converter;
use convgrad_dsl::sizes;
use convgrad_dsl::source::Span;

use crate::args::Setting;
use crate::failure::{Failure, Result};
use crate::{output, render};

/// A file of formulas.
#[derive(Debug)]
pub(crate) struct FormulaFile {
    /// As the user named it.
    pub(crate) path: PathBuf,
    /// What stands in it.
    pub(crate) text: String,
    /// Whether it is the user's, who can mend it, and not the library.
    pub(crate) own: bool,
}

impl FormulaFile {
    /// More bytes than anyone writes; a larger file is not one of formulas.
    pub(crate) const LARGEST: u64 = 16 << 20;

    /// Reads a file; `std`, if there is no such file, is the whole standard library.
    pub(crate) fn read(path: &Path) -> Result<Self, Unreadable> {
        if path == Path::new("std") && !path.exists() {
            return Ok(FormulaFile {
                path: path.to_owned(),
                text: library::text(),
                own: false,
            });
        }
        Self::open(path)
    }

    /// Reads a file.
    pub(crate) fn open(path: &Path) -> Result<Self, Unreadable> {
        let file = |text: String| FormulaFile {
            path: path.to_owned(),
            text,
            own: true,
        };
        let mut bytes = Vec::new();
        // Pipes and devices have no length that could be asked for.
        let read =
            File::open(path).and_then(|file| file.take(Self::LARGEST + 1).read_to_end(&mut bytes));
        if let Err(error) = read {
            let message = format!("cannot read: {error}");
            return Err(Unreadable {
                file: file(String::new()),
                diagnostic: Box::new(unreadable(0, message)),
                content: false,
            });
        }
        let wrong = |text: String, at: usize, message: String| Unreadable {
            diagnostic: Box::new(unreadable(at, message)),
            file: file(text),
            content: true,
        };
        if bytes.len() as u64 > Self::LARGEST {
            let message = format!(
                "too large for a file of formulas: more than {} bytes",
                Self::LARGEST
            );
            return Err(wrong(String::new(), 0, message));
        }
        String::from_utf8(bytes).map(file).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let message = format!("not UTF-8 text: see the byte at offset {at}");
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            wrong(text, at, message)
        })
    }

    /// Compiles the text and shows its warnings, if it is the user's.
    ///
    /// # Errors
    /// Mistakes in it, which are shown too.
    pub(crate) fn program(&self) -> Result<Program> {
        let program = Program::compile(self.text.as_str()).map_err(|diagnostics| {
            self.show(&diagnostics);
            Failure::Reported
        })?;
        if self.own {
            self.show(program.warnings());
        }
        Ok(program)
    }

    /// The values of the sizes of one of its converters, as far as settings determine them.
    ///
    /// # Errors
    /// Settings that name no free size of it, or whose values cannot be: shown.
    pub(crate) fn bind(&self, converter: &Converter, settings: &[Setting]) -> Result<Bindings> {
        check_names(settings, &[converter])?;
        bind(converter, settings).map_err(|diagnostics| self.refuse(&diagnostics))
    }

    /// Shows the errors, and fails.
    pub(crate) fn refuse(&self, diagnostics: &[Diagnostic]) -> Failure {
        // The warnings are about the formula and known already.
        self.show(diagnostics.iter().filter(|d| d.is_error()));
        Failure::Reported
    }

    /// Shows diagnostics of this file on stderr.
    pub(crate) fn show<'d>(&self, diagnostics: impl IntoIterator<Item = &'d Diagnostic>) {
        let path = self.path.display().to_string();
        let colour = output::stderr_has_colour();
        output::complain(&render::diagnostics(&path, &self.text, diagnostics, colour));
    }
}

/// A file that holds no text of formulas.
#[derive(Debug)]
pub(crate) struct Unreadable {
    /// The file, with what can be shown of it.
    pub(crate) file: FormulaFile,
    /// What is wrong.
    pub(crate) diagnostic: Box<Diagnostic>,
    /// Whether what stands in it is at fault, rather than the file or the call.
    pub(crate) content: bool,
}

fn unreadable(at: usize, message: String) -> Diagnostic {
    Diagnostic::new(Code::Unreadable, Span::new(at, at), message)
}

impl From<Unreadable> for Failure {
    fn from(unreadable: Unreadable) -> Self {
        let (path, message) = (&unreadable.file.path, &unreadable.diagnostic.message);
        match unreadable.content {
            true => Failure::content(path, message),
            false => Failure::file(path, message),
        }
    }
}

/// The values of the sizes of a converter, as far as settings determine them. Those for other converters are left alone;
/// [`check_names`] sees to it that each belongs to one.
fn bind(converter: &Converter, settings: &[Setting]) -> Result<Bindings, Vec<Diagnostic>> {
    let given: Vec<(String, i64)> = settings
        .iter()
        .map(|setting| (setting.name.clone(), setting.value))
        .collect();
    sizes::bind_own(converter, &given)
}

/// Fails where no converter has a size that is set, or none whose value is free.
pub(crate) fn check_names(settings: &[Setting], converters: &[&Converter]) -> Result {
    for Setting { name, value } in settings {
        let sizes = || converters.iter().flat_map(|converter| &converter.sizes);
        let mut named = sizes().filter(|size| size.name.text == *name).peekable();
        if named.peek().is_none() {
            let mut known: Vec<&str> = sizes().map(|size| size.name.text.as_str()).collect();
            known.sort_unstable();
            known.dedup();
            let known = match known.as_slice() {
                [] => "there are none to set".into(),
                names => format!("the sizes are {}", names.join(", ")),
            };
            let message = format!("--set {name}={value}: there is no size `{name}`; {known}");
            return Err(Failure::input(message));
        }
        if named.all(|size| size.value.is_some()) {
            let message = format!(
                "--set {name}={value}: the formula bakes a value of `{name}` in, so it cannot be set"
            );
            return Err(Failure::input(message));
        }
    }
    Ok(())
}
