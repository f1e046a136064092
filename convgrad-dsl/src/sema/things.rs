//! What has become of the items with names, as far as they are resolved.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::graph::NodeId;
use super::model::{Converter, Layout, Origin};
use crate::analysis::analyze;
use crate::sizes;
use crate::source::{Name, Span};

/// What became of an item.
#[derive(Clone, Debug)]
pub(super) enum Thing {
    Layout(Box<Layout>),
    Converter(Box<Converter>),
    /// A convolution, and where its name stands.
    Convolution(Span),
    /// It has errors, which have been reported.
    Broken,
}

/// What has become of the items so far.
#[derive(Debug, Default)]
pub(super) struct Things {
    by_node: BTreeMap<NodeId, Thing>,
    /// Whether the converters whose names stand here have been proved.
    sound: RefCell<BTreeMap<Span, bool>>,
    /// Derived converters with other values for their sizes; None if that gives errors, which have been reported.
    replaced: RefCell<BTreeMap<Replaced, Option<Converter>>>,
}

/// A derived converter, and values for its sizes.
type Replaced = (NodeId, Vec<(String, i64)>);

impl Things {
    pub(super) fn set(&mut self, id: NodeId, thing: Thing) {
        self.by_node.insert(id, thing);
    }

    pub(super) fn get(&self, id: NodeId) -> Option<&Thing> {
        self.by_node.get(&id)
    }

    pub(super) fn take(&mut self, id: NodeId) -> Option<Thing> {
        self.by_node.remove(&id)
    }

    /// A derived converter with other values for its sizes, made once.
    pub(super) fn replaced(
        &self,
        id: NodeId,
        values: &[(Name, i64)],
        make: impl FnOnce() -> Option<Converter>,
    ) -> Option<Converter> {
        let values = values.iter();
        let key = (id, values.map(|(n, v)| (n.text.clone(), *v)).collect());
        let known = self.replaced.borrow().get(&key).cloned();
        known.unwrap_or_else(|| {
            let made = make();
            self.replaced.borrow_mut().insert(key, made.clone());
            made
        })
    }

    /// Whether the proofs find no fault with a converter. If they do, they say so when it is compiled, and once is enough.
    pub(super) fn is_sound(&self, converter: &Converter) -> bool {
        if converter.origin == Origin::Library {
            return true;
        }
        let span = converter.name.span;
        if let Some(&known) = self.sound.borrow().get(&span) {
            return known;
        }
        let sound = sizes::bake(converter)
            .and_then(|bindings| analyze(converter, &bindings))
            .is_ok();
        self.sound.borrow_mut().insert(span, sound);
        sound
    }
}
