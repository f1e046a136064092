//! What each command does, a file a command.

pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod conv;
pub(crate) mod cube;
pub(crate) mod draw;
pub(crate) mod emit;
pub(crate) mod explain;
pub(crate) mod explain_code;
pub(crate) mod fmt;
pub(crate) mod grad;
pub(crate) mod paper;
pub(crate) mod run;

use crate::args::{Arguments, Command};
use crate::failure::Result;

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
        Command::Cube(options) => cube::run(options),
        Command::Conv(options) => conv::run(options),
        Command::Grad(options) => grad::run(options),
        Command::Bench(options) => bench::run(options),
    }
}
