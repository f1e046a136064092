//! How much memory the engine asks for beside its operands and results.

use convgrad::Error;
use convgrad::conv::{Context, Conv2d, Layout, Method, backward_input, backward_kernel, forward};

/// What the engine promises for a thread, in bytes.
const MOST: usize = 2 << 20;

/// Shapes that ask for most: large images of few channels, pointwise layers, and the largest kernels of ResNet-50 and VGG-16 on the
/// images that they see, at few images, since batches are gone through in stretches.
const SHAPES: [([usize; 4], [usize; 4], usize); 9] = [
    ([1, 3, 224, 224], [32, 3, 3, 3], 2),
    ([1, 3, 224, 224], [64, 3, 7, 7], 2),
    ([2, 64, 56, 56], [64, 64, 3, 3], 1),
    ([2, 256, 56, 56], [64, 256, 1, 1], 1),
    ([1, 256, 28, 28], [512, 256, 3, 3], 1),
    ([1, 512, 14, 14], [512, 512, 3, 3], 1),
    ([4, 512, 14, 14], [512, 512, 3, 3], 2),
    ([8, 512, 7, 7], [512, 512, 3, 3], 1),
    ([4, 1024, 14, 14], [2048, 1024, 1, 1], 2),
];

#[test]
fn a_thread_of_the_engine_needs_two_mebibytes_at_most() -> Result<(), Error> {
    let (context, method, layout) = (Context::single_threaded(), Method::Fused, Layout::Nchw);
    let noise = |shape: [usize; 4]| -> Vec<f32> {
        (0..shape.iter().product())
            .map(|i| (i * 7 % 17) as f32 - 8.0)
            .collect()
    };
    for (input, kernel, stride) in SHAPES {
        let conv = Conv2d::builder(input, kernel)
            .stride(stride)
            .padding(kernel[2] / 2)
            .build()?;
        let (x, k, dy) = (noise(input), noise(kernel), noise(conv.output_shape()));
        let (mut y, mut dx, mut dk) = (dy.clone(), x.clone(), k.clone());
        let runs = [
            context.measure_scratch(|cx| forward(cx, &conv, method, layout, &x, &k, &mut y)),
            context
                .measure_scratch(|cx| backward_input(cx, &conv, method, layout, &k, &dy, &mut dx)),
            context
                .measure_scratch(|cx| backward_kernel(cx, &conv, method, layout, &x, &dy, &mut dk)),
        ];
        for (pass, (outcome, bytes)) in ["forward", "dX", "dK"].iter().zip(runs) {
            outcome?;
            assert!(
                (1..=MOST).contains(&bytes),
                "{input:?} by {kernel:?}, {pass}: {bytes} bytes"
            );
        }
    }
    Ok(())
}
