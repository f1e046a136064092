//! Scattered products against the definition, however they are cut, by every kernel of the host.

use proptest::prelude::*;

use super::*;
use crate::conv::{Layout, Method, backward_input};
use crate::gemm::HasKernels;

/// Numbers whose products and sums are exact.
fn numbers<T: Float>(len: usize, seed: usize) -> Vec<T> {
    (0..len)
        .map(|i| T::from_f64(((i * 7 + seed * 5) % 23) as f64 - 11.0))
        .collect()
}

fn len(shape: [usize; 4]) -> usize {
    shape.iter().product()
}

/// Scatters by every kernel of the host, from K and from FlipRot(K), which must agree with the definition to the last bit.
fn agree<T: Float + HasKernels>(conv: &Conv2d, cut: Cut) {
    let (cx, formats) = (Context::default(), Layout::Nchw.formats());
    let plain = numbers::<T>(len(conv.kernel_shape()), 1);
    let dy = numbers::<T>(len(conv.output_shape()), 2);
    let nan = vec![T::from_f64(f64::NAN); len(conv.input_shape())];
    let mut expected = nan.clone();
    let (method, layout) = (Method::Direct, Layout::Nchw);
    backward_input(&cx, conv, method, layout, &plain, &dy, &mut expected).unwrap();

    let view = Activations::output(formats.output, conv);
    let gradient = || {
        let (depth, columns) = (channels(&view).unwrap(), pixels(&view).unwrap());
        Matrix::new(&dy, depth, columns, [conv.group_outputs(), 0])
    };
    let flipped = crate::conv::formulas::flip_rot(&cx, layout, conv, &plain).unwrap();
    let plain = kernel(conv, &Kernel::of(formats.kernel, conv), &plain).unwrap();
    let flipped = turned_kernel(conv, formats, &flipped).unwrap();
    for kernels in T::kernels() {
        for (kernel, order) in [(&plain, Order::Kernel), (&flipped, Order::Turned)] {
            let (gradient, mut dx) = (gradient(), nan.clone());
            let product = Parts::new(kernels, shape(conv), kernel, &gradient);
            let gathering = Gathering::new(conv, order, product, cut);
            gathering.run(&cx, &mut dx).unwrap();
            let same = dx
                .iter()
                .zip(&expected)
                .all(|(a, b)| a.to_f64() == b.to_f64());
            assert!(same, "{kernels:?} {order:?} {cut:?} {conv:?}");
        }
    }
}

/// Geometries with everything in them, and how they are cut.
fn cases() -> impl Strategy<Value = (Conv2d, Cut)> {
    let most = if cfg!(miri) { 4 } else { 8 };
    let counts = (1usize..4, 1usize..3, 1usize..most, 1usize..most);
    let extents = (
        prop::array::uniform2(1usize..most + 6),
        prop::array::uniform2(1usize..5),
    );
    let steps = (
        prop::array::uniform2(1usize..5),
        prop::array::uniform2(1usize..4),
        prop::array::uniform4(0usize..5),
    );
    let cuts = (1usize..5, 1usize..4, 1usize..4, 1usize..5);
    (counts, extents, steps, cuts).prop_filter_map(
        "the kernel fits",
        |((n, groups, c, k), (input, taps), (stride, dilation, padding), cuts)| {
            let conv = Conv2d::builder(
                [n, c * groups, input[0], input[1]],
                [k * groups, c, taps[0], taps[1]],
            )
            .stride(stride)
            .dilation(dilation)
            .padding(padding)
            .groups(groups)
            .build()
            .ok()?;
            let (channels, images, parts, bands) = cuts;
            // Several images are never cut.
            let [parts, bands] = if images == 1 { [parts, bands] } else { [1, 1] };
            let cut = Cut {
                channels: channels.min(c),
                images,
                parts: parts.min(input[0]),
                bands,
                moves: 0,
            };
            Some((conv, cut))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 1 } else { 300 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn however_it_is_cut((conv, cut) in cases()) {
        agree::<f64>(&conv, cut);
        agree::<f32>(&conv, cut);
        agree::<f32>(&conv, Cut::least(&conv));
    }
}

#[test]
#[cfg_attr(miri, ignore = "too large to check each access")]
fn rows_of_many_vectors_and_stretches_of_a_deep_sum() {
    for (input, kernel, stride, padding) in [
        // Longer rows than a line of several, a depth of several stretches, and results beyond what the outputs reach.
        ([2, 3, 40, 300], [20, 3, 3, 3], 2, [1, 0, 0, 2]),
        ([2, 2, 33, 531], [8, 2, 5, 7], 3, [2, 2, 3, 3]),
        ([3, 20, 9, 12], [1700, 20, 1, 1], 2, [0; 4]),
        ([1, 5, 30, 270], [6, 5, 3, 4], 1, [1, 1, 3, 3]),
    ] {
        let builder = Conv2d::builder(input, kernel).stride(stride);
        let conv = builder.padding(padding).build().unwrap();
        for threads in [1, 3] {
            let depth = Parts::<f32>::longest_stretch(shape(&conv));
            agree::<f32>(&conv, Cut::new::<f32>(&conv, depth, true, threads).unwrap());
        }
    }
}

#[test]
fn what_is_cheaper_is_chosen() {
    let conv = |input, kernel: [usize; 4], stride| {
        let builder = Conv2d::builder(input, kernel).stride(stride);
        builder.padding(kernel[2] / 2).build().unwrap()
    };
    let formats = Layout::Nchw.formats();
    for strided in [
        conv([1, 3, 224, 224], [32, 3, 3, 3], 2),
        conv([8, 3, 224, 224], [64, 3, 7, 7], 2),
        conv([8, 512, 14, 14], [512, 512, 3, 3], 2),
        conv([8, 256, 28, 28], [256, 256, 3, 3], 2),
        conv([8, 512, 28, 28], [1024, 512, 1, 1], 2),
        conv([8, 1024, 14, 14], [2048, 1024, 1, 1], 2),
    ] {
        assert!(suits::<f32>(&strided, formats), "{strided:?}");
        // Where channels lie side by side, so do the results of a phase.
        assert!(!suits::<f32>(&strided, Layout::Nhwc.formats()));
    }
    for dense in [
        conv([8, 512, 7, 7], [512, 512, 3, 3], 1),
        conv([8, 64, 56, 56], [64, 64, 3, 3], 1),
        conv([1, 3, 224, 224], [64, 3, 3, 3], 1),
        conv([1, 32, 112, 112], [16, 32, 1, 1], 1),
    ] {
        assert!(!suits::<f32>(&dense, formats), "{dense:?}");
    }
}
