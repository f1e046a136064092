//! Runs the loop nests of formulas that are compiled at run time.
//!
//! [`Instance`] is a converter at concrete sizes. Making one evaluates everything that only depends on sizes, once;
//! running it advances by strides and calls the same leaf kernels that generated code calls.

mod block;
mod expr;
mod instance;
mod obligations;
mod parallel;
mod prepare;
mod run;
mod size;
mod source;
mod stretches;
mod typed;
mod unroll;

pub use instance::Instance;
pub use typed::{ConvertTo, Typed};

#[cfg(test)]
mod tests;
