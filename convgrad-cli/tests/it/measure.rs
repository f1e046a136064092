//! `bench conv` and `paper`: what they print and write, on shapes small enough for a test. Times are not looked at.

use serde_json::Value;

use crate::support::Folder;

const SHAPES: &str = "\
name, n, c, h, w, k, r, s, stride, pads, dilation, groups
stem, 1, 3, 12, 12, 8, 3, 3, 2, 1, 1, 1
odd, 2, 6, 7, 9, 4, 2, 3, 1 2, 1 0 2 1, 2 1, 2
";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.put("shapes.csv", SHAPES);
    folder
}

fn positive(value: &Value) {
    assert!(
        value
            .as_f64()
            .is_some_and(|number| number > 0.0 && number.is_finite()),
        "{value}"
    );
}

#[test]
fn bench_conv_prints_what_others_rely_on() {
    let outcome = folder()
        .run("bench conv --shapes shapes.csv --methods fused,converters --threads 1 --json");
    let report = outcome.succeeds().json();
    assert_eq!(outcome.stderr, "");
    let machine = &report["machine"];
    assert!(machine["cpu"].is_string());
    for figure in ["cores", "peak_gflops", "copy_gbs"] {
        positive(&machine[figure]);
    }
    assert_eq!(report["threads"], 1);
    let shapes = report["shapes"].as_array().unwrap();
    assert_eq!(shapes.len(), 2);
    let odd = &shapes[1];
    let counts =
        ["n", "c", "h", "w", "k", "r", "s", "groups"].map(|key| odd[key].as_u64().unwrap());
    assert_eq!(counts, [2, 6, 7, 9, 4, 2, 3, 2]);
    assert_eq!(odd["name"], "odd");
    assert_eq!(odd["stride"], serde_json::json!([1, 2]));
    assert_eq!(odd["pads"], serde_json::json!([1, 0, 2, 1]));
    assert_eq!(odd["dilation"], serde_json::json!([2, 1]));
    // 2 * n * k * p * q * c/groups * r * s, with p = (7+1-2*1-1)/1+1 = 6 and q = (9+3-1*2-1)/2+1 = 5.
    assert_eq!(odd["flops"], 2 * 2 * 4 * 6 * 5 * 3 * 2 * 3);
    for part in ["forward", "dx", "dk"] {
        for method in ["fused", "converters"] {
            positive(&odd[part][method]["median_ms"]);
            positive(&odd[part][method]["min_ms"]);
        }
        assert_eq!(odd[part].as_object().unwrap().len(), 2);
    }
    // x, the kernel and y, four bytes each.
    assert_eq!(
        odd["bytes"],
        4 * (2 * 6 * 7 * 9 + 4 * 3 * 2 * 3 + 2 * 4 * 6 * 5)
    );
    for method in ["fused", "converters"] {
        let scratch = odd["scratch_bytes"][method].as_u64().unwrap();
        assert!((1..=4 << 20).contains(&scratch), "{scratch}");
    }
    assert!(odd["max_rel_error"].as_f64().unwrap() < 1e-5);
    positive(&odd["max_rel_error"]);
}

#[test]
fn bench_conv_takes_layouts_and_prepared_kernels() {
    for layout in ["nchw", "nhwc", "davinci"] {
        let report = folder().run(&format!(
            "bench conv --shapes shapes.csv --methods fused --threads 1 --layout {layout} --prepared --json"
        ));
        let report = report.succeeds().json();
        assert_eq!(
            (&report["layout"], &report["prepared"]),
            (&layout.into(), &true.into())
        );
        for shape in report["shapes"].as_array().unwrap() {
            positive(&shape["dx"]["fused"]["median_ms"]);
            assert!(shape["max_rel_error"].as_f64().unwrap() < 1e-5, "{layout}");
        }
    }
    let wrong = folder().run("bench conv --shapes shapes.csv --layout chwn");
    wrong.fails(2, &["chwn", "davinci"]);
}

