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

/// Where an item stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// In the text, from this byte on.
    At(usize),
    /// In another text: all of it is said to stand where it is asked for.
    For(Span),
}

/// Builds the tree of one item.
pub(super) struct Builder<'s> {
    place: Place,
    /// Whether what is being built are the extents of a tensor.
    extents: bool,
    sink: &'s mut Sink,
}

impl<'s> Builder<'s> {
    /// A builder for the item at a place.
    pub(super) fn new(place: Place, sink: &'s mut Sink) -> Self {
        Self {
            place,
            extents: false,
            sink,
        }
    }

    /// Where a pair stands. What ends with something optional also matched the space before it, so that the end is
    /// that of the last part.
    fn span(&self, pair: &Pair<'_>) -> Span {
        let base = match self.place {
            Place::At(base) => base,
            Place::For(span) => return span,
        };
        let mut last = pair.clone();
        while let Some(inner) = last.clone().into_inner().next_back() {
            last = inner;
        }
        Span::new(base + pair.as_span().start(), base + last.as_span().end())
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
