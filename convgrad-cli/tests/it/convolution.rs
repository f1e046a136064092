//! `conv` and `grad` on arrays, by every method and layout.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::naive::Geometry;
use crate::support::{
    Folder, header, npy, npy_f32, npy_f64, numbers, parts, read_f32, read_f64, relative_error,
};

const METHODS: [&str; 7] = [
    "fused",
    "converters",
    "literal",
    "col2im",
    "autodiff",
    "direct",
    "cube",
];
const LAYOUTS: [&str; 3] = ["nchw", "nhwc", "davinci"];

/// Everything at once: strides, dilation, asymmetric padding, groups, and channels that fill no block of 16.
const EVERYTHING: Geometry = Geometry {
    n: 2,
    c: 6,
    h: 9,
    w: 11,
    k: 8,
    r: 3,
    s: 2,
    stride: [2, 3],
    pads: [1, 2, 0, 3],
    dilation: [2, 2],
    groups: 2,
};

/// A folder with the tensors of a convolution, and the tensors.
fn prepare(geometry: Geometry) -> (Folder, [Vec<f64>; 3]) {
    let folder = Folder::new();
    let shapes = [
        ("x", geometry.x()),
        ("k", geometry.kernel()),
        ("dy", geometry.y()),
    ];
    let tensors = shapes.map(|(name, shape)| {
        let values = numbers(shape.iter().product(), name.len() as u32 + shape[1] as u32);
        folder.put(&format!("{name}.npy"), npy_f32(&shape, &values));
        let wide: Vec<f64> = values.iter().map(|&value| value.into()).collect();
        folder.put(&format!("{name}64.npy"), npy_f64(&shape, &wide));
        wide
    });
    (folder, tensors)
}

fn f32s(folder: &Folder, name: &str) -> Vec<f64> {
    read_f32(&folder.file(name))
        .into_iter()
        .map(f64::from)
        .collect()
}

#[test]
fn every_method_and_layout_gives_both_gradients() {
    let (folder, [x, k, dy]) = prepare(EVERYTHING);
    let y = EVERYTHING.forward(&x, &k);
    let (dx, dk) = EVERYTHING.backward(&x, &k, &dy);
    for method in METHODS {
        let allowed = if method == "cube" { 2e-3 } else { 1e-5 };
        for layout in LAYOUTS {
            let options = format!(
                "{} --method {method} --layout {layout}",
                EVERYTHING.options()
            );
            folder
                .run(&format!("conv --x x.npy --k k.npy --out y.npy {options}"))
                .succeeds();
            let grad =
                format!("grad --x x.npy --k k.npy --dy dy.npy --dx dx.npy --dk dk.npy {options}");
            folder.run(&grad).succeeds();
            for (name, expected) in [("y.npy", &y), ("dx.npy", &dx), ("dk.npy", &dk)] {
                let error = relative_error(f32s(&folder, name), expected);
                assert!(error <= allowed, "{method} {layout} {name}: {error:e}");
            }
        }
    }
    let (text, _) = parts(&folder.file("dx.npy"));
    assert!(text.contains("(2, 6, 9, 11)"), "{text}");
}

#[test]
fn f64_is_computed_in_f64() {
    let (folder, [x, k, dy]) = prepare(EVERYTHING);
    let (dx, dk) = EVERYTHING.backward(&x, &k, &dy);
    let options = EVERYTHING.options();
    folder
        .run(&format!(
            "grad --x x64.npy --k k64.npy --dy dy64.npy --dx dx.npy --dk dk.npy {options}"
        ))
        .succeeds();
    for (name, expected) in [("dx.npy", &dx), ("dk.npy", &dk)] {
        let error = relative_error(read_f64(&folder.file(name)), expected);
        assert!(error <= 1e-12, "{name}: {error:e}");
    }
}

#[test]
fn f16_stays_f16() {
    // Small integers, so that every sum is exact in f16: 1.0 is 0x3c00, 2.0 is 0x4000, 4.0 is 0x4400.
    let half = |shape: &[usize], bits: u16, count: usize| {
        npy(&header("<f2", shape), &bits.to_le_bytes().repeat(count))
    };
    let folder = Folder::new();
    folder.put("x.npy", half(&[1, 1, 2, 2], 0x3c00, 4));
    folder.put("k.npy", half(&[1, 1, 2, 1], 0x4000, 2));
    folder
        .run("conv --x x.npy --k k.npy --out y.npy")
        .succeeds();
    let (text, data) = parts(&folder.file("y.npy"));
    assert!(
        text.contains("'<f2'") && text.contains("(1, 1, 1, 2)"),
        "{text}"
    );
    assert_eq!(data, 0x4400_u16.to_le_bytes().repeat(2));
}

#[test]
fn fortran_order_and_big_endian_are_understood() {
    let (folder, [x, k, _]) = prepare(EVERYTHING);
    let [n, c, h, w] = EVERYTHING.x();
    let mut data = Vec::new();
    for (column, row) in (0..w).flat_map(|column| (0..h).map(move |row| (column, row))) {
        for (channel, image) in (0..c).flat_map(|channel| (0..n).map(move |image| (channel, image)))
        {
            let value = x[((image * c + channel) * h + row) * w + column] as f32;
            data.extend(value.to_be_bytes());
        }
    }
    let text = header(">f4", &EVERYTHING.x()).replace("False", "True");
    folder.put("x.npy", npy(&text, &data));
    folder
        .run(&format!(
            "conv --x x.npy --k k.npy --out y.npy {}",
            EVERYTHING.options()
        ))
        .succeeds();
    let error = relative_error(f32s(&folder, "y.npy"), &EVERYTHING.forward(&x, &k));
    assert!(error <= 1e-5, "{error:e}");
}

