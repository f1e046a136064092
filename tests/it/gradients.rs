//! Both gradients of 48 convolutions by every method in every layout, against references computed in f64.
//!
//! `tests/data/gradients/manifest.json` lists the geometries; each has a folder with `x`, `k` and `dy` in f32 and `y`, `dx` and `dk` in f64.

use std::path::PathBuf;

use convgrad::Float;
use convgrad::conv::{
    Activations, Context, Conv2d, Kernel, Layout, Method, PreparedKernel, backward_input,
    backward_kernel, forward,
};
use convgrad::cube::{self, Scheme};
use ndarray::Array4;
use ndarray_npy::{ReadableElement, read_npy};

#[derive(serde::Deserialize)]
struct Entry {
    name: String,
    n: usize,
    c: usize,
    h: usize,
    w: usize,
    k: usize,
    r: usize,
    s: usize,
    stride: [usize; 2],
    pads_tblr: [usize; 4],
    dilation: [usize; 2],
    groups: usize,
}

/// A geometry with its operands and the results that they must have, in NCHW.
struct Case {
    name: String,
    conv: Conv2d,
    x: Vec<f32>,
    kernel: Vec<f32>,
    dy: Vec<f32>,
    y: Vec<f64>,
    dx: Vec<f64>,
    dk: Vec<f64>,
}

fn cases() -> Vec<Case> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/gradients");
    let manifest = std::fs::read_to_string(folder.join("manifest.json")).expect("the manifest");
    let entries: Vec<Entry> = serde_json::from_str(&manifest).expect("a list of geometries");
    let case = |entry: Entry| {
        fn read<T: ReadableElement>(path: PathBuf) -> Vec<T> {
            let array: Array4<T> = read_npy(&path).unwrap_or_else(|e| panic!("{path:?}: {e}"));
            array.into_raw_vec_and_offset().0
        }
        let file = |tensor: &str| folder.join(&entry.name).join(tensor).with_extension("npy");
        let conv = Conv2d::builder(
            [entry.n, entry.c, entry.h, entry.w],
            [entry.k, entry.c / entry.groups, entry.r, entry.s],
        )
        .stride(entry.stride)
        .padding(entry.pads_tblr)
        .dilation(entry.dilation)
        .groups(entry.groups)
        .build()
        .expect("a valid geometry");
        Case {
            conv,
            x: read(file("x")),
            kernel: read(file("k")),
            dy: read(file("dy")),
            y: read(file("y")),
            dx: read(file("dx")),
            dk: read(file("dk")),
            name: entry.name,
        }
    };
    entries.into_iter().map(case).collect()
}

/// Norm of the difference over the norm.
fn error<T: Float>(found: &[T], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let squares = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>().sqrt();
    let difference = squares(&mut found.iter().zip(expected).map(|(a, b)| a.to_f64() - b));
    let norm = squares(&mut expected.iter().copied());
    if difference == 0.0 {
        0.0
    } else {
        difference / norm
    }
}

/// The errors of y, dx and dk, the tensors converted to the layout and back.
fn errors<T: Float>(case: &Case, method: Method, layout: Layout) -> [f64; 3] {
    let (conv, formats, cx) = (&case.conv, layout.formats(), Context::default());
    let (input, output) = (
        Activations::input(formats.input, conv),
        Activations::output(formats.output, conv),
    );
    let kernel_view = Kernel::of(formats.kernel, conv);
    let cast =
        |values: &[f32]| -> Vec<T> { values.iter().map(|&x| T::from_f64(x.into())).collect() };
    let x = input.pack(&cast(&case.x)).unwrap();
    let kernel = kernel_view.pack(&cast(&case.kernel)).unwrap();
    let dy = output.pack(&cast(&case.dy)).unwrap();
    let poisoned = |len| vec![T::from_f64(f64::NAN); len];
    let (mut y, mut dx, mut dk) = (
        poisoned(dy.len()),
        poisoned(x.len()),
        poisoned(kernel.len()),
    );
    forward(&cx, conv, method, layout, &x, &kernel, &mut y).unwrap();
    backward_input(&cx, conv, method, layout, &kernel, &dy, &mut dx).unwrap();
    backward_kernel(&cx, conv, method, layout, &x, &dy, &mut dk).unwrap();
    [
        error(&output.unpack(&y).unwrap(), &case.y),
        error(&input.unpack(&dx).unwrap(), &case.dx),
        error(&kernel_view.unpack(&dk).unwrap(), &case.dk),
    ]
}

