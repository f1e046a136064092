//! What expansions of `convgrad!` name. Not for use by hand: it changes without notice.

mod array;
mod bound;
mod check;
pub mod convolution;
mod int;
mod scan;

pub use array::check_length;
pub(crate) use array::{convert_array, convert_array_into};
pub use bound::Bound;
pub use check::{Check, constant, fill};
pub use half::{bf16, f16};
pub use int::{Int, Truth};
pub use ndarray::{Array, ArrayRef, Dim, Dimension, IxDyn};
pub use scan::{Places, range};

pub use crate::convert::{Cast, Dequantize, Quantize};
pub use crate::converter::{Converter, TypedConverter};
pub use crate::element::{Element, Number};
pub use crate::error::Error;
pub use crate::kernels::{
    Loop, add, add_strided, block, convert, convert_block, copy, fill as fill_run, fill_block,
    fill_strided, gather, reverse, scatter, splat, strided,
};
