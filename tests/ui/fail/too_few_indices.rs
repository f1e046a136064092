use convgrad::convgrad;

convgrad! {
    converter f<N, C>(X[N, C]) -> Y[N, C] { Y[n, c] = X[n]; }
}

fn main() {}
