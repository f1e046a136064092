//! The items of a text: names that are taken twice, what is compiled and what is not yet, and stubs for what is wrong.

use std::collections::BTreeMap;

use super::model::{Assertion, Converter, Convolution, Elements, Layout, Origin, Stub, StubKind};
use super::{conversion, convolution, header, layout, rule, usage};
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::source::{Name, Span};
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
    let mut unit = Unit::default();
    let mut taken: BTreeMap<&str, Span> = BTreeMap::new();
    let layouts: Vec<&tree::Layout> = file
        .items
        .iter()
        .filter_map(|item| match &item.kind {
            ItemKind::Layout(layout) => Some(layout),
            _ => None,
        })
        .collect();
    for item in &file.items {
        let name = item.name();
        if let Some(name) = name
            && let Some(first) = taken.get(name.text.as_str())
        {
            sink.push(
                Diagnostic::new(
                    Code::ItemTwice,
                    name.span,
                    format!("`{}` is declared twice", name.text),
                )
                .label("declared again")
                .secondary(*first, "first declared here")
                .help("choose another name"),
            );
            // The rest of it is still worth checking, but a second thing of the name would be one too many.
            self::item(item, &layouts, &mut Unit::default(), sink);
            continue;
        }
        taken.extend(name.map(|n| (n.text.as_str(), n.span)));
        self::item(item, &layouts, &mut unit, sink);
    }
    unit
}

fn item(item: &tree::Item, layouts: &[&tree::Layout], unit: &mut Unit, sink: &mut Sink) {
    match &item.kind {
        ItemKind::Converter(converter) => match self::converter(item, converter, sink) {
            Some(resolved) => unit.converters.push(resolved),
            None => unit.stubs.push(converter.stub(item.public)),
        },
        ItemKind::Convolution(convolution) => {
            match convolution::resolve(item, convolution, layouts, sink) {
                Some(resolved) => unit.convolutions.push(resolved),
                None => unit.stubs.push(Stub {
                    name: convolution.name.clone(),
                    public: item.public,
                    kind: StubKind::Convolution,
                }),
            }
        }
        ItemKind::Derived { name, .. } => {
            sink.push(not_yet(name.span, "converters derived from others"));
            unit.stubs.push(Stub {
                name: name.clone(),
                public: item.public,
                kind: nothing_known(),
            });
        }
        ItemKind::Layout(layout) => unit.layouts.extend(layout::resolve(item, layout, sink)),
        ItemKind::Use(_) => sink.push(not_yet(item.span, "imports")),
        ItemKind::Assertion(assertion) => sink.push(not_yet(assertion.span, "assertions")),
        ItemKind::Unreadable {
            keyword,
            name: Some(name),
        } => {
            let kind = match *keyword {
                Some("converter") => nothing_known(),
                Some("convolution") => StubKind::Convolution,
                _ => return,
            };
            unit.stubs.push(Stub {
                name: name.clone(),
                public: item.public,
                kind,
            });
        }
        ItemKind::Unreadable { name: None, .. } => {}
    }
}

fn nothing_known() -> StubKind {
    StubKind::Converter {
        sizes: Vec::new(),
        input_rank: None,
        output_rank: None,
        elements: None,
    }
}

fn not_yet(span: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::NotYet, span, format!("{what} are not available yet"))
        .label("this version compiles converters with a rule and convolutions")
}

/// Resolves a converter. None if it has errors, which have been reported.
fn converter(item: &tree::Item, converter: &tree::Converter, sink: &mut Sink) -> Option<Converter> {
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
        origin: Origin::Rule,
    };
    usage::warn(&resolved, sink);
    Some(resolved)
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
    fn stub(&self, public: bool) -> Stub {
        let kind = match &self.header {
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
        };
        Stub {
            name: self.name.clone(),
            public,
            kind,
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
