use convgrad::convgrad;

convgrad! {
    converter f<N>(X[N]) -> Y[N] { Y[i] = X[i ** 2]; }
}

fn main() {}
