//! `convgrad emit`: a converter as a stand-alone function.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use convgrad_dsl::analysis::analyze;
use convgrad_dsl::compile::CompiledConverter;
use convgrad_dsl::emit::function::{self, function};
use convgrad_dsl::sema::model::ElementType;

use crate::args::NamedConverter;
use crate::failure::{Failure, Result};
use crate::files::Staged;
use crate::output;

/// Emit a converter as a stand-alone function
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    converter: NamedConverter,
    /// The language of the function
    #[arg(long, value_enum)]
    lang: Language,
    /// What the tensors hold; by default any type in Rust, and f32 in C, where one line changes it
    #[arg(long, value_parser = elements(), value_name = "TYPE")]
    element: Option<ElementType>,
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

/// The element types by name.
fn elements() -> impl TypedValueParser<Value = ElementType> {
    let names = ElementType::ALL.iter().map(|element| element.name());
    PossibleValuesParser::new(names).try_map(|name| ElementType::named(&name).ok_or("no such type"))
}

/// Emits.
pub(crate) fn run(options: &Options) -> Result {
    let (formulas, settings, program) = options.converter.open()?;
    let formula = options.converter.find(&program)?;
    let converter = &formula.compiled().converter;
    let bindings = formulas.bind(converter, settings)?;
    let (analysis, _) =
        analyze(converter, &bindings).map_err(|diagnostics| formulas.refuse(&diagnostics))?;
    let converter = CompiledConverter {
        converter: converter.clone(),
        analysis,
    };
    let language = match options.lang {
        Language::Rust => function::Language::Rust,
        Language::C => function::Language::C,
    };
    let text = function(&converter, language, options.element).map_err(Failure::input)?;
    let Some(path) = &options.out else {
        return output::print(&text);
    };
    let mut staged = Staged::new();
    let slot = staged.reserve(path)?;
    staged.write(slot, |out| out.write_all(text.as_bytes()))?;
    staged.publish()
}
