// Warnings of formulas are uses of something deprecated.
#![deny(warnings)]

use convgrad::convgrad;

convgrad! {
    pub converter repeat<N, M>(X[N]) -> Y[N, M] {
        Y[i, j] = X[i]
        where unused = i / 2;
    }
}

fn main() {}
