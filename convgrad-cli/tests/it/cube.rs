//! `cube`: what it prints and writes, on shapes small enough for a test.

use serde_json::Value;

use crate::support::Folder;

const SHAPES: &str = "\
name, n, c, h, w, k, r, s, stride, pads, dilation, groups
stem, 1, 3, 12, 12, 8, 3, 3, 2, 1, 1, 1
odd, 2, 6, 7, 9, 4, 2, 3, 1 2, 1 0 2 1, 2 1, 2
";

const OWN: &str = r#"{"name": "mine", "base": "ascend910", "settings": {"gm_to_l1": {"value": 200, "source": "a wish"}}}"#;

fn folder() -> Folder {
    let folder = Folder::new();
    folder.put("shapes.csv", SHAPES);
    folder.put("mine.json", OWN);
    folder
}

fn run<'a>(shape: &'a Value, pass: &str, scheme: &str, img2col: &str) -> &'a Value {
    let runs = shape["runs"].as_array().unwrap();
    runs.iter()
        .find(|run| run["pass"] == pass && run["scheme"] == scheme && run["img2col"] == img2col)
        .unwrap()
}

#[test]
fn json_has_every_pass_by_every_scheme() {
    let outcome = folder().run("cube --shapes shapes.csv --json");
    let report = outcome.succeeds().json();
    assert_eq!(outcome.stderr, "");
    assert_eq!(report["profile"], "ascend910");
    assert_eq!(report["settings"]["l0a_bytes"]["value"], 65_536.0);
    assert_eq!(report["settings"]["l0a_bytes"]["trust"], "stated");
    let shapes = report["shapes"].as_array().unwrap();
    assert_eq!(shapes.len(), 2);
    for shape in shapes {
        let runs = shape["runs"].as_array().unwrap();
        assert_eq!(runs.len(), 12);
        for run in runs {
            assert_eq!(run["exact"], true, "{run}");
            assert!(run["max_rel_error"].as_f64().unwrap() < 1e-3);
            let cycles = run["cycles"].as_u64().unwrap();
            for pipe in run["pipes"].as_object().unwrap().values() {
                let busy = pipe["busy"].as_u64().unwrap();
                assert!(busy <= cycles);
                let share = busy as f64 / cycles as f64;
                assert!((pipe["utilisation"].as_f64().unwrap() - share).abs() < 1e-9);
            }
        }
        let forward = run(shape, "forward", "direct", "hardware");
        assert_eq!(forward["relative_to_forward"], 1.0);
        assert!(forward["bytes"]["gm_l1"].as_u64().unwrap() > 0);
    }
    // 36 outputs are 3 fractals, times 9 taps of one block of channels; and 4 x 4 outputs of 3 channels, over 36 taps.
    let stem = &shapes[0];
    assert_eq!(run(stem, "forward", "direct", "hardware")["tile_macs"], 27);
    assert_eq!(run(stem, "dk", "literal", "software")["tile_macs"], 3 * 36);
    assert_eq!(run(stem, "dk", "folded", "hardware")["tile_macs"], 2 * 36);
    assert_eq!(run(stem, "dk", "direct", "hardware")["tile_macs"], 27);
}

#[test]
fn a_trace_and_pictures_are_written() {
    let folder = folder();
    let call = "cube --shapes shapes.csv --only dx/converters --profile mine.json --trace t.json --svg out";
    let outcome = folder.run(call);
    let read = |name: &str| std::fs::read(folder.file(name)).unwrap();
    assert!(outcome.succeeds().stdout.contains("core: mine"));
    let trace: Value = serde_json::from_slice(&read("t.json")).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    for name in ["move", "vnchwconv", "load3d", "mad", "drain"] {
        assert!(events.iter().any(|event| event["name"] == name), "{name}");
    }
    for picture in ["cube-dx.svg", "cube-dk.svg", "cube-timeline.svg"] {
        assert!(read(&format!("out/{picture}")).starts_with(b"<svg"));
    }
}

