//! Declarative layout transforms and convolution gradients.

#[cfg(feature = "program")]
pub mod program;

pub use convgrad_macros::convgrad;
pub use convgrad_runtime::*;
pub use ndarray;
#[cfg(feature = "program")]
pub use program::Program;

/// The README's programs are compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
