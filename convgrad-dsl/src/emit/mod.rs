//! What a compiled formula becomes: code, and text for people.

pub mod formula;
pub mod rust;
mod share;
