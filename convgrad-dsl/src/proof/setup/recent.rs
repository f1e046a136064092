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

/// What is known of the sizes depends on these.
pub(super) type OfSizes = (Vec<Size>, Vec<Cond>, Bindings);

/// What is known of the extents depends on these: those of the input, of the output and of the iterators.
pub(super) type OfExtents = (OfSizes, Vec<Expr>, Vec<Expr>, Vec<Expr>, Form);

/// The normal forms depend on these: definitions, left side, source and guard.
pub(super) type OfRule = (
    OfExtents,
    Vec<Definition>,
    Vec<Expr>,
    Vec<Expr>,
    Option<Cond>,
);

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

/// What was made of the key before, or is made now.
pub(super) fn remembered<K: PartialEq, V: Clone>(
    few: &'static LocalKey<Few<K, V>>,
    key: K,
    make: impl FnOnce() -> V,
) -> V {
    let known = few.with_borrow(|few| {
        let mut found = few.iter().filter(|(other, _)| *other == key);
        found.next().map(|(_, value)| value.clone())
    });
    known.unwrap_or_else(|| {
        let value = make();
        few.with_borrow_mut(|few| {
            few.truncate(FEW - 1);
            few.push_front((key, value.clone()));
        });
        value
    })
}

pub(super) fn of_sizes(converter: &Converter, bindings: &Bindings) -> OfSizes {
    let Converter {
        sizes, requires, ..
    } = converter;
    (sizes.clone(), requires.clone(), bindings.clone())
}

pub(super) fn of_extents(converter: &Converter, bindings: &Bindings) -> OfExtents {
    let iterators = converter.rule.iterators.iter();
    (
        of_sizes(converter, bindings),
        converter.input.extents.clone(),
        converter.output.extents.clone(),
        iterators.map(|iterator| iterator.extent.clone()).collect(),
        converter.rule.form,
    )
}

pub(super) fn of_rule(converter: &Converter, bindings: &Bindings) -> OfRule {
    let rule = &converter.rule;
    (
        of_extents(converter, bindings),
        rule.definitions.clone(),
        rule.left.clone(),
        rule.source.clone(),
        rule.guard.clone(),
    )
}
