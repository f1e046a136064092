//! `emit`: functions on stdout and in files, and what is said where there is none.

use crate::support::Folder;

const FORMULAS: &str = "\
converter flip<N>(X[N]) -> Y[N] { Y[j] = X[N - 1 - j] }
converter pad<N, M>(X[N]) -> Y[M] { Y[j] = X[j] else -1 }
converter take<N, M>(X[N]) -> Y[M] { Y[j] = X[j]; }
converter baked<N, B = 4>(X[N, B]) -> Y[B, N] { Y[i, j] = X[j, i] }
";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.put("f.cg", FORMULAS);
    folder
}

#[test]
fn functions_of_both_languages() {
    let folder = folder();
    let emit = |options: &str| {
        folder
            .run(&format!("emit f.cg {options}"))
            .succeeds()
            .stdout
            .clone()
    };
    let c = emit("pad --lang c");
    assert!(c.starts_with("/*\n * pad: X[N] -> Y[M]\n"), "{c}");
    assert!(c.contains("int64_t N, int64_t M)"), "{c}");
    assert!(c.contains("typedef float pad_element;"), "{c}");
    let c = emit("pad --lang c --set N=3,M=5 --element f16");
    assert!(
        c.contains("typedef uint16_t pad_element;") && c.contains("fill = 0xbc00;"),
        "{c}"
    );
    assert!(!c.contains("int64_t N"), "{c}");
    let rust = emit("pad --lang rust");
    assert!(rust.contains("pub fn pad<T: Copy>("), "{rust}");
    let rust = emit("baked --lang rust --set N=2 --element i8");
    assert!(
        rust.contains("pub fn baked(x: &[i8], y: &mut [i8])"),
        "{rust}"
    );
}

#[test]
fn a_file_instead_of_stdout() {
    let folder = folder();
    let stdout = &folder
        .run("emit f.cg flip --lang c")
        .succeeds()
        .stdout
        .clone();
    let run = folder.run("emit f.cg flip --lang c --out flip.c");
    assert_eq!(run.succeeds().stdout, "");
    assert_eq!(
        std::fs::read_to_string(folder.file("flip.c")).unwrap(),
        *stdout
    );
    folder
        .run("emit f.cg flip --lang c --out nowhere/flip.c")
        .fails(2, &["nowhere/flip.c"]);
    assert_eq!(folder.names(), ["f.cg", "flip.c"]);
}

#[test]
fn what_there_is_no_function_of() {
    let folder = folder();
    folder.put(
        "bad.cg",
        "converter f<N>(X[N]) -> Y[N] { Y[j] = X[j + 1] }\n",
    );
    let emit = |options: &str| folder.run(&format!("emit {options}"));
    emit("f.cg flap --lang c").fails(2, &["no converter `flap`; did you mean `flip`?"]);
    emit("bad.cg f --lang c").fails(1, &["error[CG021]", " --> bad.cg:1:"]);
    emit("f.cg take --lang c --set N=3,M=5").fails(1, &["error[CG0", "witness Y[3]"]);
    emit("f.cg pad --lang c --set Q=3").fails(1, &["no size `Q`"]);
    emit("f.cg baked --lang c --set B=3").fails(1, &["`B`"]);
    emit("f.cg pad --lang rust --element u8").fails(1, &["-1", "u8"]);
    emit("f.cg pad --lang rust --element u7").fails(2, &["u7", "bf16"]);
    emit("f.cg pad --lang fortran").fails(2, &["fortran", "rust"]);
    emit("f.cg pad").fails(2, &["--lang"]);
}
