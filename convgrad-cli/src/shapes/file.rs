//! Shapes of one's own, from a JSON or CSV file.
//!
//! JSON: an array of objects, or an object with such an array as `shapes` (as `bench conv --json` writes it).
//! ```json
//! [{"name": "stem", "n": 1, "c": 3, "h": 224, "w": 224, "k": 64, "r": 7, "s": 7, "stride": 2, "pads": [3, 3, 3, 3]}]
//! ```
//! CSV: a line with the columns' names, then a line a shape; `#` starts a comment. Several numbers in one cell are
//! separated by blanks.
//! ```csv
//! name, n, c, h, w, k, r, s, stride, pads
//! stem, 1, 3, 224, 224, 64, 7, 7, 2, 3
//! ```
//! `c h w k` are required. `n r s stride dilation groups` are 1 and `pads` 0 where they are missing. `stride` and `dilation`
//! are one number or two (rows, columns); `pads` is one, two (rows, columns) or four (top, bottom, left, right).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{NAMES, Shape};
use crate::failure::{Failure, Result};
use crate::short;

/// More than any network has; a larger file is not a list of shapes.
const LARGEST: u64 = 4 << 20;

/// Reads a file of shapes.
pub(super) fn read(path: &Path) -> Result<Vec<Shape>> {
    let sets = || {
        format!(
            "no shape set of this name ({}), and no file",
            NAMES.join(", ")
        )
    };
    let metadata =
        fs::metadata(path).map_err(|error| Failure::file(path, format!("{}: {error}", sets())))?;
    if !metadata.is_file() {
        return Err(Failure::file(
            path,
            format!("{}: not a regular file", sets()),
        ));
    }
    if metadata.len() > LARGEST {
        return Err(Failure::content(
            path,
            format!("is larger than {LARGEST} bytes, too large for a list of shapes"),
        ));
    }
    let bytes =
        fs::read(path).map_err(|error| Failure::file(path, format!("cannot read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::content(path, "is not UTF-8 text"))?;
    // Spreadsheets begin a file with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let json = text.trim_start().starts_with(['[', '{']);
    let shapes = if json {
        parse_json(text)
    } else {
        parse_csv(text)
    };
    let shapes = shapes.map_err(|message| Failure::content(path, message))?;
    if shapes.is_empty() {
        return Err(Failure::content(path, "lists no shapes"));
    }
    Ok(shapes)
}

/// Names stand in tables and pictures.
const LONGEST_NAME: usize = 40;

/// A shape as a file states it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    name: Option<String>,
    n: Option<usize>,
    c: Option<usize>,
    h: Option<usize>,
    w: Option<usize>,
    k: Option<usize>,
    r: Option<usize>,
    s: Option<usize>,
    stride: Option<Numbers>,
    #[serde(alias = "pad", alias = "padding", alias = "pads_tblr")]
    pads: Option<Numbers>,
    dilation: Option<Numbers>,
    groups: Option<usize>,
    /// What is none of these, and must be one of [`MEASURED`].
    #[serde(flatten)]
    rest: BTreeMap<String, IgnoredAny>,
}

/// What `bench conv` and `paper` add to a shape; their output is a list of shapes too.
const MEASURED: [&str; 10] = [
    "flops",
    "bytes",
    "forward",
    "dx",
    "dk",
    "scratch_bytes",
    "max_rel_error",
    "methods",
    "relative_errors",
    "cube_tiles",
];

/// One number or a list of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Numbers {
    One(usize),
    Several(Vec<usize>),
}

impl Numbers {
    fn as_slice(&self) -> &[usize] {
        match self {
            Numbers::One(number) => std::slice::from_ref(number),
            Numbers::Several(numbers) => numbers,
        }
    }
}

fn pair(numbers: Option<Numbers>, what: &str) -> Result<[usize; 2], String> {
    numbers.map_or(Ok([1, 1]), |numbers| {
        short::pair(numbers.as_slice()).map_err(|message| format!("`{what}`: {message}"))
    })
}

fn sides(numbers: Option<Numbers>) -> Result<[usize; 4], String> {
    numbers.map_or(Ok([0; 4]), |numbers| {
        short::sides(numbers.as_slice()).map_err(|message| format!("`pads`: {message}"))
    })
}

impl Entry {
    /// The shape, named by its number unless it has a name.
    fn shape(self, number: usize) -> Result<Shape, String> {
        if let Some(unknown) = self
            .rest
            .keys()
            .find(|key| !MEASURED.contains(&key.as_str()))
        {
            let known = COLUMNS.join(", ");
            return Err(format!("unknown key `{unknown}`; the keys are {known}"));
        }
        let need = |value: Option<usize>, what: &str| value.ok_or(format!("`{what}` is missing"));
        if let Some(name) = &self.name
            && (name.chars().any(char::is_control) || name.chars().count() > LONGEST_NAME)
        {
            let message = format!(
                "`name` is longer than {LONGEST_NAME} characters or has control characters"
            );
            return Err(message);
        }
        Ok(Shape {
            name: self.name.unwrap_or_else(|| number.to_string()),
            n: self.n.unwrap_or(1),
            c: need(self.c, "c")?,
            h: need(self.h, "h")?,
            w: need(self.w, "w")?,
            k: need(self.k, "k")?,
            r: self.r.unwrap_or(1),
            s: self.s.unwrap_or(1),
            stride: pair(self.stride, "stride")?,
            pads: sides(self.pads)?,
            dilation: pair(self.dilation, "dilation")?,
            groups: self.groups.unwrap_or(1),
        })
    }
}

fn parse_json(text: &str) -> Result<Vec<Shape>, String> {
    #[derive(Deserialize)]
    struct Document {
        shapes: Vec<Entry>,
    }
    let entries: Vec<Entry> = if text.trim_start().starts_with('[') {
        serde_json::from_str(text)
    } else {
        serde_json::from_str(text).map(|document: Document| document.shapes)
    }
    .map_err(|error| error.to_string())?;
    entries
        .into_iter()
        .zip(1..)
        .map(|(entry, number)| {
            entry
                .shape(number)
                .map_err(|message| format!("shape {number}: {message}"))
        })
        .collect()
}

fn parse_csv(text: &str) -> Result<Vec<Shape>, String> {
    let mut lines = text
        .lines()
        .zip(1..)
        .map(|(line, number)| (number, line.split('#').next().unwrap_or("").trim()))
        .filter(|(_, line)| !line.is_empty());
    let Some((first, header)) = lines.next() else {
        return Ok(Vec::new());
    };
    let columns: Vec<&str> = header.split(',').map(str::trim).collect();
    if let Some(&unknown) = columns.iter().find(|&&column| !COLUMNS.contains(&column)) {
        return Err(format!(
            "line {first}: unknown column `{unknown}`; the columns are {}",
            COLUMNS.join(", ")
        ));
    }
    let mut shapes = Vec::new();
    for (number, line) in lines {
        let shape = parse_line(&columns, line)
            .and_then(|entry| entry.shape(shapes.len() + 1))
            .map_err(|message| format!("line {number}: {message}"))?;
        shapes.push(shape);
    }
    Ok(shapes)
}

const COLUMNS: [&str; 12] = [
    "name", "n", "c", "h", "w", "k", "r", "s", "stride", "pads", "dilation", "groups",
];

fn parse_line(columns: &[&str], line: &str) -> Result<Entry, String> {
    let cells: Vec<&str> = line.split(',').map(str::trim).collect();
    if cells.len() != columns.len() {
        return Err(format!(
            "{} cells for {} columns",
            cells.len(),
            columns.len()
        ));
    }
    let mut entry = Entry::default();
    for (&column, cell) in columns.iter().zip(cells) {
        if cell.is_empty() {
            continue;
        }
        if column == "name" {
            entry.name = Some(cell.into());
            continue;
        }
        let numbers = cell
            .split_whitespace()
            .map(|word| {
                word.parse()
                    .map_err(|_| format!("`{column}`: `{word}` is not a number"))
            })
            .collect::<Result<Vec<usize>, String>>()?;
        match column {
            "stride" => entry.stride = Some(Numbers::Several(numbers)),
            "pads" => entry.pads = Some(Numbers::Several(numbers)),
            "dilation" => entry.dilation = Some(Numbers::Several(numbers)),
            _ => {
                let &[number] = numbers.as_slice() else {
                    return Err(format!(
                        "`{column}` has {} numbers instead of 1",
                        numbers.len()
                    ));
                };
                let field = match column {
                    "n" => &mut entry.n,
                    "c" => &mut entry.c,
                    "h" => &mut entry.h,
                    "w" => &mut entry.w,
                    "k" => &mut entry.k,
                    "r" => &mut entry.r,
                    "s" => &mut entry.s,
                    _ => &mut entry.groups,
                };
                *field = Some(number);
            }
        }
    }
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_give_the_same_shapes() {
        let json = r#"[{"name": "stem", "c": 3, "h": 10, "w": 12, "k": 4, "r": 3, "s": 2, "stride": [2, 1], "pads": [1, 2, 0, 3]},
                      {"n": 2, "c": 8, "h": 5, "w": 5, "k": 8, "groups": 2, "dilation": 2, "pad": 1}]"#;
        let csv = "# two shapes\nname, n, c, h, w, k, r, s, stride, pads, dilation, groups\n\
                   stem,, 3, 10, 12, 4, 3, 2, 2 1, 1 2 0 3,,\n\n, 2, 8, 5, 5, 8,,,, 1, 2, 2 # the second\n";
        let shapes = parse_json(json).unwrap();
        assert_eq!(shapes, parse_csv(csv).unwrap());
        assert_eq!(
            shapes,
            parse_json(&format!("{{\"shapes\": {json}}}")).unwrap()
        );
        assert_eq!(
            (shapes[0].stride, shapes[0].pads, shapes[1].pads),
            ([2, 1], [1, 2, 0, 3], [1; 4])
        );
        assert_eq!(shapes[1].name, "2");
    }

    #[test]
    fn errors_say_where() {
        let cases = [
            ("c,h,w\n1,2,3", "line 2: `k` is missing"),
            ("c,h,w,k\n\n1,2,3", "line 3: 3 cells for 4 columns"),
            ("c,h,w,k\n1,2,-3,4", "line 2: `w`: `-3` is not a number"),
            (
                "c,h,w,k,pads\n1,2,3,4,1 2 3",
                "line 2: `pads`: expected 1, 2 or 4 numbers, found 3",
            ),
            (
                "c,h,w,k,n\n1,2,3,4,1 2",
                "line 2: `n` has 2 numbers instead of 1",
            ),
        ];
        for (text, message) in cases {
            assert_eq!(parse_csv(text).unwrap_err(), message);
        }
        assert!(
            parse_csv("c,d\n")
                .unwrap_err()
                .starts_with("line 1: unknown column `d`")
        );
        assert!(
            parse_json("[\n{\"c\": \"x\"}]")
                .unwrap_err()
                .contains("line 2")
        );
        assert_eq!(
            parse_json(r#"[{"c": 1, "h": 1, "w": 1}]"#).unwrap_err(),
            "shape 1: `k` is missing"
        );
        assert!(
            parse_json(r#"[{"c": 1, "h": 1, "w": 1, "k": 1, "strides": 2}]"#)
                .unwrap_err()
                .starts_with("shape 1: unknown key `strides`; the keys are name, n,")
        );
    }
}
