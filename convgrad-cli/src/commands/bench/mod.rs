//! `convgrad bench`: timings beside what the machine can do.

mod conv;
mod convert;

use clap::Subcommand;

use crate::failure::Result;

/// Measure
#[derive(Debug, Subcommand)]
pub(crate) enum Options {
    Conv(conv::Options),
    Convert(convert::Options),
}

/// Measures.
pub(crate) fn run(options: &Options) -> Result {
    match options {
        Options::Conv(options) => conv::run(options),
        Options::Convert(options) => convert::run(options),
    }
}
