//! From slices to arrays: lengths, shapes and layouts.

use ndarray::{Array, ArrayRef, Dimension};

use crate::converter::TypedConverter;
use crate::error::Error;

/// Checks that a slice holds the elements of a shape.
#[inline]
pub fn check_length(tensor: &str, shape: &[usize], found: usize) -> Result<(), Error> {
    if shape.iter().product::<usize>() == found {
        Ok(())
    } else {
        Err(Error::length(tensor.to_owned(), shape, found))
    }
}

/// Converts an array into a new one.
pub(crate) fn convert_array<C: TypedConverter>(
    converter: &C,
    x: &ArrayRef<C::Input, C::InputDim>,
) -> Result<Array<C::Output, C::OutputDim>, Error> {
    let dim = converter.output_dim();
    let elements: usize = dim.slice().iter().product();
    let mut y: Vec<C::Output> = Vec::new();
    y.try_reserve_exact(elements).map_err(|_| Error::Memory {
        tensor: converter.output_name().to_owned().into(),
        bytes: elements.checked_mul(size_of::<C::Output>()),
    })?;
    y.resize(elements, C::Output::default());
    convert_to_slice(converter, x, &mut y)?;
    Array::from_shape_vec(dim, y).map_err(|error| Error::Internal {
        what: format!("an output does not fit its shape ({error})").into(),
    })
}

/// Converts an array into an existing one.
pub(crate) fn convert_array_into<C: TypedConverter>(
    converter: &C,
    x: &ArrayRef<C::Input, C::InputDim>,
    y: &mut ArrayRef<C::Output, C::OutputDim>,
) -> Result<(), Error> {
    let dim = converter.output_dim();
    if y.raw_dim() != dim {
        return Err(Error::shape(
            converter.output_name().to_owned(),
            dim.slice(),
            y.shape(),
        ));
    }
    match y.as_slice_mut() {
        Some(y) => convert_to_slice(converter, x, y),
        None => {
            y.assign(&convert_array(converter, x)?);
            Ok(())
        }
    }
}

fn convert_to_slice<C: TypedConverter>(
    converter: &C,
    x: &ArrayRef<C::Input, C::InputDim>,
    y: &mut [C::Output],
) -> Result<(), Error> {
    let dim = converter.input_dim();
    if x.raw_dim() != dim {
        return Err(Error::shape(
            converter.input_name().to_owned(),
            dim.slice(),
            x.shape(),
        ));
    }
    match x.as_slice() {
        Some(x) => converter.convert(x, y),
        None => {
            let x: Vec<C::Input> = x.iter().copied().collect();
            converter.convert(&x, y)
        }
    }
}
