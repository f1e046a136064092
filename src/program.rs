//! Formulas that are compiled at run time: from files, from users, from other programs.
//!
//! Where the formula is known when the program is built, [`convgrad!`](crate::convgrad) gives faster code and finds mistakes earlier.

use std::fmt;
use std::sync::OnceLock;

use convgrad_dsl::analysis::{Bindings, analyze};
use convgrad_dsl::compile::{Compiled, CompiledConverter, compile, compile_layout};
use convgrad_dsl::sema::names::nearest;
use convgrad_dsl::sizes;

pub use convgrad_dsl::diagnostic::{Code, Diagnostic, Label, Severity};
pub use convgrad_dsl::sema::model::{Conversion, ElementType, Elements};
pub use convgrad_dsl::source::{LineIndex, Span};
pub use convgrad_runtime::nest::{ConvertTo, Instance, Typed};

use crate::Error;

/// A text in the formula language, compiled.
///
/// ```
/// use convgrad::ndarray::arr2;
/// use convgrad::{Converter, Program};
///
/// let program = Program::compile("converter flip<N, M>(X[N, M]) -> Y[N, M] { Y[i, j] = X[i, M - 1 - j]; }")?;
/// let x = arr2(&[[1, 2, 3], [4, 5, 6]]).into_dyn();
/// let flip = program.converter("flip")?.instance(x.shape(), &[])?;
/// assert_eq!(flip.convert_array(&x)?, arr2(&[[3, 2, 1], [6, 5, 4]]).into_dyn());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Program {
    text: String,
    compiled: Compiled,
    /// The layouts as converters, in their order, as far as somebody asked for them.
    packed: Vec<OnceLock<Result<CompiledConverter, Vec<Diagnostic>>>>,
}

impl Program {
    /// Compiles a text.
    ///
    /// # Errors
    /// Everything that is wrong with it, warnings included.
    pub fn compile(text: impl Into<String>) -> Result<Self, Diagnostics> {
        let text = text.into();
        let compiled = compile(&text);
        if compiled.diagnostics.iter().any(Diagnostic::is_error) {
            return Err(Diagnostics {
                text,
                diagnostics: compiled.diagnostics,
            });
        }
        let packed = vec![OnceLock::new(); compiled.layouts.len()];
        Ok(Program {
            text,
            compiled,
            packed,
        })
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is probably not meant as it stands.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.compiled.diagnostics
    }

    /// The converters, in the order of the text.
    pub fn converters(&self) -> impl Iterator<Item = Formula<'_>> {
        self.compiled.converters.iter().map(|compiled| Formula {
            text: &self.text,
            compiled,
        })
    }

    /// The converter of this name. The name of a layout is that of the converter from its logical coordinates, in their
    /// order, to it.
    ///
    /// ```
    /// use convgrad::{Converter, Program};
    ///
    /// let program = Program::compile("layout columns<M, N>[m, n] = [n, m];")?;
    /// let columns = program.converter("columns")?.instance(&[2, 3], &[])?;
    /// let mut y = [0; 6];
    /// columns.convert(&[1, 2, 3, 4, 5, 6], &mut y)?;
    /// assert_eq!(y, [1, 4, 2, 5, 3, 6]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ProgramError::UnknownConverter`] if there is none, [`ProgramError::Diagnostics`] if a layout is wrong.
    pub fn converter(&self, name: &str) -> Result<Formula<'_>, ProgramError> {
        if let Some(formula) = self.converters().find(|formula| formula.name() == name) {
            return Ok(formula);
        }
        let layouts = self.compiled.layouts.iter().zip(&self.packed);
        let mut named = layouts.filter(|(layout, _)| layout.name.text == name);
        let Some((layout, packed)) = named.next() else {
            return Err(self.unknown(name));
        };
        match packed.get_or_init(|| compile_layout(layout)) {
            Ok(compiled) => Ok(Formula {
                text: &self.text,
                compiled,
            }),
            Err(diagnostics) => Err(ProgramError::Diagnostics(Diagnostics {
                text: self.text.clone(),
                diagnostics: diagnostics.clone(),
            })),
        }
    }

    fn unknown(&self, name: &str) -> ProgramError {
        let converters = self.converters().map(|formula| formula.name());
        let layouts = self.compiled.layouts.iter();
        let layouts = layouts.map(|layout| layout.name.text.as_str());
        ProgramError::UnknownConverter {
            name: name.to_owned(),
            known: converters.chain(layouts).map(str::to_owned).collect(),
        }
    }
}

/// A converter of a [`Program`], its free sizes still open.
#[derive(Clone, Copy, Debug)]
pub struct Formula<'p> {
    text: &'p str,
    compiled: &'p CompiledConverter,
}

