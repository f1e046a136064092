use convgrad::convgrad;

convgrad! {
    converter f<where>(X[1]) -> Y[1] { Y[i] = X[i]; }
}

fn main() {}
