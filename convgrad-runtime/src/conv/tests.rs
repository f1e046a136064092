//! Every method in every layout against the definition, over random geometries.

mod prepared;

use proptest::prelude::*;

use super::layout::C0;
use super::*;
use crate::float::Float;

const LAYOUTS: [Layout; 3] = Layout::ALL;
const METHODS: [Method; 5] = [
    Method::Fused,
    Method::Converters,
    Method::Literal,
    Method::Col2im,
    Method::Autodiff,
];

/// Small geometries with everything in them: channels ragged to 16, strides, dilations, paddings larger than the kernel, groups.
fn geometries() -> impl Strategy<Value = Conv2d> {
    // Few where each access is checked.
    let (wide, count, extent): (usize, usize, usize) = match cfg!(miri) {
        true => (1, 3, 5),
        false => (0, 8, 10),
    };
    let counts = (1usize..4, 1usize..4, wide..3, 1..count, 1..count);
    let extents = (
        prop::array::uniform2(1..extent),
        prop::array::uniform2(1usize..4),
    );
    let steps = (
        prop::array::uniform2(1usize..4),
        prop::array::uniform2(1usize..4),
        prop::array::uniform4(0usize..5),
    );
    (counts, extents, steps).prop_filter_map(
        "the kernel fits",
        |((n, groups, wide, c, k), (input, taps), (stride, dilation, padding))| {
            // Every third geometry has more than a block of channels in a group.
            let (c, k) = if wide == 0 { (c + C0, k + C0) } else { (c, k) };
            Conv2d::builder(
                [n, c * groups, input[0], input[1]],
                [k * groups, c, taps[0], taps[1]],
            )
            .stride(stride)
            .dilation(dilation)
            .padding(padding)
            .groups(groups)
            .build()
            .ok()
        },
    )
}

/// How many geometries a test asks for; one where each access is checked.
fn cases() -> ProptestConfig {
    ProptestConfig {
        cases: if cfg!(miri) { 1 } else { 150 },
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Numbers in -1..1, other ones for every seed.
fn random<T: Float>(len: usize, seed: u64) -> Vec<T> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        T::from_f64((state >> 11) as f64 / (1u64 << 52) as f64 - 1.0)
    };
    (0..len).map(|_| next()).collect()
}

/// Puts NCHW numbers into a layout whose lanes without a channel hold NaN, which nobody may read.
fn activations<T: Float>(
    layout: ActivationLayout,
    shape @ [_, c, h, w]: [usize; 4],
    plain: &[T],
) -> Vec<T> {
    let view = Activations::new(layout, shape);
    let mut tensor = vec![T::from_f64(f64::NAN); view.len()];
    for (i, value) in plain.iter().enumerate() {
        tensor[view.address([i / (c * h * w), i / (h * w) % c, i / w % h, i % w])] = *value;
    }
    tensor
}

fn kernel<T: Float>(layout: KernelLayout, shape @ [_, c, r, s]: [usize; 4], plain: &[T]) -> Vec<T> {
    let view = Kernel::new(layout, shape);
    let mut tensor = vec![T::from_f64(f64::NAN); view.len()];
    for (i, value) in plain.iter().enumerate() {
        tensor[view.address(i / (c * r * s), i / (r * s) % c, i % (r * s))] = *value;
    }
    tensor
}

/// Norm of the difference over the norm, places that no element has included: those must be zero.
fn error<T: Float>(found: &[T], expected: &[T]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>().sqrt();
    let expected = |i: usize| {
        Some(expected[i].to_f64())
            .filter(|x| !x.is_nan())
            .unwrap_or(0.0)
    };
    let difference = norm(
        &mut found
            .iter()
            .enumerate()
            .map(|(i, x)| x.to_f64() - expected(i)),
    );
    let scale = norm(&mut (0..found.len()).map(expected));
    if difference == 0.0 {
        0.0
    } else {
        difference / scale
    }
}

/// The operands and results of one convolution in NCHW, the results by the definition.
struct Case<T> {
    conv: Conv2d,
    x: Vec<T>,
    kernel: Vec<T>,
    dy: Vec<T>,
    y: Vec<T>,
    dx: Vec<T>,
    dk: Vec<T>,
}

