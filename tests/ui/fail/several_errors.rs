use convgrad::convgrad;

convgrad! {
    pub converter first<N>(X[N]) -> Y[N] { Y[i] = X[k]; }
    pub converter good<N>(X[N]) -> Y[N] { Y[i] = X[i]; }
    pub converter second<N, C>(X[N, C]) -> Y[N] { Y[i] = X[i]; }
}

// The stubs have the right signatures, so that nothing else is reported.
fn main() -> Result<(), convgrad::Error> {
    let first = First::new(3)?;
    let mut y = [0; 3];
    first.convert(&[1, 2, 3], &mut y)?;
    let good = Good::new(3)?;
    good.convert(&[1, 2, 3], &mut y)?;
    let [n] = Second::new(3, 4)?.output_shape();
    assert_eq!(n, 3);
    Ok(())
}
