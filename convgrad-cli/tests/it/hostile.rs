//! Array files and options that mean harm: a clear message, the right exit code, and no output file left behind.

use crate::support::{Folder, header, npy, npy_f32, numbers};

/// Runs `conv` on an input made by hand beside a good kernel.
fn conv_with(x: Vec<u8>, options: &str) -> (crate::support::Outcome, Vec<String>) {
    let folder = Folder::new();
    folder.put("x.npy", x);
    folder.put("k.npy", npy_f32(&[2, 3, 3, 3], &numbers(54, 1)));
    let outcome = folder.run(&format!("conv --x x.npy --k k.npy --out y.npy {options}"));
    (outcome, folder.names())
}

#[track_caller]
fn refused(x: Vec<u8>, options: &str, code: i32, words: &[&str]) {
    let (outcome, names) = conv_with(x, options);
    outcome.fails(code, words);
    assert_eq!(outcome.stdout, "");
    assert_eq!(names, ["k.npy", "x.npy"], "an output file was left behind");
}

fn good() -> Vec<u8> {
    npy_f32(&[1, 3, 5, 5], &numbers(75, 2))
}

#[test]
fn files_that_are_no_arrays() {
    refused(Vec::new(), "", 1, &["x.npy", "too short"]);
    refused(
        b"PK\x03\x04 not an array at all".to_vec(),
        "",
        1,
        &["x.npy", "not a .npy file"],
    );
    refused(b"\x93NUMPY\x09\x00\x10\x00".to_vec(), "", 1, &["version 9"]);
    refused(good()[..40].to_vec(), "", 1, &["x.npy", "cut off"]);
}

#[test]
fn headers_that_lie() {
    let shape =
        |text: &str| format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {text}, }}");
    let huge = "(1, 3, 4000000000, 4000000000)";
    refused(npy(&shape(huge), &[0; 16]), "", 1, &["x.npy", "4000000000"]);
    let overflow = "(4294967296, 4294967296, 4294967296, 4294967296)";
    refused(
        npy(&shape(overflow), &[0; 16]),
        "",
        1,
        &["x.npy", "more than any file can hold"],
    );
    refused(
        npy(&shape("(1, 3, 5, 99999999999999999999999)"), &[]),
        "",
        1,
        &["x.npy", "shape"],
    );
    refused(
        npy(&shape("(1, 3, -5, 5)"), &[0; 16]),
        "",
        1,
        &["x.npy", "shape"],
    );
    refused(
        npy(
            &shape("(0, 9223372036854775807, 9223372036854775807, 5)"),
            &[],
        ),
        "",
        1,
        &["9223372036854775807"],
    );
    refused(
        npy(&shape("(1, 3, 5, 5)"), &[0; 299]),
        "",
        1,
        &["takes 300 bytes", "only 299"],
    );
    refused(
        npy(&shape("(1, 3, 5, 5)"), &[0; 301]),
        "",
        1,
        &["goes on after its array"],
    );
    refused(
        npy("{'descr': '<f4', 'shape': (1, 3, 5, 5), }", &[0; 300]),
        "",
        1,
        &["fortran_order"],
    );
    refused(npy("[1, 2, 3]", &[0; 300]), "", 1, &["header is malformed"]);
    refused(npy("\u{1b}[31m{{'descr'", &[0; 300]), "", 1, &["x.npy"]);
}

#[test]
fn headers_that_take_long_to_parse() {
    refused(npy(&"[".repeat(5000), &[]), "", 1, &["brackets"]);
    refused(npy(&"{".repeat(5000), &[]), "", 1, &["brackets"]);
    let mut long = b"\x93NUMPY\x02\x00".to_vec();
    long.extend(u32::MAX.to_le_bytes());
    long.extend([b' '; 100]);
    refused(long, "", 1, &["claims a header of 4294967295 bytes"]);
}

#[test]
fn arrays_of_the_wrong_kind() {
    refused(
        npy(&header("|O", &[1, 3, 5, 5]), &[0; 300]),
        "",
        1,
        &["x.npy", "|O", "Python objects"],
    );
    refused(
        npy(&header("<c8", &[1, 3, 5, 5]), &[0; 600]),
        "",
        1,
        &["complex"],
    );
    refused(
        npy(&header("<i4", &[1, 3, 5, 5]), &[1; 300]),
        "",
        1,
        &["x.npy", "int32", "float32"],
    );
    refused(
        npy(&header("<f8", &[1, 3, 5, 5]), &[1; 600]),
        "",
        1,
        &["x.npy", "float64", "k.npy", "float32"],
    );
    refused(
        npy_f32(&[3, 5, 5], &numbers(75, 2)),
        "",
        1,
        &["x.npy", "(3, 5, 5)", "4 axes"],
    );
    refused(npy_f32(&[], &[1.0]), "", 1, &["x.npy", "()", "4 axes"]);
    refused(
        npy_f32(&[1, 4, 5, 5], &numbers(100, 2)),
        "",
        1,
        &["kernel has 3 input channels", "4"],
    );
    refused(
        npy_f32(&[1, 3, 5, 0], &[]),
        "",
        1,
        &["width of the input is 0"],
    );
}

