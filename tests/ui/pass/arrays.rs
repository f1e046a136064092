// Arrays of any strides, slices of the wrong length, elements that cannot hold the fill, and code that is generic over converters.
use convgrad::ndarray::{Array2, Array3, Axis, Dimension, arr2, s};
use convgrad::{Converter, Error, convgrad};

convgrad! {
    /// Rows of four, the last one filled up.
    pub converter rows<N>(X[N, 2]) -> Y[2, ceil(N/4), 4] {
        Y[k, i, j] = X[i*4 + j, k] else -1;
    }
    /// No sizes to give.
    pub converter fixed<N = 3, M = 2*N>(X[N, M]) -> Y[M, N] { Y[i, j] = X[j, i]; }
}

fn elements<C: Converter>(converter: &C) -> usize {
    converter.output_dim().size()
}

fn main() -> Result<(), Error> {
    let rows = Rows::new(5)?;
    assert_eq!(elements(&rows), 16);
    let mut x = Array2::from_shape_fn((5, 2), |(i, k)| (10 * i + k) as i16);
    let y: Array3<i16> = rows.convert_array(&x)?;
    assert_eq!(y.index_axis(Axis(0), 1), arr2(&[[1, 11, 21, 31], [41, -1, -1, -1]]));

    // Reversed rows, read through negative strides, into every second column.
    x.invert_axis(Axis(0));
    let mut wide = Array3::from_elem((2, 2, 8), 7i16);
    rows.convert_array_into(&x, &mut wide.slice_mut(s![.., .., ..;2]))?;
    assert_eq!(wide.slice(s![0, 0, ..]).to_vec(), [40, 7, 30, 7, 20, 7, 10, 7]);

    let error = rows.convert_array(&Array2::from_elem((4, 2), 0u8)).unwrap_err();
    assert_eq!(error.to_string(), "X has the shape [4, 2], but it must have the shape [5, 2]");
    let error = rows.convert_array(&Array2::from_elem((5, 2), 0u8)).unwrap_err();
    assert_eq!(error.to_string(), "`rows` fills with -1, which an element of type u8 cannot hold");
    let error = rows.convert(&[0; 10], &mut [0; 15]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the slice for Y holds 15 elements, but the shape [2, 2, 4] needs 16"
    );
    assert!(matches!(Rows::new(usize::MAX), Err(Error::SizeTooLarge { .. })));
    assert!(matches!(Rows::new(usize::MAX / 2), Err(Error::Overflow { .. })));

    let x = Array2::from_shape_fn((3, 6), |(i, j)| i * 6 + j);
    assert_eq!(Fixed::new()?.convert_array(&x)?, x.t());
    Ok(())
}
