// Assertions that do not hold, each with a counterexample; one that stays open with free sizes is a warning.
use convgrad::convgrad;

convgrad! {
    use std::{NCHW, NHWC};

    converter turned<N, C, H, W>(X[N, C, H, W]) -> Y[N, W, H, C] { Y[n, w, h, c] = X[n, c, h, w]; }
    converter windows<N>(X[N]) -> Y[N, 3] { Y[i, r] = X[i + r - 1] else 0; }
    converter every_second<N>(X[2*N]) -> Y[N] { Y[i] = X[2*i]; }

    assert turned == NCHW -> NHWC;
    assert injective(windows);
    assert in_bounds(windows);
    assert surjective(every_second);
    assert bijective(every_second);
    assert turned == every_second;
}

fn main() {}
