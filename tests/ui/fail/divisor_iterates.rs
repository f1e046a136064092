use convgrad::convgrad;

convgrad! {
    converter f<N>(X[N]) -> Y[N, N] { Y[i, j] = X[i / j]; }
}

fn main() {}
