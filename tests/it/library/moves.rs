//! The definitions of `moves.cg`.

use super::row::{Row, Sizes};
use super::tensor::{Tensor, adjoint, join, pad, permute, reshape, reversed, rolled, take};

const IMAGES: &[&str] = &["N=1 C=1 H=1 W=1", "N=2 C=3 H=4 W=5", "N=1 C=20 H=7 W=2"];
const BORDERS: &[&str] = &[
    "N=1 C=1 H=1 W=1 PT=0 PB=0 PL=0 PR=0",
    "N=2 C=3 H=4 W=5 PT=1 PB=2 PL=3 PR=0",
    "N=1 C=2 H=6 W=3 PT=5 PB=0 PL=2 PR=2",
];
const STRIDES: &[&str] = &[
    "N=1 C=1 H=1 W=1 SH=1 SW=1",
    "N=2 C=3 H=7 W=5 SH=2 SW=3",
    "N=1 C=2 H=4 W=6 SH=5 SW=1",
    "N=1 C=20 H=9 W=16 SH=3 SW=4",
];
const SHIFTS: &[&str] = &[
    "N=1 H=1 W=1 C=1 SH=0 SW=0",
    "N=2 H=5 W=4 C=3 SH=2 SW=1",
    "N=1 H=8 W=7 C=16 SH=7 SW=9",
];

fn images(s: &Sizes) -> Vec<usize> {
    s.of("N C H W")
}

fn channels_last(s: &Sizes) -> Vec<usize> {
    s.of("N H W C")
}

/// [N, C, H, W] with a border.
fn bordered(s: &Sizes) -> Vec<usize> {
    vec![
        s["N"],
        s["C"],
        s["H"] + s["PT"] + s["PB"],
        s["W"] + s["PL"] + s["PR"],
    ]
}

/// Rows and columns of `x` as these functions pick them.
fn picked(
    x: &Tensor,
    shape: Vec<usize>,
    rows: impl Fn(i64) -> i64,
    columns: impl Fn(i64) -> i64,
) -> Tensor {
    Tensor::from_shape_fn(shape, |at| {
        let (h, w) = (rows(at[2] as i64) as usize, columns(at[3] as i64) as usize);
        x[[at[0], at[1], h, w]]
    })
}

/// To and fro between 0 and n - 1.
fn reflect(mut k: i64, n: i64) -> i64 {
    while !(0..n).contains(&k) {
        k = if k < 0 { -k } else { 2 * (n - 1) - k };
    }
    k
}

fn subsampled(s: &Sizes, x: &Tensor) -> Tensor {
    let rows = take(x, 2, 0, s["SH"], s["H"].div_ceil(s["SH"]));
    take(&rows, 3, 0, s["SW"], s["W"].div_ceil(s["SW"]))
}

