//! `convgrad explain`: everything that is known of one converter.

mod document;
mod page;

use std::path::PathBuf;

use clap::Args;

use crate::args::Sizes;
use crate::failure::{Failure, Result};
use crate::formulas::FormulaFile;
use crate::output;

/// Explain a converter: its formula, digits and strides, what it moves, what is proved, its loops
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// A file of formulas
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The converter to explain
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    sizes: Sizes,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Explains.
pub(crate) fn run(options: &Options) -> Result {
    let formulas = FormulaFile::read(&options.file)?;
    let settings = options.sizes.checked()?;
    let program = formulas.program()?;
    let converter = program
        .converter(&options.name)
        .map_err(Failure::environment)?;
    let converter = &converter.compiled().converter;
    let bindings = formulas.bind(converter, settings)?;
    let explanation = convgrad_dsl::explain::explain(converter, &bindings)
        .map_err(|diagnostics| formulas.refuse(&diagnostics))?;
    if options.json {
        output::print_json(&document::document(converter, &explanation))
    } else {
        output::print(&page::page(converter, &explanation))
    }
}
