//! The command `convgrad`.

mod args;
mod commands;
mod draw;
mod emulation;
mod engine;
mod experiment;
mod failure;
mod files;
mod formulas;
mod measure;
mod memory;
mod npy;
mod operands;
mod output;
mod progress;
mod render;
mod shapes;
mod short;
mod threads;
mod trial;

use std::process::ExitCode;

use clap::Parser;

use commands::Arguments;

fn main() -> ExitCode {
    match commands::run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let (told, code) = failure.verdict();
            if let Some(told) = told {
                output::complain(&told);
            }
            code
        }
    }
}
