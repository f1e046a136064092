//! Convolutions and their gradients.

pub mod geometry;
pub mod layout;

pub use geometry::{Axis, Conv2d, Conv2dBuilder, GeometryError, Pair, Sides};
pub use layout::{ActivationLayout, Activations, Formats, Kernel, KernelLayout, Layout};
