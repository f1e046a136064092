//! The items of a text, each after what it is made of, and stubs for what is wrong.

use super::chain::Chains;
use super::graph::{Entry, Graph, Home, Node, NodeId};
use super::model::{
    Assertion, Claim, Converter, Convolution, Elements, Layout, Origin, Property, Stub, StubKind,
};
use super::things::{Thing, Things};
use super::{conversion, convolution, header, known, layout, rule, usage};
use crate::diagnostic::Sink;
use crate::source::Name;
use crate::syntax::tree::{self, ItemKind};

/// A text, resolved.
#[derive(Clone, Debug, Default)]
pub struct Unit {
    /// The converters without errors, in the order of the text.
    pub converters: Vec<Converter>,
    /// The convolutions without errors.
    pub convolutions: Vec<Convolution>,
    /// The layouts without errors.
    pub layouts: Vec<Layout>,
    /// The assertions without errors: what they claim is still to be decided.
    pub assertions: Vec<Assertion>,
    /// The converters and convolutions with errors.
    pub stubs: Vec<Stub>,
}

/// Resolves every item; what is wrong is reported.
pub fn resolve(file: &tree::File, sink: &mut Sink) -> Unit {
    let mut graph = Graph::new(file, sink);
    graph.read_claims();
    let order = graph.ordered(sink);
    let mut things = Things::default();
    for id in order {
        let thing = match sink.is_full() {
            true => Thing::Broken,
            false => thing(&graph, &things, id, sink),
        };
        things.set(id, thing);
    }
    let mut unit = Unit::default();
    // Claims and convolutions are made of named things; nothing is made of them.
    for entry in &graph.entries {
        match *entry {
            _ if sink.is_full() => break,
            Entry::Assertion(assertion) => {
                unit.assertions
                    .extend(claim(&graph, &things, assertion, sink));
            }
            Entry::Node(id) => unit.convolution(&graph, id, &things, sink),
            Entry::Twice(id) => Unit::default().convolution(&graph, id, &things, sink),
            Entry::Everything(_) => {}
        }
    }
    for entry in &graph.entries {
        match *entry {
            Entry::Node(id) => unit.take(&graph, id, &mut things),
            Entry::Everything(span) => {
                for id in graph.used_of(span) {
                    unit.take(&graph, id, &mut things);
                }
            }
            Entry::Twice(_) | Entry::Assertion(_) => {}
        }
    }
    unit
}

impl Unit {
    /// Resolves an item if it is a convolution.
    fn convolution(&mut self, graph: &Graph<'_>, id: NodeId, things: &Things, sink: &mut Sink) {
        let node = &graph.nodes[id];
        if let ItemKind::Convolution(convolution) = &node.item.kind {
            match convolution::resolve(&node.item, convolution, graph, things, sink) {
                Some(resolved) => self.convolutions.push(resolved),
                None => self.stubs.extend(stub(node)),
            }
        }
    }

    /// Moves what became of an item here.
    fn take(&mut self, graph: &Graph<'_>, id: NodeId, things: &mut Things) {
        match things.take(id) {
            Some(Thing::Converter(converter)) => self.converters.push(*converter),
            Some(Thing::Layout(layout)) => self.layouts.push(*layout),
            Some(Thing::Convolution(_)) => {}
            // What is part of a circle, or made of such, was never resolved.
            Some(Thing::Broken) | None => self.stubs.extend(stub(&graph.nodes[id])),
        }
    }
}

/// What becomes of an item that comes after all that it is made of.
fn thing(graph: &Graph<'_>, things: &Things, id: NodeId, sink: &mut Sink) -> Thing {
    let node = &graph.nodes[id];
    let found = match (node.home, node.item.name()) {
        (Home::Library(span), Some(name)) => {
            known::of_library(&name.text, span, || resolved(graph, things, node, sink))
        }
        _ => resolved(graph, things, node, sink),
    };
    match found {
        Some(Thing::Converter(mut converter)) => {
            converter.name = node.name.clone();
            converter.public = node.public;
            if let Home::Library(_) = node.home {
                converter.origin = Origin::Library;
            }
            Thing::Converter(converter)
        }
        Some(Thing::Layout(mut layout)) => {
            layout.name = node.name.clone();
            layout.public = node.public;
            Thing::Layout(layout)
        }
        Some(thing) => thing,
        None => Thing::Broken,
    }
}

/// The same under the name that the item itself gives it. None if it has errors, which have been reported.
fn resolved(graph: &Graph<'_>, things: &Things, node: &Node<'_>, sink: &mut Sink) -> Option<Thing> {
    let item = &*node.item;
    match &item.kind {
        ItemKind::Layout(layout) => {
            let layout = layout::resolve(item, layout, node.home, sink);
            layout.map(|layout| Thing::Layout(Box::new(layout)))
        }
        ItemKind::Converter(converter) => self::converter(item, converter, node.home, sink),
        ItemKind::Derived { chain, .. } => Chains {
            graph,
            things,
            home: node.home,
            depth: 0,
            sink,
        }
        .spelled(chain)
        .filter(|_| !item.broken)
        .map(|made| {
            Thing::Converter(Box::new(Converter {
                docs: item.docs.clone(),
                ..made
            }))
        }),
        ItemKind::Convolution(convolution) => Some(Thing::Convolution(convolution.name.span)),
        ItemKind::Assertion(_) | ItemKind::Use(_) | ItemKind::Unreadable { .. } => None,
    }
}

