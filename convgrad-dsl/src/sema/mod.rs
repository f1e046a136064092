//! Names, ranks and extents: from the tree of the text to formulas with nothing left to look up.
//!
//! `items` looks at the file as a whole, `graph` at what its items are made of and what they use of the library (`imports`),
//! which is `known` after the first time. A layout is resolved by `layout`, a converter made of others by `chain`, one with a
//! rule by `header`, then `rule` with its `iterators` and `definitions`; `expr` resolves expressions in a `scope`,
//! `conversion` the element types, `usage` warns of what is declared for nothing.

mod chain;
mod conversion;
mod convolution;
mod definitions;
mod element;
pub mod eval;
pub(crate) mod expr;
mod graph;
mod header;
mod imports;
mod items;
mod iterators;
mod known;
pub(crate) mod layout;
mod measure;
pub mod model;
pub mod names;
mod number;
pub(crate) mod order;
mod rule;
mod scope;
mod things;
mod usage;
pub mod walk;
pub(crate) mod written;

pub use items::{Unit, resolve};
