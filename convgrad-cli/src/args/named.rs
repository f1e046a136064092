//! `FILE NAME --set …`: a converter of a file of formulas, which most commands are about.

use std::path::PathBuf;

use clap::Args;
use convgrad::program::{Formula, Program};

use super::{Setting, Sizes};
use crate::failure::{Failure, Result};
use crate::formulas::FormulaFile;

/// The arguments that name a converter and give values to its sizes.
#[derive(Args, Debug)]
pub(crate) struct NamedConverter {
    /// A file of formulas; `std` for the standard library
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The name of the converter
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    #[command(flatten)]
    sizes: Sizes,
}

impl NamedConverter {
    /// Reads the file, checks the settings and compiles the formulas, in this order.
    pub(crate) fn open(&self) -> Result<(FormulaFile, &[Setting], Program)> {
        let formulas = FormulaFile::read(&self.file)?;
        let settings = self.sizes.checked()?;
        let program = formulas.program()?;
        Ok((formulas, settings, program))
    }

    /// The converter, among those of the file.
    pub(crate) fn find<'p>(&self, program: &'p Program) -> Result<Formula<'p>> {
        program.converter(&self.name).map_err(Failure::environment)
    }
}
