//! `--threads`: how many threads a command may use.

use clap::Args;
use convgrad::conv::Context;

use crate::failure::{Failure, Result};
use crate::measure;

/// The option `--threads`.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Threads {
    /// Threads to use [default: one for each core]
    #[arg(long, value_name = "T", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

impl Threads {
    /// How many threads there will be.
    pub(crate) fn count(self) -> usize {
        self.threads.map_or_else(measure::cores, usize::from)
    }

    /// The threads, for the runtime.
    pub(crate) fn context(self) -> Result<Context> {
        Context::with_threads(self.count()).map_err(Failure::runtime)
    }
}
