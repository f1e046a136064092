use convgrad::convgrad;

convgrad! {
    converter f<N, K>(X[N]) -> Y[N] { Y[i] = X[i / K]; }
}

fn main() {}
