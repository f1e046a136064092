use convgrad::convgrad;

convgrad! {
    /// The paper's first converter, with a typing error.
    pub converter t_nc<N = 16, C = 32, H = 2, W = 2>(X[N, C/16, H, W, 16]) -> X_tnc[C, ceil(N/16), H, W, 16] {
        X_tnc[j0, j1, j2, j3, j4] = X[i0..]
        where i0 = j1*16 + j4,
              i1 = j0/15,
              i2 = j2,
              i3 = j3,
              i4 = j0 % 16;
    }
}

fn main() {}
