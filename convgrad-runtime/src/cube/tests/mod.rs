//! The whole Cube against definitions that know nothing of fractals.

mod counts;
mod definition;
mod formats;
mod gradients;
pub(in crate::cube) mod support;
