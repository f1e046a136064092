//! The definitions of the converters of `attention.cg`.

use super::row::{Row, Sizes};
use super::tensor::{merge, permute, reshape};

const HEADS: &[&str] = &["B=1 S=1 H=1 D=1", "B=2 S=5 H=3 D=4", "B=1 S=17 H=2 D=16"];

fn joint_features(s: &Sizes) -> Vec<usize> {
    vec![s["B"], s["S"], s["H"] * s["D"]]
}

pub(super) const ATTENTION: &[Row] = &[
    Row {
        name: "split_heads",
        sizes: HEADS,
        free: "yyyy",
        input: joint_features,
        define: |s, x| permute(&reshape(x, &s.of("B S H D")), &[0, 2, 1, 3]),
    },
    Row {
        name: "merge_heads",
        sizes: HEADS,
        free: "yyyy",
        input: |s| s.of("B H S D"),
        define: |_, x| merge(&permute(x, &[0, 2, 1, 3]), 2),
    },
    Row {
        name: "split_qkv",
        sizes: HEADS,
        free: "yyyy",
        input: |s| vec![s["B"], s["S"], 3 * s["H"] * s["D"]],
        define: |s, x| {
            let parts = reshape(x, &[s["B"], s["S"], 3, s["H"], s["D"]]);
            permute(&parts, &[2, 0, 3, 1, 4])
        },
    },
];