#[test]
fn a_sample_is_said_to_be_one() {
    let folder = folder();
    let call = "cube --shapes shapes.csv --batch 3 --only forward --sample 2";
    let report = folder.run(&format!("{call} --json")).succeeds().json();
    let whole = folder.run("cube --shapes shapes.csv --batch 3 --only forward --json");
    let whole = whole.succeeds().json();
    let figures = |report: &Value, shape: usize| report["shapes"][shape]["runs"][0].clone();
    let (sampled, all) = (figures(&report, 1), figures(&whole, 1));
    assert_eq!(sampled["sampled"]["tiles"], 2);
    assert!(sampled["sampled"]["of"].as_u64().unwrap() > 2);
    assert!(all.get("sampled").is_none());
    assert_eq!(sampled["cycles"], all["cycles"]);
    assert!(
        folder
            .run(call)
            .succeeds()
            .stdout
            .contains("sampled: the numbers of")
    );
    folder.run("cube --sample 1").fails(2, &["--sample"]);
}

#[test]
fn a_converter_runs_by_itself() {
    let folder = folder();
    folder.put(
        "own.cg",
        "converter own<N, M>(X[N, M]) -> Y[M, N] { Y[i, j] = X[j, i]; }",
    );
    let report = folder.run("cube --convert own.cg own --set N=32,M=48 --json --trace t.json");
    let report = report.succeeds().json();
    assert_eq!(
        (&report["exact"], &report["converter"]),
        (&true.into(), &"own".into())
    );
    assert_eq!(report["output_shape"], serde_json::json!([48, 32]));
    assert_eq!(report["bytes"]["gm_ub"], 2 * 32 * 48);
    let trace: Value =
        serde_json::from_slice(&std::fs::read(folder.file("t.json")).unwrap()).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    assert!(events.iter().any(|event| event["name"] == "vnchwconv"));
    let text = folder
        .run("cube --convert std nchw_to_nc1hwc0 --set N=1,C=20,H=4,W=4 --profile ascend310p");
    assert!(
        text.succeeds()
            .stdout
            .contains("[1, 20, 4, 4] to [1, 2, 4, 4, 16], the CPU's bits")
    );
    folder
        .run("cube --convert own.cg own --set N=32")
        .fails(1, &["size `M` is not determined"]);
    folder
        .run("cube --convert own.cg other --set N=32")
        .fails(2, &["there is no converter `other`"]);
    folder
        .run("cube --set N=32")
        .fails(2, &["--set gives sizes to --convert only"]);
    folder.put(
        "sum.cg",
        "converter sum<N, M>(X[N, M]) -> Y[N] { Y[i] += X[i, j]; }",
    );
    folder
        .run("cube --convert sum.cg sum --set N=4,M=4")
        .fails(2, &["adds elements up"]);
}

#[test]
fn what_a_core_cannot_do_is_said() {
    let call = "cube --shapes shapes.csv --profile ascend910b --json";
    let report = folder().run(call).succeeds().json();
    let stem = &report["shapes"][0];
    let refused = run(stem, "dx", "col2img", "software");
    let reason = "the core has no path from L0C to UB, where products are added up";
    assert_eq!(refused["unavailable"], reason);
    assert!(refused.get("cycles").is_none());
    // Its vector unit reaches the cube through global memory only.
    let direct = run(stem, "dk", "direct", "software");
    assert!(direct["bytes"].get("ub_l1").is_none());
    assert!(direct["bytes"]["ub_gm"].as_u64().unwrap() > 0);
}

#[test]
fn mistakes_are_told() {
    let folder = folder();
    folder
        .run("cube --profile ascend9")
        .fails(2, &["no chip of this name", "ascend310p"]);
    folder
        .run("cube --only dk/sideways")
        .fails(2, &["no run begins so", "dk/direct/hardware"]);
    folder.put(
        "bad.json",
        r#"{"name": "x", "base": "ascend910", "settings": {"l1_bytes": 5}}"#,
    );
    folder
        .run("cube --profile bad.json")
        .fails(1, &["`l1_bytes` cannot be 5", "multiple of 1024"]);
    let described = folder.run("cube --describe");
    assert!(described.succeeds().stdout.contains("recalled"));
}
