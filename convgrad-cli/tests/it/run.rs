//! `run`: converters on arrays of every element type.

use crate::support::{Folder, header, npy, npy_f32, npy_f64, numbers, parts, read_f32};

const FORMULAS: &str = "\
converter t_nc<N, C, H, W>(X[N, C/16, H, W, 16]) -> X_tnc[C, ceil(N/16), H, W, 16] {
    X_tnc[j0, j1, j2, j3, j4] = X[i0..] else 0
    where i0 = j1*16 + j4, i1 = j0/16, i2 = j2, i3 = j3, i4 = j0 % 16;
}
converter flip<N>(X[N]) -> Y[N] { Y[j] = X[N - 1 - j] }
converter pad<N, M>(X[N]) -> Y[M] { Y[j] = X[j] else -1 }
converter low<N>(X[N]) -> Y[N + 1] { Y[j] = X[j - 1] else -inf }
converter baked<N, B = 4>(X[N, B]) -> Y[B, N] { Y[i, j] = X[j, i] }
";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.put("f.cg", FORMULAS);
    folder
}

#[test]
fn the_paper_s_converter() {
    let folder = folder();
    let (n, c, h, w) = (20, 32, 2, 3);
    let x = numbers(n * c * h * w, 7);
    folder.put("x.npy", npy_f32(&[n, c / 16, h, w, 16], &x));
    folder
        .run("run f.cg t_nc --in x.npy --out y.npy")
        .succeeds();
    let (text, _) = parts(&folder.file("y.npy"));
    assert!(text.contains("(32, 2, 2, 3, 16)"), "{text}");
    let y = read_f32(&folder.file("y.npy"));
    for (j, &found) in y.iter().enumerate() {
        let (j0, j1, hw, j4) = (
            j / (2 * h * w * 16),
            j / (h * w * 16) % 2,
            j / 16 % (h * w),
            j % 16,
        );
        let image = j1 * 16 + j4;
        let expected = if image < n {
            x[((image * c / 16 + j0 / 16) * h * w + hw) * 16 + j0 % 16]
        } else {
            0.0
        };
        assert_eq!(found, expected, "{j}");
    }
}

#[test]
fn every_element_type_keeps_its_bytes() {
    let folder = folder();
    for (descriptor, size) in [
        ("<f2", 2),
        ("<f4", 4),
        ("<f8", 8),
        ("|i1", 1),
        ("<i2", 2),
        ("<i4", 4),
        ("<i8", 8),
        ("|u1", 1),
        ("<u2", 2),
        ("<u4", 4),
        ("<u8", 8),
    ] {
        let data: Vec<u8> = (1..=3 * size as u8).collect();
        folder.put("x.npy", npy(&header(descriptor, &[3]), &data));
        folder
            .run("run f.cg flip --in x.npy --out y.npy")
            .succeeds();
        let (text, flipped) = parts(&folder.file("y.npy"));
        assert!(text.contains(descriptor), "{text}");
        let expected: Vec<u8> = data.chunks(size).rev().flatten().copied().collect();
        assert_eq!(flipped, expected, "{descriptor}");
    }
}

#[test]
fn fill_values_that_the_element_type_cannot_hold() {
    let folder = folder();
    folder.put("x.npy", npy(&header("|u1", &[3]), &[1, 2, 3]));
    folder
        .run("run f.cg pad --in x.npy --out y.npy --set M=5")
        .fails(1, &["-1", "u8"]);
    folder.put("x.npy", npy(&header("|i1", &[3]), &[1, 2, 3]));
    folder
        .run("run f.cg low --in x.npy --out y.npy")
        .fails(1, &["inf", "i8"]);
    assert_eq!(folder.names(), ["f.cg", "x.npy"]);
    folder
        .run("run f.cg pad --in x.npy --out y.npy --set M=5")
        .succeeds();
    assert_eq!(parts(&folder.file("y.npy")).1, [1, 2, 3, 255, 255]);
}

#[test]
fn sizes_that_are_missing_wrong_or_baked() {
    let folder = folder();
    folder.put("x.npy", npy_f32(&[3], &[1.0, 2.0, 3.0]));
    let run = |options: &str| folder.run(&format!("run f.cg {options} --in x.npy --out y.npy"));
    run("pad").fails(1, &["M", "x.npy"]);
    run("pad --set N=4,M=5").fails(1, &["N"]);
    run("pad --set M=5,Q=1").fails(1, &["Q"]);
    run("pad --set M=-5").fails(1, &["never negative"]);
    run("t_nc").fails(1, &["X has 5 axes", "(3,)"]);
    run("nothing").fails(2, &["no converter `nothing`", "t_nc"]);
    run("pad --set M=9000000000000000000").fails(2, &["memory"]);
    folder.put("x.npy", npy_f32(&[3, 4], &numbers(12, 1)));
    run("baked --set B=5").fails(1, &["B", "value of its own"]);
    assert_eq!(folder.names(), ["f.cg", "x.npy"]);
    run("baked").succeeds();
}

