use convgrad::convgrad;

convgrad! {
    converter f<N, C>(X[N]) -> Y[N, C] { Y[n, c] = X[n, c]; }
}

fn main() {}