#[test]
fn one_gradient_at_a_time() {
    let (folder, _) = prepare(EVERYTHING);
    let before = folder.names();
    let call = format!(
        "grad --x x.npy --k k.npy --dy dy.npy {}",
        EVERYTHING.options()
    );
    folder.run(&format!("{call} --dk dk.npy")).succeeds();
    assert_eq!(folder.names().len(), before.len() + 1);
    folder.run(&call).fails(2, &["--dx", "--dk"]);
}

#[test]
fn the_same_bits_on_any_number_of_threads() {
    let (folder, _) = prepare(EVERYTHING);
    let call = format!(
        "grad --x x.npy --k k.npy --dy dy.npy {}",
        EVERYTHING.options()
    );
    for method in METHODS {
        for threads in [1, 3] {
            let out = format!("--dx dx{threads}.npy --dk dk{threads}.npy");
            folder
                .run(&format!(
                    "{call} {out} --method {method} --threads {threads}"
                ))
                .succeeds();
        }
        assert_eq!(
            read_f32(&folder.file("dx1.npy")),
            read_f32(&folder.file("dx3.npy")),
            "{method}"
        );
        assert_eq!(
            read_f32(&folder.file("dk1.npy")),
            read_f32(&folder.file("dk3.npy")),
            "{method}"
        );
    }
}

#[test]
fn a_gradient_of_the_wrong_shape_is_explained() {
    let (folder, _) = prepare(EVERYTHING);
    let before = folder.names();
    let call = format!(
        "grad --x x.npy --k k.npy --dy x.npy --dx dx.npy --dk dk.npy {}",
        EVERYTHING.options()
    );
    let words = [
        "x.npy",
        "(2, 6, 9, 11)",
        "(2, 8, 4, 4)",
        "rows = (9 + 1 + 2 - 2*(3 - 1) - 1)/2 + 1 = 4",
    ];
    folder.run(&call).fails(1, &words);
    assert_eq!(folder.names(), before);
}

#[test]
fn both_gradients_or_none() {
    let (folder, _) = prepare(EVERYTHING);
    fs::create_dir(folder.file("folder")).unwrap();
    let before = folder.names();
    let call = format!(
        "grad --x x.npy --k k.npy --dy dy.npy {}",
        EVERYTHING.options()
    );
    folder
        .run(&format!("{call} --dx dx.npy --dk folder"))
        .fails(2, &["folder", "not a regular file"]);
    folder
        .run(&format!("{call} --dx dx.npy --dk no/dk.npy"))
        .fails(2, &["no/dk.npy"]);
    folder
        .run(&format!("{call} --dx same.npy --dk ./same.npy"))
        .fails(2, &["same.npy", "each output needs its own"]);
    assert_eq!(folder.names(), before);
}

#[test]
fn an_empty_batch_is_fine() {
    let folder = Folder::new();
    folder.put("x.npy", npy_f32(&[0, 3, 5, 5], &[]));
    folder.put("k.npy", npy_f32(&[2, 3, 3, 3], &numbers(54, 1)));
    folder.put("dy.npy", npy_f32(&[0, 2, 3, 3], &[]));
    folder
        .run("grad --x x.npy --k k.npy --dy dy.npy --dx dx.npy --dk dk.npy")
        .succeeds();
    assert!(read_f32(&folder.file("dx.npy")).is_empty());
    assert_eq!(read_f32(&folder.file("dk.npy")), [0.0; 54]);
}

#[test]
fn the_reference_cases() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/gradients");
    let manifest: Value =
        serde_json::from_slice(&fs::read(data.join("manifest.json")).unwrap()).unwrap();
    let cases = manifest.as_array().unwrap();
    assert_eq!(cases.len(), 48);
    for (index, case) in cases.iter().enumerate() {
        let list = |key: &str| {
            let numbers = case[key].as_array().unwrap().iter().map(Value::to_string);
            numbers.collect::<Vec<String>>().join(",")
        };
        let name = case["name"].as_str().unwrap();
        let folder = Folder::at(data.join(name));
        let results = Folder::new();
        let (dx, dk) = (results.file("dx.npy"), results.file("dk.npy"));
        // The runtime's tests go through every method in every layout; here each case takes another one.
        let (method, layout) = (METHODS[index % 6], LAYOUTS[index / 6 % 3]);
        let outcome = folder.run(&format!(
            "grad --x x.npy --k k.npy --dy dy.npy --dx {} --dk {} --stride {} --pad {} --dilation {} --groups {} --method {method} --layout {layout}",
            dx.display(), dk.display(), list("stride"), list("pads_tblr"), list("dilation"), case["groups"]
        ));
        outcome.succeeds();
        let allowed = if method == "cube" { 2e-3 } else { 1e-5 };
        for (file, found) in [("dx.npy", dx), ("dk.npy", dk)] {
            let expected = read_f64(&folder.file(file));
            let error = relative_error(read_f32(&found).into_iter().map(f64::from), &expected);
            assert!(
                error <= allowed,
                "{name} {method} {layout} {file}: {error:e}"
            );
        }
    }
}
