//! Depthwise passes with every kernel of the host, in all mixtures of layouts with channels side by side, against the definition.

use super::*;
use crate::conv::geometry::Axis;
use crate::conv::layout::KernelLayout;
use crate::conv::{Context, Layout, Method};
use crate::gemm::Kernels;

/// Numbers whose products and sums are exact.
fn numbers<T: Float>(len: usize, seed: usize) -> Vec<T> {
    (0..len)
        .map(|i| T::from_f64(((i * 7 + seed * 5) % 23) as f64 - 11.0))
        .collect()
}

fn nan<T: Float>(len: usize) -> Vec<T> {
    vec![T::from_f64(f64::NAN); len]
}

/// A tensor of NCHW in another layout; lanes without a channel are `beyond`.
fn stored<T: Float>(view: &Activations, plain: &[T], beyond: f64) -> Vec<T> {
    let mut tensor = vec![T::from_f64(beyond); view.len()];
    let (pixels, width) = (view.pixels(), view.width);
    for (i, value) in plain.iter().enumerate() {
        let (plane, pixel) = (i / pixels, i % pixels);
        let [n, c] = [plane / view.channels, plane % view.channels];
        tensor[view.address([n, c, pixel / width, pixel % width])] = *value;
    }
    tensor
}

fn stored_kernel<T: Float>(view: &Kernel, plain: &[T], beyond: f64) -> Vec<T> {
    let mut tensor = vec![T::from_f64(beyond); view.len()];
    let taps = view.taps[0] * view.taps[1];
    for (i, value) in plain.iter().enumerate() {
        tensor[view.address(i / taps, 0, i % taps)] = *value;
    }
    tensor
}

/// Operands and results of a convolution in NCHW.
struct Case<T> {
    conv: Conv2d,
    operands: [Vec<T>; 3],
    /// y, dx, dk.
    results: [Vec<T>; 3],
}

impl<T: Float> Case<T> {
    fn new(conv: Conv2d) -> Self {
        let len = |shape: [usize; 4]| shape.iter().product();
        let x = numbers::<T>(len(conv.input_shape()), 1);
        let kernel = numbers::<T>(len(conv.kernel_shape()), 2);
        let dy = numbers::<T>(len(conv.output_shape()), 3);
        let (mut y, mut dx, mut dk) = (nan(dy.len()), nan(x.len()), nan(kernel.len()));
        let (cx, method, layout) = (Context::default(), Method::Direct, Layout::Nchw);
        crate::conv::forward(&cx, &conv, method, layout, &x, &kernel, &mut y).unwrap();
        crate::conv::backward_input(&cx, &conv, method, layout, &kernel, &dy, &mut dx).unwrap();
        crate::conv::backward_kernel(&cx, &conv, method, layout, &x, &dy, &mut dk).unwrap();
        Case {
            conv,
            operands: [x, kernel, dy],
            results: [y, dx, dk],
        }
    }

    /// Holds the three passes against the definition.
    fn check(&self, cx: &Context, kernels: &'static Kernels<T>, formats: Formats) {
        let conv = &self.conv;
        let ((input, output), view) = (views(conv, formats), Kernel::of(formats.kernel, conv));
        let [x, kernel, dy] = &self.operands;
        let beyond = f64::NAN;
        let (x, dy) = (stored(&input, x, beyond), stored(&output, dy, beyond));
        let kernel = stored_kernel(&view, kernel, beyond);
        let (mut y, mut dx, mut dk) = (nan(dy.len()), nan(x.len()), nan(kernel.len()));
        let taps = [conv.rows(), conv.columns()].map(|axis| axis.taps);
        let of = |results: fn(&Axis) -> Results, from: &Activations, to: &Activations| {
            let results = [conv.rows(), conv.columns()].map(results);
            Rectangles::new(&results, from, to, taps)
        };
        let blending = |rectangles, from, to| Blending {
            kernels,
            rectangles,
            from,
            to,
        };
        let outputs = of(Results::outputs, &input, &output);
        let forward = blending(outputs, input, output);
        forward.compute(cx, &x, (&kernel, view), &mut y).unwrap();
        let backward = blending(of(Results::inputs, &output, &input), output, input);
        backward.compute(cx, &dy, (&kernel, view), &mut dx).unwrap();
        let weighing = Weighing {
            kernels,
            rectangles: of(Results::outputs, &input, &output),
            from: input,
            pixels: output,
        };
        weighing.compute(cx, &x, &dy, (&mut dk, view)).unwrap();
        let [expected_y, expected_dx, expected_dk] = &self.results;
        assert!(
            y == stored(&output, expected_y, 0.0),
            "y {formats:?} {conv:?} {kernels:?}"
        );
        assert!(
            dx == stored(&input, expected_dx, 0.0),
            "dx {formats:?} {conv:?} {kernels:?}"
        );
        assert!(
            dk == stored_kernel(&view, expected_dk, 0.0),
            "dk {formats:?} {conv:?} {kernels:?}"
        );
    }
}

fn depthwise(
    [n, c, h, w]: [usize; 4],
    taps: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    padding: [usize; 4],
) -> Option<Conv2d> {
    Conv2d::builder([n, c, h, w], [c, 1, taps[0], taps[1]])
        .stride(stride)
        .dilation(dilation)
        .padding(padding)
        .groups(c)
        .build()
        .ok()
}

