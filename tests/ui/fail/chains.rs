// Chains whose stages do not meet, that have no inverse, or that go around in a circle.
use convgrad::convgrad;

convgrad! {
    use std::{NC1HWC0, NCHW, NHWC};

    converter windows<N>(X[N]) -> Y[N, 3] { Y[i, r] = X[i + r - 1] else 0; }
    converter rows<N>(X[N, 7]) -> Y[N] { Y[i] = X[i, 3]; }

    converter unfolded = inverse(windows);
    converter cut = inverse(rows);
    converter stages = compose(windows, rows);
    converter there = compose(back);
    converter back = inverse(there);
    converter ranks = NCHW -> NC1HWC0 by [n, c, h] -> [c, n, h];
    converter valued = NCHW -> NC1HWC0<C1 = 3>;
    converter unknown = compose(NCHW -> NHWC, flip);
    converter misspelt = invert(rows);
}

fn main() {}
