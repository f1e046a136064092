//! `convgrad explain`: everything that is known of one converter.

mod document;
mod page;

use clap::Args;

use crate::args::NamedConverter;
use crate::failure::Result;
use crate::output;

/// Explain a converter: its formula, digits and strides, what it moves, what is proved, its loops
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    converter: NamedConverter,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Explains.
pub(crate) fn run(options: &Options) -> Result {
    let (formulas, settings, program) = options.converter.open()?;
    let converter = options.converter.find(&program)?;
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
