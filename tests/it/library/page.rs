//! `docs/library.md` is made of the library: of the items' doc comments, their shapes and their formulas.

use std::fmt::Write;

use convgrad::Program;
use convgrad_dsl::emit::formula::operand;
use convgrad_dsl::library::{FILES, Item, Kind, items};

const INTRODUCTION: &str = "# The standard library

Layouts and converters in convgrad's own language, to be had by name:

```text
use std::{NCHW, NC1HWC0, im2col as unfold};

converter to_blocks_of_32 = NCHW -> NC1HWC0<C0 = 32>;
pub converter unfold_3x3 = unfold<R = 3, S = 3, DH = 1, DW = 1>;
```

What belongs to a format is a size with a value (`C0 = 16`), which `<C0 = 32>` replaces; what belongs to a call is free, which
`<R = 3>` bakes. Coordinates in small letters are logical, those behind the arrow physical. A converter between any two layouts of the same
logical coordinates is a line; places that no coordinate reaches hold zero. On the command line `std` is the library:
`convgrad explain std im2col`. The name of a layout is a picture of it, as `convgrad draw std NC1HWC0 --set N=2,C=20,H=2,W=3 --out F.svg`
draws it:

![NC1HWC0: channels in blocks of sixteen, the last block filled up](pictures/NC1HWC0.svg)

This page is made of the texts in [`convgrad-dsl/library`](../convgrad-dsl/library) by a test.
";

/// An item's lines, in parts.
struct Parts {
    /// What it is.
    what: String,
    /// Who else calls it so.
    source: String,
    /// The formula in one line.
    formula: String,
}

fn parts(item: &Item) -> Parts {
    let docs = item.docs();
    let docs = docs.iter().map(|line| line.trim());
    let text = docs.collect::<Vec<_>>().join(" ");
    let (what, source) = text.split_once("Source: ").unwrap_or((&text, ""));
    Parts {
        what: what.trim().to_owned(),
        source: source.trim().trim_end_matches('.').to_owned(),
        formula: formula(item),
    }
}

/// What stands between the braces of a rule or behind the `=` of another item.
fn formula(item: &Item) -> String {
    let lines = item
        .text
        .lines()
        .filter(|line| !line.trim_start().starts_with("///"));
    let text = lines
        .flat_map(str::split_whitespace)
        .collect::<Vec<_>>()
        .join(" ");
    let rule = text
        .split_once('{')
        .and_then(|(_, rest)| rest.rsplit_once('}'));
    let body = match (rule, item.kind) {
        (Some((rule, _)), _) => rule,
        (None, Kind::Layout) => text.split_once("] = ").unwrap().1,
        (None, Kind::Converter) => text.split_once(" = ").unwrap().1,
    };
    body.trim().trim_end_matches(';').to_owned()
}

/// What goes in, an arrow, what comes out; for a layout the logical and the physical shape, in its own sizes.
fn shapes(item: &Item, program: &Program) -> String {
    let name = match item.kind {
        Kind::Layout => format!("from_{}", item.name),
        Kind::Converter => item.name.to_owned(),
    };
    let converter = &program.converter(&name).unwrap().compiled().converter;
    let shape = |side| {
        let text = operand(converter, side);
        text[text.find('[').unwrap()..].to_owned()
    };
    let (input, output) = (shape(&converter.input), shape(&converter.output));
    match item.kind {
        Kind::Layout => format!("`{output}` → `{input}`"),
        Kind::Converter => format!("`{input}` → `{output}`"),
    }
}

fn page() -> String {
    let program = super::program();
    let mut page = INTRODUCTION.to_owned();
    for (file, text) in FILES {
        let head = text.lines().map_while(|line| line.strip_prefix("// "));
        let head = head.collect::<Vec<_>>().join(" ");
        write!(page, "\n## `{file}`\n\n{head}\n\n").unwrap();
        page += "| item | what it is | shapes | formula | known as |\n|---|---|---|---|---|\n";
        for item in items().iter().filter(|item| item.file == *file) {
            let Parts {
                what,
                source,
                formula,
            } = parts(item);
            let shapes = shapes(item, program);
            let name = match item.kind {
                Kind::Layout => format!("[`{0}`](pictures/{0}.svg)", item.name),
                Kind::Converter => format!("`{}`", item.name),
            };
            writeln!(
                page,
                "| {name} | {what} | {shapes} | `{formula}` | {source} |"
            )
            .unwrap();
        }
    }
    page
}

#[test]
fn the_page_is_that_of_the_library() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/library.md");
    let expected = page();
    if std::fs::read_to_string(path).is_ok_and(|found| found == expected) {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_LIBRARY").is_some(),
        "the library has changed: run the tests with UPDATE_LIBRARY=1"
    );
    std::fs::write(path, expected).unwrap();
}
