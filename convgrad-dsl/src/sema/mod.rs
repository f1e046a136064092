//! Names, ranks and extents: from the tree of the text to formulas with nothing left to look up.
//!
//! `items` looks at the file as a whole; a converter is resolved by `header`, then `rule` with its `iterators` and
//! `definitions`; `expr` resolves expressions in a `scope`, `conversion` the element types, `usage` warns of what is declared for nothing.

mod conversion;
mod convolution;
mod definitions;
mod element;
pub mod eval;
mod expr;
mod header;
mod items;
mod iterators;
pub(crate) mod layout;
pub mod model;
pub mod names;
mod number;
pub(crate) mod order;
mod rule;
mod scope;
mod usage;
pub mod walk;
pub(crate) mod written;

pub use items::{Unit, resolve};
