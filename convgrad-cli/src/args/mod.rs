//! Arguments that several commands share.

mod choice;
mod geometry;
mod named;
mod sizes;

pub(crate) use choice::{layout, method};
pub(crate) use geometry::GeometryArgs;
pub(crate) use named::NamedConverter;
pub(crate) use sizes::{Setting, Sizes};
