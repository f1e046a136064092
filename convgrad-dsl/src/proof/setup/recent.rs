//! What was set up a moment ago. Formulas that are made of each other have the same sizes, requirements and often extents,
//! and each of them is set up several times on its way; what is known of these is found once.
//!
//! All of it follows from the key alone, so that remembering changes no answer.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::thread::LocalKey;

use crate::analysis::Bindings;
use crate::diagnostic::Diagnostic;
use crate::index::normal::Forms;
use crate::index::space::Space;
use crate::proof::Obligation;
use crate::sema::model::{Cond, Converter, Definition, Expr, Form, Size};

use super::Header;

/// How many of a kind are remembered: a composition has two parts, each with its own extents, and what is made of them.
const FEW: usize = 6;

/// The last of a kind, with what they were made of.
pub(super) type Few<K, V> = RefCell<VecDeque<(K, V)>>;

/// What something of a formula depends on.
pub(super) trait Key {
    /// A copy of it.
    fn of(converter: &Converter, bindings: &Bindings) -> Self;

    /// Whether it is the same for this formula.
    fn is(&self, converter: &Converter, bindings: &Bindings) -> bool;
}

/// What is known of the sizes depends on these.
pub(super) struct OfSizes {
    sizes: Vec<Size>,
    requires: Vec<Cond>,
    bindings: Bindings,
}

/// What is known of the extents depends on these.
pub(super) struct OfExtents {
    of_sizes: OfSizes,
    input: Vec<Expr>,
    output: Vec<Expr>,
    iterators: Vec<Expr>,
    form: Form,
}

/// The normal forms depend on these.
pub(super) struct OfRule {
    of_extents: OfExtents,
    definitions: Vec<Definition>,
    left: Vec<Expr>,
    source: Vec<Expr>,
    guard: Option<Cond>,
}

/// A space without axes, what is to be checked, and what is wrong.
pub(super) type Sizes = (Space, Vec<Obligation>, Vec<Diagnostic>);

/// The extents, or what is wrong with them.
pub(super) type Found = Result<Header, Vec<Diagnostic>>;

/// The normal forms, over their space.
pub(super) type Ruled = (Result<Forms, Vec<Diagnostic>>, Space);

thread_local! {
    pub(super) static SIZES: Few<OfSizes, Sizes> = RefCell::default();
    pub(super) static HEADERS: Few<OfExtents, Found> = RefCell::default();
    pub(super) static RULES: Few<OfRule, Ruled> = RefCell::default();
}

/// Begins anew: what a text costs does not depend on the text before, nor is its memory kept for long.
pub(crate) fn forget() {
    SIZES.with_borrow_mut(VecDeque::clear);
    HEADERS.with_borrow_mut(VecDeque::clear);
    RULES.with_borrow_mut(VecDeque::clear);
}

/// What was made of the same before, or is made now.
pub(super) fn remembered<K: Key, V: Clone>(
    few: &'static LocalKey<Few<K, V>>,
    converter: &Converter,
    bindings: &Bindings,
    make: impl FnOnce() -> V,
) -> V {
    let known = few.with_borrow(|few| {
        let mut found = few.iter().filter(|(key, _)| key.is(converter, bindings));
        found.next().map(|(_, value)| value.clone())
    });
    known.unwrap_or_else(|| {
        let value = make();
        few.with_borrow_mut(|few| {
            few.truncate(FEW - 1);
            few.push_front((K::of(converter, bindings), value.clone()));
        });
        value
    })
}

impl Key for OfSizes {
    fn of(converter: &Converter, bindings: &Bindings) -> Self {
        OfSizes {
            sizes: converter.sizes.clone(),
            requires: converter.requires.clone(),
            bindings: bindings.clone(),
        }
    }

    fn is(&self, converter: &Converter, bindings: &Bindings) -> bool {
        self.sizes == converter.sizes
            && self.requires == converter.requires
            && self.bindings == *bindings
    }
}

impl Key for OfExtents {
    fn of(converter: &Converter, bindings: &Bindings) -> Self {
        let iterators = converter.rule.iterators.iter();
        OfExtents {
            of_sizes: Key::of(converter, bindings),
            input: converter.input.extents.clone(),
            output: converter.output.extents.clone(),
            iterators: iterators.map(|iterator| iterator.extent.clone()).collect(),
            form: converter.rule.form,
        }
    }

    fn is(&self, converter: &Converter, bindings: &Bindings) -> bool {
        let iterators = converter.rule.iterators.iter();
        self.form == converter.rule.form
            && self.output == converter.output.extents
            && self.input == converter.input.extents
            && self.iterators.iter().eq(iterators.map(|i| &i.extent))
            && self.of_sizes.is(converter, bindings)
    }
}

impl Key for OfRule {
    fn of(converter: &Converter, bindings: &Bindings) -> Self {
        let rule = &converter.rule;
        OfRule {
            of_extents: Key::of(converter, bindings),
            definitions: rule.definitions.clone(),
            left: rule.left.clone(),
            source: rule.source.clone(),
            guard: rule.guard.clone(),
        }
    }

    fn is(&self, converter: &Converter, bindings: &Bindings) -> bool {
        let rule = &converter.rule;
        self.source == rule.source
            && self.left == rule.left
            && self.guard == rule.guard
            && self.definitions == rule.definitions
            && self.of_extents.is(converter, bindings)
    }
}
