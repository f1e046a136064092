use convgrad::convgrad;

convgrad! {
    converter f<N>(X[N, N]) -> Y[N, N] { Y[i, i] = X[i, i]; }
}

fn main() {}
