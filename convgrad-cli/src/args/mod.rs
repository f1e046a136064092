//! The command line: what can be typed. What each command does stands in `commands`.

mod choice;
mod geometry;
mod named;
mod sizes;

pub(crate) use choice::{layout, method};
pub(crate) use geometry::GeometryArgs;
pub(crate) use named::NamedConverter;
pub(crate) use sizes::{Setting, Sizes};

use clap::{Parser, Subcommand};

use crate::commands::{
    bench, check, conv, cube, draw, emit, explain, explain_code, fmt, grad, paper, run,
};

/// Layout converters and convolution gradients from iterator formulas: check, run, convolve, differentiate, measure.
#[derive(Debug, Parser)]
#[command(name = "convgrad", version, propagate_version = true)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
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
