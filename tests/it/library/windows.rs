//! The definitions of `windows.cg`: pad the image, take a strided slice for each tap.

use super::row::{Row, Sizes};
use super::tensor::{Tensor, adjoint, blocks, merge, pad, permute, pile, reshape, take};

/// Kernels, strides, paddings and dilations of all kinds; images of several blocks.
const GEOMETRIES: &[&str] = &[
    "N=1 C=1 H=1 W=1 R=1 S=1 SH=1 SW=1 PT=0 PB=0 PL=0 PR=0 DH=1 DW=1",
    "N=2 C=3 H=5 W=6 R=3 S=3 SH=1 SW=1 PT=1 PB=1 PL=1 PR=1 DH=1 DW=1",
    "N=1 C=2 H=7 W=5 R=2 S=3 SH=2 SW=1 PT=0 PB=2 PL=1 PR=0 DH=1 DW=2",
    "N=2 C=1 H=4 W=9 R=3 S=2 SH=3 SW=2 PT=3 PB=0 PL=0 PR=4 DH=2 DW=3",
    "N=1 C=17 H=3 W=3 R=3 S=3 SH=2 SW=2 PT=1 PB=1 PL=1 PR=1 DH=1 DW=1",
];
const BLOCKED_GEOMETRIES: &[&str] = &[
    "N=1 C1=1 H=1 W=1 R=1 S=1 SH=1 SW=1 PT=0 PB=0 PL=0 PR=0 DH=1 DW=1",
    "N=2 C1=2 H=5 W=4 R=3 S=3 SH=1 SW=1 PT=1 PB=1 PL=1 PR=1 DH=1 DW=1",
    "N=1 C1=1 H=7 W=5 R=2 S=3 SH=2 SW=1 PT=0 PB=2 PL=1 PR=0 DH=1 DW=2",
    "N=1 C1=2 H=8 W=8 R=1 S=1 SH=2 SW=2 PT=0 PB=0 PL=0 PR=0 DH=1 DW=1",
];

/// P and Q: how many windows fit.
fn fitting(s: &Sizes) -> [usize; 2] {
    let fit = |image: usize, taps: usize, dilation: usize, stride: usize| {
        (0..image)
            .step_by(stride)
            .filter(|start| start + dilation * (taps - 1) < image)
            .count()
    };
    [
        fit(s["H"] + s["PT"] + s["PB"], s["R"], s["DH"], s["SH"]),
        fit(s["W"] + s["PL"] + s["PR"], s["S"], s["DW"], s["SW"]),
    ]
}

/// What each tap sees, before all other axes; rows and columns are axes `axis` and `axis + 1` of `x`.
fn taps(s: &Sizes, x: &Tensor, axis: usize) -> Tensor {
    let x = pad(&pad(x, axis, s["PT"], s["PB"]), axis + 1, s["PL"], s["PR"]);
    let [p, q] = fitting(s);
    let mut taps = Vec::new();
    for r in 0..s["R"] {
        let rows = take(&x, axis, r * s["DH"], s["SH"], p);
        for c in 0..s["S"] {
            taps.push(take(&rows, axis + 1, c * s["DW"], s["SW"], q));
        }
    }
    pile(&taps)
}

fn im2col(s: &Sizes, x: &Tensor) -> Tensor {
    let columns = permute(&taps(s, x, 2), &[1, 2, 0, 3, 4]);
    merge(&merge(&columns, 1), 2)
}

fn im2row(s: &Sizes, x: &Tensor) -> Tensor {
    let rows = permute(&taps(s, x, 1), &[1, 2, 3, 0, 4]);
    merge(&merge(&merge(&rows, 0), 0), 1)
}

fn img2col(s: &Sizes, x: &Tensor) -> Tensor {
    let rows = permute(&taps(s, x, 2), &[1, 3, 4, 2, 0, 5]);
    merge(&merge(&merge(&merge(&rows, 0), 0), 1), 1)
}

