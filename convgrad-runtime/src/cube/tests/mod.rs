//! The whole Cube against definitions that know nothing of fractals.

pub(in crate::cube) mod counts;
mod definition;
mod formats;
mod gradients;
pub(in crate::cube) mod support;
