//! Leaf kernels: one run of elements, from one flat tensor to another.
//!
//! A run is `count` elements, `stride` apart, from `at`. Every kernel checks its whole run once and then only loops;
//! a run that leaves its tensor is a [`Stray`], never a panic and never a wrong address.
//! Generated code and the executor share these kernels.

mod add;
mod block;
mod convert;
mod copy;
mod fill;
mod reverse;
mod span;
mod strided;

pub use add::{add, add_strided};
pub use block::{Loop, block, convert_block};
#[cfg(feature = "executor")]
pub(crate) use block::{block_part, convert_part};
pub use convert::convert;
pub use copy::copy;
pub use fill::{fill, fill_block, fill_strided};
pub use reverse::reverse;
pub use span::Stray;
pub use strided::{gather, scatter, splat, strided};

#[cfg(test)]
mod tests;
