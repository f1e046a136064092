use convgrad::convgrad;

convgrad! {
    converter f<N = 4>(X[N]) -> Y[2*N] { Y[2*i] = X[i] for i < N; }
}

fn main() {}
