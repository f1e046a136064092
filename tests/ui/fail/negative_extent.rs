use convgrad::convgrad;

convgrad! {
    converter f<N = 3>(X[N]) -> Y[N - 5] { Y[i] = X[i]; }
}

fn main() {}
