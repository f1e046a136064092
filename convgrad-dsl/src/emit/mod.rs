//! What a compiled formula becomes: code, and text for people.

pub mod formula;
pub mod function;
mod names;
mod natural;
pub mod nest;
pub mod rust;
mod share;
pub(crate) mod terms;
