//! One file a way to compute the gradients, and the loops that those without a matrix product share.

pub(crate) mod autodiff;
pub(crate) mod col2im;
pub(crate) mod converters;
pub(crate) mod direct;
pub(crate) mod fused;
pub(crate) mod literal;
pub(crate) mod scattering;
pub(crate) mod shallow;

mod phases;
pub(crate) mod products;
mod rows;