impl<T: Float> Case<T> {
    fn new(conv: Conv2d, seed: u64) -> Self {
        let len = |shape: [usize; 4]| shape.iter().product();
        let x = random(len(conv.input_shape()), seed);
        let kernel = random(len(conv.kernel_shape()), seed + 1);
        let dy = random(len(conv.output_shape()), seed + 2);
        let nan = |like: &[T]| vec![T::from_f64(f64::NAN); like.len()];
        let (mut y, mut dx, mut dk) = (nan(&dy), nan(&x), nan(&kernel));
        let cx = Context::single_threaded();
        let (method, layout) = (Method::Direct, Layout::Nchw);
        forward(&cx, &conv, method, layout, &x, &kernel, &mut y).unwrap();
        backward_input(&cx, &conv, method, layout, &kernel, &dy, &mut dx).unwrap();
        backward_kernel(&cx, &conv, method, layout, &x, &dy, &mut dk).unwrap();
        Case {
            conv,
            x,
            kernel,
            dy,
            y,
            dx,
            dk,
        }
    }

    /// The results y, dx, dk, in the layouts' own formats: of a method, or of the default one in any mixture of layouts.
    fn run(&self, cx: &Context, method: Option<Method>, formats: Formats) -> [Vec<T>; 3] {
        let conv = &self.conv;
        let [x, kernel, dy] = self.in_formats(formats, [&self.x, &self.kernel, &self.dy]);
        let nan = |like: &[T]| vec![T::from_f64(f64::NAN); like.len()];
        let (mut y, mut dx, mut dk) = (nan(&dy), nan(&x), nan(&kernel));
        if let Some(method) = method {
            let layout = formats.family().unwrap();
            forward(cx, conv, method, layout, &x, &kernel, &mut y).unwrap();
            backward_input(cx, conv, method, layout, &kernel, &dy, &mut dx).unwrap();
            backward_kernel(cx, conv, method, layout, &x, &dy, &mut dk).unwrap();
        } else {
            let passes = [
                (Pass::Forward, (&x, &kernel), &mut y),
                (Pass::BackwardInput, (&kernel, &dy), &mut dx),
                (Pass::BackwardKernel, (&x, &dy), &mut dk),
            ];
            for (pass, (a, b), result) in passes {
                compute_mixed(cx, conv, formats, pass, (a, b), result).unwrap();
            }
        }
        [y, dx, dk]
    }

    fn in_formats(&self, formats: Formats, [input, k, output]: [&[T]; 3]) -> [Vec<T>; 3] {
        [
            activations(formats.input, self.conv.input_shape(), input),
            kernel(formats.kernel, self.conv.kernel_shape(), k),
            activations(formats.output, self.conv.output_shape(), output),
        ]
    }

    /// Holds a method's results against the definition's.
    fn check(&self, cx: &Context, method: Option<Method>, formats: Formats, tolerance: f64) {
        let [dx, dk, y] = self.in_formats(formats, [&self.dx, &self.dk, &self.y]);
        let found = self.run(cx, method, formats);
        for (name, found, expected) in [
            ("y", &found[0], &y),
            ("dx", &found[1], &dx),
            ("dk", &found[2], &dk),
        ] {
            let error = error(found, expected);
            assert!(
                error <= tolerance,
                "{name} is off by {error:e}: {method:?}, {formats:?}, {:?}",
                self.conv
            );
        }
    }
}

