use convgrad::convgrad;

convgrad! {
    converter f<N>(X[N]) -> Y[N] { Y[i] = Z[i]; }
}

fn main() {}
