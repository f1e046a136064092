use convgrad::convgrad;

convgrad! {
    converter f<N>(X[N]) -> Y[N, N1] { Y[i, j] = X[i]; }
}

fn main() {}
