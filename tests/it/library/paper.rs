//! The definitions of `paper.cg`: out of the layout, exchanged, into the layout.

use super::layouts::stored;
use super::relayout::{IMAGES, five, fractals, of_five, of_fractals};
use super::row::{Row, Sizes};
use super::tensor::{Tensor, first, permute, reversed, take};

const WHOLE: &[&str] = &[
    "N=16 C=16 H=1 W=1",
    "N=32 C=16 H=2 W=3",
    "N=16 C=48 H=3 W=1",
];

/// Batch and channels exchanged.
fn exchanged(x: &Tensor) -> Tensor {
    permute(x, &[1, 0, 2, 3])
}

pub(super) const PAPER: &[Row] = &[
    Row {
        name: "t_nc",
        sizes: IMAGES,
        free: "yy??",
        input: five,
        define: |s, x| stored("NC1HWC0", &exchanged(&of_five(s, x))),
    },
    Row {
        name: "t_nc_printed",
        sizes: IMAGES,
        free: "?y??",
        input: five,
        define: |s, x| stored("NC1HWC0", &exchanged(&of_five(s, x))),
    },
    Row {
        name: "t_ncf",
        sizes: IMAGES,
        free: "yy??",
        input: five,
        define: |s, x| stored("FRACTAL_Z", &exchanged(&of_five(s, x))),
    },
    Row {
        name: "t_ncf_printed",
        sizes: &["N=1 C=16 H=1 W=1", "N=20 C=32 H=2 W=3", "N=16 C=16 H=5 W=1"],
        free: "?yy?",
        input: five,
        define: |s, x| stored("FRACTAL_Z", &exchanged(&of_five(s, x))),
    },
    Row {
        name: "t_ncf_crop",
        sizes: &[
            "N=1 C=1 HS=1 WS=1 H=1 W=1",
            "N=20 C=16 HS=4 WS=4 H=3 W=3",
            "N=3 C=20 HS=2 WS=5 H=2 W=1",
        ],
        free: "yy??",
        input: |s| vec![s["N"], s["C"].div_ceil(16), s["HS"], s["WS"], 16],
        define: |s, x| {
            let cropped = first(&first(&of_five(s, x), 2, s["H"]), 3, s["W"]);
            stored("FRACTAL_Z", &exchanged(&cropped))
        },
    },
    Row {
        name: "flip_rot",
        sizes: IMAGES,
        free: "yy??",
        input: fractals,
        define: |s, x| turned(&of_fractals(s, x)),
    },
    Row {
        name: "flip_rot_printed",
        sizes: WHOLE,
        free: "yyyy",
        input: fractals,
        define: |s, x| turned(&of_fractals(s, x)),
    },
    Row {
        name: "strided_reads",
        sizes: STRIDES,
        free: "yy??",
        input: spread,
        define: |s, x| {
            let rows = take(x, 2, 0, s["SH"], s["H"]);
            take(&rows, 3, 0, s["SW"], s["W"])
        },
    },
    Row {
        name: "strided",
        sizes: STRIDES,
        free: "yyy?",
        input: dense,
        define: strided,
    },
    Row {
        name: "strided_printed",
        sizes: STRIDES,
        free: "yyy?",
        input: dense,
        define: strided,
    },
];

const STRIDES: &[&str] = &[
    "N=1 C1=1 H=1 W=1 SH=1 SW=1",
    "N=2 C1=1 H=3 W=2 SH=2 SW=3",
    "N=1 C1=3 H=2 W=5 SH=1 SW=4",
];

fn dense(s: &Sizes) -> Vec<usize> {
    [s.of("N C1 H W"), vec![16]].concat()
}

fn spread(s: &Sizes) -> Vec<usize> {
    vec![
        s["N"],
        s["C1"],
        (s["H"] - 1) * s["SH"] + 1,
        (s["W"] - 1) * s["SW"] + 1,
        16,
    ]
}

fn strided(s: &Sizes, x: &Tensor) -> Tensor {
    let mut y = Tensor::zeros(spread(s));
    for (at, &value) in x.indexed_iter() {
        y[[at[0], at[1], at[2] * s["SH"], at[3] * s["SW"], at[4]]] = value;
    }
    y
}

fn turned(x: &Tensor) -> Tensor {
    stored("FRACTAL_Z", &reversed(&reversed(&exchanged(x), 2), 3))
}
