//! The paper's method to the letter: both gradients are forward convolutions, im2col and a matrix product, of converted operands.
//! Everything is stored: what the converters make, the zeros that Strided inserts, im2col's matrix.
//!
//! - The input's gradient is the convolution of Strided(dY) with FlipRot(K).
//! - The kernel's gradient is, group by group, the convolution of T_NC(X) with T_NCf(dY), stride and dilation exchanged; T_NCf brings the
//!   result, cropped to the kernel's extents, into the kernel's layout.
//!
//! [`Conv2d`] knows the geometries, `formulas` the converters. A negative padding of a geometry crops its input: im2col starts inside.

use crate::conv::context::Stage;
use crate::conv::formulas;
use crate::conv::forward::{convolve, im2col};
use crate::conv::geometry::Conv2d;
use crate::conv::job::Job;
use crate::conv::layout::{Activations, Kernel, Layout};
use crate::conv::operands::KernelMatrix;
use crate::conv::operands::Patches;
use crate::conv::scratch::Operand;
use crate::error::{Error, Result};
use crate::float::Float;
use crate::gemm::Strides;

/// The gradient of the input.
pub(crate) fn backward_input<T: Float>(job: Job<T>, layout: Layout) -> Result<()> {
    let (cx, conv, (kernel, dy)) = (job.cx, job.conv, job.operands);
    let gradient = conv.input_gradient();
    check_zeros(&gradient)?;
    let (dy, kernel) = cx.stage(Stage::Converters, || -> Result<_> {
        // With stride 1, Strided is the identity.
        let stride = conv.inserting_stride();
        let dy = if stride == [1, 1] {
            Operand::Lent(dy)
        } else {
            Operand::Made(formulas::strided(
                cx,
                layout,
                conv.output_shape(),
                stride,
                dy,
            )?)
        };
        Ok((dy, formulas::flip_rot(cx, layout, conv, kernel)?))
    })?;
    im2col(Job {
        cx,
        conv: &gradient,
        formats: job.formats,
        operands: (&dy, &kernel),
        result: job.result,
    })
}

/// The gradient of the kernel.
pub(crate) fn backward_kernel<T: Float>(job: Job<T>, layout: Layout) -> Result<()> {
    let Job {
        cx,
        conv,
        formats,
        operands: (x, dy),
        result: dk,
    } = job;
    let (x, dy) = cx.stage(Stage::Converters, || -> Result<_> {
        let x = formulas::t_nc(cx, layout, conv.input_shape(), x)?;
        Ok((x, formulas::t_ncf(cx, layout, conv.output_shape(), dy)?))
    })?;

    // One geometry for all groups; the batch of T_NC(X) and the outputs of T_NCf(dY) fall into groups one after the other.
    let gradient = conv.kernel_gradient();
    let input = Activations::input(formats.input, &gradient);
    let output = Activations::output(formats.output, &gradient);
    let patches = Patches::new(&gradient, input);
    let [_, images, p, q] = gradient.kernel_shape();
    let view = Kernel::new(formats.kernel, [conv.output_channels(), images, p, q]);
    let kernel = cx.stage(Stage::Gemm, || patches.order(view, 1).pack(cx, &dy))?;

    let mut results = cx.buffer(
        "the kernel's gradient by groups",
        conv.groups() * output.len(),
    )?;
    let work = usize::try_from(conv.flops()).unwrap_or(usize::MAX);
    cx.try_for_each_chunk(work, &mut results, output.len(), |cx, group, result| {
        let offset = kernel.strides.offset + group * conv.group_outputs() * kernel.strides.row;
        let kernel = KernelMatrix {
            data: Operand::Lent(&kernel.data),
            strides: Strides {
                offset,
                ..kernel.strides
            },
        };
        let x = &x[group * input.len()..][..input.len()];
        convolve(cx, &gradient, &patches, x, &kernel, (result, output))
    })?;
    cx.stage(Stage::Converters, || {
        formulas::collect(layout, conv, &results, dk)
    })
}

/// Refuses to store more zeros than a tensor may have elements.
fn check_zeros(gradient: &Conv2d) -> Result<()> {
    let [n, k, h, w] = gradient.input_shape();
    let factors = [
        n,
        k.next_multiple_of(crate::conv::layout::C0),
        h,
        w,
        size_of::<f64>(),
    ];
    let bytes = factors
        .iter()
        .try_fold(1usize, |product, &factor| product.checked_mul(factor));
    match bytes {
        Some(bytes) if bytes <= isize::MAX as usize => Ok(()),
        _ => Err(Error::Memory {
            tensor: "the output's gradient with zeros for the stride".into(),
            bytes,
        }),
    }
}
