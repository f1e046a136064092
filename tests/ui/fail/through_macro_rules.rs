// Tokens that come through another macro keep their places.
use convgrad::convgrad;

macro_rules! padded {
    ($name:ident, $index:expr) => {
        convgrad! {
            converter $name<N>(X[N]) -> Y[N] { Y[i] = X[$index]; }
        }
    };
}

padded!(shifted, i + 1);

fn main() {}
