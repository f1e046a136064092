use convgrad::convgrad;

convgrad! {
    converter f<N>(X[N]) -> Y[N] { Y[i] = X[i] if i < 0 else 0; }
}

fn main() {}
