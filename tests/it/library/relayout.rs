//! The definitions of `relayout.cg`, from those of the layouts.

use super::layouts::{stored, without_blocks, without_fractals};
use super::row::{Row, Sizes};
use super::tensor::{Tensor, first, merge, permute};

pub(super) const IMAGES: &[&str] = &[
    "N=1 C=1 H=1 W=1",
    "N=16 C=16 H=2 W=3",
    "N=2 C=20 H=3 W=2",
    "N=17 C=33 H=1 W=2",
];
const VOLUMES: &[&str] = &[
    "N=1 C=1 D=1 H=1 W=1",
    "N=16 C=32 D=1 H=2 W=2",
    "N=2 C=20 D=3 H=1 W=2",
];
const MATRICES: &[&str] = &["M=1 N=1", "M=16 N=16", "M=20 N=28", "M=33 N=64"];
const OPERANDS: &[&str] = &["M=1 N=1", "M=64 N=32", "M=33 N=20", "M=130 N=5"];

fn images(s: &Sizes) -> Vec<usize> {
    s.of("N C H W")
}

fn channels_last(s: &Sizes) -> Vec<usize> {
    s.of("N H W C")
}

pub(super) fn five(s: &Sizes) -> Vec<usize> {
    vec![s["N"], s["C"].div_ceil(16), s["H"], s["W"], 16]
}

pub(super) fn fractals(s: &Sizes) -> Vec<usize> {
    vec![
        s["C"].div_ceil(16) * s["H"] * s["W"],
        s["N"].div_ceil(16),
        16,
        16,
    ]
}

/// What an NC1HWC0 holds.
pub(super) fn of_five(s: &Sizes, x: &Tensor) -> Tensor {
    first(&without_blocks(x), 1, s["C"])
}

/// What a FRACTAL_Z holds.
pub(super) fn of_fractals(s: &Sizes, x: &Tensor) -> Tensor {
    let padded = without_fractals(x, &s.of("H W"));
    first(&first(&padded, 0, s["N"]), 1, s["C"])
}

const fn from_images(name: &'static str, define: fn(&Sizes, &Tensor) -> Tensor) -> Row {
    Row {
        name,
        sizes: IMAGES,
        free: "yyy?",
        input: images,
        define,
    }
}

const fn from_matrices(name: &'static str, define: fn(&Sizes, &Tensor) -> Tensor) -> Row {
    Row {
        name,
        sizes: MATRICES,
        free: "yyy?",
        input: |s| s.of("M N"),
        define,
    }
}

pub(super) const RELAYOUT: &[Row] = &[
    Row {
        free: "yyyy",
        ..from_images("nchw_to_nhwc", |_, x| stored("NHWC", x))
    },
    Row {
        input: channels_last,
        free: "yyyy",
        ..from_images("nhwc_to_nchw", |_, x| permute(x, &[0, 3, 1, 2]))
    },
    from_images("nchw_to_nc1hwc0", |_, x| stored("NC1HWC0", x)),
    Row {
        input: five,
        free: "yy??",
        ..from_images("nc1hwc0_to_nchw", of_five)
    },
    Row {
        input: channels_last,
        ..from_images("nhwc_to_nc1hwc0", |_, x| {
            stored("NC1HWC0", &permute(x, &[0, 3, 1, 2]))
        })
    },
    Row {
        input: five,
        free: "yy??",
        ..from_images("nc1hwc0_to_nhwc", |s, x| stored("NHWC", &of_five(s, x)))
    },
    from_images("nchw_to_fractal_z", |_, x| stored("FRACTAL_Z", x)),
    Row {
        input: fractals,
        free: "yy??",
        ..from_images("fractal_z_to_nchw", of_fractals)
    },
    Row {
        input: |s| s.of("H W C N"),
        ..from_images("hwcn_to_fractal_z", |_, x| {
            stored("FRACTAL_Z", &permute(x, &[3, 2, 0, 1]))
        })
    },
    from_matrices("nd_to_nz", |_, x| stored("NZ", x)),
    Row {
        input: |s| vec![s["N"].div_ceil(16), s["M"].div_ceil(16), 16, 16],
        free: "yy??",
        ..from_matrices("nz_to_nd", |s, x| {
            let [n1, m1] = [x.shape()[0], x.shape()[1]];
            Tensor::from_shape_fn(vec![s["M"], s["N"]], |at| {
                let (m, n) = (at[0], at[1]);
                assert!(n / 16 < n1 && m / 16 < m1);
                x[[n / 16, m / 16, m % 16, n % 16]]
            })
        })
    },
    from_matrices("nd_to_zz", |_, x| stored("ZZ", x)),
    from_matrices("nd_to_zn", |_, x| stored("ZN", x)),
    Row {
        input: |s| vec![s["N"].div_ceil(16), s["M"].div_ceil(16), 16, 16],
        free: "yy??",
        ..from_matrices("nz_to_zz", |s, x| {
            let shape = vec![s["M"].div_ceil(16), s["N"].div_ceil(16), 16, 16];
            Tensor::from_shape_fn(shape, |at| {
                let inside = at[0] * 16 + at[2] < s["M"] && at[1] * 16 + at[3] < s["N"];
                if inside {
                    x[[at[1], at[0], at[2], at[3]]]
                } else {
                    0
                }
            })
        })
    },
    Row {
        name: "ncdhw_to_ndc1hwc0",
        sizes: VOLUMES,
        free: "yyy?",
        input: |s| s.of("N C D H W"),
        define: |_, x| stored("NDC1HWC0", x),
    },
    Row {
        name: "ndc1hwc0_to_ncdhw",
        sizes: VOLUMES,
        free: "yy??",
        input: |s| vec![s["N"], s["D"], s["C"].div_ceil(16), s["H"], s["W"], 16],
        define: |s, x| {
            let padded = merge(&permute(x, &[0, 2, 5, 1, 3, 4]), 1);
            first(&padded, 1, s["C"])
        },
    },
    Row {
        name: "ncdhw_to_fractal_z_3d",
        sizes: VOLUMES,
        free: "yyy?",
        input: |s| s.of("N C D H W"),
        define: |_, x| stored("FRACTAL_Z_3D", x),
    },
    Row {
        free: "y??n",
        ..from_images("nchw_to_c1hwncoc0", |_, x| stored("C1HWNCoC0", x))
    },
    from_operands("vnni_bf16", |_, x| stored("VNNI2", x)),
    from_operands("vnni_int8", |_, x| stored("VNNI4", x)),
    from_operands("amx_b_bf16", |_, x| stored("AMX_B_BF16", x)),
    from_operands("amx_b_int8", |_, x| stored("AMX_B_INT8", x)),
];

const fn from_operands(name: &'static str, define: fn(&Sizes, &Tensor) -> Tensor) -> Row {
    Row {
        sizes: OPERANDS,
        ..from_matrices(name, define)
    }
}
