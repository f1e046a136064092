//! How much memory the engine asks for beside its operands and results.

use convgrad::Error;
use convgrad::conv::{
    Activations, Context, Conv2d, Kernel, Layout, Method, backward_input, backward_kernel, forward,
};

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
    for (input, kernel, stride) in SHAPES {
        check(input, kernel, stride, 1, Layout::Nchw)?;
    }
    Ok(())
}

#[test]
fn depthwise_layers_need_no_copies_where_channels_lie_side_by_side() -> Result<(), Error> {
    for layout in [Layout::Nhwc, Layout::Davinci] {
        for (channels, extent, stride) in [(32, 112, 1), (64, 112, 2), (1024, 7, 1)] {
            let input = [4, channels, extent, extent];
            check(input, [channels, 1, 3, 3], stride, channels, layout)?;
        }
    }
    Ok(())
}

/// Holds the scratch of the three passes to what is promised.
fn check(
    input: [usize; 4],
    kernel: [usize; 4],
    stride: usize,
    groups: usize,
    layout: Layout,
) -> Result<(), Error> {
    let (context, method) = (Context::single_threaded(), Method::Fused);
    let conv = Conv2d::builder(input, kernel)
        .stride(stride)
        .padding(kernel[2] / 2)
        .groups(groups)
        .build()?;
    let noise = |len: usize| -> Vec<f32> { (0..len).map(|i| (i * 7 % 17) as f32 - 8.0).collect() };
    let formats = layout.formats();
    let x = noise(Activations::input(formats.input, &conv).len());
    let k = noise(Kernel::of(formats.kernel, &conv).len());
    let dy = noise(Activations::output(formats.output, &conv).len());
    let (mut y, mut dx, mut dk) = (dy.clone(), x.clone(), k.clone());
    let runs = [
        context.measure_scratch(|cx| forward(cx, &conv, method, layout, &x, &k, &mut y)),
        context.measure_scratch(|cx| backward_input(cx, &conv, method, layout, &k, &dy, &mut dx)),
        context.measure_scratch(|cx| backward_kernel(cx, &conv, method, layout, &x, &dy, &mut dk)),
    ];
    for (pass, (outcome, bytes)) in ["forward", "dX", "dK"].iter().zip(runs) {
        outcome?;
        assert!(
            (1..=MOST).contains(&bytes),
            "{input:?} by {kernel:?} in {layout:?}, {pass}: {bytes} bytes"
        );
    }
    Ok(())
}
