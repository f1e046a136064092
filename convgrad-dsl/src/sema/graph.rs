//! The items that have names, and which of them their chains name: of the text, and what it uses of the library.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::header::report_circles;
use super::imports;
use super::names::nearest;
use super::order::sorted;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::library;
use crate::source::{Name, Span};
use crate::syntax::tree::{self, Chain, ItemKind};

/// The number of an item: an index of [`Graph::nodes`].
pub(super) type NodeId = usize;

/// Where an item comes from, which decides what the names in it mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Home {
    /// The text.
    Text,
    /// The library, asked for at this place of the text.
    Library(Span),
}

/// An item.
#[derive(Debug)]
pub(super) struct Node<'t> {
    pub(super) item: Cow<'t, tree::Item>,
    /// What the text calls it.
    pub(super) name: Name,
    /// Whether the text makes it public.
    pub(super) public: bool,
    pub(super) home: Home,
}

/// What stands in the text, one after the other.
#[derive(Debug)]
pub(super) enum Entry<'t> {
    /// An item with a name.
    Node(NodeId),
    /// An item whose name is taken, or one without a name: it is checked, but nothing comes of it.
    Twice(NodeId),
    /// An assertion.
    Assertion(&'t tree::Assertion),
    /// `use std::*`
    Everything(Span),
}

/// All items with names.
#[derive(Debug, Default)]
pub(super) struct Graph<'t> {
    pub(super) nodes: Vec<Node<'t>>,
    pub(super) entries: Vec<Entry<'t>>,
    /// The names of the text, imports by name included.
    names: BTreeMap<String, NodeId>,
    /// What was read of the library, by where it was asked for.
    library: BTreeMap<(Span, String), NodeId>,
    /// The first `use std::*`.
    everything: Option<(Span, bool)>,
}

impl<'t> Graph<'t> {
    /// Takes the items of a text, and reads what they use of the library. Names that are taken twice or do not exist are
    /// reported.
    pub(super) fn new(file: &'t tree::File, sink: &mut Sink) -> Self {
        let mut graph = Graph::default();
        for item in &file.items {
            match &item.kind {
                _ if sink.is_full() => break,
                ItemKind::Assertion(assertion) if !item.broken => {
                    graph.entries.push(Entry::Assertion(assertion));
                }
                ItemKind::Use(import) => imports::resolve(&mut graph, item, import, sink),
                _ => {
                    if let Some(name) = item.name() {
                        let node = Node {
                            item: Cow::Borrowed(item),
                            name: name.clone(),
                            public: item.public,
                            home: Home::Text,
                        };
                        graph.declare(node, sink);
                    }
                }
            }
        }
        graph
    }

    /// Adds an item of the text. If its name is taken that is reported.
    pub(super) fn declare(&mut self, node: Node<'t>, sink: &mut Sink) {
        let id = self.nodes.len();
        let name = node.name.clone();
        self.nodes.push(node);
        let Some(&first) = self.names.get(&name.text) else {
            self.names.insert(name.text, id);
            self.entries.push(Entry::Node(id));
            return;
        };
        let first = &self.nodes[first];
        let (again, before) = match (self.nodes[id].home, first.home) {
            (Home::Text, Home::Text) => ("declared again", "first declared here"),
            (_, Home::Text) => ("imported", "declared here"),
            (Home::Text, _) => ("declared here", "imported here"),
            _ => ("imported again", "first imported here"),
        };
        let message = format!("`{}` is declared twice", name.text);
        let diagnostic = Diagnostic::new(Code::ItemTwice, name.span, message)
            .label(again)
            .secondary(first.name.span, before);
        sink.push(match self.nodes[id].home {
            Home::Text => diagnostic.help("choose another name"),
            Home::Library(_) => {
                diagnostic.help(format!("import it by another name: `{} as …`", name.text))
            }
        });
        // The rest of it is still worth checking, but a second thing of the name would be one too many.
        self.entries.push(Entry::Twice(id));
    }

    /// Notes a `use std::*`.
    pub(super) fn use_everything(&mut self, span: Span, public: bool) {
        self.everything.get_or_insert((span, public));
        self.entries.push(Entry::Everything(span));
    }