fn check(
    name: &str,
    tolerance: impl Fn(Method) -> f64,
    errors: impl Fn(&Case, Method, Layout) -> [f64; 3],
) {
    let cases = cases();
    assert_eq!(cases.len(), 48);
    let mut failures = Vec::new();
    for case in &cases {
        for method in Method::ALL {
            for layout in Layout::ALL {
                let found = errors(case, method, layout);
                // Written so that NaN fails.
                if !found.iter().all(|&error| error <= tolerance(method)) {
                    failures.push(format!(
                        "{} {method:?} {layout:?} y, dx, dk: {found:?}",
                        case.name
                    ));
                }
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{name}: {} are off\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn single_precision_agrees_with_the_references() {
    let tolerance = |method| if method == Method::Cube { 2e-3 } else { 1e-5 };
    check("f32", tolerance, errors::<f32>);
}

#[test]
fn double_precision_agrees_with_the_references() {
    let tolerance = |method| if method == Method::Cube { 2e-3 } else { 1e-12 };
    check("f64", tolerance, errors::<f64>);
}

#[test]
fn prepared_kernels_change_no_bit() {
    let cx = Context::default();
    for case in cases() {
        for layout in Layout::ALL {
            let (conv, formats) = (&case.conv, layout.formats());
            let x = Activations::input(formats.input, conv)
                .pack(&case.x)
                .unwrap();
            let kernel = Kernel::of(formats.kernel, conv).pack(&case.kernel).unwrap();
            let dy = Activations::output(formats.output, conv)
                .pack(&case.dy)
                .unwrap();
            let (mut y, mut dx) = (vec![f32::NAN; dy.len()], vec![f32::NAN; x.len()]);
            let (mut found_y, mut found_dx) = (y.clone(), dx.clone());
            forward(&cx, conv, Method::Fused, layout, &x, &kernel, &mut y).unwrap();
            backward_input(&cx, conv, Method::Fused, layout, &kernel, &dy, &mut dx).unwrap();
            let prepared = PreparedKernel::forward(conv, layout, &kernel).unwrap();
            prepared.run(&cx, &x, &mut found_y).unwrap();
            let prepared = PreparedKernel::backward_input(conv, layout, &kernel).unwrap();
            prepared.run(&cx, &dy, &mut found_dx).unwrap();
            assert!(found_y == y && found_dx == dx, "{} {layout:?}", case.name);
        }
    }
}

#[test]
fn every_scheme_of_the_cube_agrees_with_the_references() {
    let formats = Layout::Nchw.formats();
    for case in cases() {
        for scheme in Scheme::ALL {
            let mut dk = vec![f32::NAN; case.dk.len()];
            let (cx, (x, dy)) = (Context::default(), (&case.x, &case.dy));
            cube::backward_kernel(&cx, &case.conv, formats, x, dy, &mut dk, scheme).unwrap();
            let error = error(&dk, &case.dk);
            assert!(error <= 2e-3, "{} {scheme:?}: {error}", case.name);
        }
    }
}

#[test]
fn arrays_take_the_short_way() {
    for case in cases() {
        let array =
            |shape: [usize; 4], data: &[f32]| Array4::from_shape_vec(shape, data.to_vec()).unwrap();
        let x = array(case.conv.input_shape(), &case.x);
        let kernel = array(case.conv.kernel_shape(), &case.kernel);
        // A view that is not in C order.
        let dy = array(case.conv.output_shape(), &case.dy);
        let mut reversed = dy.slice(ndarray::s![.., .., .., ..;-1]).to_owned();
        reversed.invert_axis(ndarray::Axis(3));
        let y = case.conv.forward(&x, &kernel).unwrap();
        let dx = case.conv.backward_input(&kernel, &reversed).unwrap();
        let dk = case.conv.backward_kernel(&x, &reversed.view()).unwrap();
        for (found, expected) in [(y, &case.y), (dx, &case.dx), (dk, &case.dk)] {
            assert!(
                error(found.as_slice().unwrap(), expected) <= 1e-5,
                "{}",
                case.name
            );
        }
    }
}
