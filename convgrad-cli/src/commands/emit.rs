//! `convgrad emit`: a converter as a stand-alone function.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use convgrad::program::Program;
use convgrad_dsl::analysis::analyze;
use convgrad_dsl::compile::CompiledConverter;
use convgrad_dsl::diagnostic::Diagnostic;
use convgrad_dsl::emit::function::{self, function};
use convgrad_dsl::sema::model::ElementType;

use crate::args::{Setting, Sizes};
use crate::failure::{Failure, Result};
use crate::files::Staged;
use crate::formulas::{self, FormulaFile};
use crate::output;

/// Emit a converter as a stand-alone function
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// A file of formulas
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The converter
    #[arg(value_name = "NAME")]
    name: String,
    /// The language of the function
    #[arg(long, value_enum)]
    lang: Language,
    #[command(flatten)]
    sizes: Sizes,
    /// What the tensors hold; by default any type in Rust, and f32 in C, where one line changes it
    #[arg(long, value_enum, value_name = "TYPE")]
    element: Option<Element>,
    /// Where the function goes instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Language {
    /// Rust, edition 2024
    Rust,
    /// C11
    C,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Element {
    F16,
    Bf16,
    F32,
    F64,
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
}

impl Element {
    fn of_the_model(self) -> ElementType {
        match self {
            Element::F16 => ElementType::F16,
            Element::Bf16 => ElementType::Bf16,
            Element::F32 => ElementType::F32,
            Element::F64 => ElementType::F64,
            Element::I8 => ElementType::I8,
            Element::U8 => ElementType::U8,
            Element::I16 => ElementType::I16,
            Element::U16 => ElementType::U16,
            Element::I32 => ElementType::I32,
            Element::U32 => ElementType::U32,
            Element::I64 => ElementType::I64,
            Element::U64 => ElementType::U64,
        }
    }
}

/// Emits.
pub(crate) fn run(options: &Options) -> Result {
    let formulas = FormulaFile::read(&options.file)?;
    let settings = options.sizes.checked()?;
    let program = Program::compile(formulas.text.as_str()).map_err(|diagnostics| {
        formulas.show(&diagnostics);
        Failure::Reported
    })?;
    formulas.show(program.warnings());
    let formula = program
        .converter(&options.name)
        .map_err(Failure::environment)?;
    let converter = at_sizes(formula.compiled(), settings, &formulas)?;
    let language = match options.lang {
        Language::Rust => function::Language::Rust,
        Language::C => function::Language::C,
    };
    let element = options.element.map(Element::of_the_model);
    let text = function(&converter, language, element).map_err(Failure::input)?;
    let Some(path) = &options.out else {
        return output::print(&text);
    };
    let mut staged = Staged::new();
    let slot = staged.reserve(path)?;
    staged.write(slot, |out| out.write_all(text.as_bytes()))?;
    staged.publish()
}

/// The converter with the sizes that are set.
fn at_sizes(
    compiled: &CompiledConverter,
    settings: &[Setting],
    formulas: &FormulaFile,
) -> Result<CompiledConverter> {
    let converter = &compiled.converter;
    formulas::check_names(settings, &[converter])?;
    let report = |diagnostics: Vec<Diagnostic>| {
        formulas.show(
            diagnostics
                .iter()
                .filter(|diagnostic| diagnostic.is_error()),
        );
        Failure::Reported
    };
    let bindings = formulas::bind(converter, settings).map_err(report)?;
    let (analysis, _) = analyze(converter, &bindings).map_err(report)?;
    Ok(CompiledConverter {
        converter: converter.clone(),
        analysis,
    })
}
