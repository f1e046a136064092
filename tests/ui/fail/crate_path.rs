use convgrad::convgrad;

convgrad! {
    crate = ;
    converter f<N>(X[N]) -> Y[N] { Y[i] = X[i]; }
}

fn main() {}
