//! The paper's converters, as gathers: for every place of the result, the place that it reads.
//!
//! A block of channels has 16 lanes (B); lanes and rows beyond the tensor read nothing and are 0.

use super::tile::SIDE;
use crate::buffer::filled;
use crate::error::{Error, Result};

/// T_NC, NC1HWC0 to NC1HWC0: batch and channels change places. `(N, C/B, H, W, B)` to `(channels, N/B, H, W, B)`.
pub(super) fn t_nc<T: Copy>(
    x: &[T],
    [n, c1, h, w]: [usize; 4],
    channels: usize,
    zero: T,
) -> Result<Vec<T>> {
    let shape = [channels, n.div_ceil(SIDE), h, w, SIDE];
    gather(
        "T_NC",
        x,
        [n, c1, h, w, SIDE],
        shape,
        zero,
        |[j0, j1, j2, j3, j4]| {
            Some([j1 * SIDE + j4, j0 / SIDE, j2, j3, j0 % SIDE]).filter(|i| i[0] < n)
        },
    )
}

/// T_NCf, NC1HWC0 to FRACTAL_Z of the tensor with batch and channels in each other's place, cropped to `[h, w]` pixels.
/// `(N, C/B, Hs, Ws, B)` to `(N/B * h * w, C/B, B, B)`.
pub(super) fn t_ncf<T: Copy>(
    x: &[T],
    [n, c1, hs, ws]: [usize; 4],
    [h, w]: [usize; 2],
    zero: T,
) -> Result<Vec<T>> {
    let source = [n, c1, hs, ws, SIDE];
    let shape = [product("T_NCf", &[n.div_ceil(SIDE), h, w])?, c1, SIDE, SIDE];
    gather("T_NCf", x, source, shape, zero, |[j0, j1, j2, j3]| {
        Some([j0 / (h * w) * SIDE + j3, j1, j0 / w % h, j0 % w, j2]).filter(|i| i[0] < n)
    })
}

/// FlipRot, FRACTAL_Z to FRACTAL_Z: output and input channels change places, and the kernel turns by 180 degrees.
/// `(C/B * taps, K/B, B, B)` to `(K/B * taps, C/B, B, B)`.
pub(super) fn flip_rot<T: Copy>(
    kernel: &[T],
    [c1, k1]: [usize; 2],
    taps: usize,
    zero: T,
) -> Result<Vec<T>> {
    let shape = [k1 * taps, c1, SIDE, SIDE];
    gather(
        "FlipRot",
        kernel,
        [c1 * taps, k1, SIDE, SIDE],
        shape,
        zero,
        |[j0, j1, j2, j3]| Some([j1 * taps + taps - 1 - j0 % taps, j0 / taps, j3, j2]),
    )
}

/// Strided: `stride - 1` zeros between neighbouring pixels. `(N, C/B, P, Q, B)` to `(N, C/B, (P-1)*s+1, (Q-1)*s'+1, B)`.
pub(super) fn strided<T: Copy>(
    x: &[T],
    [n, c1, p, q]: [usize; 4],
    stride: [usize; 2],
    [h, w]: [usize; 2],
    zero: T,
) -> Result<Vec<T>> {
    gather(
        "Strided",
        x,
        [n, c1, p, q, SIDE],
        [n, c1, h, w, SIDE],
        zero,
        |[j0, j1, j2, j3, j4]| {
            let inside = j2 % stride[0] == 0 && j3 % stride[1] == 0;
            inside.then_some([j0, j1, j2 / stride[0], j3 / stride[1], j4])
        },
    )
}

fn product(what: &'static str, factors: &[usize]) -> Result<usize> {
    let product = factors
        .iter()
        .try_fold(1usize, |product, &factor| product.checked_mul(factor));
    product.ok_or_else(|| Error::overflow(what, "the extent of an axis"))
}

/// Reads `x`, of the shape `source`, at `index` for every place of the result, `zero` where there is none.
fn gather<T: Copy, const D: usize, const E: usize>(
    what: &'static str,
    x: &[T],
    source: [usize; D],
    shape: [usize; E],
    zero: T,
    index: impl Fn([usize; E]) -> Option<[usize; D]>,
) -> Result<Vec<T>> {
    let mut result = filled(what, &shape, zero)?;
    let mut place = [0; E];
    for value in &mut result {
        if let Some(read) = index(place) {
            *value = x[source
                .iter()
                .zip(read)
                .fold(0, |flat, (extent, i)| flat * extent + i)];
        }
        for (i, &extent) in place.iter_mut().zip(&shape).rev() {
            *i += 1;
            if *i < extent {
                break;
            }
            *i = 0;
        }
    }
    Ok(result)
}
