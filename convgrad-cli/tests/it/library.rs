//! The tools on every item of the standard library, and the pictures of its layouts in `docs/pictures`.

use std::fs;
use std::path::{Path, PathBuf};

use convgrad_dsl::library::{Item, Kind, items};

use crate::support::Folder;

/// A folder with a file that imports one item.
fn importing(item: &Item) -> Folder {
    let folder = Folder::new();
    folder.put("one.cg", format!("pub use std::{};\n", item.name));
    folder
}

/// The sizes that a message proposes.
fn proposed(stderr: &str) -> &str {
    let example = stderr.split_once("for example ");
    example.map_or("", |(_, sizes)| sizes.trim())
}

#[test]
fn every_item_is_explained_emitted_and_drawn() {
    for item in items() {
        let (folder, name) = (importing(item), item.name);
        let explained = folder.run(&format!("explain one.cg {name} --json"));
        assert_eq!(explained.succeeds().json()["name"], name);
        for language in ["rust", "c"] {
            let emitted = folder.run(&format!("emit one.cg {name} --lang {language}"));
            assert!(emitted.succeeds().stdout.contains(name), "{name}");
        }
        let draw = format!("draw one.cg {name} --out picture.svg");
        let first = folder.run(&draw);
        if first.code != 0 {
            let sizes = proposed(&first.stderr);
            folder.run(&format!("{draw} {sizes}")).succeeds();
        }
        let picture = fs::read_to_string(folder.file("picture.svg")).unwrap();
        assert!(picture.contains(name), "{name}");
    }
}

/// Sizes that show what a layout does: several blocks, the last one ragged, and room for the numbers.
fn telling_sizes(item: &Item) -> &'static str {
    let plain = ["plain.cg", "attention.cg"].contains(&item.file);
    let has = |size: &str| item.text.contains(&format!("{size},"));
    match item.name {
        "NCDHW" | "NDHWC" | "DHWCN" => "N=2,C=3,D=2,H=2,W=2",
        "NDC1HWC0" | "FRACTAL_Z_3D" => "N=3,C=20,D=2,H=1,W=2",
        "ND" | "DN" => "M=3,N=5",
        "NZ" => "M=20,N=20",
        "ZZ" => "M=20,K=20",
        "ZN" => "K=20,N=20",
        "VNNI2" | "VNNI4" => "K=6,N=5",
        "AMX_A_BF16" | "AMX_A_INT8" => "M=10,K=70",
        "AMX_B_BF16" | "AMX_B_INT8" => "K=70,N=10",
        "C1HWNCoC0" => "N=1,C=20,H=1,W=2",
        "kCHW32" => "N=1,C=36,H=2,W=2",
        "kCHW2" | "kCHW4" | "kHWC8" | "NC1HWC0_C04" => "N=2,C=10,H=2,W=3",
        _ if has("<B") => "B=2,S=3,H=2,D=4",
        _ if has("<O") => "O=20,I=20,H=1,W=1",
        _ if plain => "N=2,C=3,H=2,W=2",
        _ => "N=2,C=20,H=2,W=3",
    }
}

fn pictures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/pictures")
}

/// `UPDATE_LIBRARY=1` draws them anew.
#[test]
fn the_pictures_of_layouts_are_current() {
    let layouts = items().iter().filter(|item| item.kind == Kind::Layout);
    let mut names = Vec::new();
    for item in layouts {
        let (folder, name) = (importing(item), item.name);
        let sizes = telling_sizes(item);
        let draw = folder.run(&format!(
            "draw one.cg {name} --set {sizes} --out {name}.svg"
        ));
        draw.succeeds();
        let drawn = fs::read_to_string(folder.file(&format!("{name}.svg"))).unwrap();
        let path = pictures().join(format!("{name}.svg"));
        if std::env::var_os("UPDATE_LIBRARY").is_some() {
            fs::create_dir_all(pictures()).unwrap();
            fs::write(&path, &drawn).unwrap();
        }
        assert!(
            fs::read_to_string(&path).is_ok_and(|found| found == drawn),
            "docs/pictures/{name}.svg is not current: run this test with UPDATE_LIBRARY=1"
        );
        names.push(format!("{name}.svg"));
    }
    let found = fs::read_dir(pictures()).unwrap();
    for entry in found {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(names.contains(&name), "{name} is no layout's");
    }
}
