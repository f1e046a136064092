//! Converters made of converters and layouts: every function here takes formulas and gives a formula.
//!
//! A rule is a relation: for all values of its iterators that pass the guard, `output[left]` is `input[source]`. In gather
//! form `left` is the iterators themselves. [`between`] and [`inverse`] and [`adjoint`] write the relation down as it is, or
//! the other way round; [`compose`] eliminates the tensor in the middle; [`gather`] solves `left` for the iterators, so that
//! the output's places become the iterators.
//!
//! Spans of what is made are the span that is given: the chain's place in the text. Where it comes from is
//! [`Origin::Chain`](crate::sema::model::Origin) without a text, its name the first formula's; the caller knows better.

mod adjoint;
mod between;
mod compose;
mod convert;
mod divisors;
mod expr;
mod express;
mod facts;
mod gather;
mod inverse;
mod owed;
mod simplify;
mod solve;
mod substitute;
mod swap;
mod unwind;
mod values;

#[cfg(test)]
mod tests;

pub use adjoint::adjoint;
pub use between::{between, packed};
pub use compose::compose;
pub use convert::convert;
pub use gather::gather;
pub use inverse::inverse;
pub use substitute::Respan;
pub use values::{HasSizes, with_values};

use crate::diagnostic::Diagnostic;

/// What goes wrong while a formula is made.
pub type Made<T> = Result<T, Vec<Diagnostic>>;