pub(super) const MOVES: &[Row] = &[
    Row {
        name: "transpose",
        sizes: &["M=1 N=1", "M=3 N=5", "M=33 N=17"],
        free: "yyyy",
        input: |s| s.of("M N"),
        define: |_, x| permute(x, &[1, 0]),
    },
    Row {
        name: "rot90",
        sizes: &["M=1 N=1", "M=3 N=5", "M=33 N=17"],
        free: "yyyy",
        input: |s| s.of("M N"),
        define: |_, x| reversed(&permute(x, &[1, 0]), 0),
    },
    Row {
        name: "rot180",
        sizes: IMAGES,
        free: "yyyy",
        input: images,
        define: |_, x| reversed(&reversed(x, 2), 3),
    },
    Row {
        name: "flip",
        sizes: &["N=1", "N=7", "N=64"],
        free: "yyyy",
        input: |s| s.of("N"),
        define: |_, x| reversed(x, 0),
    },
    Row {
        name: "hflip",
        sizes: IMAGES,
        free: "yyyy",
        input: images,
        define: |_, x| reversed(x, 3),
    },
    Row {
        name: "vflip",
        sizes: IMAGES,
        free: "yyyy",
        input: images,
        define: |_, x| reversed(x, 2),
    },
    Row {
        name: "roll",
        sizes: &["N=1 R=0", "N=7 R=3", "N=16 R=16", "N=5 R=12"],
        free: "yyyy",
        input: |s| s.of("N"),
        define: |s, x| rolled(x, 0, s["R"] as isize),
    },
    Row {
        name: "unroll",
        sizes: &["N=1 R=0", "N=7 R=3", "N=16 R=16", "N=5 R=12"],
        free: "yyyy",
        input: |s| s.of("N"),
        define: |s, x| rolled(x, 0, -(s["R"] as isize)),
    },
    Row {
        name: "cyclic_shift",
        sizes: SHIFTS,
        free: "yyyy",
        input: channels_last,
        define: |s, x| rolled(&rolled(x, 1, -(s["SH"] as isize)), 2, -(s["SW"] as isize)),
    },
    Row {
        name: "interleave",
        sizes: &["K=1 N=1", "K=2 N=5", "K=3 N=16", "K=16 N=3"],
        free: "yyyy",
        input: |s| s.of("K N"),
        define: |s, x| reshape(&permute(x, &[1, 0]), &[s["N"] * s["K"]]),
    },
    Row {
        name: "deinterleave",
        sizes: &["K=1 N=1", "K=2 N=5", "K=3 N=16", "K=16 N=3"],
        free: "yyyy",
        input: |s| vec![s["N"] * s["K"]],
        define: |s, x| permute(&reshape(x, &s.of("N K")), &[1, 0]),
    },
    Row {
        name: "pad",
        sizes: BORDERS,
        free: "?yy?",
        input: images,
        define: |s, x| pad(&pad(x, 2, s["PT"], s["PB"]), 3, s["PL"], s["PR"]),
    },
    Row {
        name: "crop",
        sizes: BORDERS,
        free: "yy??",
        input: bordered,
        define: |s, x| take(&take(x, 2, s["PT"], 1, s["H"]), 3, s["PL"], 1, s["W"]),
    },
    Row {
        name: "pad_edge",
        sizes: BORDERS,
        free: "y???",
        input: images,
        define: |s, x| {
            let inside = |n: usize| move |k: i64| k.clamp(0, n as i64 - 1);
            let (t, l) = (s["PT"] as i64, s["PL"] as i64);
            picked(
                x,
                bordered(s),
                |h| inside(s["H"])(h - t),
                |w| inside(s["W"])(w - l),
            )
        },
    },
    Row {
        name: "pad_reflect",
        sizes: BORDERS,
        free: "y???",
        input: images,
        define: |s, x| {
            let (t, l) = (s["PT"] as i64, s["PL"] as i64);
            let (h, w) = (s["H"] as i64, s["W"] as i64);
            picked(x, bordered(s), |k| reflect(k - t, h), |k| reflect(k - l, w))
        },
    },
    Row {
        name: "pad_wrap",
        sizes: BORDERS,
        free: "y???",
        input: images,
        define: |s, x| {
            let wrapped = |x: &Tensor, axis, before: usize, behind: usize| {
                let extent = x.shape()[axis];
                let copies = 2 + before.div_ceil(extent) + behind.div_ceil(extent);
                let many = join(axis, &vec![x.view(); copies]);
                let start = before.div_ceil(extent) * extent - before;
                take(&many, axis, start, 1, before + extent + behind)
            };
            wrapped(&wrapped(x, 2, s["PT"], s["PB"]), 3, s["PL"], s["PR"])
        },
    },
    Row {
        name: "subsample",
        sizes: STRIDES,
        free: "yy??",
        input: images,
        define: subsampled,
    },
    Row {
        name: "insert_zeros",
        sizes: STRIDES,
        free: "yyy?",
        input: images,
        define: |s, x| {
            let (h, w) = ((s["H"] - 1) * s["SH"] + 1, (s["W"] - 1) * s["SW"] + 1);
            let mut y = Tensor::zeros(vec![s["N"], s["C"], h, w]);
            for (at, &value) in x.indexed_iter() {
                y[[at[0], at[1], at[2] * s["SH"], at[3] * s["SW"]]] = value;
            }
            y
        },
    },
    Row {
        name: "upsample_zeros",
        sizes: STRIDES,
        free: "yy??",
        input: |s| {
            vec![
                s["N"],
                s["C"],
                s["H"].div_ceil(s["SH"]),
                s["W"].div_ceil(s["SW"]),
            ]
        },
        define: |s, y| adjoint(&images(s), |x| subsampled(s, x), y),
    },
];
