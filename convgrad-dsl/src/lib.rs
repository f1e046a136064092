//! The compiler of convgrad: iterator formulas to proofs and loop nests.
#![forbid(unsafe_code)]

pub mod analysis;
pub mod compile;
pub mod diagnostic;
pub mod emit;
pub mod explain;
pub mod format;
mod index;
pub mod interpret;
mod keywords;
pub mod library;
pub mod nest;
pub mod proof;
pub mod sema;
pub mod sizes;
pub mod source;
pub mod syntax;
pub mod transform;
