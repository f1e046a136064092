//! What the modules of `convolution` items call: arrays in, arrays out, in any mixture of layouts.

use ndarray::{Array, ArrayRef, CowArray, Dimension};

pub use crate::conv::{ActivationLayout, Conv2d, Formats, KernelLayout};
pub use crate::float::Float;

use crate::buffer::zeros;
use crate::conv::{
    Activations, Context, GeometryError, Kernel, Pass, PreparedKernel, compute_mixed,
};
use crate::error::{Error, Result};

/// The geometry for an input of n, c, h, w and a kernel of k, r, s.
pub fn geometry(
    input: [usize; 4],
    [k, r, s]: [usize; 3],
    stride: [usize; 2],
    padding: [usize; 4],
    dilation: [usize; 2],
    groups: usize,
) -> Result<Conv2d> {
    let channels = input[1].checked_div(groups).unwrap_or(input[1]);
    Conv2d::builder(input, [k, channels, r, s])
        .stride(stride)
        .padding(padding)
        .dilation(dilation)
        .groups(groups)
        .build()
}

/// The geometry itself, if it has the options that a `convolution` item declares.
pub fn declared(
    conv: &Conv2d,
    stride: [usize; 2],
    padding: [usize; 4],
    dilation: [usize; 2],
    groups: usize,
) -> Result<&Conv2d> {
    let signed = |all: &[usize]| -> Vec<isize> {
        let each = all
            .iter()
            .map(|&n| isize::try_from(n).unwrap_or(isize::MAX));
        each.collect()
    };
    let options = [
        ("stride", &stride[..], signed(&conv.stride())),
        ("padding", &padding[..], conv.padding().to_vec()),
        ("dilation", &dilation[..], signed(&conv.dilation())),
        ("groups", &[groups][..], signed(&[conv.groups()])),
    ];
    for (what, declared, given) in options {
        if signed(declared) != given {
            let declared = declared.to_vec();
            return Err(GeometryError::Options {
                what,
                declared,
                given,
            }
            .into());
        }
    }
    Ok(conv)
}

/// The output, from the input and the kernel.
pub fn forward<T: Float, X: Dimension, K: Dimension, Y: Dimension>(
    formats: Formats,
    conv: &Conv2d,
    x: &ArrayRef<T, X>,
    kernel: &ArrayRef<T, K>,
) -> Result<Array<T, Y>> {
    let shapes = Shapes::new(formats, conv);
    let (x, kernel) = (
        operand("the input", &shapes.input, x)?,
        operand("the kernel", &shapes.kernel, kernel)?,
    );
    result("the output", &shapes.output, |y| {
        compute_mixed(
            &Context::default(),
            conv,
            formats,
            Pass::Forward,
            (slice(&x)?, slice(&kernel)?),
            y,
        )
    })
}

/// The gradient of the input, from the kernel and the gradient of the output.
pub fn backward_input<T: Float, K: Dimension, Y: Dimension, X: Dimension>(
    formats: Formats,
    conv: &Conv2d,
    kernel: &ArrayRef<T, K>,
    dy: &ArrayRef<T, Y>,
) -> Result<Array<T, X>> {
    let shapes = Shapes::new(formats, conv);
    let (kernel, dy) = (
        operand("the kernel", &shapes.kernel, kernel)?,
        operand("the output's gradient", &shapes.output, dy)?,
    );
    result("the input's gradient", &shapes.input, |dx| {
        compute_mixed(
            &Context::default(),
            conv,
            formats,
            Pass::BackwardInput,
            (slice(&kernel)?, slice(&dy)?),
            dx,
        )
    })
}

/// The gradient of the kernel, from the input and the gradient of the output.
pub fn backward_kernel<T: Float, X: Dimension, Y: Dimension, K: Dimension>(
    formats: Formats,
    conv: &Conv2d,
    x: &ArrayRef<T, X>,
    dy: &ArrayRef<T, Y>,
) -> Result<Array<T, K>> {
    let shapes = Shapes::new(formats, conv);
    let (x, dy) = (
        operand("the input", &shapes.input, x)?,
        operand("the output's gradient", &shapes.output, dy)?,
    );
    result("the kernel's gradient", &shapes.kernel, |dk| {
        compute_mixed(
            &Context::default(),
            conv,
            formats,
            Pass::BackwardKernel,
            (slice(&x)?, slice(&dy)?),
            dk,
        )
    })
}

/// A kernel prepared for one of the first two passes.
pub(crate) fn prepare<T: Float, K: Dimension>(
    formats: Formats,
    conv: &Conv2d,
    kernel: &ArrayRef<T, K>,
    prepare: impl FnOnce(&[T]) -> Result<PreparedKernel<T>>,
) -> Result<PreparedKernel<T>> {
    let shapes = Shapes::new(formats, conv);
    prepare(slice(&operand("the kernel", &shapes.kernel, kernel)?)?)
}

/// What a prepared kernel makes of an array.
pub(crate) fn apply<T: Float, D: Dimension>(
    prepared: &PreparedKernel<T>,
    from: &ArrayRef<T, D>,
) -> Result<Array<T, D>> {
    let shapes = Shapes::new(prepared.formats(), prepared.conv());
    let ((from_name, from_shape), (to_name, to_shape)) = match prepared.pass() {
        Pass::Forward => (("the input", shapes.input), ("the output", shapes.output)),
        _ => (
            ("the output's gradient", shapes.output),
            ("the input's gradient", shapes.input),
        ),
    };
    let from = operand(from_name, &from_shape, from)?;
    result(to_name, &to_shape, |to| {
        prepared.run(&Context::default(), slice(&from)?, to)
    })
}

/// The shapes in memory of the three tensors.
struct Shapes {
    input: Vec<usize>,
    kernel: Vec<usize>,
    output: Vec<usize>,
}

impl Shapes {
    fn new(formats: Formats, conv: &Conv2d) -> Self {
        Shapes {
            input: Activations::shape(formats.input, conv.input_shape()),
            kernel: Kernel::shape(formats.kernel, conv.kernel_shape()),
            output: Activations::shape(formats.output, conv.output_shape()),
        }
    }
}

/// An array in C order, copied only if it is not.
fn operand<'a, T: Float, D: Dimension>(
    tensor: &'static str,
    expected: &[usize],
    array: &'a ArrayRef<T, D>,
) -> Result<CowArray<'a, T, D>> {
    if array.shape() != expected {
        return Err(Error::shape(tensor, expected, array.shape()));
    }
    Ok(array.as_standard_layout())
}

fn slice<'a, T, D: Dimension>(array: &'a CowArray<'_, T, D>) -> Result<&'a [T]> {
    array.as_slice().ok_or_else(|| Error::Internal {
        what: "an array in standard layout is no slice".into(),
    })
}

fn result<T: Float, D: Dimension>(
    tensor: &'static str,
    shape: &[usize],
    compute: impl FnOnce(&mut [T]) -> Result<()>,
) -> Result<Array<T, D>> {
    let mut data = zeros(tensor, shape.iter().product())?;
    compute(&mut data)?;
    let no_fit = |error: ndarray::ShapeError| Error::Internal {
        what: format!("{tensor} does not fit its shape ({error})").into(),
    };
    Array::from_shape_vec(shape, data)
        .map_err(no_fit)?
        .into_dimensionality()
        .map_err(no_fit)
}