#[test]
fn geometries_that_cannot_be() {
    refused(good(), "--stride 0", 1, &["stride", "0"]);
    refused(good(), "--stride 1,0", 1, &["stride of the columns is 0"]);
    refused(good(), "--dilation 0", 1, &["dilation"]);
    refused(
        good(),
        "--dilation 3",
        1,
        &["kernel is larger than the padded input"],
    );
    refused(good(), "--groups 2", 1, &["groups"]);
    refused(good(), "--groups 0", 1, &["groups"]);
    refused(good(), "--groups -3", 1, &["groups"]);
    refused(good(), "--pad -1", 1, &["padding", "-1"]);
    refused(
        good(),
        "--stride 9223372036854775807 --pad 9223372036854775807",
        1,
        &["too large"],
    );
    refused(
        npy_f32(&[1, 3, 2, 2], &numbers(12, 2)),
        "",
        1,
        &["kernel is larger than the padded input"],
    );
}

#[test]
fn outputs_that_memory_cannot_hold() {
    refused(good(), "--pad 3000000", 2, &["memory"]);
}

#[test]
fn gradients_that_memory_cannot_hold() {
    let folder = Folder::new();
    folder.put("x.npy", good());
    folder.put("k.npy", npy_f32(&[2, 3, 3, 3], &numbers(54, 1)));
    folder.put("dy.npy", npy_f32(&[1, 2, 3, 3], &numbers(18, 1)));
    let call = "grad --x x.npy --k k.npy --dy dy.npy --dx dx.npy --dk dk.npy";
    let far = "--pad 1000000000000000000 --stride 1000000000000000000";
    // The paper's method to the letter would store 10^36 zeros; the others have no use for them.
    for method in ["literal", "cube"] {
        folder
            .run(&format!("{call} {far} --method {method}"))
            .fails(2, &["memory"]);
        assert_eq!(folder.names(), ["dy.npy", "k.npy", "x.npy"]);
    }
    for method in ["fused", "converters", "col2im", "autodiff", "direct"] {
        folder
            .run(&format!("{call} {far} --method {method}"))
            .succeeds();
    }
}

#[test]
fn wrong_usage() {
    refused(good(), "--stride x", 2, &["`x` is not an integer"]);
    refused(good(), "--pad 1,2,3", 2, &["expected 1, 2 or 4 numbers"]);
    refused(good(), "--method magic", 2, &["magic", "converters"]);
    refused(good(), "--layout magic", 2, &["magic", "davinci"]);
    refused(good(), "--threads 0", 2, &["--threads"]);
    refused(good(), "--frobnicate", 2, &["--frobnicate"]);
    Folder::new().run("").fails(2, &["Usage"]);
    Folder::new().run("explode").fails(2, &["explode"]);
}

#[test]
fn files_that_cannot_be_read_or_written() {
    let folder = Folder::new();
    folder.put("x.npy", good());
    folder.put("k.npy", npy_f32(&[2, 3, 3, 3], &numbers(54, 1)));
    folder
        .run("conv --x nowhere.npy --k k.npy --out y.npy")
        .fails(2, &["nowhere.npy", "No such file"]);
    folder
        .run("conv --x . --k k.npy --out y.npy")
        .fails(2, &["not a regular file"]);
    folder
        .run("conv --x x.npy --k k.npy --out no/such/y.npy")
        .fails(2, &["no/such/y.npy", "cannot write"]);
    folder
        .run("conv --x x.npy --k k.npy --out .")
        .fails(2, &["not a regular file"]);
    assert_eq!(folder.names(), ["k.npy", "x.npy"]);
}

#[test]
fn an_existing_output_survives_errors() {
    let folder = Folder::new();
    folder.put("x.npy", good());
    folder.put("k.npy", npy_f32(&[2, 3, 3, 3], &numbers(54, 1)));
    folder.put("y.npy", "precious");
    folder
        .run("conv --x x.npy --k k.npy --out y.npy --stride 0")
        .fails(1, &["stride"]);
    assert_eq!(std::fs::read(folder.file("y.npy")).unwrap(), b"precious");
    assert_eq!(folder.names(), ["k.npy", "x.npy", "y.npy"]);
}
