use convgrad::convgrad;

convgrad! {
    converter f<N>(X[N]) -> Y[N] { Y[i] = X[3.5*i] else 0; }
}

fn main() {}
