//! `draw`: pictures of every formula, their size, what they say, and exit codes.

use std::fs;
use std::path::PathBuf;

use crate::support::{Folder, Outcome};

const FORMULAS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/formulas/pass");

fn draw(folder: &Folder, file: &str, arguments: &str) -> (Outcome, String) {
    let out = folder.file("picture.svg");
    let _ = fs::remove_file(&out);
    let command = format!("draw {FORMULAS}/{file} {arguments} --out {}", out.display());
    let outcome = folder.run(&command);
    let picture = fs::read_to_string(&out).unwrap_or_default();
    (outcome, picture)
}

/// The annotated runs of all formulas that pass: file, converter, `N=3,C=20`.
fn runs() -> Vec<(String, String, String)> {
    let mut files: Vec<PathBuf> = fs::read_dir(FORMULAS)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut runs = Vec::new();
    for path in files {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        for line in fs::read_to_string(&path).unwrap().lines() {
            let Some((_, run)) = line.split_once("//~ run ") else {
                continue;
            };
            let call = run.split_once("=>").map_or(run, |(call, _)| call).trim();
            let (name, sizes) = call.split_once(' ').unwrap_or((call, ""));
            runs.push((file.clone(), name.to_owned(), sizes.replace(' ', "")));
        }
    }
    assert!(runs.len() >= 70);
    runs
}

#[test]
fn every_formula_is_drawn_and_explained() {
    let folder = Folder::new();
    for (file, name, sizes) in runs() {
        let set = match sizes.as_str() {
            "" => String::new(),
            sizes => format!("--set {sizes}"),
        };
        let (outcome, picture) = draw(&folder, &file, &format!("{name} {set}"));
        outcome.succeeds();
        assert!(
            picture.starts_with("<svg ") && picture.ends_with("</svg>\n"),
            "{name}"
        );
        assert!(picture.len() < 1 << 20, "{name}: {} bytes", picture.len());
        let opened = picture.matches("<g").count();
        assert_eq!(opened, picture.matches("</g>").count(), "{name}");
        let explained = folder.run(&format!("explain {FORMULAS}/{file} {name} {set} --json"));
        assert_eq!(explained.succeeds().json()["name"], name.as_str());
    }
}

#[test]
fn pictures_stay_as_they_are() {
    let folder = Folder::new();
    let (_, transpose) = draw(&folder, "permutations.cg", "transpose --set N=2,M=3");
    insta::assert_snapshot!("transpose", transpose);
    let (_, unstride) = draw(&folder, "relational.cg", "unstride --set N=3,S=2");
    insta::assert_snapshot!("unstride", unstride);
}

#[test]
fn large_tensors_are_cut_to_a_stated_corner() {
    let (outcome, picture) = draw(
        &Folder::new(),
        "layouts.cg",
        "nchw_to_nc1hwc0 --set N=4,C=64,H=28,W=28",
    );
    outcome.succeeds();
    assert!(picture.contains("only the corner ["), "not said");
    assert!(picture.len() < 1 << 20);
}

/// What is drawn of both tensors has to do with each other, and has padding in it where there is some.
#[test]
fn the_parts_of_large_tensors_belong_together() {
    let folder = Folder::new();
    let drawn = |sizes: &str| {
        let (outcome, picture) = draw(&folder, "layouts.cg", &format!("nchw_to_nc1hwc0 {sizes}"));
        outcome.succeeds();
        let grey = picture.contains("grey: elements outside");
        (picture.contains("read nothing and hold 0"), grey, picture)
    };
    let (padding, grey, picture) = drawn("--set N=2,C=20,H=14,W=14");
    assert!(padding && !grey, "{picture}");
    assert!(picture.contains("X [2, 20, 14, 14]: only the corner [2, 20, "));
    let (padding, grey, picture) = drawn("--set N=2,C=100,H=14,W=14");
    assert!(padding && !grey, "{picture}");
    assert!(picture.contains("80..100"), "the last channels: {picture}");
}

#[test]
fn elements_can_be_framed() {
    let folder = Folder::new();
    let frames = |arguments: &str| {
        let (outcome, picture) = draw(&folder, "permutations.cg", arguments);
        outcome.succeeds();
        picture.matches(r#"stroke-width="3""#).count()
    };
    assert_eq!(frames("transpose --set N=3,M=5"), 0);
    assert_eq!(frames("transpose --set N=3,M=5 --element 1,2"), 2);
    assert_eq!(
        frames("transpose --set N=3,M=5 --element 1,2 --element 0,0"),
        4
    );
}

#[test]
fn mistakes_are_told() {
    let folder = Folder::new();
    let (missing, picture) = draw(&folder, "paper.cg", "t_nc --set N=3");
    missing.fails(1, &["C, H, W of `t_nc` have none", "for example --set C="]);
    assert_eq!(picture, "");
    let (unknown, _) = draw(&folder, "paper.cg", "t_nx");
    unknown.fails(2, &["there is no converter `t_nx`"]);
    let (violated, _) = draw(
        &folder,
        "paper.cg",
        "t_ncf --set N=1,C1=1,Hs=1,Ws=1,H=2,W=1",
    );
    violated.fails(1, &["CG067"]);
    let (large, _) = draw(&folder, "permutations.cg", "transpose --set N=4000,M=4000");
    large.fails(1, &["CG068", "smaller sizes"]);
    let (outside, _) = draw(
        &folder,
        "permutations.cg",
        "transpose --set N=3,M=5 --element 3,0",
    );
    outside.fails(1, &["--element 3,0", "no such element", "[3, 5]"]);
    let nowhere = folder.run(&format!(
        "draw {FORMULAS}/permutations.cg transpose --set N=1,M=1 --out no/such/folder.svg"
    ));
    nowhere.fails(2, &["no/such/folder.svg"]);
    assert!(folder.names().is_empty(), "{:?}", folder.names());
}

/// The sizes that a message proposes can be drawn.
#[test]
fn suggestions_work() {
    let folder = Folder::new();
    for (file, name) in [
        ("paper.cg", "t_nc"),
        ("paper.cg", "t_ncf"),
        ("windows.cg", "crop"),
    ] {
        let (missing, _) = draw(&folder, file, name);
        let (_, sizes) = missing.stderr.split_once("for example ").unwrap();
        let (outcome, picture) = draw(&folder, file, &format!("{name} {}", sizes.trim()));
        outcome.succeeds();
        assert!(!picture.is_empty());
    }
}

#[test]
fn nothing_depends_on_the_run() {
    let folder = Folder::new();
    let once = draw(&folder, "windows.cg", "pad --set H=3,W=4").1;
    assert_eq!(once, draw(&folder, "windows.cg", "pad --set H=3,W=4").1);
}
