//! Convolutions and their gradients.
//!
//! [`forward`], [`backward_input`] and [`backward_kernel`] work on slices in the layout's own format and take everything explicitly: the
//! [`Context`] (threads), the [`Conv2d`] (geometry), the [`Method`] and the [`Layout`]. A [`PreparedKernel`] is used many times. For a first gradient, the methods of
//! [`Conv2d`] of the same names take `ndarray` views and choose the rest.

pub mod geometry;
pub mod layout;

mod arrays;
mod context;
mod dispatch;
pub(crate) mod formulas;
mod forward;
mod job;
mod methods;
mod operands;
mod plain;
mod prepared;
mod scratch;

#[cfg(test)]
mod tests;

pub use context::{Context, Stages};
pub use dispatch::{Method, backward_input, backward_kernel, forward};
pub use geometry::{Axis, Conv2d, Conv2dBuilder, GeometryError, Pair, Sides};
pub use layout::{ActivationLayout, Activations, Formats, Kernel, KernelLayout, Layout};
pub use prepared::PreparedKernel;

pub(crate) use dispatch::compute_mixed;
pub(crate) use job::{Pass, check_activations, check_kernel};
pub(crate) use scratch::Buffer;
