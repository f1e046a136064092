//! From what the grammar matched to the tree. The rules for mistakes become diagnostics here.

mod chain;
mod expr;
mod item;
mod list;
mod literal;
mod operators;
mod rule;
mod source;

use super::grammar::Pair;
use crate::diagnostic::Sink;
use crate::source::{Name, Span};

/// Builds the tree of one item.
pub(super) struct Builder<'s> {
    /// Where the item starts in the text.
    base: usize,
    /// Whether what is being built are the extents of a tensor.
    extents: bool,
    sink: &'s mut Sink,
}

impl<'s> Builder<'s> {
    /// A builder for the item that starts at the byte `base`.
    pub(super) fn new(base: usize, sink: &'s mut Sink) -> Self {
        Self {
            base,
            extents: false,
            sink,
        }
    }

    /// Where a pair stands. What ends with something optional also matched the space before it, so that the end is
    /// that of the last part.
    fn span(&self, pair: &Pair<'_>) -> Span {
        let mut last = pair.clone();
        while let Some(inner) = last.clone().into_inner().next_back() {
            last = inner;
        }
        Span::new(
            self.base + pair.as_span().start(),
            self.base + last.as_span().end(),
        )
    }

    fn name(&self, pair: &Pair<'_>) -> Name {
        Name {
            text: pair.as_str().to_owned(),
            span: self.span(pair),
        }
    }

    /// Builds something whose expressions are extents.
    fn in_extents<T>(&mut self, build: impl FnOnce(&mut Self) -> T) -> T {
        self.extents = true;
        let built = build(self);
        self.extents = false;
        built
    }
}
