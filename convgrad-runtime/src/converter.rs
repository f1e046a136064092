//! What every converter of `convgrad!` can do.

use std::marker::PhantomData;

use ndarray::{Array, ArrayRef, Dimension};

use crate::__private as private;
use crate::element::Element;
use crate::error::Error;

/// A converter with its sizes: a map from tensors of one shape to tensors of another, whatever their elements are.
///
/// `convgrad!` implements it for the types that it declares, [`TypedConverter`] if the formula says what the elements are.
/// These have methods of the same names, so that the traits are only needed where code is generic over converters.
pub trait Converter {
    /// The dimension type of what it reads: `Ix1` to `Ix6`, `IxDyn` for more axes.
    type InputDim: Dimension;
    /// The dimension type of what it writes.
    type OutputDim: Dimension;

    /// Its name in the formula.
    fn name(&self) -> &str;

    /// The name of the tensor that it reads.
    fn input_name(&self) -> &str;

    /// The name of the tensor that it writes.
    fn output_name(&self) -> &str;

    /// The shape of what it reads.
    fn input_dim(&self) -> Self::InputDim;

    /// The shape of what it writes.
    fn output_dim(&self) -> Self::OutputDim;

    /// Writes every element of `y`; both slices are in C order.
    ///
    /// # Errors
    /// [`Error::Length`] if a slice does not hold the elements of its shape, [`Error::Fill`] if `T` cannot hold the
    /// value after `else`. `y` is then untouched.
    fn convert<T: Element>(&self, x: &[T], y: &mut [T]) -> Result<(), Error>;

    /// Converts an array, of any strides, into a new one in C order.
    ///
    /// # Errors
    /// [`Error::Shape`] if `x` has another shape than [`input_dim`](Converter::input_dim), [`Error::Fill`] as for
    /// [`convert`](Converter::convert), [`Error::Memory`] if there is no memory for the result.
    fn convert_array<T: Element>(
        &self,
        x: &ArrayRef<T, Self::InputDim>,
    ) -> Result<Array<T, Self::OutputDim>, Error>
    where
        Self: Sized,
    {
        private::convert_array(&Of::new(self), x)
    }

    /// Converts an array into an existing one, both of any strides.
    ///
    /// # Errors
    /// As [`convert_array`](Converter::convert_array); [`Error::Shape`] also if `y` has another shape than
    /// [`output_dim`](Converter::output_dim).
    fn convert_array_into<T: Element>(
        &self,
        x: &ArrayRef<T, Self::InputDim>,
        y: &mut ArrayRef<T, Self::OutputDim>,
    ) -> Result<(), Error>
    where
        Self: Sized,
    {
        private::convert_array_into(&Of::new(self), x, y)
    }
}

/// A converter whose formula says of which types the elements are, with its sizes: the elements may change their type on the way,
/// as [`convert`](crate::convert) says.
pub trait TypedConverter {
    /// The elements that it reads.
    type Input: Element;
    /// The elements that it writes.
    type Output: Element;
    /// The dimension type of what it reads: `Ix1` to `Ix6`, `IxDyn` for more axes.
    type InputDim: Dimension;
    /// The dimension type of what it writes.
    type OutputDim: Dimension;

    /// Its name in the formula.
    fn name(&self) -> &str;

    /// The name of the tensor that it reads.
    fn input_name(&self) -> &str;

    /// The name of the tensor that it writes.
    fn output_name(&self) -> &str;

    /// The shape of what it reads.
    fn input_dim(&self) -> Self::InputDim;

    /// The shape of what it writes.
    fn output_dim(&self) -> Self::OutputDim;

    /// Writes every element of `y`; both slices are in C order.
    ///
    /// # Errors
    /// [`Error::Length`] if a slice does not hold the elements of its shape. `y` is then untouched.
    fn convert(&self, x: &[Self::Input], y: &mut [Self::Output]) -> Result<(), Error>;

    /// Converts an array, of any strides, into a new one in C order.
    ///
    /// # Errors
    /// [`Error::Shape`] if `x` has another shape than [`input_dim`](TypedConverter::input_dim), [`Error::Memory`] if there is no
    /// memory for the result.
    fn convert_array(
        &self,
        x: &ArrayRef<Self::Input, Self::InputDim>,
    ) -> Result<Array<Self::Output, Self::OutputDim>, Error>
    where
        Self: Sized,
    {
        private::convert_array(self, x)
    }

    /// Converts an array into an existing one, both of any strides.
    ///
    /// # Errors
    /// As [`convert_array`](TypedConverter::convert_array); [`Error::Shape`] also if `y` has another shape than
    /// [`output_dim`](TypedConverter::output_dim).
    fn convert_array_into(
        &self,
        x: &ArrayRef<Self::Input, Self::InputDim>,
        y: &mut ArrayRef<Self::Output, Self::OutputDim>,
    ) -> Result<(), Error>
    where
        Self: Sized,
    {
        private::convert_array_into(self, x, y)
    }
}

/// A converter for elements of one type.
pub(crate) struct Of<'a, C, T> {
    converter: &'a C,
    elements: PhantomData<T>,
}

impl<'a, C, T> Of<'a, C, T> {
    pub(crate) fn new(converter: &'a C) -> Self {
        Of {
            converter,
            elements: PhantomData,
        }
    }
}

impl<C: Converter, T: Element> TypedConverter for Of<'_, C, T> {
    type Input = T;
    type Output = T;
    type InputDim = C::InputDim;
    type OutputDim = C::OutputDim;

    fn name(&self) -> &str {
        self.converter.name()
    }

    fn input_name(&self) -> &str {
        self.converter.input_name()
    }

    fn output_name(&self) -> &str {
        self.converter.output_name()
    }

    fn input_dim(&self) -> C::InputDim {
        self.converter.input_dim()
    }

    fn output_dim(&self) -> C::OutputDim {
        self.converter.output_dim()
    }

    fn convert(&self, x: &[T], y: &mut [T]) -> Result<(), Error> {
        self.converter.convert(x, y)
    }
}
