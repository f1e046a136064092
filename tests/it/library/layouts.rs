//! What every layout of the library is: reshapes, permutations and pads of the plain tensor.

use super::tensor::{Tensor, blocks, merge, permute, reshape};

/// A layout and its definition.
pub(super) struct Layout {
    pub(super) name: &'static str,
    /// The layout whose physical coordinates are the logical ones.
    pub(super) base: &'static str,
    /// From the base.
    pub(super) define: fn(&Tensor) -> Tensor,
}

const fn images(name: &'static str, define: fn(&Tensor) -> Tensor) -> Layout {
    Layout {
        name,
        base: "NCHW",
        define,
    }
}

const fn volumes(name: &'static str, define: fn(&Tensor) -> Tensor) -> Layout {
    Layout {
        name,
        base: "NCDHW",
        define,
    }
}

const fn matrices(name: &'static str, define: fn(&Tensor) -> Tensor) -> Layout {
    Layout {
        name,
        base: "ND",
        define,
    }
}

const fn heads(name: &'static str, define: fn(&Tensor) -> Tensor) -> Layout {
    Layout {
        name,
        base: "BSHD",
        define,
    }
}

/// Shapes of base tensors: single elements, whole blocks, ragged ones, several blocks.
pub(super) fn shapes(base: &str) -> &'static [&'static [usize]] {
    match base {
        "NCHW" => &[
            &[1, 1, 1, 1],
            &[16, 16, 2, 3],
            &[2, 20, 3, 2],
            &[17, 33, 1, 2],
            &[32, 64, 1, 1],
            &[3, 5, 7, 6],
        ],
        "NCDHW" => &[
            &[1, 1, 1, 1, 1],
            &[16, 32, 1, 2, 2],
            &[2, 20, 2, 1, 3],
            &[17, 3, 3, 2, 1],
        ],
        "ND" => &[
            &[1, 1],
            &[16, 16],
            &[20, 28],
            &[64, 32],
            &[33, 70],
            &[1, 130],
        ],
        _ => &[&[1, 1, 1, 1], &[2, 3, 4, 5], &[1, 7, 2, 8]],
    }
}

/// Channels in blocks, innermost.
fn channel_blocks(x: &Tensor, block: usize) -> Tensor {
    permute(&blocks(x, 1, block), &[0, 1, 3, 4, 2])
}

/// Both channels of weights in blocks: [o1, o0, i1, i0, h, w].
fn weight_blocks(x: &Tensor, outputs: usize, inputs: usize) -> Tensor {
    blocks(&blocks(x, 1, inputs), 0, outputs)
}

/// Rows and columns in blocks: [m1, m0, n1, n0].
fn tiles(x: &Tensor, rows: usize, columns: usize) -> Tensor {
    blocks(&blocks(x, 1, columns), 0, rows)
}

/// `count` rows side by side, interleaved.
fn interleaved(x: &Tensor, count: usize) -> Tensor {
    merge(&permute(&blocks(x, 0, count), &[0, 2, 1]), 1)
}

/// Tiles of 16 rows, of `count` interleaved rows each, and 16 columns.
fn interleaved_tiles(x: &Tensor, count: usize) -> Tensor {
    let tiles = blocks(&tiles(x, 16 * count, 16), 1, count);
    merge(&permute(&tiles, &[0, 3, 1, 4, 2]), 3)
}

/// Channels that differ from each other meet nowhere: only the diagonal of each block is not zero.
fn diagonals(x: &Tensor) -> Tensor {
    let x = permute(&blocks(x, 1, 16), &[1, 3, 4, 0, 2]);
    let shape = [x.shape(), &[16]].concat();
    Tensor::from_shape_fn(shape, |at| {
        if at[4] == at[5] {
            x[&[at[0], at[1], at[2], at[3], at[4]][..]]
        } else {
            0
        }
    })
}

fn fractal_z(x: &Tensor) -> Tensor {
    let x = permute(&weight_blocks(x, 16, 16), &[2, 4, 5, 0, 1, 3]);
    merge(&merge(&x, 0), 0)
}

fn fractal_z_3d(x: &Tensor) -> Tensor {
    let x = permute(&weight_blocks(x, 16, 16), &[4, 2, 5, 6, 0, 1, 3]);
    merge(&merge(&merge(&x, 0), 0), 0)
}

/// Taps and four channels of each are one axis, cut again into blocks of 16.
fn fractal_z_c04(x: &Tensor) -> Tensor {
    let x = permute(&blocks(x, 1, 4), &[1, 3, 4, 2, 0]);
    let x = merge(&merge(&merge(&x, 0), 0), 0);
    permute(&tiles(&x, 16, 16), &[0, 2, 3, 1])
}