/// The sums of the definition, term by term, without any of the code under test.
fn by_definition(case: &Case<f64>) -> [Vec<f64>; 3] {
    let conv = &case.conv;
    let ([n, c, h, w], [k, ci, r, s], [_, _, p, q]) =
        (conv.input_shape(), conv.kernel_shape(), conv.output_shape());
    let ([sh, sw], [dh, dw], [top, _, left, _]) = (conv.stride(), conv.dilation(), conv.padding());
    let mut sums = [
        vec![0.0; n * k * p * q],
        vec![0.0; n * c * h * w],
        vec![0.0; k * ci * r * s],
    ];
    for (n, k, c) in (0..n).flat_map(|n| (0..k).flat_map(move |k| (0..ci).map(move |c| (n, k, c))))
    {
        let channel = k / (conv.output_channels() / conv.groups()) * ci + c;
        for (p_, q_, r_, s_) in
            (0..p * q * r * s).map(|i| (i / (q * r * s), i / (r * s) % q, i / s % r, i % s))
        {
            let (y_, x_) = (
                (p_ * sh + r_ * dh) as isize - top,
                (q_ * sw + s_ * dw) as isize - left,
            );
            if y_ < 0 || x_ < 0 || y_ >= h as isize || x_ >= w as isize {
                continue;
            }
            let x = ((n * conv.input_channels() + channel) * h + y_ as usize) * w + x_ as usize;
            let kernel = ((k * ci + c) * r + r_) * s + s_;
            let y = ((n * conv.output_channels() + k) * p + p_) * q + q_;
            sums[0][y] += case.x[x] * case.kernel[kernel];
            sums[1][x] += case.dy[y] * case.kernel[kernel];
            sums[2][kernel] += case.dy[y] * case.x[x];
        }
    }
    sums
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn direct_is_the_definition(conv in geometries(), seed in 0u64..1000) {
        let case = Case::<f64>::new(conv, seed);
        let [y, dx, dk] = by_definition(&case);
        for (found, expected) in [(&case.y, y), (&case.dx, dx), (&case.dk, dk)] {
            prop_assert!(error(found, &expected) < 1e-13);
        }
    }

    #[test]
    fn every_method_in_every_layout_is_direct(conv in geometries(), seed in 0u64..1000) {
        let case = Case::<f64>::new(conv, seed);
        let cx = Context::single_threaded();
        for layout in LAYOUTS {
            case.check(&cx, Some(Method::Direct), layout.formats(), 1e-13);
            for method in METHODS {
                case.check(&cx, Some(method), layout.formats(), 1e-12);
            }
        }
    }

    #[test]
    fn single_precision_is_enough(conv in geometries(), seed in 0u64..1000) {
        let case = Case::<f32>::new(conv, seed);
        for layout in LAYOUTS {
            for method in METHODS {
                case.check(&Context::default(), Some(method), layout.formats(), 1e-6);
            }
        }
    }

    #[test]
    fn layouts_mix(conv in geometries(), seed in 0u64..1000, choice in prop::array::uniform3(0usize..3)) {
        let family = |i: usize| LAYOUTS[choice[i]].formats();
        let formats = Formats { input: family(0).input, kernel: family(1).kernel, output: family(2).output };
        Case::<f64>::new(conv, seed).check(&Context::single_threaded(), None, formats, 1e-12);
    }

    #[test]
    fn gradients_are_adjoints(conv in geometries(), seed in 0u64..1000) {
        let case = Case::<f64>::new(conv, seed);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        for method in METHODS {
            let [y, dx, dk] = case.run(&Context::single_threaded(), Some(method), Layout::Nchw.formats());
            let product = dot(&case.dy, &y);
            let scale = 1e-12 * (1.0 + dot(&case.dy, &case.dy).sqrt() * dot(&y, &y).sqrt());
            prop_assert!((dot(&dx, &case.x) - product).abs() < scale, "{method:?}");
            prop_assert!((dot(&dk, &case.kernel) - product).abs() < scale, "{method:?}");
        }
    }
}

/// Large enough to be shared among threads and to need several tiles and pieces.
fn large() -> Vec<Conv2d> {
    let conv = |input, kernel, stride, groups| {
        Conv2d::builder(input, kernel)
            .stride(stride)
            .padding([1, 0, 2, 1])
            .groups(groups)
            .build()
            .unwrap()
    };
    vec![
        conv([1, 40, 60, 61], [48, 40, 3, 3], 1, 1),
        conv([3, 36, 20, 30], [40, 18, 3, 3], 2, 2),
        conv([9, 20, 9, 9], [40, 20, 1, 1], 1, 1),
        // Zones of rows that read the padding, and taps apart in the input's gradient.
        conv([8, 40, 7, 7], [60, 40, 3, 3], 1, 1),
        conv([9, 40, 11, 8], [60, 40, 3, 3], 2, 1),
        // Results that are scattered, of few channels and of a single tap.
        conv([2, 3, 61, 80], [24, 3, 5, 5], 2, 1),
        conv([5, 70, 15, 13], [90, 35, 1, 1], 2, 2),
        // Neighbours of all phases at once.
        conv([2, 40, 31, 30], [40, 1, 3, 3], 2, 40),
    ]
}

#[test]
#[cfg_attr(miri, ignore = "too large to check each access")]
fn threads_do_not_change_a_bit() {
    for conv in large() {
        let case = Case::<f32>::new(conv, 7);
        for layout in LAYOUTS {
            for method in METHODS {
                let one = case.run(&Context::single_threaded(), Some(method), layout.formats());
                for threads in [2, 3] {
                    let several = case.run(
                        &Context::with_threads(threads).unwrap(),
                        Some(method),
                        layout.formats(),
                    );
                    assert!(one == several, "{method:?} {layout:?} {conv:?}");
                }
                case.check(&Context::default(), Some(method), layout.formats(), 1e-6);
            }
        }
    }
}

