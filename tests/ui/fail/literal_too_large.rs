use convgrad::convgrad;

convgrad! {
    converter f<N>(X[N]) -> Y[N] { Y[i] = X[i % 99999999999999999999]; }
}

fn main() {}