pub(super) const LAYOUTS: &[Layout] = &[
    images("NCHW", Tensor::clone),
    images("NHWC", |x| permute(x, &[0, 2, 3, 1])),
    images("CHWN", |x| permute(x, &[1, 2, 3, 0])),
    images("HWCN", |x| permute(x, &[2, 3, 1, 0])),
    images("CNHW", |x| permute(x, &[1, 0, 2, 3])),
    volumes("NCDHW", Tensor::clone),
    volumes("NDHWC", |x| permute(x, &[0, 2, 3, 4, 1])),
    volumes("DHWCN", |x| permute(x, &[2, 3, 4, 1, 0])),
    matrices("ND", Tensor::clone),
    matrices("DN", |x| permute(x, &[1, 0])),
    images("NC1HWC0", |x| channel_blocks(x, 16)),
    images("NC1HWC0_C04", |x| channel_blocks(x, 4)),
    images("FRACTAL_Z", fractal_z),
    images("FRACTAL_Z_C04", fractal_z_c04),
    matrices("NZ", |x| permute(&tiles(x, 16, 16), &[2, 0, 1, 3])),
    matrices("ZZ", |x| permute(&tiles(x, 16, 16), &[0, 2, 1, 3])),
    matrices("ZN", |x| permute(&tiles(x, 16, 16), &[0, 2, 3, 1])),
    volumes("NDC1HWC0", |x| {
        permute(&blocks(x, 1, 16), &[0, 3, 1, 4, 5, 2])
    }),
    volumes("FRACTAL_Z_3D", fractal_z_3d),
    images("C1HWNCoC0", diagonals),
    images("nChw16c", |x| channel_blocks(x, 16)),
    images("nChw8c", |x| channel_blocks(x, 8)),
    images("OIhw16i16o", |x| {
        permute(&weight_blocks(x, 16, 16), &[0, 2, 4, 5, 3, 1])
    }),
    images("OIhw16o16i", |x| {
        permute(&weight_blocks(x, 16, 16), &[0, 2, 4, 5, 1, 3])
    }),
    images("IOhw16o16i", |x| {
        permute(&weight_blocks(x, 16, 16), &[2, 0, 4, 5, 1, 3])
    }),
    images("OIhw4i16o4i", |x| {
        permute(
            &blocks(&weight_blocks(x, 16, 16), 3, 4),
            &[0, 2, 5, 6, 3, 1, 4],
        )
    }),
    images("OIhw8i16o2i", |x| {
        permute(
            &blocks(&weight_blocks(x, 16, 16), 3, 2),
            &[0, 2, 5, 6, 3, 1, 4],
        )
    }),
    images("OIhw8o16i2o", |x| {
        permute(
            &blocks(&weight_blocks(x, 16, 16), 1, 2),
            &[0, 3, 5, 6, 1, 4, 2],
        )
    }),
    images("kCHW2", |x| channel_blocks(x, 2)),
    images("kCHW4", |x| channel_blocks(x, 4)),
    images("kCHW16", |x| channel_blocks(x, 16)),
    images("kCHW32", |x| channel_blocks(x, 32)),
    images("kHWC8", |x| blocks(&permute(x, &[0, 2, 3, 1]), 3, 8)),
    matrices("VNNI2", |x| interleaved(x, 2)),
    matrices("VNNI4", |x| interleaved(x, 4)),
    matrices("AMX_A_BF16", |x| permute(&tiles(x, 16, 32), &[0, 2, 1, 3])),
    matrices("AMX_B_BF16", |x| interleaved_tiles(x, 2)),
    matrices("AMX_A_INT8", |x| permute(&tiles(x, 16, 64), &[0, 2, 1, 3])),
    matrices("AMX_B_INT8", |x| interleaved_tiles(x, 4)),
    heads("BSE", |x| merge(x, 2)),
    heads("BSHD", Tensor::clone),
    heads("BHSD", |x| permute(x, &[0, 2, 1, 3])),
    heads("SBHD", |x| permute(x, &[1, 0, 2, 3])),
];

/// The definition of a layout.
pub(super) fn stored(name: &str, x: &Tensor) -> Tensor {
    let layout = LAYOUTS.iter().find(|layout| layout.name == name).unwrap();
    (layout.define)(x)
}

/// Activations or weights out of blocks of channels: [N, C1, H, W, C0] to [N, C1*C0, H, W].
pub(super) fn without_blocks(x: &Tensor) -> Tensor {
    merge(&permute(x, &[0, 1, 4, 2, 3]), 1)
}

/// Weights out of fractals: [C1*H*W, N1, 16, 16] to [N1*16, C1*16, H, W].
pub(super) fn without_fractals(x: &Tensor, taps: &[usize]) -> Tensor {
    let shape = x.shape();
    let blocks = shape[0] / taps.iter().product::<usize>();
    let x = reshape(x, &[&[blocks], taps, &shape[1..]].concat());
    let rank = x.ndim();
    let spatial: Vec<usize> = (1..rank - 3).collect();
    let order = [&[rank - 3, rank - 2, 0, rank - 1], &spatial[..]].concat();
    merge(&merge(&permute(&x, &order), 0), 1)
}
