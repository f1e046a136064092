//! One file a way to compute the gradients, and the loops that those without a matrix product share.

pub(crate) mod autodiff;
pub(crate) mod col2im;
pub(crate) mod converters;
pub(crate) mod direct;
pub(crate) mod fused;
pub(crate) mod literal;
mod shallow;

mod phases;
mod rows;
