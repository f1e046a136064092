//! The arrays and options that `conv` and `grad` share: read, checked, and made one geometry.

use std::path::{Path, PathBuf};

use clap::Args;
use convgrad::Float;
use convgrad::conv::{Context, Conv2d, Layout, Method};
use half::f16;
use ndarray::{ArrayD, IxDyn};

use crate::args::{self, GeometryArgs};
use crate::engine::Engine;
use crate::failure::{Failure, Result};
use crate::files::{Slot, Staged};
use crate::npy::{self, ArrayFile, DType, Stored, describe};
use crate::threads::Threads;

/// What to convolve, and how.
#[derive(Args, Debug)]
pub(crate) struct Operands {
    /// The input: an array of n, c, h, w
    #[arg(long, value_name = "X.npy")]
    x: PathBuf,
    /// The kernel: an array of k, c / groups, r, s
    #[arg(long, value_name = "K.npy")]
    k: PathBuf,
    #[command(flatten)]
    geometry: GeometryArgs,
    /// The method
    #[arg(long, value_parser = args::method(), default_value = Method::Fused.name())]
    pub(crate) method: Method,
    /// The layout inside; arrays in files are NCHW whatever it is
    #[arg(long, value_parser = args::layout(), default_value = Layout::Nchw.name())]
    pub(crate) layout: Layout,
    #[command(flatten)]
    pub(crate) threads: Threads,
}

/// The files of the operands, their headers read and found to fit together.
#[derive(Debug)]
pub(crate) struct OperandFiles {
    /// The input.
    pub(crate) x: ArrayFile,
    /// The kernel.
    pub(crate) k: ArrayFile,
    /// The geometry that they and the options make.
    pub(crate) conv: Conv2d,
}

/// An element that `conv` and `grad` take from files, and what they compute with.
pub(crate) trait Real: Stored {
    /// What sums are in.
    type Work: Float + Stored;
    /// The same number, exactly.
    fn widen(self) -> Self::Work;
    /// The nearest number.
    fn narrow(work: Self::Work) -> Self;
}

macro_rules! real {
    ($($type:ident as $work:ident: $widen:expr, $narrow:expr;)*) => {$(
        impl Real for $type {
            type Work = $work;
            fn widen(self) -> $work { $widen(self) }
            fn narrow(work: $work) -> $type { $narrow(work) }
        }
    )*};
}

real! {
    f16 as f32: f16::to_f32, f16::from_f32;
    f32 as f32: |value| value, |work| work;
    f64 as f64: |value| value, |work| work;
}

/// Runs an expression with a name standing for the [`Real`] type of a file.
macro_rules! with_real {
    ($dtype:expr, $T:ident => $body:expr) => {{
        macro_rules! run {
            ($type:ty) => {{
                type $T = $type;
                $body
            }};
        }
        match $dtype {
            $crate::npy::DType::F16 => run!(half::f16),
            $crate::npy::DType::F64 => run!(f64),
            // `open` lets no other type pass.
            _ => run!(f32),
        }
    }};
}
pub(crate) use with_real;

impl Operands {
    /// Opens the files and checks that they make a convolution.
    pub(crate) fn open(&self) -> Result<OperandFiles> {
        let x = open(&self.x, "the input", "n, c, h, w")?;
        let k = open(&self.k, "the kernel", "k, c / groups, r, s")?;
        same_type(&k, &x)?;
        let GeometryArgs {
            stride,
            pad,
            dilation,
            groups,
        } = &self.geometry;
        let builder = Conv2d::builder(four(&x), four(&k))
            .stride(counts(stride, "stride")?)
            .padding(counts(pad, "padding")?)
            .dilation(counts(dilation, "dilation")?)
            .groups(counts(&[*groups], "groups")?[0]);
        let conv = builder.build().map_err(|error| {
            let (x, k) = (describe(x.shape()), describe(k.shape()));
            Failure::input(format!(
                "{error} (the input has the shape {x}, the kernel {k})"
            ))
        })?;
        Ok(OperandFiles { x, k, conv })
    }

    /// The engine for a geometry.
    pub(crate) fn engine<'a>(&self, conv: &Conv2d, context: &'a Context) -> Engine<'a> {
        Engine {
            conv: *conv,
            method: self.method,
            layout: self.layout,
            context,
        }
    }
}

/// Opens an array of four axes.
pub(crate) fn open(path: &Path, what: &str, axes: &str) -> Result<ArrayFile> {
    let file = npy::open(path)?;
    if !matches!(file.dtype(), DType::F16 | DType::F32 | DType::F64) {
        let message = format!(
            "holds {}; convolutions take float16, float32 and float64",
            file.dtype()
        );
        return Err(file.fault(message));
    }
    if file.shape().len() != 4 {
        let shape = describe(file.shape());
        return Err(file.fault(format!(
            "has the shape {shape}, but {what} has 4 axes: {axes}"
        )));
    }
    Ok(file)
}

/// Fails unless both files hold the same element type.
pub(crate) fn same_type(file: &ArrayFile, other: &ArrayFile) -> Result {
    if file.dtype() == other.dtype() {
        return Ok(());
    }
    let (found, path, needed) = (file.dtype(), other.path().display(), other.dtype());
    Err(file.fault(format!(
        "holds {found}, but {path} holds {needed}; both must be the same"
    )))
}

/// The extents of an array of four axes.
fn four(file: &ArrayFile) -> [usize; 4] {
    std::array::from_fn(|axis| file.shape().get(axis).copied().unwrap_or(1))
}

fn counts<const N: usize>(numbers: &[i64; N], what: &str) -> Result<[usize; N]> {
    let mut counts = [0; N];
    for (count, &number) in counts.iter_mut().zip(numbers) {
        *count = usize::try_from(number).map_err(|_| {
            Failure::input(format!("the {what} is {number}, but it cannot be negative"))
        })?;
    }
    Ok(counts)
}

/// Reads an array in the type that is computed with, in C order.
pub(crate) fn read<T: Real>(file: ArrayFile) -> Result<Vec<T::Work>> {
    let array: ArrayD<T> = file.read()?;
    Ok(array.into_iter().map(T::widen).collect())
}

/// Writes a result in the type of the operands.
pub(crate) fn write<T: Real>(
    staged: &mut Staged,
    slot: Slot,
    shape: [usize; 4],
    values: Vec<T::Work>,
) -> Result {
    let values = values.into_iter().map(T::narrow).collect();
    let array = ArrayD::from_shape_vec(IxDyn(&shape), values).map_err(Failure::environment)?;
    staged.write(slot, |out| npy::write::<T>(out, array.view()))
}
