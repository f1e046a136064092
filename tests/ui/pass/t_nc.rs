// The paper's first converter, from its text to its numbers.
#![deny(warnings, missing_docs, unreachable_pub)]
#![forbid(unsafe_code)]
//! A crate with strict lints.

use convgrad::convgrad;

convgrad! {
    /// NC1HWC0 to NC1HWC0, batch and channels swapped.
    pub converter t_nc<N, C, H, W>(X[N, C/16, H, W, 16]) -> X_tnc[C, ceil(N/16), H, W, 16] {
        X_tnc[j0, j1, j2, j3, j4] = X[i0..] else 0
        where i0 = j1*16 + j4, i1 = j0/16, i2 = j2, i3 = j3, i4 = j0 % 16;
    }
}

fn main() -> Result<(), convgrad::Error> {
    let t = TNc::new(2, 16, 1, 1)?;
    assert_eq!((t.input_shape(), t.output_shape()), ([2, 1, 1, 1, 16], [16, 1, 1, 1, 16]));
    let x: Vec<i8> = (1..=32).collect();
    let mut y = vec![-1; 256];
    t.convert(&x, &mut y)?;
    for c in 0..16 {
        for n in 0..16 {
            let expected = if n < 2 { 1 + n * 16 + c } else { 0 };
            assert_eq!(y[(c * 16 + n) as usize], expected as i8);
        }
    }
    Ok(())
}
