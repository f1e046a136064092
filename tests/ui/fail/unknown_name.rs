use convgrad::convgrad;

convgrad! {
    converter f<N, C>(X[N, C]) -> Y[C, N] { Y[j0, j1] = X[j1, k]; }
}

fn main() {}