#[test]
fn bench_convert_measures_every_case_in_its_quick_mode() {
    let folder = Folder::new();
    let report = folder.run("bench convert --quick --elements 1,2,4,8 --threads 2 --json");
    let report = report.succeeds().json();
    positive(&report["machine"]["copy_gbs"]);
    assert_eq!(report["threads"], 2);
    let cases = report["cases"].as_array().unwrap();
    assert!(cases.len() >= 4 * 30, "{}", cases.len());
    for case in cases {
        for figure in ["bytes", "median_ms", "min_ms", "gbs", "copy_gbs", "ratio"] {
            positive(&case[figure]);
        }
    }
    let names: Vec<&str> = cases
        .iter()
        .filter_map(|case| case["name"].as_str())
        .collect();
    for name in ["t_nc", "t_ncf", "flip_rot", "nchw_to_nhwc", "pixel_shuffle"] {
        assert_eq!(
            names.iter().filter(|other| **other == name).count(),
            4,
            "{name}"
        );
    }
}

#[test]
fn bench_convert_takes_words_and_prints_a_table() {
    let folder = Folder::new();
    let table = folder.run("bench convert --quick --cases flip,t_nc --elements 2");
    for word in [
        "hflip",
        "flip_rot",
        "t_ncf",
        "ratio to a copy",
        "geometric mean",
    ] {
        assert!(table.succeeds().stdout.contains(word), "{}", table.stdout);
    }
    assert!(!table.stdout.contains("pad"), "{}", table.stdout);
    folder
        .run("bench convert --cases nothing")
        .fails(1, &["--cases", "nchw_to_nhwc"]);
    folder
        .run("bench convert --elements 3")
        .fails(2, &["--elements", "possible values: 1, 2, 4, 8"]);
    folder
        .run("bench convert --align 24")
        .fails(2, &["--align", "a power of two from 8 to 4096"]);
}

#[test]
fn bench_conv_prints_a_table() {
    let outcome = folder().run("bench conv --shapes shapes.csv --methods fused");
    for word in [
        "GFLOP/s",
        "% of copy",
        "scratch KiB",
        "3→8 3×3 s2 p1 @12×12",
        "fused",
        "largest relative error",
    ] {
        assert!(
            outcome.succeeds().stdout.contains(word),
            "{}",
            outcome.stdout
        );
    }
}

#[test]
fn its_own_output_is_a_set_of_shapes() {
    let folder = folder();
    let first = folder.run("bench conv --shapes shapes.csv --methods direct --json");
    folder.put("again.json", &first.succeeds().stdout);
    let again = folder
        .run("bench conv --shapes again.json --methods direct --json")
        .succeeds()
        .json();
    assert_eq!(
        again["shapes"][1]["pads"],
        first.json()["shapes"][1]["pads"]
    );
}

#[test]
fn a_spreadsheet_is_a_set_of_shapes() {
    let folder = Folder::new();
    folder.put("sheet.csv", "\u{feff}name,c,h,w,k\r\nstem,3,4,5,2\r\n");
    let report = folder
        .run("bench conv --shapes sheet.csv --methods direct --json")
        .succeeds()
        .json();
    assert_eq!(report["shapes"][0]["name"], "stem");
}

#[test]
fn shapes_that_cannot_be() {
    let folder = folder();
    let bench = |shapes: &str| {
        folder.run(&format!(
            "bench conv --shapes {shapes} --methods fused --json"
        ))
    };
    bench("nothing").fails(
        2,
        &["nothing", "paper, resnet50, mobilenetv2, depthwise, vgg16"],
    );
    folder.put("bad.csv", "c, h, w, k, r, s\n1, 2, 2, 1, 3, 3\n");
    bench("bad.csv").fails(1, &["shape 1", "kernel is larger than the padded input"]);
    folder.put("bad.csv", "c, h, w, k\n1, 2, 2, one\n");
    bench("bad.csv").fails(1, &["bad.csv", "line 2", "`one` is not a number"]);
    folder.put("bad.csv", "c, h, w, k, groups\n4, 2, 2, 4, 0\n");
    bench("bad.csv").fails(1, &["groups is 0"]);
    folder.put("bad.csv", "c, h, w, k\n100000, 100000, 100000, 1\n");
    bench("bad.csv").fails(2, &["memory"]);
    folder.put("bad.json", "[{\"c\": 1},\n {\"c\": ]");
    bench("bad.json").fails(1, &["bad.json", "line 2"]);
    folder.put("bad.json", "[]");
    bench("bad.json").fails(1, &["lists no shapes"]);
    folder
        .run("bench conv --methods magic")
        .fails(2, &["magic", "converters"]);
}

