//! The definitions of `space.cg`.

use super::row::{Row, Sizes};
use super::tensor::{Tensor, merge, permute, reshape, rolled};

const FACTORS: &[&str] = &[
    "N=1 C=1 H=1 W=1 Z=1",
    "N=2 C=3 H=2 W=5 Z=2",
    "N=1 C=20 H=3 W=1 Z=3",
];
const GROUPS: &[&str] = &[
    "N=1 G=1 C=1 H=1 W=1",
    "N=2 G=3 C=5 H=2 W=3",
    "N=1 G=8 C=2 H=4 W=4",
];
const PARTS: &[&str] = &[
    "N=1 H=1 W=1 C=1 M=1",
    "N=2 H=2 W=3 C=5 M=4",
    "N=1 H=3 W=1 C=16 M=7",
];
const SHIFTED_PARTS: &[&str] = &[
    "N=1 H=1 W=1 C=1 M=1 S=0",
    "N=2 H=2 W=3 C=5 M=4 S=2",
    "N=1 H=3 W=1 C=16 M=7 S=3",
    "N=1 H=2 W=2 C=1 M=2 S=9",
];

fn depth_to_space_dcr(s: &Sizes, x: &Tensor) -> Tensor {
    let z = s["Z"];
    let x = reshape(x, &[s["N"], z, z, s["C"], s["H"], s["W"]]);
    merge(&merge(&permute(&x, &[0, 3, 4, 1, 5, 2]), 2), 3)
}

fn depth_to_space_crd(s: &Sizes, x: &Tensor) -> Tensor {
    let z = s["Z"];
    let x = reshape(x, &[s["N"], s["C"], z, z, s["H"], s["W"]]);
    merge(&merge(&permute(&x, &[0, 1, 4, 2, 5, 3]), 2), 3)
}

/// Pixels of large images, in small ones: [N, C, H, Z, W, Z].
fn pixels(s: &Sizes, x: &Tensor) -> Tensor {
    reshape(x, &[s["N"], s["C"], s["H"], s["Z"], s["W"], s["Z"]])
}

fn large_images(s: &Sizes) -> Vec<usize> {
    vec![s["N"], s["C"], s["H"] * s["Z"], s["W"] * s["Z"]]
}

fn deep_images(s: &Sizes) -> Vec<usize> {
    vec![s["N"], s["C"] * s["Z"] * s["Z"], s["H"], s["W"]]
}

fn space_to_depth_dcr(s: &Sizes, x: &Tensor) -> Tensor {
    reshape(
        &permute(&pixels(s, x), &[0, 3, 5, 1, 2, 4]),
        &deep_images(s),
    )
}

fn space_to_depth_crd(s: &Sizes, x: &Tensor) -> Tensor {
    reshape(
        &permute(&pixels(s, x), &[0, 1, 3, 5, 2, 4]),
        &deep_images(s),
    )
}

/// [N, H, M, W, M, C] to [N*H*W, M, M, C].
fn windows(s: &Sizes, x: &Tensor) -> Tensor {
    let m = s["M"];
    let x = reshape(x, &[s["N"], s["H"], m, s["W"], m, s["C"]]);
    merge(&merge(&permute(&x, &[0, 1, 3, 2, 4, 5]), 0), 0)
}

fn images_of_windows(s: &Sizes, x: &Tensor) -> Tensor {
    let m = s["M"];
    let x = reshape(x, &[s["N"], s["H"], s["W"], m, m, s["C"]]);
    reshape(&permute(&x, &[0, 1, 3, 2, 4, 5]), &windowed_images(s))
}

fn windowed_images(s: &Sizes) -> Vec<usize> {
    vec![s["N"], s["H"] * s["M"], s["W"] * s["M"], s["C"]]
}

fn window_batch(s: &Sizes) -> Vec<usize> {
    vec![s["N"] * s["H"] * s["W"], s["M"], s["M"], s["C"]]
}

pub(super) const SPACE: &[Row] = &[
    Row {
        name: "depth_to_space_dcr",
        sizes: FACTORS,
        free: "yyyy",
        input: deep_images,
        define: depth_to_space_dcr,
    },
    Row {
        name: "depth_to_space_crd",
        sizes: FACTORS,
        free: "yyyy",
        input: deep_images,
        define: depth_to_space_crd,
    },
    Row {
        name: "space_to_depth_dcr",
        sizes: FACTORS,
        free: "yyyy",
        input: large_images,
        define: space_to_depth_dcr,
    },
    Row {
        name: "space_to_depth_crd",
        sizes: FACTORS,
        free: "yyyy",
        input: large_images,
        define: space_to_depth_crd,
    },
    Row {
        name: "pixel_unshuffle",
        sizes: FACTORS,
        free: "yyyy",
        input: large_images,
        define: space_to_depth_crd,
    },
    Row {
        name: "pixel_shuffle",
        sizes: FACTORS,
        free: "yyyy",
        input: deep_images,
        define: depth_to_space_crd,
    },
    Row {
        name: "channel_shuffle",
        sizes: GROUPS,
        free: "yyyy",
        input: |s| vec![s["N"], s["G"] * s["C"], s["H"], s["W"]],
        define: |s, x| {
            let groups = reshape(x, &s.of("N G C H W"));
            merge(&permute(&groups, &[0, 2, 1, 3, 4]), 1)
        },
    },
    Row {
        name: "channel_unshuffle",
        sizes: GROUPS,
        free: "yyyy",
        input: |s| vec![s["N"], s["G"] * s["C"], s["H"], s["W"]],
        define: |s, x| {
            let dealt = reshape(x, &s.of("N C G H W"));
            merge(&permute(&dealt, &[0, 2, 1, 3, 4]), 1)
        },
    },
    Row {
        name: "patchify",
        sizes: FACTORS,
        free: "yyyy",
        input: large_images,
        define: |s, x| {
            let tokens = permute(&pixels(s, x), &[0, 2, 4, 3, 5, 1]);
            merge(&merge(&merge(&tokens, 1), 2), 2)
        },
    },
    Row {
        name: "unpatchify",
        sizes: FACTORS,
        free: "yyyy",
        input: |s| vec![s["N"], s["H"] * s["W"], s["Z"] * s["Z"] * s["C"]],
        define: |s, x| {
            let patches = reshape(x, &s.of("N H W Z Z C"));
            reshape(&permute(&patches, &[0, 5, 1, 3, 2, 4]), &large_images(s))
        },
    },
    Row {
        name: "window_partition",
        sizes: PARTS,
        free: "yyyy",
        input: windowed_images,
        define: windows,
    },
    Row {
        name: "window_reverse",
        sizes: PARTS,
        free: "yyyy",
        input: window_batch,
        define: images_of_windows,
    },
    Row {
        name: "shifted_window_partition",
        sizes: SHIFTED_PARTS,
        free: "yyyy",
        input: windowed_images,
        define: |s, x| {
            let by = -(s["S"] as isize);
            windows(s, &rolled(&rolled(x, 1, by), 2, by))
        },
    },
    Row {
        name: "shifted_window_reverse",
        sizes: SHIFTED_PARTS,
        free: "????",
        input: window_batch,
        define: |s, x| {
            let by = s["S"] as isize;
            rolled(&rolled(&images_of_windows(s, x), 1, by), 2, by)
        },
    },
];