/// Resolves an assertion. None if something is wrong with it, or with what it is about.
fn claim(
    graph: &Graph<'_>,
    things: &Things,
    assertion: &tree::Assertion,
    sink: &mut Sink,
) -> Option<Assertion> {
    let mut chains = Chains {
        graph,
        things,
        home: Home::Text,
        depth: 0,
        sink,
    };
    let mut made = |spelled: &tree::Spelled| chains.spelled(spelled).map(Box::new);
    let claim = match &assertion.claim {
        tree::Claim::Equal(f, g) => {
            let (f, g) = (made(f), made(g));
            Claim::Equal(f?, g?)
        }
        tree::Claim::Property(word, f) => Claim::Property(property(&word.text)?, made(f)?),
    };
    Some(Assertion {
        claim,
        text: assertion.text.clone(),
        span: assertion.span,
    })
}

/// The property of a word; the grammar knows no others.
fn property(word: &str) -> Option<Property> {
    Some(match word {
        "bijective" => Property::Bijective,
        "injective" => Property::Injective,
        "surjective" => Property::Surjective,
        "in_bounds" => Property::InBounds,
        _ => return None,
    })
}

/// What can be declared of an item with errors. Nothing is declared for a layout.
fn stub(node: &Node<'_>) -> Option<Stub> {
    let kind = match &node.item.kind {
        ItemKind::Converter(converter) => converter.stub(),
        ItemKind::Derived { .. } => nothing_known(),
        ItemKind::Convolution(_) => StubKind::Convolution,
        ItemKind::Unreadable { keyword, .. } => match *keyword {
            Some("converter") => nothing_known(),
            Some("convolution") => StubKind::Convolution,
            _ => return None,
        },
        ItemKind::Layout(_) | ItemKind::Assertion(_) | ItemKind::Use(_) => return None,
    };
    Some(Stub {
        name: node.name.clone(),
        public: node.public,
        kind,
    })
}

fn nothing_known() -> StubKind {
    StubKind::Converter {
        sizes: Vec::new(),
        input_rank: None,
        output_rank: None,
        elements: None,
    }
}

/// Resolves a converter with a rule. None if it has errors, which have been reported.
fn converter(
    item: &tree::Item,
    converter: &tree::Converter,
    home: Home,
    sink: &mut Sink,
) -> Option<Thing> {
    let mark = sink.mark();
    let tree = converter.header.as_ref()?;
    let header = header::resolve(tree, converter.rule.as_ref(), sink);
    let rule = converter
        .rule
        .as_ref()
        .and_then(|r| rule::resolve(r, tree, &header, sink));
    let elements = conversion::resolve(tree, converter.rule.as_ref(), rule.as_ref(), sink);
    if item.broken || sink.has_errors_since(mark) {
        return None;
    }
    let resolved = Converter {
        name: converter.name.clone(),
        public: item.public,
        docs: item.docs.clone(),
        sizes: header.sizes?,
        input: header.input?,
        output: header.output?,
        requires: header.requires?,
        elements: elements?,
        rule: rule?,
        stages: Vec::new(),
        origin: Origin::Rule,
    };
    if home == Home::Text {
        usage::warn(&resolved, sink);
    }
    Some(Thing::Converter(Box::new(resolved)))
}

impl tree::Item {
    /// The name that it declares.
    pub fn name(&self) -> Option<&Name> {
        match &self.kind {
            ItemKind::Converter(converter) => Some(&converter.name),
            ItemKind::Derived { name, .. } => Some(name),
            ItemKind::Layout(layout) => Some(&layout.name),
            ItemKind::Convolution(convolution) => Some(&convolution.name),
            ItemKind::Assertion(_) | ItemKind::Use(_) => None,
            ItemKind::Unreadable { name, .. } => name.as_ref(),
        }
    }
}

impl tree::Converter {
    /// What can be declared of it although it has errors.
    fn stub(&self) -> StubKind {
        match &self.header {
            None => nothing_known(),
            Some(header) => StubKind::Converter {
                sizes: header
                    .sizes
                    .iter()
                    .filter(|s| s.value.is_none())
                    .map(|s| s.name.clone())
                    .collect(),
                input_rank: Some(header.input.list.exprs.len()),
                output_rank: Some(header.output.list.exprs.len()),
                elements: conversion::declared(header),
            },
        }
    }
}

impl Converter {
    /// What can be declared of it where later stages find errors.
    pub fn stub(&self) -> Stub {
        Stub {
            name: self.name.clone(),
            public: self.public,
            kind: StubKind::Converter {
                sizes: self
                    .sizes
                    .iter()
                    .filter(|s| s.value.is_none())
                    .map(|s| s.name.clone())
                    .collect(),
                input_rank: Some(self.input.extents.len()),
                output_rank: Some(self.output.extents.len()),
                elements: self.elements.map(Elements::types),
            },
        }
    }
}
