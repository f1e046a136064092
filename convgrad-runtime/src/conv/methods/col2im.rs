//! The original method: the input's gradient through the matrix of patches' gradient, scattered back by col2im, and the kernel's gradient
//! as the product of the output's gradient with the matrix of patches.

use crate::conv::context::Stage;
use crate::conv::job::Job;
use crate::conv::layout::{Activations, Kernel};
use crate::conv::operands::{Patches, Pixels, make_room};
use crate::error::Result;
use crate::float::Float;
use crate::gemm::{Shape, Strides, Write, multiply};

/// The gradient of the input: `dx = col2im(K^T dY)`.
pub(crate) fn backward_input<T: Float>(job: Job<T>) -> Result<()> {
    let Job {
        cx,
        conv,
        formats,
        operands: (kernel, dy),
        result: dx,
    } = job;
    let patches = Patches::new(conv, Activations::input(formats.input, conv));
    let kernel = patches.pack(cx, conv, formats, kernel)?;
    let lowering = &patches.lowering;
    let gradient = Pixels::new(
        Activations::output(formats.output, conv),
        conv.group_outputs(),
    );
    cx.stage(Stage::Col2im, || dx.fill(T::default()));
    let (mut dy_room, mut room) = (None, None);
    for pixels in patches.tiles() {
        let len = lowering.depth() * pixels.len();
        let matrix = make_room(cx, &mut room, "the gradient of the matrix of patches", len)?;
        let strides = lowering.strides(pixels.len());
        let shape = Shape {
            batch: conv.groups(),
            m: conv.depth(),
            n: pixels.len(),
            k: conv.group_outputs(),
        };
        let dy = gradient.read(cx, dy, pixels.clone(), &mut dy_room)?;
        cx.stage(Stage::Gemm, || {
            multiply(
                cx,
                shape,
                (&kernel.data, kernel.strides.transposed()),
                dy,
                (matrix, strides),
                Write::Replace,
            )
        })?;
        cx.stage(Stage::Col2im, || {
            lowering.scatter_add(cx, matrix, pixels, dx)
        });
    }
    Ok(())
}

/// The gradient of the kernel: `dk = dY im2col(X)^T`.
pub(crate) fn backward_kernel<T: Float>(job: Job<T>) -> Result<()> {
    let Job {
        cx,
        conv,
        formats,
        operands: (x, dy),
        result: dk,
    } = job;
    let patches = Patches::new(conv, Activations::input(formats.input, conv));
    let order = patches.order(Kernel::of(formats.kernel, conv), conv.groups());
    let gradient = Pixels::new(
        Activations::output(formats.output, conv),
        conv.group_outputs(),
    );
    let (mut dy_room, mut patch_room) = (None, None);
    order.unpack(cx, dk, |dk, dk_strides: Strides| {
        for (i, pixels) in patches.tiles().enumerate() {
            let shape = Shape {
                batch: conv.groups(),
                m: conv.group_outputs(),
                n: conv.depth(),
                k: pixels.len(),
            };
            let (matrix, strides) = patches.read(cx, x, pixels.clone(), &mut patch_room)?;
            let dy = gradient.read(cx, dy, pixels, &mut dy_room)?;
            let write = if i == 0 { Write::Replace } else { Write::Add };
            cx.stage(Stage::Gemm, || {
                multiply(
                    cx,
                    shape,
                    dy,
                    (matrix, strides.transposed()),
                    (&mut *dk, dk_strides),
                    write,
                )
            })?;
        }
        Ok(())
    })
}
