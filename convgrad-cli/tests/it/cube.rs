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
fn what_a_core_cannot_do_is_said() {
    let call = "cube --shapes shapes.csv --profile ascend910b --json";
    let report = folder().run(call).succeeds().json();
    let stem = &report["shapes"][0];
    let run = run(stem, "dk", "direct", "software");
    assert_eq!(run["unavailable"], "the core has no path from UB to L1");
    assert!(run.get("cycles").is_none());
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
