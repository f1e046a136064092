// Names of the standard library that are wrong, used twice, or of another kind.
use convgrad::convgrad;

convgrad! {
    use std::NC1HWCO;
    use std::{NCHW, NHWC as NCHW};
    use std::im2col;
    use core::NCHW;

    converter packed = NCHW -> im2col;
    converter im2col<N>(X[N]) -> Y[N] { Y[i] = X[i]; }
}

fn main() {}
