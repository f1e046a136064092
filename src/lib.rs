//! Declarative layout transforms and convolution gradients.

pub use convgrad_macros::convgrad;
pub use convgrad_runtime::*;
pub use ndarray;
