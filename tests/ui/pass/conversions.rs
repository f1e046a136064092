// Converters whose elements change their type: slices, arrays of any strides, code that is generic over typed converters.
use convgrad::half::{bf16, f16};
use convgrad::ndarray::{Array2, Array3, arr1, arr2, arr3};
use convgrad::{Error, TypedConverter, convgrad};

convgrad! {
    use std::{NCHW, NC1HWC0};

    /// The halves that a Cube computes with.
    pub converter pack<N, C>(X: f32[N, C]) -> Y: f16[N, ceil(C/4), 4] {
        Y[n, c1, c0] = cast(X[n, c1*4 + c0]) else 0;
    }
    pub converter quantised<N, C>(X: f32[N, C]) -> Y: i8[N, ceil(C/4), 4] {
        Y[n, c1, c0] = quantize(X[n, c1*4 + c0], 0.05, -3) else -3;
    }
    converter crop<N, C>(X: i8[N, ceil(C/4), 4]) -> Y: f64[N, C] {
        Y[n, c] = dequantize(X[n, c/4, c%4], 0.05, -3);
    }
    converter turned<N>(X: bf16[N]) -> Y: bf16[N] { Y[j] = X[N - 1 - j]; }

    pub converter packed = quantize(NCHW -> NC1HWC0<C0 = 4>, f32 -> u8, 0.5, 128);
}

fn bytes<C: TypedConverter>(_: &C) -> (usize, usize) {
    (size_of::<C::Input>(), size_of::<C::Output>())
}

fn main() -> Result<(), Error> {
    let pack = Pack::new(1, 5)?;
    assert_eq!(bytes(&pack), (4, 2));
    let mut y = [f16::ONE; 8];
    pack.convert(&[1.0, -2.5, 70000.0, 2049.0, 0.1], &mut y)?;
    assert_eq!(y.map(f32::from), [1.0, -2.5, f32::INFINITY, 2048.0, 0.099975586, 0.0, 0.0, 0.0]);
    let error = pack.convert(&[0.0; 5], &mut y[..7]).unwrap_err();
    assert_eq!(error.to_string(), "the slice for Y holds 7 elements, but the shape [1, 2, 4] needs 8");

    let quantised = Quantised::new(2, 5)?;
    let x = arr2(&[[0.0, 0.025, 0.075, 100.0, f32::NAN], [-0.05, -100.0, 1.0, 2.0, 3.0]]);
    let y: Array3<i8> = quantised.convert_array(&x)?;
    assert_eq!(
        y,
        arr3(&[
            [[-3, -3, -1, 127], [-3, -3, -3, -3]],
            [[-4, -128, 17, 37], [57, -3, -3, -3]],
        ])
    );
    // Through arrays of other strides.
    let mut back = Array2::zeros((5, 2));
    let mut turned = back.view_mut().reversed_axes();
    Crop::new(2, 5)?.convert_array_into(&y, &mut turned)?;
    assert!((back[[3, 1]] - 2.0).abs() < 1e-12 && back[[4, 0]] == 0.0);
    let error = quantised.convert_array(&back.mapv(|x| x as f32)).unwrap_err();
    assert_eq!(error.to_string(), "X has the shape [5, 2], but it must have the shape [2, 5]");

    let x = arr1(&[1.0, 2.0, 3.0]).mapv(bf16::from_f32);
    assert_eq!(Turned::new(3)?.convert_array(&x)?.mapv(f32::from), arr1(&[3.0, 2.0, 1.0]));

    let mut y = [0; 4];
    Packed::new(1, 3, 1, 1)?.convert(&[0.25, 0.75, -1e9], &mut y)?;
    assert_eq!(y, [128, 130, 0, 128]);
    Ok(())
}
