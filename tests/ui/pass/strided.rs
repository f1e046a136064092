// Zeros between the elements of the gradient of a strided convolution.
use convgrad::{Element, convgrad};

convgrad! {
    converter strided<N, C, P, Q, s, t>(G[N, C, P, Q]) -> D[N, C, (P-1)*s+1, (Q-1)*t+1]
        requires P >= 1, Q >= 1, s >= 1, t >= 1
    {
        D[n, c, h, w] = G[n, c, h/s, w/t] if h % s == 0 && w % t == 0 else 0;
    }
}

fn spread<T: Element>(g: &[T]) -> Result<Vec<T>, convgrad::Error> {
    let strided = Strided::new(1, 1, 2, 3, 2, 3)?;
    assert_eq!(strided.output_shape(), [1, 1, 3, 7]);
    let mut d = vec![g[0]; 21];
    strided.convert(g, &mut d)?;
    Ok(d)
}

fn main() -> Result<(), convgrad::Error> {
    let expected = [
        1, 0, 0, 2, 0, 0, 3, //
        0, 0, 0, 0, 0, 0, 0, //
        4, 0, 0, 5, 0, 0, 6,
    ];
    assert_eq!(spread(&[1, 2, 3, 4, 5, 6])?, expected);
    assert_eq!(spread(&[1.0f64, 2.0, 3.0, 4.0, 5.0, 6.0])?, expected.map(f64::from));
    Ok(())
}
