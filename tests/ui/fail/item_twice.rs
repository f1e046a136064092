use convgrad::convgrad;

convgrad! {
    converter f<N>(X[N]) -> Y[N] { Y[i] = X[i]; }
    converter f<M>(X[M]) -> Y[M] { Y[i] = X[M - 1 - i]; }
}

fn main() {}
