use convgrad::convgrad;

convgrad! {
    converter f<N>(X[N]) -> Y[N] { Y[N] = X[0]; }
}

fn main() {}
