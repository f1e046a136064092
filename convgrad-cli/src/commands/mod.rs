//! The commands: what can be typed, and what each of them does, a file a command.

mod bench;
mod check;
mod conv;
mod cube;
mod draw;
mod emit;
mod explain;
mod explain_code;
mod fmt;
mod grad;
mod paper;
mod run;

use clap::{Parser, Subcommand};

use crate::failure::Result;

/// Layout converters and convolution gradients from iterator formulas: check, run, convolve, differentiate, measure.
#[derive(Debug, Parser)]
#[command(name = "convgrad", version, propagate_version = true)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Paper(paper::Options),
    Check(check::Options),
    Run(run::Options),
    Fmt(fmt::Options),
    Emit(emit::Options),
    Explain(explain::Options),
    ExplainCode(explain_code::Options),
    Draw(draw::Options),
    Conv(conv::Options),
    Grad(grad::Options),
    Cube(cube::Options),
    #[command(subcommand)]
    Bench(bench::Options),
}

/// Runs a command.
pub(crate) fn run(arguments: &Arguments) -> Result {
    match &arguments.command {
        Command::Paper(options) => paper::run(options),
        Command::Check(options) => check::run(options),
        Command::Run(options) => run::run(options),
        Command::Fmt(options) => fmt::run(options),
        Command::Emit(options) => emit::run(options),
        Command::Explain(options) => explain::run(options),
        Command::ExplainCode(options) => explain_code::run(options),
        Command::Draw(options) => draw::run(options),
        Command::Conv(options) => conv::run(options),
        Command::Grad(options) => grad::run(options),
        Command::Cube(options) => cube::run(options),
        Command::Bench(options) => bench::run(options),
    }
}
