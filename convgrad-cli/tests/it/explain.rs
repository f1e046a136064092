//! `explain`: what people read, the JSON document, and exit codes.

use serde_json::{Value, json};

use crate::support::Folder;

fn formulas() -> Folder {
    Folder::at(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/formulas/pass").into())
}

#[test]
fn people_read_a_page() {
    let pages = [
        ("paper", "paper.cg t_nc"),
        ("im2col", "im2col.cg im2col --set N=1,C=2,H=5,W=6"),
        ("swizzle", "permutations.cg swizzle"),
    ];
    for (name, arguments) in pages {
        let page = formulas().run(&format!("explain {arguments}"));
        page.succeeds();
        insta::assert_snapshot!(name, page.stdout);
    }
}

#[test]
fn numbers_are_in_the_document() {
    let outcome = formulas().run("explain paper.cg t_nc --json --set N=3,C=32,H=2,W=3");
    let document = outcome.succeeds().json();
    assert_eq!(document["name"], "t_nc");
    assert_eq!(document["chain"], Value::Null);
    assert_eq!(document["output"]["name"], "X_tnc");
    assert_eq!(document["output"]["elements"]["number"], 32 * 2 * 3 * 16);
    let digits = document["digits"].as_array().unwrap();
    let names: Vec<&str> = digits.iter().filter_map(|d| d["name"].as_str()).collect();
    assert_eq!(names, ["j0_1", "j0_0", "j1", "j2", "j3", "j4"]);
    assert_eq!(digits[1]["value"], "j0%16");
    assert_eq!(digits[1]["input_stride"]["number"], 1);
    assert_eq!(document["moves"]["read"]["number"], 3 * 32 * 2 * 3);
    assert_eq!(document["moves"]["filled"]["number"], 13 * 32 * 2 * 3);
    assert_eq!(document["proofs"]["surjective"], true);
    assert_eq!(document["proofs"]["in_bounds"], false);
    assert_eq!(document["sizes"][0]["source"]["kind"], "given");
}

#[test]
fn free_sizes_stay_names() {
    let document = formulas().run("explain paper.cg t_nc --json").json();
    assert_eq!(document["output"]["elements"]["number"], Value::Null);
    assert_eq!(
        document["sizes"][1],
        json!({ "name": "C", "value": null, "source": { "kind": "multiple", "axes": [1] } })
    );
    assert_eq!(document["moves"]["longest_runs"][0]["number"], 1);
    assert_eq!(document["moves"]["bytes_per_element_byte"], Value::Null);
}

#[test]
fn mistakes_are_told() {
    let folder = formulas();
    let unknown = folder.run("explain paper.cg t_nx");
    unknown.fails(2, &["there is no converter `t_nx`; did you mean `t_nc`?"]);
    let size = folder.run("explain paper.cg t_nc --set K=3");
    size.fails(1, &["there is no size `K`"]);
    let violated = folder.run("explain paper.cg t_ncf --set Hs=2,H=3");
    violated.fails(1, &["CG067", "H <= Hs"]);
    folder.run("explain nowhere.cg f").fails(2, &["nowhere.cg"]);
    folder.run("explain paper.cg").fails(2, &["<NAME>"]);
    let own = Folder::new();
    own.put("f.cg", "converter f<N>(X[N]) -> Y[N] { Y[j] = X[i]; }");
    own.run("explain f.cg f").fails(1, &["CG010"]);
}

#[test]
fn conversions_are_named_where_they_happen() {
    let own = Folder::new();
    own.put(
        "f.cg",
        "converter f<N, M>(X: f32[N, M]) -> Y: f16[M, N] { Y[i, j] = cast(X[j, i]); }
         converter g<N>(X: f32[N]) -> Y: i8[N] { Y[i] = quantize(X[i], 0.5, 3); }",
    );
    let page = own.run("explain f.cg f --set N=30,M=40");
    page.succeeds();
    for line in [
        "at once, squares turned over in registers, into a buffer, and converted as they leave it {",
        "cast ",
        "bytes moved: 4800 read as f32, 2400 written as f16",
    ] {
        assert!(page.stdout.contains(line), "{line}\n{}", page.stdout);
    }
    let rows = own.run("explain f.cg g --set N=30").stdout;
    assert!(rows.contains("quantize 30 elements"), "{rows}");
    let document = own.run("explain f.cg f --json --set N=3,M=4").json();
    let elements = json!({ "input": "f32", "output": "f16", "bytes": [48, 24] });
    assert_eq!(document["elements"], elements);
}
