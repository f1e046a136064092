use convgrad::convgrad;

convgrad! {
    converter f<N>(X[N]) -> Y[N] { Y[i] = X[a] where a = b - 1, b = a + 1; }
}

fn main() {}
