//! Rust: a type with its constructor and its loops for a converter, a module for a convolution.
//!
//! Everything that an expansion names from outside lies in `__private` of the runtime. A converter's code stands in a
//! module of its own: a constant of the user's scope with the name of a size would otherwise turn the binding of that size
//! into a comparison.

mod bounded;
mod bounds;
mod checks;
mod convolution;
mod docs;
mod elements;
mod item;
mod loops;
mod names;
mod obligations;
mod scalar;
mod shape;
mod stub;

pub use convolution::convolution;
pub use item::item;
pub use names::type_name;
pub use stub::stub;

#[cfg(test)]
mod tests;