    /// An item of the library, read for a place of the text.
    fn of_library(&mut self, name: &str, span: Span, public: bool) -> Option<NodeId> {
        let key = (span, name.to_owned());
        if let Some(&known) = self.library.get(&key) {
            return Some(known);
        }
        let item = library::find(name)?.read(span)?;
        let id = self.nodes.len();
        self.nodes.push(Node {
            name: Name {
                text: name.to_owned(),
                span,
            },
            item: Cow::Owned(item),
            public,
            home: Home::Library(span),
        });
        self.library.insert(key, id);
        Some(id)
    }

    /// What a name means, read from the library if need be.
    pub(super) fn find(&mut self, home: Home, name: &str) -> Option<NodeId> {
        match (home, self.everything) {
            (Home::Library(span), _) => self.of_library(name, span, false),
            (Home::Text, Some((span, public))) => match self.names.get(name) {
                Some(&id) => Some(id),
                None => self.of_library(name, span, public),
            },
            (Home::Text, None) => self.names.get(name).copied(),
        }
    }

    /// The same of what has been read.
    pub(super) fn get(&self, home: Home, name: &str) -> Option<NodeId> {
        let of_library = |span| self.library.get(&(span, name.to_owned())).copied();
        match home {
            Home::Library(span) => of_library(span),
            Home::Text => {
                let own = self.names.get(name).copied();
                own.or_else(|| of_library(self.everything?.0))
            }
        }
    }

    /// What came of a `use std::*`: the items that the text names.
    pub(super) fn used_of(&self, everything: Span) -> Vec<NodeId> {
        let mut used = Vec::new();
        let mut note = |chain: &Chain| {
            chain.references(&mut |reference, _| {
                if !self.names.contains_key(&reference.name.text) {
                    used.extend(self.library.get(&(everything, reference.name.text.clone())));
                }
            });
        };
        for node in self.nodes.iter().filter(|n| n.home == Home::Text) {
            if let ItemKind::Derived { chain, .. } = &node.item.kind {
                note(&chain.chain);
            }
        }
        for entry in &self.entries {
            if let Entry::Assertion(assertion) = entry {
                assertion.chains().into_iter().for_each(&mut note);
            }
        }
        used.sort_unstable();
        used.dedup();
        used
    }

    /// The name in the text that is spelt most like one that is unknown.
    pub(super) fn nearest(&self, name: &str) -> Option<&str> {
        let of_library = self.everything.map_or(&[][..], |_| library::items());
        let own = self.names.keys().map(String::as_str);
        nearest(name, own.chain(of_library.iter().map(|item| item.name)))
    }

    /// Reads all that chains name, and puts the items in an order in which each comes after what it is made of. Circles are
    /// reported; what is part of one, or made of such, is left out.
    pub(super) fn ordered(&mut self, sink: &mut Sink) -> Vec<NodeId> {
        let mut uses: Vec<Vec<NodeId>> = Vec::new();
        while uses.len() < self.nodes.len() {
            let node = &self.nodes[uses.len()];
            let (home, mut names) = (node.home, Vec::new());
            if let ItemKind::Derived { chain, .. } = &node.item.kind {
                chain
                    .chain
                    .references(&mut |reference, _| names.push(reference.name.text.clone()));
            }
            let mut used: Vec<NodeId> = names.iter().filter_map(|n| self.find(home, n)).collect();
            used.sort_unstable();
            used.dedup();
            uses.push(used);
        }
        let (order, rest) = sorted(&uses);
        report_circles(&uses, &rest, |id| &self.nodes[id].name, sink);
        order
    }

    /// Reads what the assertions and convolutions of the text name.
    pub(super) fn read_claims(&mut self) {
        let mut names = Vec::new();
        for entry in &self.entries {
            if let Entry::Assertion(assertion) = entry {
                for chain in assertion.chains() {
                    chain.references(&mut |reference, _| names.push(reference.name.text.clone()));
                }
            }
        }
        for node in &self.nodes {
            if let (ItemKind::Convolution(convolution), Home::Text) = (&node.item.kind, node.home) {
                names.extend(convolution.fields.iter().filter_map(|f| match &f.value {
                    tree::FieldValue::Name(name) => Some(name.clone()),
                    _ => None,
                }));
            }
        }
        for name in names {
            self.find(Home::Text, &name);
        }
    }
}
