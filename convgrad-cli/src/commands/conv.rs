//! `convgrad conv`: the forward convolution.

use std::path::PathBuf;

use clap::Args;

use crate::failure::Result;
use crate::files::Staged;
use crate::operands::{self, OperandFiles, Operands, Real, with_real};

/// Convolve an array
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    operands: Operands,
    /// Where the output goes: an array of n, k, p, q
    #[arg(long, value_name = "Y.npy")]
    out: PathBuf,
}

/// Convolves.
pub(crate) fn run(options: &Options) -> Result {
    let files = options.operands.open()?;
    with_real!(files.x.dtype(), T => convolve::<T>(options, files))
}

fn convolve<T: Real>(options: &Options, files: OperandFiles) -> Result {
    let mut staged = Staged::new();
    let slot = staged.reserve(&options.out)?;
    let context = options.operands.threads.context()?;
    let engine = options.operands.engine(&files.conv, &context);
    engine.ensure_memory::<T::Work>()?;
    let OperandFiles { x, k, conv } = files;
    let (x, k) = (operands::read::<T>(x)?, operands::read::<T>(k)?);
    operands::write::<T>(
        &mut staged,
        slot,
        conv.output_shape(),
        engine.forward(&x, &k)?,
    )?;
    staged.publish()
}
