// NC1HWC0 to the FRACTAL_Z of the tensor with batch and channels swapped, cropped.
use convgrad::convgrad;

convgrad! {
    converter t_ncf<N, C1, Hs, Ws, H, W>(X[N, C1, Hs, Ws, 16]) -> Z[ceil(N/16)*H*W, C1, 16, 16]
        requires H <= Hs, W <= Ws
    {
        Z[j0, j1, j2, j3] = X[i0..] else 0
        where i0 = (j0/(H*W))*16 + j3, i1 = j1, i2 = j0/W - (j0/(H*W))*H, i3 = j0 % W, i4 = j2;
    }
}

fn main() -> Result<(), convgrad::Error> {
    let (n, hs, ws, h, w) = (17, 2, 3, 2, 2);
    let t = TNcf::new(n, 1, hs, ws, h, w)?;
    assert_eq!(t.output_shape(), [2 * h * w, 1, 16, 16]);
    let x: Vec<i32> = (1..=(n * hs * ws * 16) as i32).collect();
    let mut z = vec![-1; 2 * h * w * 256];
    t.convert(&x, &mut z)?;
    for (place, &found) in z.iter().enumerate() {
        let (fractal, channel, lane) = (place / 256, place / 16 % 16, place % 16);
        let (image, row, column) = (fractal / (h * w) * 16 + lane, fractal / w % h, fractal % w);
        let expected = match image < n {
            true => 1 + (((image * hs + row) * ws + column) * 16 + channel) as i32,
            false => 0,
        };
        assert_eq!(found, expected);
    }

    let error = TNcf::new(n, 1, hs, ws, hs + 1, w).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`t_ncf` needs H <= Hs, which fails for N = 17, C1 = 1, Hs = 2, Ws = 3, H = 3, W = 2"
    );
    Ok(())
}
