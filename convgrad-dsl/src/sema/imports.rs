//! `use`: which names of the library a text has.

use std::borrow::Cow;

use super::graph::{Graph, Home, Node};
use super::names::nearest;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::library;
use crate::source::Name;
use crate::syntax::limits::MAX_ITEMS;
use crate::syntax::too_many;
use crate::syntax::tree::{self, Import, Use};

/// What the library is called.
const LIBRARY: &str = "std";

/// Adds what is imported to the items of the text. Names that the library does not have are reported.
pub(super) fn resolve(graph: &mut Graph<'_>, item: &tree::Item, import: &Use, sink: &mut Sink) {
    if import.library.text != LIBRARY {
        let message = format!("there is no library `{}`", import.library.text);
        sink.push(
            Diagnostic::new(Code::UnknownName, import.library.span, message)
                .label("unknown library")
                .help(format!(
                    "the only one is `{LIBRARY}`: write `use {LIBRARY}::…`"
                )),
        );
        return;
    }
    if let Some(span) = import.everything {
        graph.use_everything(span, item.public);
    }
    for import in &import.imports {
        if sink.is_full() {
            return;
        }
        if graph.nodes.len() >= MAX_ITEMS {
            return sink.push(too_many(import.name.span, graph.nodes.len() + 1));
        }
        one(graph, import, item.public, sink);
    }
}

fn one(graph: &mut Graph<'_>, import: &Import, public: bool, sink: &mut Sink) {
    // What it is made of is read for the same place, under the library's names.
    let local = import.local();
    let item = library::find(&import.name.text).and_then(|item| item.read(local.span));
    let Some(item) = item else {
        sink.push(unknown(&import.name));
        return;
    };
    let node = Node {
        item: Cow::Owned(item),
        name: local.clone(),
        public,
        home: Home::Library(local.span),
    };
    graph.declare(node, sink);
}

fn unknown(name: &Name) -> Diagnostic {
    let message = format!("the library has no `{}`", name.text);
    let diagnostic = Diagnostic::new(Code::UnknownName, name.span, message).label("unknown name");
    let names = library::items().iter().map(|item| item.name);
    match nearest(&name.text, names) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help("see the documentation of the standard library for its names"),
    }
}

/// How to import a name that the text lacks, if the library has it.
pub(super) fn how(name: &str) -> Option<String> {
    library::find(name).map(|item| format!("write `use {LIBRARY}::{};`", item.name))
}
