//! The paper's converters, compiled by the macro.

use convgrad::{Converter, convgrad};

const N: usize = 3;

convgrad! {
    /// The paper's first converter.
    pub converter t_nc<N, C, H, W>(X[N, C/16, H, W, 16]) -> X_tnc[C, ceil(N/16), H, W, 16] {
        X_tnc[j0, j1, j2, j3, j4] = X[i0..] else 0
        where i0 = j1*16 + j4, i1 = j0/16, i2 = j2, i3 = j3, i4 = j0 % 16;
    }
}

#[test]
fn t_nc_swaps_images_and_channels() {
    let t = TNc::new(N, 32, 2, 5).unwrap();
    assert_eq!(t.input_shape(), [3, 2, 2, 5, 16]);
    assert_eq!(t.output_shape(), [32, 1, 2, 5, 16]);
    let x: Vec<i32> = (0..3 * 32 * 10).collect();
    let mut y = vec![-1; 32 * 10 * 16];
    t.convert(&x, &mut y).unwrap();
    for c in 0..32 {
        for hw in 0..10 {
            for n in 0..16 {
                let expected = if n < 3 {
                    x[((n * 2 + c / 16) * 10 + hw) * 16 + c % 16]
                } else {
                    0
                };
                assert_eq!(y[(c * 10 + hw) * 16 + n], expected);
            }
        }
    }
    assert_eq!(Converter::name(&t), "t_nc");
}
