//! `convgrad grad`: the gradients of a convolution.

use std::path::PathBuf;

use clap::Args;

use crate::failure::Result;
use crate::files::Staged;
use crate::npy::{ArrayFile, describe};
use crate::operands::{self, OperandFiles, Operands, Real, with_real};

/// Compute the gradients of a convolution
#[derive(Args, Debug)]
#[command(group = clap::ArgGroup::new("results").required(true).multiple(true))]
pub(crate) struct Options {
    #[command(flatten)]
    operands: Operands,
    /// The gradient of the output: an array of n, k, p, q
    #[arg(long, value_name = "DY.npy")]
    dy: PathBuf,
    /// Where the gradient of the input goes: an array of n, c, h, w
    #[arg(long, value_name = "DX.npy", group = "results")]
    dx: Option<PathBuf>,
    /// Where the gradient of the kernel goes: an array of k, c / groups, r, s
    #[arg(long, value_name = "DK.npy", group = "results")]
    dk: Option<PathBuf>,
}

/// Computes one or both gradients; both files appear, or none.
pub(crate) fn run(options: &Options) -> Result {
    let files = options.operands.open()?;
    let dy = operands::open(&options.dy, "the gradient of the output", "n, k, p, q")?;
    operands::same_type(&dy, &files.x)?;
    check_shape(&dy, &files)?;
    with_real!(files.x.dtype(), T => differentiate::<T>(options, files, dy))
}

/// The gradient must have the shape of the output that it belongs to.
fn check_shape(dy: &ArrayFile, files: &OperandFiles) -> Result {
    let conv = &files.conv;
    let expected = conv.output_shape();
    if dy.shape() == expected {
        return Ok(());
    }
    let axis = |name: &str, axis: &convgrad::conv::Axis| {
        let [before, after] = axis.pad;
        format!(
            "{name} = ({} + {before} + {after} - {}*({} - 1) - 1)/{} + 1 = {}",
            axis.input,
            axis.dilation,
            axis.taps,
            axis.stride,
            axis.output()
        )
    };
    Err(dy.fault(format!(
        "has the shape {}, but the convolution of {} {} with {} {} has an output of {}: {}, {}",
        describe(dy.shape()),
        files.x.path().display(),
        describe(files.x.shape()),
        files.k.path().display(),
        describe(files.k.shape()),
        describe(&expected),
        axis("rows", conv.rows()),
        axis("columns", conv.columns()),
    )))
}

fn differentiate<T: Real>(options: &Options, files: OperandFiles, dy: ArrayFile) -> Result {
    let mut staged = Staged::new();
    let mut reserve =
        |path: &Option<PathBuf>| path.as_deref().map(|path| staged.reserve(path)).transpose();
    let (dx, dk) = (reserve(&options.dx)?, reserve(&options.dk)?);
    let context = options.operands.threads.context()?;
    let engine = options.operands.engine(&files.conv, &context);
    engine.ensure_memory_for_gradients::<T::Work>()?;
    let OperandFiles { x, k, conv } = files;
    let dy = operands::read::<T>(dy)?;
    if let Some(slot) = dx {
        let k = operands::read::<T>(k)?;
        operands::write::<T>(
            &mut staged,
            slot,
            conv.input_shape(),
            engine.backward_input(&k, &dy)?,
        )?;
    }
    if let Some(slot) = dk {
        let x = operands::read::<T>(x)?;
        operands::write::<T>(
            &mut staged,
            slot,
            conv.kernel_shape(),
            engine.backward_kernel(&x, &dy)?,
        )?;
    }
    staged.publish()
}