#[test]
fn paper_verifies_prints_and_writes() {
    let folder = folder();
    let outcome = folder.run("paper --quick --shapes shapes.csv --threads 2 --json out.json --svg pictures --im2col-speedup 4");
    for word in [
        "(1a)",
        "(1b)",
        "(2)",
        "im2col were 4 times faster",
        "of 2 shapes",
        "dK literal",
        "relative error",
        "cube",
    ] {
        assert!(
            outcome.succeeds().stdout.contains(word),
            "no `{word}` in {}",
            outcome.stdout
        );
    }
    let report: Value =
        serde_json::from_slice(&std::fs::read(folder.file("out.json")).unwrap()).unwrap();
    assert_eq!(report["threads"], 2);
    assert_eq!(report["im2col_speedup"], 4.0);
    let stem = &report["shapes"][0];
    for method in ["fused", "converters", "literal", "col2im", "autodiff"] {
        positive(&stem["methods"][method]["dx"]["median_ms"]);
        positive(&stem["methods"][method]["dk"]["median_ms"]);
        assert!(stem["relative_errors"][method]["dk"].as_f64().unwrap() < 1e-5);
    }
    for method in ["converters", "literal"] {
        positive(&stem["methods"][method]["dk"]["gemm_ms"]);
    }
    positive(&stem["methods"]["literal"]["dx"]["converters_ms"]);
    positive(&stem["methods"]["literal"]["dx"]["im2col_ms"]);
    assert!(stem["relative_errors"]["cube"]["dx"].as_f64().unwrap() < 2e-3);
    // 36 pixels fill 3 fractals, and the one block of channels meets 9 taps.
    assert_eq!(stem["cube_tiles"]["forward"], 27);
    assert_eq!(report["wins"][0]["of"], 2);
    let pictures: Vec<_> = std::fs::read_dir(folder.file("pictures"))
        .unwrap()
        .collect();
    assert_eq!(pictures.len(), 8);
    for picture in pictures {
        let svg = std::fs::read_to_string(picture.unwrap().path()).unwrap();
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
        assert!(
            svg.contains("Shapes: shapes.csv"),
            "no word of what was measured"
        );
    }
}

#[cfg(unix)]
#[test]
fn paper_writes_its_files_whoever_reads_its_tables() {
    let folder = folder();
    // A pipe that nobody reads.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_convgrad"))
        .args([
            "paper",
            "--quick",
            "--shapes",
            "shapes.csv",
            "--json",
            "out.json",
        ])
        .current_dir(folder.path())
        .stdout(writer)
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(0));
    assert_eq!(folder.names(), ["out.json", "shapes.csv"]);
}

#[test]
fn paper_says_early_where_it_cannot_write() {
    let folder = folder();
    folder
        .run("paper --quick --shapes shapes.csv --json no/out.json")
        .fails(2, &["no/out.json"]);
    folder
        .run("paper --quick --shapes shapes.csv --svg shapes.csv/x")
        .fails(2, &["shapes.csv/x"]);
    if cfg!(target_os = "linux") {
        let outcome = folder.run("paper --quick --shapes shapes.csv --svg /proc");
        outcome.fails(2, &["/proc/picture.svg: cannot write"]);
        assert_eq!(outcome.stdout, "", "found out after the work");
    }
    folder
        .run("paper --im2col-speedup 0.5")
        .fails(2, &["at least 1"]);
    folder
        .run("paper --im2col-speedup nan")
        .fails(2, &["at least 1"]);
    assert_eq!(folder.names(), ["shapes.csv"]);
}
