//! The definition of a convolution, as plain loops in f64.

/// The geometry, with everything that `conv` and `grad` can be told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Geometry {
    pub(crate) n: usize,
    pub(crate) c: usize,
    pub(crate) h: usize,
    pub(crate) w: usize,
    pub(crate) k: usize,
    pub(crate) r: usize,
    pub(crate) s: usize,
    pub(crate) stride: [usize; 2],
    pub(crate) pads: [usize; 4],
    pub(crate) dilation: [usize; 2],
    pub(crate) groups: usize,
}

impl Geometry {
    pub(crate) fn x(&self) -> [usize; 4] {
        [self.n, self.c, self.h, self.w]
    }

    pub(crate) fn kernel(&self) -> [usize; 4] {
        [self.k, self.c / self.groups, self.r, self.s]
    }

    pub(crate) fn y(&self) -> [usize; 4] {
        let [t, b, l, r] = self.pads;
        let p = (self.h + t + b - self.dilation[0] * (self.r - 1) - 1) / self.stride[0] + 1;
        let q = (self.w + l + r - self.dilation[1] * (self.s - 1) - 1) / self.stride[1] + 1;
        [self.n, self.k, p, q]
    }

    /// The options of the command line.
    pub(crate) fn options(&self) -> String {
        let Geometry {
            stride: [sh, sw],
            pads: [t, b, l, r],
            dilation: [dh, dw],
            groups,
            ..
        } = self;
        format!("--stride {sh},{sw} --pad {t},{b},{l},{r} --dilation {dh},{dw} --groups {groups}")
    }

    /// Calls `visit` with the places in x, kernel and y of every product.
    fn products(&self, mut visit: impl FnMut(usize, usize, usize)) {
        let [_, _, p, q] = self.y();
        let (inputs, outputs) = (self.c / self.groups, self.k / self.groups);
        for n in 0..self.n {
            for k in 0..self.k {
                for (y, x) in (0..p).flat_map(|y| (0..q).map(move |x| (y, x))) {
                    for c in 0..inputs {
                        for (r, s) in (0..self.r).flat_map(|r| (0..self.s).map(move |s| (r, s))) {
                            let row = (y * self.stride[0] + r * self.dilation[0])
                                .checked_sub(self.pads[0]);
                            let column = (x * self.stride[1] + s * self.dilation[1])
                                .checked_sub(self.pads[2]);
                            let (Some(row), Some(column)) = (row, column) else {
                                continue;
                            };
                            if row < self.h && column < self.w {
                                let channel = k / outputs * inputs + c;
                                visit(
                                    ((n * self.c + channel) * self.h + row) * self.w + column,
                                    ((k * inputs + c) * self.r + r) * self.s + s,
                                    ((n * self.k + k) * p + y) * q + x,
                                );
                            }
                        }
                    }
                }
            }
        }
    }

    pub(crate) fn forward(&self, x: &[f64], kernel: &[f64]) -> Vec<f64> {
        let mut y = vec![0.0; self.y().iter().product()];
        self.products(|i, j, o| y[o] += x[i] * kernel[j]);
        y
    }

    pub(crate) fn backward(&self, x: &[f64], kernel: &[f64], dy: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (mut dx, mut dk) = (vec![0.0; x.len()], vec![0.0; kernel.len()]);
        self.products(|i, j, o| {
            dx[i] += kernel[j] * dy[o];
            dk[j] += x[i] * dy[o];
        });
        (dx, dk)
    }
}
