//! The standard library: layouts and converters in our own language, to be had by `use std::…`.
//!
//! Its files are part of the compiler. A file is cut into items where one of them is asked for, and once; an item is read only
//! where it is used, and once.

use std::sync::OnceLock;

use crate::source::Span;
use crate::syntax;
use crate::syntax::tree;

macro_rules! files {
    ($($name:literal)*) => {
        /// The files: their names and texts.
        pub const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../library/", $name)))),*];
    };
}

files! {
    "plain.cg"
    "davinci.cg"
    "onednn.cg"
    "tensorrt.cg"
    "tiles.cg"
    "relayout.cg"
    "paper.cg"
    "windows.cg"
    "space.cg"
    "moves.cg"
    "attention.cg"
    "swizzle.cg"
}

/// What an item of the library is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A layout.
    Layout,
    /// A converter, with a rule or made of others.
    Converter,
}

/// An item of the library.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// The file that it stands in.
    pub file: &'static str,
    /// Its text, with its docs.
    pub text: &'static str,
}

impl Item {
    /// Its doc comment, a string a line.
    pub fn docs(&self) -> Vec<String> {
        self.read(Span::default())
            .map_or_else(Vec::new, |item| item.docs)
    }

    /// Its tree; everything in it is said to stand at `span`, which is where somebody asks for it.
    pub(crate) fn read(&self, span: Span) -> Option<tree::Item> {
        syntax::imported(self.text, span)
    }
}

/// Every item, in the order of [`FILES`] and of their texts.
pub fn items() -> &'static [Item] {
    static ITEMS: OnceLock<Vec<Item>> = OnceLock::new();
    ITEMS.get_or_init(|| {
        let files = 0..FILES.len();
        files.flat_map(of_file).copied().collect()
    })
}

/// The items of a file.
fn of_file(at: usize) -> &'static [Item] {
    static ITEMS: [OnceLock<Vec<Item>>; FILES.len()] = [const { OnceLock::new() }; FILES.len()];
    let (file, text) = FILES[at];
    ITEMS[at].get_or_init(|| {
        let outlines = syntax::outline(text).into_iter();
        let items = outlines.filter_map(|outline| {
            let kind = match outline.keyword {
                "layout" => Kind::Layout,
                "converter" => Kind::Converter,
                _ => return None,
            };
            Some(Item {
                name: outline.name,
                kind,
                file,
                text: outline.text,
            })
        });
        items.collect()
    })
}

/// The item of a name. Files that declare nothing that begins so are not cut.
pub fn find(name: &str) -> Option<&'static Item> {
    let declares = |text: &str| {
        let declared = |(at, _): (usize, &str)| {
            let before = &text[..at];
            before.ends_with("layout ") || before.ends_with("converter ")
        };
        text.match_indices(name).any(declared)
    };
    let mut files = (0..FILES.len()).filter(|at| declares(FILES[*at].1));
    files.find_map(|at| of_file(at).iter().find(|item| item.name == name))
}

/// The whole library as one text.
pub fn text() -> String {
    let files: Vec<&str> = FILES.iter().map(|(_, text)| *text).collect();
    files.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_can_be_read_and_says_what_it_is() {
        assert!(items().len() > 50);
        for item in items() {
            let tree = item.read(Span::new(3, 7)).expect(item.name);
            assert!(!tree.broken, "{}", item.name);
            assert_eq!(tree.span, Span::new(3, 7), "{}", item.name);
            assert_eq!(tree.name().map(|n| n.text.as_str()), Some(item.name));
            assert!(!item.docs().is_empty(), "{} has no docs", item.name);
            assert_eq!(find(item.name).map(|found| found.text), Some(item.text));
        }
    }

    #[test]
    fn every_file_is_part_of_it() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("library");
        let files = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        let mut files: Vec<String> = files.map(|name| name.into_string().unwrap()).collect();
        let mut known: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        files.sort();
        known.sort_unstable();
        assert_eq!(files, known);
    }
}