#[test]
fn sizes_at_which_nothing_is_read() {
    let folder = Folder::new();
    folder.put(
        "f.cg",
        "converter tail<N>(X[N]) -> Y[N] { Y[j] = X[j] if j >= 3 else 7 }\n\
         converter twice<N>(X[N]) -> Y[N] { Y[j] = X[j % (2*N)] }\n",
    );
    folder.put("x.npy", npy_f32(&[2], &[1.0, 2.0]));
    folder
        .run("run f.cg tail --in x.npy --out y.npy")
        .succeeds();
    assert_eq!(read_f32(&folder.file("y.npy")), [7.0, 7.0]);
    folder.run("check f.cg --set N=2").succeeds();
    // An empty output runs no rule, and so divides by nothing.
    folder.put("x.npy", npy_f32(&[0], &[]));
    folder
        .run("run f.cg twice --in x.npy --out y.npy")
        .succeeds();
    assert!(read_f32(&folder.file("y.npy")).is_empty());
    folder.run("check f.cg --set N=0").succeeds();
}

#[test]
fn formulas_with_errors() {
    let folder = folder();
    folder.put(
        "bad.cg",
        "converter f<N>(X[N]) -> Y[N] { Y[j] = X[j + 1] }\n",
    );
    folder.put("x.npy", npy_f32(&[3], &[1.0, 2.0, 3.0]));
    folder
        .run("run bad.cg f --in x.npy --out y.npy")
        .fails(1, &["error[CG021]", " --> bad.cg:1:"]);
    folder
        .run("run nowhere.cg f --in x.npy --out y.npy")
        .fails(2, &["nowhere.cg"]);
    folder
        .run("run f.cg flip --in nowhere.npy --out y.npy")
        .fails(2, &["nowhere.npy"]);
    assert_eq!(folder.names(), ["bad.cg", "f.cg", "x.npy"]);
}

#[test]
fn empty_arrays_and_an_output_over_the_input() {
    let folder = folder();
    folder.put("x.npy", npy_f32(&[0], &[]));
    folder
        .run("run f.cg flip --in x.npy --out y.npy")
        .succeeds();
    assert!(read_f32(&folder.file("y.npy")).is_empty());
    folder.put("x.npy", npy_f32(&[2], &[1.0, 2.0]));
    folder
        .run("run f.cg flip --in x.npy --out x.npy")
        .succeeds();
    assert_eq!(read_f32(&folder.file("x.npy")), [2.0, 1.0]);
}

const TYPED: &str = "\
converter half<N>(X: f32[N]) -> Y: f16[N + 1] { Y[j] = cast(X[j]) else -0.5; }
converter brain<N>(X: f64[N]) -> Y: bf16[N] { Y[j] = cast(X[N - 1 - j]); }
converter widened<N>(X: bf16[N]) -> Y: f32[N] { Y[j] = cast(X[j]); }
converter quantised<N>(X: f32[N]) -> Y: i8[N] { Y[j] = quantize(X[j], 0.5, 3); }
converter back<N>(X: i8[N]) -> Y: f32[N] { Y[j] = dequantize(X[j], 0.5, 3); }
converter doubles<N>(X: f64[N]) -> Y: f64[N] { Y[j] = X[N - 1 - j]; }
";

#[test]
fn elements_are_converted_to_the_types_of_the_formula() {
    let folder = Folder::new();
    folder.put("f.cg", TYPED);
    folder.put("x.npy", npy_f32(&[4], &[0.25, 0.75, -1e9, f32::NAN]));
    let converted = |name: &str, from: &str, to: &str| {
        let arguments = format!("run f.cg {name} --in {from} --out {to}");
        folder.run(&arguments).succeeds();
        parts(&folder.file(to))
    };
    let (header, bytes) = converted("quantised", "x.npy", "q.npy");
    assert!(header.contains("'|i1'"), "{header}");
    assert_eq!(bytes, [3, 5, 0x80, 3]);
    converted("back", "q.npy", "b.npy");
    assert_eq!(read_f32(&folder.file("b.npy")), [0.0, 1.0, -65.5, 0.0]);
    let (header, bytes) = converted("half", "b.npy", "h.npy");
    assert!(
        header.contains("'<f2'") && header.contains("(5,)"),
        "{header}"
    );
    assert_eq!(bytes, [0, 0, 0, 0x3c, 0x18, 0xd4, 0, 0, 0, 0xb8]);
}

#[test]
fn bfloat16_is_stored_as_ml_dtypes_does() {
    let folder = Folder::new();
    folder.put("f.cg", TYPED);
    folder.put("x.npy", npy_f64(&[2], &[1.0, -2.5]));
    folder
        .run("run f.cg brain --in x.npy --out y.npy")
        .succeeds();
    let (text, bytes) = parts(&folder.file("y.npy"));
    assert!(text.contains("'<V2'"), "{text}");
    assert_eq!(bytes, [0x20, 0xc0, 0x80, 0x3f]);
    for descriptor in ["<V2", "|V2"] {
        folder.put("z.npy", npy(&header(descriptor, &[2]), &bytes));
        folder
            .run("run f.cg widened --in z.npy --out w.npy")
            .succeeds();
        assert_eq!(read_f32(&folder.file("w.npy")), [-2.5, 1.0]);
    }
}

#[test]
fn arrays_of_other_types_than_the_formula_s_are_refused() {
    let folder = Folder::new();
    folder.put("f.cg", TYPED);
    folder.put("x.npy", npy_f32(&[2], &[1.0, 2.0]));
    for (name, expected) in [
        ("doubles", "float64"),
        ("widened", "bfloat16"),
        ("back", "int8"),
    ] {
        let reads = format!("`{name}` reads {expected}");
        folder
            .run(&format!("run f.cg {name} --in x.npy --out y.npy"))
            .fails(1, &["x.npy", "holds float32", &reads]);
        assert!(!folder.file("y.npy").exists());
    }
}
