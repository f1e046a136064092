//! Converters made of converters and layouts: every function here takes formulas and gives a formula.
//!
//! A rule is a relation: for all values of its iterators that pass the guard, `output[left]` is `input[source]`. In gather
//! form `left` is the iterators themselves. [`between`] and [`inverse`] and [`adjoint`] write the relation down as it is, or
//! the other way round; [`compose`] eliminates the tensor in the middle; [`gather`] solves `left` for the iterators, so that
//! the output's places become the iterators.
//!
//! Spans of what is made are the span that is given: the chain's place in the text. Where it comes from is
//! [`Origin::Chain`](crate::sema::model::Origin) without a text, its name the first formula's; the caller knows better.

mod between;
mod expr;
mod express;
mod gather;
mod simplify;
mod solve;
mod substitute;
mod unwind;
mod values;

#[cfg(test)]
mod tests;

pub use between::between;
pub use gather::gather;
pub use substitute::Respan;
pub use values::{HasSizes, with_values};

use crate::diagnostic::Diagnostic;
use crate::sema::model::Converter;
use crate::source::Span;

/// What goes wrong while a formula is made.
pub type Made<T> = Result<T, Vec<Diagnostic>>;

/// `inverse(f)`: writes what `f` reads and reads what `f` writes.
///
/// # Errors
/// Two places of `f` read one element, or an element is never read.
pub fn inverse(_f: &Converter, _span: Span) -> Made<Converter> {
    Err(Vec::new())
}

/// `compose(f, g)`: first `f`, then `g`. The converter has `f`'s sizes, and those of `g` that `f`'s output leaves open.
///
/// # Errors
/// Shapes that do not meet; a middle that cannot be eliminated.
pub fn compose(_f: &Converter, _g: &Converter, _span: Span) -> Made<Converter> {
    Err(Vec::new())
}

/// `adjoint(f)`: adds every output element of `f` to the input element that it was read from; a sum where `f` reads an element
/// twice. Fills contribute nothing.
///
/// # Errors
/// Element types that are converted on the way.
pub fn adjoint(_f: &Converter, _span: Span) -> Made<Converter> {
    Err(Vec::new())
}
