// A convolution and its gradients, in plain layouts and in those of the DaVinci Cube.
#![deny(warnings)]

use convgrad::convgrad;
use convgrad::ndarray::{Array4, Array5};

convgrad! {
    /// Every second pixel of a padded image.
    pub convolution plain { input NCHW, kernel NCHW, output NCHW, stride 2, padding 1 }

    convolution stem {
        input NC1HWC0, kernel FRACTAL_Z, output NC1HWC0,
        stride [2, 2], padding [1, 1, 1, 1], dilation 1, groups 1,
    }
}

fn main() -> Result<(), convgrad::Error> {
    let conv = plain::geometry([1, 3, 5, 5], [4, 3, 3])?;
    let x = Array4::from_elem((1, 3, 5, 5), 1.0f32);
    let k = Array4::from_elem((4, 3, 3, 3), 0.5);
    let y = plain::forward(&conv, &x, &k)?;
    assert_eq!(y.shape(), [1, 4, 3, 3]);
    // Nine taps of three channels inside, four in the corners.
    assert_eq!((y[[0, 0, 1, 1]], y[[0, 3, 0, 2]]), (13.5, 6.0));
    let dy = Array4::from_elem((1, 4, 3, 3), 1.0);
    let dx = plain::backward_input(&conv, &k, &dy)?;
    assert_eq!((dx[[0, 0, 0, 0]], dx[[0, 2, 1, 1]]), (2.0, 8.0));
    let dk = plain::backward_kernel(&conv, &x, &dy)?;
    assert_eq!((dk[[0, 0, 1, 1]], dk[[3, 2, 0, 0]]), (9.0, 4.0));
    assert_eq!((plain::STRIDE, plain::PADDING, plain::GROUPS), ([2, 2], [1; 4], 1));

    let conv = stem::geometry([1, 3, 5, 5], [4, 3, 3])?;
    let mut x5 = Array5::zeros((1, 1, 5, 5, 16));
    x5.slice_mut(convgrad::ndarray::s![.., .., .., .., ..3]).fill(1.0f32);
    let mut kz = Array4::zeros((9, 1, 16, 16));
    kz.slice_mut(convgrad::ndarray::s![.., .., ..4, ..3]).fill(0.5);
    let y5 = stem::forward(&conv, &x5, &kz)?;
    assert_eq!((y5[[0, 0, 1, 1, 0]], y5[[0, 0, 0, 2, 3]], y5[[0, 0, 1, 1, 4]]), (13.5, 6.0, 0.0));
    assert!(plain::forward(&conv, &x, &Array4::zeros((4, 3, 3, 2))).is_err());

    // A geometry with other options than the declared ones is refused.
    let other = convgrad::conv::Conv2d::builder([1, 3, 5, 5], [4, 3, 3, 3]).padding(1).build()?;
    let refused = plain::forward(&other, &x, &k).unwrap_err().to_string();
    assert!(refused.contains("declared with stride [2, 2]"), "{refused}");

    assert!(plain::geometry([1, 3, 1, 1], [4, 9, 9]).is_err());
    Ok(())
}
