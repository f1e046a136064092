use convgrad::convgrad;

convgrad! {
    converter f<N>(X[N]) -> Y[N] { Y[i] = X[i] if i > 2; }
}

fn main() {}