impl<'p> Formula<'p> {
    /// Its name.
    pub fn name(&self) -> &'p str {
        &self.compiled.converter.name.text
    }

    /// The names of the sizes that are not given a value in the text.
    pub fn free_sizes(&self) -> impl Iterator<Item = &'p str> {
        let sizes = self.compiled.converter.sizes.iter();
        sizes
            .filter(|size| size.value.is_none())
            .map(|size| size.name.text.as_str())
    }

    /// What was found out about it, and its loops.
    pub fn compiled(&self) -> &'p CompiledConverter {
        self.compiled
    }

    /// Solves the sizes from an input's shape, with those that are given, and makes the converter ready to run.
    ///
    /// # Errors
    /// Sizes that are missing, unknown or contradict each other or the shape, sizes for which the formula reads outside
    /// its input or violates a requirement, and sizes whose index arithmetic leaves 64 bits.
    pub fn instance(
        &self,
        input_shape: &[usize],
        given: &[(&str, usize)],
    ) -> Result<Instance, ProgramError> {
        let converter = &self.compiled.converter;
        let shape: Vec<i64> = input_shape.iter().map(|&extent| number(extent)).collect();
        let given: Vec<(String, i64)> = given
            .iter()
            .map(|&(name, value)| (name.to_owned(), number(value)))
            .collect();
        let sizes = sizes::solve(converter, &shape, &given).map_err(|all| self.wrong(all))?;
        self.made(&sizes)
    }

    /// The same at sizes that are all given, whatever shape the input then has.
    ///
    /// # Errors
    /// As [`instance`](Formula::instance).
    pub fn at(&self, given: &[(&str, usize)]) -> Result<Instance, ProgramError> {
        let converter = &self.compiled.converter;
        let given: Vec<(String, i64)> = given
            .iter()
            .map(|&(name, value)| (name.to_owned(), number(value)))
            .collect();
        let known = sizes::bind(converter, &given).map_err(|all| self.wrong(all))?;
        let sizes = sizes::complete(converter, known).map_err(|all| self.wrong(all))?;
        self.made(&sizes)
    }

    fn made(&self, sizes: &[i64]) -> Result<Instance, ProgramError> {
        let converter = &self.compiled.converter;
        let bindings: Bindings = sizes.iter().copied().map(Some).collect();
        match analyze(converter, &bindings) {
            Ok((analysis, _)) => Ok(Instance::new(converter, &analysis, sizes)?),
            Err(all) => Err(self.wrong(all)),
        }
    }

    fn wrong(&self, diagnostics: Vec<Diagnostic>) -> ProgramError {
        ProgramError::Diagnostics(Diagnostics {
            text: self.text.to_owned(),
            diagnostics,
        })
    }
}

/// The most names that a message lists.
const LISTED: usize = 12;

/// A size as the compiler counts. One beyond 64 bits stays beyond everything that it accepts.
fn number(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// What is wrong with a text, or with the sizes of one of its converters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics {
    text: String,
    diagnostics: Vec<Diagnostic>,
}

impl Diagnostics {
    /// The text that they are about.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All of them, by place in the text.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.diagnostics.iter()
    }
}

impl<'d> IntoIterator for &'d Diagnostics {
    type Item = &'d Diagnostic;
    type IntoIter = std::slice::Iter<'d, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = LineIndex::new(&self.text);
        for (k, diagnostic) in self.diagnostics.iter().enumerate() {
            let (line, column) = lines.line_column(diagnostic.span.start);
            let (severity, code) = (diagnostic.severity().word(), diagnostic.code.number());
            if k > 0 {
                writeln!(f)?;
            }
            write!(
                f,
                "{severity}[{code}] at {line}:{column}: {}",
                diagnostic.message
            )?;
            for note in &diagnostic.notes {
                write!(f, "\n  note: {note}")?;
            }
            if let Some(help) = &diagnostic.help {
                write!(f, "\n  help: {help}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

/// Why a converter of a program cannot be run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProgramError {
    /// The program has no converter of this name.
    UnknownConverter {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// What is wrong with the text or the sizes.
    Diagnostics(Diagnostics),
    /// What is wrong with shapes and elements.
    Runtime(Error),
}

impl fmt::Display for ProgramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProgramError::UnknownConverter { name, known } if known.is_empty() => {
                write!(f, "there is no converter `{name}`: the program has none")
            }
            ProgramError::UnknownConverter { name, known } => {
                write!(f, "there is no converter `{name}`; ")?;
                match nearest(name, known.iter().map(String::as_str)) {
                    Some(meant) => write!(f, "did you mean `{meant}`?"),
                    None if known.len() > LISTED => {
                        let some = known[..LISTED].join(", ");
                        write!(f, "there are {some} and {} others", known.len() - LISTED)
                    }
                    None => write!(f, "there are {}", known.join(", ")),
                }
            }
            ProgramError::Diagnostics(diagnostics) => diagnostics.fmt(f),
            ProgramError::Runtime(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ProgramError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ProgramError::UnknownConverter { .. } => None,
            ProgramError::Diagnostics(diagnostics) => Some(diagnostics),
            ProgramError::Runtime(error) => Some(error),
        }
    }
}

impl From<Diagnostics> for ProgramError {
    fn from(diagnostics: Diagnostics) -> Self {
        ProgramError::Diagnostics(diagnostics)
    }
}

impl From<Error> for ProgramError {
    fn from(error: Error) -> Self {
        ProgramError::Runtime(error)
    }
}
