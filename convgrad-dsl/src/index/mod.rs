//! The algebra of indices: polynomials in the sizes, what is known of them, and expressions as sums of digits.

mod divmod;
mod eliminate;
pub(crate) mod linear;
mod monomial;
pub(crate) mod normal;
mod operations;
mod points;
pub(crate) mod poly;
mod prove;
pub(crate) mod space;
pub(crate) mod symbols;
mod terms;
