//! Reads the formulas in `tests/formulas` and what their comments announce; the README there says how.

use std::path::{Path, PathBuf};

use convgrad_dsl::diagnostic::{Diagnostic, Sink};
use convgrad_dsl::sema::model::Converter;
use convgrad_dsl::sema::{self, Unit};
use convgrad_dsl::syntax;

/// A file of formulas.
pub(crate) struct Fixture {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// `NAME N=3, C=20 => RESULT`
pub(crate) struct Run {
    pub(crate) converter: String,
    pub(crate) given: Vec<(String, i64)>,
    pub(crate) result: String,
}

/// All files of a folder, by name.
pub(crate) fn fixtures(folder: &str) -> Vec<Fixture> {
    // The tests of the whole workspace include this file too.
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let roots = ["tests/formulas", "../tests/formulas"].map(|root| package.join(root).join(folder));
    let root = roots.iter().find(|root| root.is_dir()).unwrap_or(&roots[0]);
    let entries = std::fs::read_dir(root).unwrap_or_else(|e| panic!("{}: {e}", root.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "cg"));
    paths.sort();
    assert!(!paths.is_empty(), "no formulas in {}", root.display());
    paths
        .into_iter()
        .map(|path| Fixture {
            text: std::fs::read_to_string(&path).unwrap(),
            path,
        })
        .collect()
}

impl Fixture {
    /// The file's name, for messages.
    pub(crate) fn name(&self) -> String {
        self.path
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned()
    }

    /// Parsed and resolved, with everything there is to say.
    pub(crate) fn resolve(&self) -> (Unit, Vec<Diagnostic>) {
        resolve(&self.text)
    }

    /// The announced diagnostics: line, code, text of the primary span.
    pub(crate) fn announced(&self) -> Vec<(usize, String, String)> {
        let mut found = Vec::new();
        let mut line_of_code = 0;
        for (at, line) in self.text.lines().enumerate() {
            let (code, note) = line.split_once("//~ ").unwrap_or((line, ""));
            if !code.trim().is_empty() {
                line_of_code = at + 1;
            }
            if let Some(note) = note.strip_prefix("CG") {
                let (number, text) = note
                    .split_once(" `")
                    .unwrap_or_else(|| panic!("{}: {line}", self.name()));
                let text = text
                    .strip_suffix('`')
                    .unwrap_or_else(|| panic!("{}: {line}", self.name()));
                found.push((line_of_code.max(1), format!("CG{number}"), text.to_owned()));
            }
        }
        found.sort();
        found
    }

    /// The annotations that begin with a word: `run` or `violates`.
    pub(crate) fn runs(&self, word: &str) -> Vec<Run> {
        let lines = self
            .text
            .lines()
            .filter_map(|l| l.split_once("//~ "))
            .filter_map(|(_, note)| note.strip_prefix(word));
        lines
            .map(|note| {
                let (call, result) = note.split_once("=>").unwrap_or((note, ""));
                let call = call.trim();
                let (converter, sizes) = call.split_once(' ').unwrap_or((call, ""));
                let given = sizes
                    .split(',')
                    .filter(|s| !s.trim().is_empty())
                    .map(|pair| {
                        let (name, value) = pair.split_once('=').unwrap();
                        (name.trim().to_owned(), value.trim().parse().unwrap())
                    });
                Run {
                    converter: converter.to_owned(),
                    given: given.collect(),
                    result: result.trim().to_owned(),
                }
            })
            .collect()
    }
}

/// Parses and resolves a text.
pub(crate) fn resolve(text: &str) -> (Unit, Vec<Diagnostic>) {
    let mut sink = Sink::new();
    let file = syntax::parse(text, &mut sink);
    let unit = sema::resolve(&file, &mut sink);
    (unit, sink.finish())
}

/// The only converter of a text that has no errors.
pub(crate) fn only(text: &str) -> Converter {
    let (mut unit, diagnostics) = resolve(text);
    assert_eq!(unit.converters.len(), 1, "{text}\n{diagnostics:#?}");
    unit.converters.remove(0)
}

/// All sizes of a converter, from those that are given and those that have values.
pub(crate) fn all_sizes(converter: &Converter, given: &[(String, i64)]) -> Vec<i64> {
    let mut known = convgrad_dsl::sizes::bake(converter).unwrap();
    for (name, value) in given {
        let at = converter
            .sizes
            .iter()
            .position(|s| s.name.text == *name)
            .unwrap_or_else(|| panic!("no size {name}"));
        assert!(known[at].replace(*value).is_none(), "{name} is baked");
    }
    let mut open = known.iter().filter(|k| k.is_none()).count();
    while open > 0 {
        for (at, size) in converter.sizes.iter().enumerate() {
            if let (None, Some(value)) = (known[at], &size.value) {
                known[at] = sema::eval::Values::of_sizes(&known).number(value).ok();
            }
        }
        let left = known.iter().filter(|k| k.is_none()).count();
        assert!(left < open, "{}: sizes are missing", converter.name.text);
        open = left;
    }
    known.into_iter().map(Option::unwrap).collect()
}
