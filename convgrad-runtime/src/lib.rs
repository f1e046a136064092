//! The runtime of convgrad: what a tensor may hold, how converters run, and convolutions with their gradients.

#[doc(hidden)]
pub mod __private;
mod buffer;
pub mod conv;
pub mod convert;
pub mod converter;
pub mod cube;
pub mod element;
pub mod error;
pub mod float;
mod gemm;
pub mod kernels;
#[cfg(feature = "executor")]
pub mod nest;

pub use converter::{Converter, TypedConverter};
pub use element::{Element, Number};
pub use error::{Error, Result};
pub use float::Float;
