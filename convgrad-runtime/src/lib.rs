//! The runtime of convgrad: what a tensor may hold, how converters run, and convolutions with their gradients.

pub mod conv;
pub mod cube;
pub mod element;
pub mod error;

pub use element::{Element, Number};
pub use error::Error;
