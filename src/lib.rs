//! Declarative layout transforms and convolution gradients.

pub use convgrad_runtime::*;