fn images(s: &Sizes) -> Vec<usize> {
    s.of("N C H W")
}

fn channels_last(s: &Sizes) -> Vec<usize> {
    s.of("N H W C")
}

fn channel_blocks(s: &Sizes) -> Vec<usize> {
    [s.of("N C1 H W"), vec![16]].concat()
}

pub(super) const WINDOWS: &[Row] = &[
    Row {
        name: "im2col",
        sizes: GEOMETRIES,
        free: "????",
        input: images,
        define: im2col,
    },
    Row {
        name: "im2row",
        sizes: GEOMETRIES,
        free: "????",
        input: channels_last,
        define: im2row,
    },
    Row {
        name: "img2col",
        sizes: BLOCKED_GEOMETRIES,
        free: "????",
        input: channel_blocks,
        define: img2col,
    },
    Row {
        name: "img2col_zz",
        sizes: BLOCKED_GEOMETRIES,
        free: "????",
        input: channel_blocks,
        define: |s, x| {
            let matrix = img2col(s, x);
            permute(&blocks(&blocks(&matrix, 1, 16), 0, 16), &[0, 2, 1, 3])
        },
    },
    Row {
        name: "col2im",
        sizes: GEOMETRIES,
        free: "yy??",
        input: |s| {
            let [p, q] = fitting(s);
            vec![s["N"], s["C"] * s["R"] * s["S"], p * q]
        },
        define: |s, y| adjoint(&images(s), |x| im2col(s, x), y),
    },
    Row {
        name: "row2im",
        sizes: GEOMETRIES,
        free: "yy??",
        input: |s| {
            let [p, q] = fitting(s);
            vec![s["N"] * p * q, s["R"] * s["S"] * s["C"]]
        },
        define: |s, y| adjoint(&channels_last(s), |x| im2row(s, x), y),
    },
    Row {
        name: "col2img",
        sizes: BLOCKED_GEOMETRIES,
        free: "yy??",
        input: |s| {
            let [p, q] = fitting(s);
            vec![s["N"] * p * q, s["C1"] * s["R"] * s["S"] * 16]
        },
        define: |s, y| adjoint(&channel_blocks(s), |x| img2col(s, x), y),
    },
    Row {
        name: "mec",
        sizes: &[
            "N=1 H=1 W=1 C=1 S=1 SW=1",
            "N=2 H=3 W=7 C=5 S=3 SW=2",
            "N=1 H=4 W=6 C=2 S=2 SW=1",
        ],
        free: "y???",
        input: channels_last,
        define: |s, x| {
            let count = (s["W"] - s["S"]) / s["SW"] + 1;
            let taps: Vec<Tensor> = (0..s["S"]).map(|t| take(x, 2, t, s["SW"], count)).collect();
            permute(&pile(&taps), &[1, 3, 2, 0, 4])
        },
    },
    Row {
        name: "winograd_tiles",
        sizes: &[
            "N=1 C=1 H=3 W=3 PT=0 PB=0 PL=0 PR=0",
            "N=2 C=3 H=5 W=6 PT=1 PB=1 PL=1 PR=1",
            "N=1 C=2 H=4 W=7 PT=0 PB=2 PL=1 PR=0",
        ],
        free: "??y?",
        input: images,
        define: |s, x| {
            let (h, w) = (s["H"] + s["PT"] + s["PB"], s["W"] + s["PL"] + s["PR"]);
            let (rows, columns) = ((h - 2).div_ceil(2), (w - 2).div_ceil(2));
            let x = pad(&pad(x, 2, s["PT"], s["PB"] + 1), 3, s["PL"], s["PR"] + 1);
            let mut places = Vec::new();
            for i in 0..4 {
                for j in 0..4 {
                    places.push(take(&take(&x, 2, i, 2, rows), 3, j, 2, columns));
                }
            }
            let tiles = permute(&pile(&places), &[1, 3, 4, 2, 0]);
            reshape(&tiles, &[s["N"], rows, columns, s["C"], 4, 4])
        },
    },
];
