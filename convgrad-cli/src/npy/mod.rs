//! Arrays in and out: NumPy's `.npy` files, read without trusting a single byte of them.

mod element;
mod header;
mod read;
mod write;

pub(crate) use element::{DType, Stored, with_element};
pub(crate) use read::{ArrayFile, describe, open};
pub(crate) use write::write;