/// Every mixture of the layouts that suit.
fn formats() -> impl Iterator<Item = Formats> {
    use ActivationLayout::{Nc1hwc0, Nhwc};
    use KernelLayout::{FractalZ, Kcrs, Krsc};
    let all = [Nhwc, Nc1hwc0].into_iter().flat_map(|input| {
        [Nhwc, Nc1hwc0].into_iter().flat_map(move |output| {
            [Kcrs, Krsc, FractalZ]
                .into_iter()
                .map(move |kernel| Formats {
                    input,
                    kernel,
                    output,
                })
        })
    });
    // Few where each access is checked.
    all.step_by(if cfg!(miri) { 5 } else { 1 })
}

fn geometries() -> Vec<Conv2d> {
    let all = [
        // Rectangles of one pixel, of one row, and none in the middle.
        depthwise([1, 2, 1, 1], [1, 1], [1, 1], [1, 1], [0; 4]),
        depthwise([1, 5, 2, 3], [3, 3], [1, 1], [1, 1], [1; 4]),
        depthwise([2, 17, 5, 6], [3, 3], [2, 2], [1, 1], [1, 0, 0, 1]),
        // Positions that no tap reaches, and taps that only read padding.
        depthwise([1, 19, 7, 8], [2, 1], [3, 4], [1, 1], [0; 4]),
        depthwise([1, 3, 3, 2], [3, 4], [1, 2], [1, 1], [4, 3, 5, 2]),
        // More taps than are summed side by side, and a dilation.
        depthwise([1, 33, 9, 21], [4, 5], [1, 1], [2, 1], [3, 2, 0, 4]),
        depthwise([2, 40, 13, 12], [3, 2], [2, 3], [2, 2], [1, 2, 2, 0]),
        depthwise([1, 16, 20, 23], [7, 7], [2, 1], [1, 1], [3; 4]),
        // Several pieces of channels, and several parts of pixels.
        depthwise([1, 150, 4, 5], [3, 3], [1, 1], [1, 1], [1; 4]),
        depthwise([3, 24, 31, 30], [3, 3], [1, 1], [1, 1], [1; 4]),
    ];
    let small = if cfg!(miri) { 4 } else { all.len() };
    all.into_iter().take(small).map(Option::unwrap).collect()
}

fn every_kernel_agrees<T: Float>() {
    for conv in geometries() {
        let case = Case::<T>::new(conv);
        for kernels in T::kernels() {
            for formats in formats() {
                case.check(&Context::single_threaded(), kernels, formats);
            }
        }
    }
}

#[test]
fn lanes_are_the_definition() {
    every_kernel_agrees::<f32>();
    every_kernel_agrees::<f64>();
}

/// Numbers that are rounded, so that another order of sums would show.
fn rounded(len: usize, seed: usize) -> Vec<f32> {
    (0..len)
        .map(|i| ((i * 7919 + seed) % 1013) as f32 / 1013.0 - 0.5)
        .collect()
}

#[test]
#[cfg_attr(miri, ignore = "too large to check each access")]
fn any_number_of_threads_gives_the_same_bits() {
    let conv = depthwise([2, 40, 64, 50], [3, 3], [1, 2], [1, 1], [1; 4]).unwrap();
    for layout in [Layout::Nhwc, Layout::Davinci] {
        let formats = layout.formats();
        assert!(suits(&conv, formats));
        let ((input, output), view) = (views(&conv, formats), Kernel::of(formats.kernel, &conv));
        let (x, dy) = (rounded(input.len(), 1), rounded(output.len(), 2));
        let kernel = rounded(view.len(), 3);
        let run = |threads: usize| {
            let cx = Context::with_threads(threads).unwrap();
            let (mut y, mut dx, mut dk) = (nan(dy.len()), nan(x.len()), nan(kernel.len()));
            let method = Method::Fused;
            crate::conv::forward(&cx, &conv, method, layout, &x, &kernel, &mut y).unwrap();
            crate::conv::backward_input(&cx, &conv, method, layout, &kernel, &dy, &mut dx).unwrap();
            crate::conv::backward_kernel(&cx, &conv, method, layout, &x, &dy, &mut dk).unwrap();
            [y, dx, dk].map(|tensor| tensor.into_iter().map(f32::to_bits).collect::<Vec<_>>())
        };
        let one = run(1);
        assert!(one == run(2) && one == run(3), "{layout:?}");
    }
}

#[test]
fn an_infinity_stays_with_what_reads_it() {
    let channels = if cfg!(miri) { 3 } else { 18 };
    let conv = depthwise([1, channels, 4, 5], [3, 3], [1, 1], [1, 1], [1; 4]).unwrap();
    let mut case = Case::<f64>::new(conv);
    let zeros = case
        .operands
        .iter_mut()
        .flatten()
        .filter(|value| **value == 0.0);
    zeros.for_each(|value| *value = 1.0);
    // In the last channel's corner, where all others of its vector, and the padding, are beside it.
    let last = case.operands[0].len() - 1;
    case.operands[0][last] = f64::INFINITY;
    let [x, kernel, dy] = case.operands.clone();
    let (cx, method, layout) = (Context::default(), Method::Direct, Layout::Nchw);
    let [y, dx, dk] = &mut case.results;
    crate::conv::forward(&cx, &conv, method, layout, &x, &kernel, y).unwrap();
    crate::conv::backward_input(&cx, &conv, method, layout, &kernel, &dy, dx).unwrap();
    crate::conv::backward_kernel(&cx, &conv, method, layout, &x, &dy, dk).unwrap();
    for kernels in <f64 as crate::gemm::HasKernels>::kernels() {
        formats().for_each(|formats| case.check(&cx, kernels, formats));
    }
}