#[test]
fn an_empty_batch_has_no_output_and_a_zero_kernel_gradient() {
    let conv = Conv2d::builder([0, 3, 5, 5], [2, 3, 3, 3]).build().unwrap();
    let cx = Context::default();
    for method in METHODS {
        for layout in LAYOUTS {
            let len = Kernel::of(layout.formats().kernel, &conv).len();
            let mut dk = vec![f32::NAN; len];
            forward(&cx, &conv, method, layout, &[], &vec![1.0f32; len], &mut []).unwrap();
            backward_input(&cx, &conv, method, layout, &vec![1.0f32; len], &[], &mut []).unwrap();
            backward_kernel(&cx, &conv, method, layout, &[], &[], &mut dk).unwrap();
            assert!(dk.iter().all(|&x| x == 0.0));
        }
    }
}

#[test]
fn wrong_lengths_are_errors() {
    let conv = Conv2d::builder([1, 3, 5, 5], [2, 3, 3, 3]).build().unwrap();
    let (x, kernel, mut y) = (vec![0.0f32; 75], vec![0.0; 54], vec![0.0; 17]);
    let error = forward(
        &Context::default(),
        &conv,
        Method::Fused,
        Layout::Nchw,
        &x,
        &kernel,
        &mut y,
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the slice for the output holds 17 elements, but the shape [1, 2, 3, 3] needs 18"
    );
}

#[test]
fn huge_steps_are_taken_without_overflow() {
    let large = 1usize << 40;
    let conv = |input, kernel, stride, dilation, padding: [usize; 4]| {
        let builder = Conv2d::builder(input, kernel)
            .stride(stride)
            .dilation(dilation)
            .padding(padding);
        builder.build().unwrap()
    };
    for conv in [
        conv([2, 3, 1, 1], [4, 3, 2, 2], 2 * large, large, [large; 4]),
        conv([2, 3, 5, 4], [4, 3, 1, 2], large, 1, [0, 3, 0, 1]),
        conv([2, 3, 5, 4], [4, 3, 3, 1], 1, 2, [0, 4, 3, 0]),
    ] {
        let case = Case::<f64>::new(conv, 3);
        for layout in LAYOUTS {
            for method in METHODS {
                case.check(&Context::default(), Some(method), layout.formats(), 1e-12);
            }
            // The emulator has nothing unsafe, and each of its cycles would be checked.
            if !cfg!(miri) {
                let cube = Some(Method::Cube);
                case.check(&Context::default(), cube, layout.formats(), 2e-3);
            }
        }
    }
}

#[test]
fn zeros_that_fit_nowhere_are_an_error() {
    // Two rows of outputs, 2^60 rows apart once the zeros for the stride are stored.
    let far = 1usize << 60;
    let conv = Conv2d::builder([1, 1, 1, 1], [1, 1, 1, 1])
        .stride([far, 1])
        .padding([0, far, 0, 0])
        .build()
        .unwrap();
    let run = |method| {
        let mut dx = [f64::NAN];
        backward_input(
            &Context::default(),
            &conv,
            method,
            Layout::Nchw,
            &[2.0],
            &[3.0, 5.0],
            &mut dx,
        )
        .map(|()| dx)
    };
    assert_eq!(run(Method::Fused), Ok([6.0]));
    assert_eq!(run(Method::Converters), Ok([6.0]));
    assert_eq!(run(Method::Autodiff), Ok([6.0]));
    assert!(matches!(
        run(Method::Literal),
        Err(crate::Error::Memory { .. })
    ));
}

#[test]
fn an_infinity_stays_with_the_taps_that_read_it() {
    let conv = Conv2d::builder([1, 2, 5, 6], [2, 1, 3, 3])
        .padding(1)
        .groups(2)
        .build()
        .unwrap();
    let dy: Vec<f32> = random(conv.output_shape().iter().product(), 5);
    let dk = |method, x: &[f32]| {
        let mut dk = vec![f32::NAN; 18];
        let (cx, layout) = (Context::default(), Layout::Nchw);
        backward_kernel(&cx, &conv, method, layout, x, &dy, &mut dk).unwrap();
        dk
    };
    for place in (0..60).step_by(if cfg!(miri) { 31 } else { 1 }) {
        let mut x: Vec<f32> = random(60, 6);
        x[place] = f32::INFINITY;
        let (found, expected) = (dk(Method::Fused, &x), dk(Method::Direct, &x));
        for (found, expected) in found.iter().zip(&expected) {
            let same = found == expected || (found - expected).abs() < 1e-4;
            assert!(same, "infinity at {place}: {found} for {expected}");
        }
    }
}
