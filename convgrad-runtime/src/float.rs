//! The numbers that convolutions compute with.

use std::fmt::Debug;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul};

use crate::cube::Real;
use crate::element::Element;
use crate::gemm::HasKernels;

/// A floating-point type that convolutions compute with: `f32` or `f64`. The trait is sealed.
pub trait Float:
    Element
    + Real
    + HasKernels
    + Debug
    + Default
    + PartialEq
    + Add<Output = Self>
    + Mul<Output = Self>
    + AddAssign
    + Sum
{
    /// The number as f64, exactly.
    fn to_f64(self) -> f64;

    /// The nearest number of this type.
    fn from_f64(value: f64) -> Self;
}

impl Float for f32 {
    fn to_f64(self) -> f64 {
        self.into()
    }

    fn from_f64(value: f64) -> Self {
        value as f32
    }
}

impl Float for f64 {
    fn to_f64(self) -> f64 {
        self
    }

    fn from_f64(value: f64) -> Self {
        value
    }
}
