//! The runtime of convgrad: what a tensor may hold, how converters run, and convolutions with their gradients.

pub mod conv;
pub mod cube;
#[doc(hidden)]
pub mod __private;
pub mod converter;
pub mod element;
pub mod error;
pub mod kernels;

pub use converter::Converter;
pub use element::{Element, Number};
pub use error::Error;
