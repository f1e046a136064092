//! The formulas of `tests/formulas`, compiled by the macro.
//!
//! A test writes this file where `UPDATE_COMPILED` is set; do not edit it by hand.

use convgrad::Error;

use super::Map;

pub(super) fn run(file: &str, name: &str, size: &dyn Fn(&str) -> usize) -> Result<Map, Error> {
    match file {
        "blocks.cg" => blocks::run(name, size),
        "conversions.cg" => conversions::run(name, size),
        "derived.cg" => derived::run(name, size),
        "im2col.cg" => im2col::run(name, size),
        "imports.cg" => imports::run(name, size),
        "layouts.cg" => layouts::run(name, size),
        "paper.cg" => paper::run(name, size),
        "paper_derived.cg" => paper_derived::run(name, size),
        "permutations.cg" => permutations::run(name, size),
        "relational.cg" => relational::run(name, size),
        "sizes.cg" => sizes::run(name, size),
        "sums.cg" => sums::run(name, size),
        "windows.cg" => windows::run(name, size),
        "obligations.cg" => obligations::run(name, size),
        "stages.cg" => stages::run(name, size),
        _ => unreachable!(),
    }
}

#[allow(deprecated)]
mod blocks {
    convgrad::convgrad! {
// Blocks, and what is left over.

/// Blocks of 48 become blocks of 32.
converter reblock<N>(X[2*N, 48]) -> Y[3*N, 32] { Y[i, j] = X[f/48, f%48] where f = i*32 + j; }
//~ run reblock N=3 => 0f24d8b9663b3a2c

/// Flat to blocks of 16, the last one ragged.
converter ragged<C>(X[C]) -> Y[ceil(C/16), 16] { Y[i, j] = X[i*16 + j] else 0; }
//~ run ragged C=20 => 17f20e1b3717f417
//~ run ragged C=1 => e1580d7ce8510a3c
//~ run ragged C=0 => 77cc904a0ff40675

converter unragged<C>(Y[(C + 15)/16, 16]) -> X[C] { X[c] = Y[c >> 4, c & 15]; }
//~ run unragged C=20 => b9199476e716cbd1

/// Tiles of 4 x 8, both sides ragged.
converter tiles<H, W>(X[H, W]) -> T[ceil(H/4), ceil(W/8), 4, 8] {
    T[i, j, y, x] = X[i*4 + y, j*8 + x] else 0;
}
//~ run tiles H=7, W=9 => 5f32a91760d41d2e

/// The digits of a flat index.
converter unflatten<A, B, C>(X[A*B*C]) -> Y[A, B, C] { Y[a, b, c] = X[(a*B + b)*C + c]; }
//~ run unflatten A=2, B=3, C=4 => 237a3a7892bcb080

converter flatten<A, B, C>(X[A, B, C]) -> Y[A*B*C] { Y[j] = X[j/(B*C), j/C%B, j%C]; }
//~ run flatten A=2, B=3, C=4 => c797f78c52296cdd

/// Cuts by 2 and by 7 that do not nest.
converter crossed<>(X[7, 7, 2]) -> Y[14, 7] { Y[i, j] = X[i/2, j, i%2]; }
//~ run crossed => 9ef370b4fe2b2d8d

/// A gap of 4 behind every 12.
converter gaps<N>(X[N, 12]) -> Y[N*16] { Y[j] = X[j/16, j%16] if j%16 < 12 else 0; }
//~ run gaps N=3 => ef60d86556161515

/// One group of a grouped convolution's channels.
converter group<N, C, G, P, I>(X[N, G*C, P]) -> Y[N, C, P] requires I < G {
    Y[n, c, p] = X[n, I*C + c, p];
}
//~ run group N=2, C=3, G=2, P=2, I=1 => ba289346a7d8ba86
}

    pub(super) fn run(name: &str, size: &dyn Fn(&str) -> usize) -> Result<super::Map, super::Error> {
        let _ = size;
        match name {
            "reblock" => super::super::map(Reblock::new(size("N"))),
            "ragged" => super::super::map(Ragged::new(size("C"))),
            "unragged" => super::super::map(Unragged::new(size("C"))),
            "tiles" => super::super::map(Tiles::new(size("H"), size("W"))),
            "unflatten" => super::super::map(Unflatten::new(size("A"), size("B"), size("C"))),
            "flatten" => super::super::map(Flatten::new(size("A"), size("B"), size("C"))),
            "crossed" => super::super::map(Crossed::new()),
            "gaps" => super::super::map(Gaps::new(size("N"))),
            "group" => super::super::map(Group::new(size("N"), size("C"), size("G"), size("P"), size("I"))),
            _ => unreachable!(),
        }
    }
}

#[allow(deprecated)]
mod conversions {
    convgrad::convgrad! {
// Element types, and conversions on the way.

/// The halves that a DaVinci machine computes with.
converter pack_half<N, C, H, W>(X: f32[N, C, H, W]) -> Y: f16[N, ceil(C/16), H, W, 16] {
    Y[n, c1, h, w, c0] = cast(X[n, c1*16 + c0, h, w]) else 0;
}
//~ run pack_half N=2, C=20, H=2, W=3 => 6fc92c9befd917d4
//~ run pack_half N=1, C=0, H=2, W=2 => 413a2cba81c207f4

// Blocks of 32 channels, and in places of no channel the number that stands for 0.
converter pack_quantised<N, C, H, W>(X: f32[N, C, H, W]) -> Y: i8[N, ceil(C/32), H, W, 32] {
    Y[n, c1, h, w, c0] = quantize(X[n, c1*32 + c0, h, w], 0.05, 3) else 3;
}
//~ run pack_quantised N=2, C=40, H=2, W=3 => 41fb1e65fc22d490
//~ run pack_quantised N=1, C=32, H=1, W=2 => aba43dd4cb989e66

// The way back, without the places of no channel.
converter crop_dequantised<N, C, H, W>(X: i8[N, ceil(C/32), H, W, 32]) -> Y: f32[N, C, H, W] {
    Y[n, c, h, w] = dequantize(X[n, c/32, h, w, c%32], 0.05, 3);
}
//~ run crop_dequantised N=2, C=40, H=2, W=3 => 2f62541eb131e42e

// Runs that go backwards, and runs whose elements stand apart on both sides.
converter flipped<H, W>(X: f16[H, W]) -> Y: bf16[H, W] { Y[h, w] = cast(X[h, W - 1 - w]); }
//~ run flipped H=3, W=5 => 58b023572679f16c

converter spread<N, S>(X: i16[N]) -> Y: f64[(N - 1)*S + 1] requires N >= 1, S >= 1 {
    Y[j*S] = cast(X[N - 1 - j]) else -inf for j < N;
}
//~ run spread N=5, S=3 => a9611f84408566ec
//~ run spread N=4, S=2 => 4f1f25fac4a8b78a

converter repeated<N>(X: f64[N]) -> Y: u16[N, 7] { Y[n, _k] = quantize(X[n], 0.25, 32768); }
//~ run repeated N=4 => 046e9640913ecf06

converter widened<N>(X: u8[N]) -> Y: i32[N + 2] { Y[j] = cast(X[j - 1]) else -1; }
//~ run widened N=6 => 06b2a83b4a8b04fc

// One type on both sides, and a cast that changes nothing.
converter moved<N, M>(X: bf16[N, M]) -> Y: bf16[M, N] { Y[i, j] = X[j, i]; }
//~ run moved N=3, M=4 => 37660d977a870d82

converter unchanged<N>(X: u64[N]) -> Y: u64[N] { Y[j] = cast(X[N - 1 - j]); }
//~ run unchanged N=5 => 21ea12ef9e57ba24

// The words of conversions are names like any others.
converter words<cast, quantize>(dequantize: f32[cast, quantize]) -> bf16: f16[quantize, cast] {
    bf16[f32, f16] = cast(dequantize[f16, f32]);
}
//~ run words cast=2, quantize=3 => cc041049532b3b65

// Derived from layouts: what places of no channel hold is converted too.
use std::{NCHW, NC1HWC0};

converter packed_quantised = quantize(NCHW -> NC1HWC0<C0 = 32>, f32 -> i8, 0.05, 3);
assert packed_quantised == pack_quantised;

converter cropped_dequantised = dequantize(inverse(NCHW -> NC1HWC0<C0 = 32>), i8 -> f32, 0.05, 3);
assert cropped_dequantised == crop_dequantised;

converter packed_half = compose(NCHW -> NC1HWC0, cast(NC1HWC0 -> NC1HWC0, f32 -> f16));
assert packed_half == pack_half;
//~ run packed_half N=2, C=20, H=2, W=3 => 6fc92c9befd917d4
//~ run packed_quantised N=2, C=40, H=2, W=3 => 41fb1e65fc22d490
//~ run cropped_dequantised N=2, C=40, H=2, W=3 => 2f62541eb131e42e
}

    pub(super) fn run(name: &str, size: &dyn Fn(&str) -> usize) -> Result<super::Map, super::Error> {
        let _ = size;
        match name {
            "pack_half" => super::super::typed(PackHalf::new(size("N"), size("C"), size("H"), size("W"))),
            "pack_quantised" => super::super::typed(PackQuantised::new(size("N"), size("C"), size("H"), size("W"))),
            "crop_dequantised" => super::super::typed(CropDequantised::new(size("N"), size("C"), size("H"), size("W"))),
            "flipped" => super::super::typed(Flipped::new(size("H"), size("W"))),
            "spread" => super::super::typed(Spread::new(size("N"), size("S"))),
            "repeated" => super::super::typed(Repeated::new(size("N"))),
            "widened" => super::super::typed(Widened::new(size("N"))),
            "moved" => super::super::typed(Moved::new(size("N"), size("M"))),
            "unchanged" => super::super::typed(Unchanged::new(size("N"))),
            "words" => super::super::typed(Words::new(size("cast"), size("quantize"))),
            "packed_quantised" => super::super::typed(PackedQuantised::new(size("N"), size("C"), size("H"), size("W"))),
            "cropped_dequantised" => super::super::typed(CroppedDequantised::new(size("N"), size("C"), size("H"), size("W"))),
            "packed_half" => super::super::typed(PackedHalf::new(size("N"), size("C"), size("H"), size("W"))),
            _ => unreachable!(),
        }
    }
}

#[allow(deprecated)]
mod derived {
    convgrad::convgrad! {
// Layouts, and converters derived from them: the paper's, blocks of other sizes, ragged ones, a crop, a flip.

layout NCHW<N, C, H, W>[n, c, h, w] = [n, c, h, w];
layout NC1HWC0<N, C, H, W, C0 = 16>[n, c, h, w] = [n, c/C0, h, w, c%C0];
layout FRACTAL_Z<N, C, H, W>[n, c, h, w] = [c/16*H*W + h*W + w, n/16, n%16, c%16];
layout Filled<N, C>[n < N, c < C] = [c, n/4, n%4] pad -1;
layout ND<M, N>[m, n] = [m, n];

converter t_nc_derived = NC1HWC0 -> NC1HWC0 by [n, c, h, w] -> [c, n, h, w];
//~ run t_nc_derived N=3, C=20, H=2, W=3 => dcfdb243ee16eaa1
//~ run t_nc_derived N=16, C=32, H=1, W=2 => 1e9825267eb70f97
//~ run t_nc_derived N=0, C=3, H=1, W=2 => 57ca9513a9fd52d5

converter t_ncf_derived = NC1HWC0 -> FRACTAL_Z by [n, c, h, w] -> [c, n, h, w];
//~ run t_ncf_derived N=3, C=20, H=2, W=3 => deb28d17ef83deb1

converter flip_rot_derived = FRACTAL_Z -> FRACTAL_Z by [n, c, h, w] -> [c, n, H - 1 - h, W - 1 - w];
//~ run flip_rot_derived N=17, C=20, H=2, W=3 => 70c9a4e923a48a23

converter blocks = NCHW -> NC1HWC0;
//~ run blocks N=2, C=20, H=2, W=3 => 6fc92c9befd917d4

converter crop = NC1HWC0 -> NCHW;
//~ run crop N=2, C=20, H=2, W=3 => 9cf62a7ff271a862

// Used before it is declared, and by another name.
converter again = filled;
//~ run again M=6, N=3 => a128d79dd416de11

converter filled = ND -> Filled;
//~ run filled M=6, N=3 => a128d79dd416de11
//~ run filled M=0, N=3 => 2c8eccee91e8e4e2

converter wide = NC1HWC0 -> NC1HWC0<C0 = 2*16>;
//~ run wide N=2, C=40, H=1, W=2 => 4927c22578419486

converter small = ND<M = 3> -> ND by [a, b] -> [b, 2 - a];
//~ run small N=4 => fecdea65a7808d82

converter back = inverse(blocks);
//~ run back N=2, C=20, H=2, W=3 => 9cf62a7ff271a862

converter there_and_back =
    compose(blocks, inverse(blocks), NCHW -> NCHW by [a, b, c, d] -> [b, a, c, d]);
//~ run there_and_back N=2, C=20, H=2, W=3 => f0a8e657170b02d2

// Divided by the sizes of the coordinates: where one is 0, nothing is.
converter rolled = NCHW -> NCHW by [n, c, h, w] -> [(n + 1)%N, c, h, (w + 3)%max(W, 1)];
//~ run rolled N=3, C=2, H=2, W=5 => da13a801b6580443
//~ run rolled N=0, C=2, H=2, W=5 => 20ef54326b882740

layout Turned<M, N>[m, n] = [(m + 2)%M, n/N, n%N];
converter turned = ND -> Turned;
//~ run turned M=5, N=7 => c9db91621ff2b405
//~ run turned M=5, N=0 => c08bf1ac4d2a8f20
}

    pub(super) fn run(name: &str, size: &dyn Fn(&str) -> usize) -> Result<super::Map, super::Error> {
        let _ = size;
        match name {
            "t_nc_derived" => super::super::map(TNcDerived::new(size("N"), size("C"), size("H"), size("W"))),
            "t_ncf_derived" => super::super::map(TNcfDerived::new(size("N"), size("C"), size("H"), size("W"))),
            "flip_rot_derived" => super::super::map(FlipRotDerived::new(size("N"), size("C"), size("H"), size("W"))),
            "blocks" => super::super::map(Blocks::new(size("N"), size("C"), size("H"), size("W"))),
            "crop" => super::super::map(Crop::new(size("N"), size("C"), size("H"), size("W"))),
            "again" => super::super::map(Again::new(size("M"), size("N"))),
            "filled" => super::super::map(Filled::new(size("M"), size("N"))),
            "wide" => super::super::map(Wide::new(size("N"), size("C"), size("H"), size("W"))),
            "small" => super::super::map(Small::new(size("N"))),
            "back" => super::super::map(Back::new(size("N"), size("C"), size("H"), size("W"))),
            "there_and_back" => super::super::map(ThereAndBack::new(size("N"), size("C"), size("H"), size("W"))),
            "rolled" => super::super::map(Rolled::new(size("N"), size("C"), size("H"), size("W"))),
            "turned" => super::super::map(Turned::new(size("M"), size("N"))),
            _ => unreachable!(),
        }
    }
}

#[allow(deprecated)]
mod im2col {
    convgrad::convgrad! {
// Windows of an image.

/// Caffe's order: rows are (channel, kernel row, kernel column), columns are output places. Padding reads zero.
converter im2col<N, C, H, W, R = 3, S = 3, U = 2, P = 1, OH = (H + 2*P - R)/U + 1,
    OW = (W + 2*P - S)/U + 1>
    (X[N, C, H, W]) -> A[N, C*R*S, OH*OW]
    requires H + 2*P >= R, W + 2*P >= S
{
    A[n, k, m] = X[n, c, h, w] if 0 <= h && h < H && 0 <= w && w < W else 0
    where c = k/(R*S), r = k/S%R, s = k%S, h = m/OW*U - P + r, w = m%OW*U - P + s;
}
//~ run im2col N=1, C=2, H=5, W=6 => 7ee505ae89ebd54b
//~ run im2col N=2, C=1, H=4, W=4 => c477f99445dc63ea

/// The same without padding; every read is inside.
converter windows<H, W, R, S>(X[H, W]) -> A[H - R + 1, W - S + 1, R, S]
    requires R >= 1, S >= 1, H >= R, W >= S
{
    A[i, j, r, s] = X[i + r, j + s];
}
//~ run windows H=5, W=4, R=2, S=3 => 9c72b3d1f1126e82

/// Dilated windows of a row; out of bounds reads take the else value without an `if`.
converter dilated<W, S, D, P>(X[W]) -> A[S, W] requires D >= 1 { A[s, w] = X[w + s*D - P] else -1; }
//~ run dilated W=7, S=3, D=2, P=2 => 03be566b66604da4
}

    pub(super) fn run(name: &str, size: &dyn Fn(&str) -> usize) -> Result<super::Map, super::Error> {
        let _ = size;
        match name {
            "im2col" => super::super::map(Im2col::new(size("N"), size("C"), size("H"), size("W"))),
            "windows" => super::super::map(Windows::new(size("H"), size("W"), size("R"), size("S"))),
            "dilated" => super::super::map(Dilated::new(size("W"), size("S"), size("D"), size("P"))),
            _ => unreachable!(),
        }
    }
}

#[allow(deprecated)]
mod imports {
    convgrad::convgrad! {
// Names of the library.

use std::{NC1HWC0, NCHW as Plain, flip as reversed};
pub use std::t_nc;
//~ run t_nc N=3, C=20, H=2, W=3 => dcfdb243ee16eaa1
//~ run reversed N=5 => 21ea12ef9e57ba24
use std::*;

// Hides what the library calls so.
layout NHWC<N, C, H, W>[n, c, h, w] = [h, w, n, c];

converter own = Plain -> NHWC;
//~ run own N=2, C=3, H=4, W=2 => 5005488daed67282

converter blocks = Plain -> NC1HWC0<C0 = 8>;
//~ run blocks N=2, C=20, H=2, W=3 => 91542d0e7d8b234d

// Of all names, what is used.
converter turned = ND -> DN;
//~ run turned M=3, N=4 => 37660d977a870d82

converter left = rot90;
//~ run left M=3, N=4 => 4188c9780f884582
//~ run rot90 M=3, N=4 => 4188c9780f884582

convolution stem { input NC1HWC0, kernel FRACTAL_Z, output Plain }
}

    pub(super) fn run(name: &str, size: &dyn Fn(&str) -> usize) -> Result<super::Map, super::Error> {
        let _ = size;
        match name {
            "reversed" => super::super::map(Reversed::new(size("N"))),
            "t_nc" => super::super::map(TNc::new(size("N"), size("C"), size("H"), size("W"))),
            "rot90" => super::super::map(Rot90::new(size("M"), size("N"))),
            "own" => super::super::map(Own::new(size("N"), size("C"), size("H"), size("W"))),
            "blocks" => super::super::map(Blocks::new(size("N"), size("C"), size("H"), size("W"))),
            "turned" => super::super::map(Turned::new(size("M"), size("N"))),
            "left" => super::super::map(Left::new(size("M"), size("N"))),
            _ => unreachable!(),
        }
    }
}

#[allow(deprecated)]
mod layouts {
    convgrad::convgrad! {
// From one well-known layout to another.

converter nchw_to_nhwc<N, C, H, W>(X[N, C, H, W]) -> Y[N, H, W, C] {
    Y[n, h, w, c] = X[n, c, h, w];
}
//~ run nchw_to_nhwc N=2, C=3, H=4, W=5 => fd4c3140cba4eec5

converter nhwc_to_nchw<N, C, H, W>(X[N, H, W, C]) -> Y[N, C, H, W] {
    Y[n, c, h, w] = X[n, h, w, c];
}
//~ run nhwc_to_nchw N=2, C=3, H=4, W=5 => 02598f24afadece5

converter nchw_to_nc1hwc0<N, C, H, W>(X[N, C, H, W]) -> Y[N, ceil(C/16), H, W, 16] {
    Y[n, c1, h, w, c0] = X[n, c1*16 + c0, h, w] else 0;
}
//~ run nchw_to_nc1hwc0 N=2, C=20, H=2, W=3 => 6fc92c9befd917d4
//~ run nchw_to_nc1hwc0 N=1, C=16, H=2, W=2 => 5312c96a36125075

// The same in scatter form.
converter pack<N, C, H, W>(X[N, C, H, W]) -> Y[N, ceil(C/16), H, W, 16] {
    Y[n, c/16, h, w, c%16] = X[n, c, h, w] else 0 for n < N, c < C, h < H, w < W;
}
//~ run pack N=2, C=20, H=2, W=3 => 6fc92c9befd917d4
//~ run pack N=1, C=0, H=2, W=2 => 413a2cba81c207f4

converter nc1hwc0_to_nchw<N, C, H, W>(X[N, ceil(C/16), H, W, 16]) -> Y[N, C, H, W] {
    Y[n, c, h, w] = X[n, c/16, h, w, c%16];
}
//~ run nc1hwc0_to_nchw N=2, C=20, H=2, W=3 => 9cf62a7ff271a862

// KCRS to FRACTAL_Z: [C1*R*S, K1, 16 of K, 16 of C].
converter fractal_z<K, C, R, S>(F[K, C, R, S]) -> Z[ceil(C/16)*R*S, ceil(K/16), 16, 16] {
    Z[f, k1, k0, c0] = F[k1*16 + k0, f/(R*S)*16 + c0, f/S%R, f%S] else 0;
}
//~ run fractal_z K=20, C=3, R=3, S=3 => b382f2203fa5d7d2
//~ run fractal_z K=16, C=32, R=1, S=2 => 5e6c9cf6e4b06440

converter fractal_z_back<K, C, R, S>(Z[ceil(C/16)*R*S, ceil(K/16), 16, 16]) -> F[K, C, R, S] {
    F[k, c, r, s] = Z[c/16*R*S + r*S + s, k/16, k%16, c%16];
}
//~ run fractal_z_back K=20, C=3, R=3, S=3 => ff4d79e17c453372
//~ run fractal_z_back K=16, C=32, R=1, S=2 => 2e2e6447d66061d6

// FRACTAL_NZ: columns of 16 x 16 tiles.
converter nd_to_nz<M, K>(A[M, K]) -> Z[ceil(K/16), ceil(M/16), 16, 16] {
    Z[k1, m1, m0, k0] = A[m1*16 + m0, k1*16 + k0] if m1*16 + m0 < M && k1*16 + k0 < K else 0;
}
//~ run nd_to_nz M=20, K=40 => 2e2bb51434f64384

// Pairs of rows interleaved, for dot products of two 16-bit numbers.
converter vnni<K, N>(B[K, N]) -> P[ceil(K/2), N, 2] { P[k1, n, k0] = B[2*k1 + k0, n] else 0; }
//~ run vnni K=7, N=4 => d027b9bf99a7c387
}

    pub(super) fn run(name: &str, size: &dyn Fn(&str) -> usize) -> Result<super::Map, super::Error> {
        let _ = size;
        match name {
            "nchw_to_nhwc" => super::super::map(NchwToNhwc::new(size("N"), size("C"), size("H"), size("W"))),
            "nhwc_to_nchw" => super::super::map(NhwcToNchw::new(size("N"), size("C"), size("H"), size("W"))),
            "nchw_to_nc1hwc0" => super::super::map(NchwToNc1hwc0::new(size("N"), size("C"), size("H"), size("W"))),
            "pack" => super::super::map(Pack::new(size("N"), size("C"), size("H"), size("W"))),
            "nc1hwc0_to_nchw" => super::super::map(Nc1hwc0ToNchw::new(size("N"), size("C"), size("H"), size("W"))),
            "fractal_z" => super::super::map(FractalZ::new(size("K"), size("C"), size("R"), size("S"))),
            "fractal_z_back" => super::super::map(FractalZBack::new(size("K"), size("C"), size("R"), size("S"))),
            "nd_to_nz" => super::super::map(NdToNz::new(size("M"), size("K"))),
            "vnni" => super::super::map(Vnni::new(size("K"), size("N"))),
            _ => unreachable!(),
        }
    }
}

#[allow(deprecated)]
mod paper {
    convgrad::convgrad! {
// The converters of the paper: gradients of a convolution by the forward convolution.

/// NC1HWC0 to NC1HWC0, batch and channels swapped. Lanes beyond N are zero.
pub converter t_nc<N, C, H, W>(X[N, C/16, H, W, 16]) -> X_tnc[C, ceil(N/16), H, W, 16] {
    X_tnc[j0, j1, j2, j3, j4] = X[i0..] else 0
    where i0 = j1*16 + j4, i1 = j0/16, i2 = j2, i3 = j3, i4 = j0%16;
}
//~ run t_nc N=3, C=32, H=2, W=3 => e4bf7f6319197075
//~ run t_nc N=17, C=16, H=1, W=2 => 20bdeb7f3f1aec44
//~ run t_nc N=32, C=48, H=2, W=2 => be6e7d0e5be0d527

/// NC1HWC0 to the FRACTAL_Z of the swapped tensor, cropped from Hs x Ws to H x W.
pub converter t_ncf<N, C1, Hs, Ws, H, W>(X[N, C1, Hs, Ws, 16]) -> Z[ceil(N/16)*H*W, C1, 16, 16]
    requires H <= Hs, W <= Ws
{
    Z[j0, j1, j2, j3] = X[i0..] else 0
    where i0 = (j0/(H*W))*16 + j3, i1 = j1, i2 = j0/W - (j0/(H*W))*H, i3 = j0%W, i4 = j2;
}
//~ run t_ncf N=3, C1=2, Hs=2, Ws=3, H=2, W=3 => aeeda9440fbf2321
//~ run t_ncf N=20, C1=1, Hs=4, Ws=4, H=3, W=3 => 3d75b1b9ed67c1d6
//~ run t_ncf N=16, C1=2, Hs=1, Ws=5, H=1, W=4 => 3d5920c9c27d01e3

/// FRACTAL_Z to FRACTAL_Z: channels swapped, the kernel turned by 180 degrees. A bijection of the padded storage.
pub converter flip_rot<C1, N1, HW>(Z[C1*HW, N1, 16, 16]) -> FR[N1*HW, C1, 16, 16] requires HW >= 1 {
    FR[j0, j1, j2, j3] = Z[j1*HW + HW - 1 - j0%HW, j0/HW, j3, j2];
}
//~ run flip_rot C1=2, N1=3, HW=9 => 073e283b5d3e0cfc
//~ run flip_rot C1=1, N1=1, HW=1 => aa6bcac115ded985

/// Zeros between the elements: the head of a strided convolution as the input of a dense one.
pub converter strided<N, C1, P, Q, S, T>(G[N, C1, P, Q, 16])
    -> D[N, C1, (P - 1)*S + 1, (Q - 1)*T + 1, 16]
    requires P >= 1, Q >= 1, S >= 1, T >= 1
{
    D[j0, j1, j2, j3, j4] = G[j0, j1, j2/S, j3/T, j4] if j2%S == 0 && j3%T == 0 else 0;
}
//~ run strided N=2, C1=1, P=3, Q=2, S=2, T=3 => 10eccd2616d374f7
//~ run strided N=1, C1=2, P=2, Q=2, S=1, T=1 => 7efd42a8cdfef076
}

    pub(super) fn run(name: &str, size: &dyn Fn(&str) -> usize) -> Result<super::Map, super::Error> {
        let _ = size;
        match name {
            "t_nc" => super::super::map(TNc::new(size("N"), size("C"), size("H"), size("W"))),
            "t_ncf" => super::super::map(TNcf::new(size("N"), size("C1"), size("Hs"), size("Ws"), size("H"), size("W"))),
            "flip_rot" => super::super::map(FlipRot::new(size("C1"), size("N1"), size("HW"))),
            "strided" => super::super::map(Strided::new(size("N"), size("C1"), size("P"), size("Q"), size("S"), size("T"))),
            _ => unreachable!(),
        }
    }
}

#[allow(deprecated)]
mod paper_derived {
    convgrad::convgrad! {
// The paper's converters twice: as printed, and derived from the layouts. Both are equal at all sizes that both accept.

layout NC1HWC0<N, C, H, W, C0 = 16>[n, c, h, w] = [n, c/C0, h, w, c%C0];
layout FRACTAL_Z<N, C, H, W, C0 = 16, N0 = 16>[n, c, h, w] = [(c/C0*H + h)*W + w, n/N0, n%N0, c%C0];

// T_NC. Its input has whole blocks of channels: that of the derived one then is a multiple of 16.
converter t_nc<N, C, H, W>(X[N, C/16, H, W, 16]) -> X_tnc[C, ceil(N/16), H, W, 16] {
    X_tnc[j0, j1, j2, j3, j4] = X[i0..] else 0
    where i0 = j1*16 + j4, i1 = j0/16, i2 = j2, i3 = j3, i4 = j0%16;
}
//~ run t_nc N=3, C=16, H=2, W=3 => d965ceef9fa1cc05
converter t_nc_whole<N, C, H, W>(X[N, C/16, H, W, 16]) -> X_tnc[C, N/16, H, W, 16]
    requires N%16 == 0, C%16 == 0
{
    X_tnc[j0, j1, j2, j3, j4] = X[j1*16 + j4, j0/16, j2, j3, j0%16];
}
//~ run t_nc_whole N=16, C=32, H=1, W=2 => 1e9825267eb70f97
converter t_nc_derived = NC1HWC0 -> NC1HWC0 by [n, c, h, w] -> [c, n, h, w];
//~ run t_nc_derived N=3, C=20, H=2, W=3 => dcfdb243ee16eaa1
assert t_nc == t_nc_derived;
assert t_nc_derived == t_nc;
assert t_nc_whole == t_nc_derived;
assert t_nc == t_nc_whole;
assert injective(t_nc);
assert in_bounds(t_nc_derived);
assert bijective(t_nc_whole);

// T_NCf.
converter t_ncf<N, C, H, W>(X[N, C/16, H, W, 16]) -> Z[ceil(N/16)*H*W, C/16, 16, 16] {
    Z[j0, j1, j2, j3] = X[i0..] else 0
    where i0 = (j0/(H*W))*16 + j3, i1 = j1, i2 = j0/W - (j0/(H*W))*H, i3 = j0%W, i4 = j2;
}
//~ run t_ncf N=3, C=16, H=2, W=3 => d32882b52be380e2
converter t_ncf_whole<N, C, H, W>(X[N, C/16, H, W, 16]) -> Z[N/16*H*W, C/16, 16, 16]
    requires N%16 == 0, C%16 == 0
{
    Z[j0, j1, j2, j3] = X[(j0/(H*W))*16 + j3, j1, j0/W - (j0/(H*W))*H, j0%W, j2];
}
//~ run t_ncf_whole N=16, C=32, H=2, W=2 => 5c1507d956478b63
converter t_ncf_derived = NC1HWC0 -> FRACTAL_Z by [n, c, h, w] -> [c, n, h, w];
//~ run t_ncf_derived N=3, C=20, H=2, W=3 => deb28d17ef83deb1
assert t_ncf == t_ncf_derived;
assert t_ncf_whole == t_ncf_derived;
assert injective(t_ncf_derived);
assert bijective(t_ncf_whole);

// FlipRot copies its padding, the derived one fills its own: they are equal where there is none.
converter flip_rot<N, C, H, W>(Z[C/16*H*W, N/16, 16, 16]) -> F[N/16*H*W, C/16, 16, 16]
    requires N%16 == 0, C%16 == 0
{
    F[j0, j1, j2, j3] = Z[j1*(H*W) + H*W - 1 - j0%(H*W), j0/(H*W), j3, j2];
}
//~ run flip_rot N=16, C=32, H=3, W=2 => ebfa82d9ec1b7fe1
// Without the requirement, the extents of the input say the same wherever there are pixels.
converter flip_rot_pixels<N, C, H, W>(Z[C/16*H*W, N/16, 16, 16]) -> F[N/16*H*W, C/16, 16, 16]
    requires H >= 1, W >= 1
{
    F[j0, j1, j2, j3] = Z[j1*(H*W) + H*W - 1 - j0%(H*W), j0/(H*W), j3, j2];
}
//~ run flip_rot_pixels N=16, C=32, H=3, W=2 => ebfa82d9ec1b7fe1
converter flip_rot_derived = FRACTAL_Z -> FRACTAL_Z by [n, c, h, w] -> [c, n, H - 1 - h, W - 1 - w];
//~ run flip_rot_derived N=3, C=20, H=3, W=2 => a2cf2010cb1d884d
assert flip_rot == flip_rot_derived;
assert flip_rot_pixels == flip_rot_derived;
assert flip_rot == flip_rot_pixels;
assert bijective(flip_rot);
assert bijective(flip_rot_pixels);

// There and back.
assert compose(t_nc_whole, t_nc_whole) == NC1HWC0 -> NC1HWC0;
assert inverse(t_nc_whole) == t_nc_whole;
assert compose(t_nc_whole, inverse(t_nc_whole)) == NC1HWC0 -> NC1HWC0;
}

    pub(super) fn run(name: &str, size: &dyn Fn(&str) -> usize) -> Result<super::Map, super::Error> {
        let _ = size;
        match name {
            "t_nc" => super::super::map(TNc::new(size("N"), size("C"), size("H"), size("W"))),
            "t_nc_whole" => super::super::map(TNcWhole::new(size("N"), size("C"), size("H"), size("W"))),
            "t_nc_derived" => super::super::map(TNcDerived::new(size("N"), size("C"), size("H"), size("W"))),
            "t_ncf" => super::super::map(TNcf::new(size("N"), size("C"), size("H"), size("W"))),
            "t_ncf_whole" => super::super::map(TNcfWhole::new(size("N"), size("C"), size("H"), size("W"))),
            "t_ncf_derived" => super::super::map(TNcfDerived::new(size("N"), size("C"), size("H"), size("W"))),
            "flip_rot" => super::super::map(FlipRot::new(size("N"), size("C"), size("H"), size("W"))),
            "flip_rot_pixels" => super::super::map(FlipRotPixels::new(size("N"), size("C"), size("H"), size("W"))),
            "flip_rot_derived" => super::super::map(FlipRotDerived::new(size("N"), size("C"), size("H"), size("W"))),
            _ => unreachable!(),
        }
    }
}

#[allow(deprecated)]
mod permutations {
    convgrad::convgrad! {
// Bijections: every element moves, none is lost.

converter transpose<N, M>(X[N, M]) -> Y[M, N] { Y[i, j] = X[j, i]; }
//~ run transpose N=3, M=5 => 96462488276005ac

converter roll<N, R>(X[N]) -> Y[N] { Y[j] = X[(j + R)%N]; }
//~ run roll N=7, R=3 => af4d8a2fbbc64f25

converter unroll<N, R>(X[N]) -> Y[N] { Y[j] = X[(j - R)%N]; }
//~ run unroll N=7, R=10 => b2a47c28ca2bf7a5

converter flip<N, M>(X[N, M]) -> Y[N, M] { Y[i, j] = X[N - 1 - i, -1 - j + M]; }
//~ run flip N=3, M=4 => 0a7fe9d5f5e42e22

converter rotate90<N, M>(X[N, M]) -> Y[M, N] { Y[i, j] = X[j, M - 1 - i]; }
//~ run rotate90 N=2, M=5 => 155204a7d06904c3

/// Depth to space by R.
converter pixel_shuffle<N, C, H, W, R>(X[N, C*R*R, H, W]) -> Y[N, C, H*R, W*R] requires R >= 1 {
    Y[n, c, h, w] = X[n, c*R*R + h%R*R + w%R, h/R, w/R];
}
//~ run pixel_shuffle N=1, C=2, H=3, W=2, R=2 => 3e6003ea4f719aa4

/// Space to depth by R.
converter pixel_unshuffle<N, C, H, W, R>(X[N, C, H*R, W*R]) -> Y[N, C*R*R, H, W] requires R >= 1 {
    Y[n, c, h, w] = X[n, c/(R*R), h*R + c/R%R, w*R + c%R];
}
//~ run pixel_unshuffle N=1, C=2, H=3, W=2, R=3 => 51f258b2002218f7

/// The channels of G groups interleaved.
converter channel_shuffle<C, G, P>(X[G*C, P]) -> Y[C*G, P] requires G >= 1 {
    Y[k, p] = X[k%G*C + k/G, p];
}
//~ run channel_shuffle C=3, G=2, P=2 => 9d06b367cfd20821

/// Rows of shared memory without bank conflicts.
converter swizzle<N>(X[N, 32]) -> Y[N, 32] { Y[i, j] = X[i, j ^ i%32]; }
//~ run swizzle N=40 => f9640fb3262a252d

converter swizzle_bits<N>(X[N, 8]) -> Y[N, 8] { Y[i, j] = X[i, j ^ (i >> 1 & 7)]; }
//~ run swizzle_bits N=20 => 0bb761c7246e6479

/// Every M-th element of a ring, N and M coprime.
converter coprime<N = 15, M = 4>(X[N]) -> Y[N] { Y[j] = X[(M*j + 2)%N]; }
//~ run coprime => 29b88c2a805e3925

/// Morton order of an 8 x 8 tile.
converter morton<>(X[8, 8]) -> Y[64] {
    Y[z] = X[z >> 1 & 1 | z >> 2 & 2 | z >> 3 & 4, z & 1 | z >> 1 & 2 | z >> 2 & 4];
}
//~ run morton => 41a5d66b60f11405

/// Chinese remainders: 0..15 as pairs.
converter remainders<>(X[15]) -> Y[3, 5] { Y[a, b] = X[(10*a + 6*b)%15]; }
//~ run remainders => 21a0476aadba416c
}

    pub(super) fn run(name: &str, size: &dyn Fn(&str) -> usize) -> Result<super::Map, super::Error> {
        let _ = size;
        match name {
            "transpose" => super::super::map(Transpose::new(size("N"), size("M"))),
            "roll" => super::super::map(Roll::new(size("N"), size("R"))),
            "unroll" => super::super::map(Unroll::new(size("N"), size("R"))),
            "flip" => super::super::map(Flip::new(size("N"), size("M"))),
            "rotate90" => super::super::map(Rotate90::new(size("N"), size("M"))),
            "pixel_shuffle" => super::super::map(PixelShuffle::new(size("N"), size("C"), size("H"), size("W"), size("R"))),
            "pixel_unshuffle" => super::super::map(PixelUnshuffle::new(size("N"), size("C"), size("H"), size("W"), size("R"))),
            "channel_shuffle" => super::super::map(ChannelShuffle::new(size("C"), size("G"), size("P"))),
            "swizzle" => super::super::map(Swizzle::new(size("N"))),
            "swizzle_bits" => super::super::map(SwizzleBits::new(size("N"))),
            "coprime" => super::super::map(Coprime::new()),
            "morton" => super::super::map(Morton::new()),
            "remainders" => super::super::map(Remainders::new()),
            _ => unreachable!(),
        }
    }
}

#[allow(deprecated)]
mod relational {
    convgrad::convgrad! {
// Scatter form: the left side says where each element goes.

converter unstride<N, S>(X[N]) -> Y[N*S] requires S >= 1 { Y[i*S] = X[i] else 0 for i < N; }
//~ run unstride N=4, S=3 => 047d9fcef819db89

// Without `for`, each iterator stands alone as one source index.
converter pack_implicit<N, C>(X[N, C]) -> Y[N, ceil(C/16), 16] {
    Y[n, c/16, c%16] = X[n, c] else 0;
}
//~ run pack_implicit N=2, C=20 => c3b16cd3ffad0f15

converter transpose_for<N, M>(X[N, M]) -> Y[M, N] { Y[j, i] = X[i, j] for i < N, j < M; }
//~ run transpose_for N=2, M=3 => cc041049532b3b65

/// Every element of the output is written: no `else` is needed.
converter merge<A, B>(X[A, B]) -> Y[A*B] { Y[a*B + b] = X[a, b]; }
//~ run merge A=3, B=4 => f406d978d75732c9

/// Only what passes the `if` is written.
converter upper<N>(X[N, N]) -> Y[N, N] { Y[i, j] = X[i, j] if i <= j else -1 for i < N, j < N,; }
//~ run upper N=4 => 7307a38658ce5c3f

/// A `where` name on the left.
converter reversed<N>(X[N]) -> Y[N] { Y[o] = X[i] where o = N - 1 - i; }
//~ run reversed N=5 => 21ea12ef9e57ba24

/// A plane of a larger tensor.
converter into_plane<K, N, P>(X[N]) -> Y[K, N] requires P < K { Y[P, i] = X[i] else 0 for i < N; }
//~ run into_plane K=3, N=4, P=1 => b46dc5c069be20e2

/// A range shorter than the axis.
converter half<N>(X[N]) -> Y[N] { Y[i] = X[2*i] else 0 for i < N/2; }
//~ run half N=7 => a520ecae43305204

/// Two halves interleaved.
converter interleave<N>(X[2, N]) -> Y[2*N] { Y[2*i + h] = X[h, i]; }
//~ run interleave N=4 => 8c3aa47e0609320d

/// Channels in reversed blocks of 16.
converter reversed_blocks<C>(X[C]) -> Y[C/16*16] requires C%16 == 0 {
    Y[c/16*16 + 15 - c%16] = X[c] for c < C;
}
//~ run reversed_blocks C=48 => 4762ad5113f9dab5
}

    pub(super) fn run(name: &str, size: &dyn Fn(&str) -> usize) -> Result<super::Map, super::Error> {
        let _ = size;
        match name {
            "unstride" => super::super::map(Unstride::new(size("N"), size("S"))),
            "pack_implicit" => super::super::map(PackImplicit::new(size("N"), size("C"))),
            "transpose_for" => super::super::map(TransposeFor::new(size("N"), size("M"))),
            "merge" => super::super::map(Merge::new(size("A"), size("B"))),
            "upper" => super::super::map(Upper::new(size("N"))),
            "reversed" => super::super::map(Reversed::new(size("N"))),
            "into_plane" => super::super::map(IntoPlane::new(size("K"), size("N"), size("P"))),
            "half" => super::super::map(Half::new(size("N"))),
            "interleave" => super::super::map(Interleave::new(size("N"))),
            "reversed_blocks" => super::super::map(ReversedBlocks::new(size("C"))),
            _ => unreachable!(),
        }
    }
}

#[allow(deprecated)]
mod sizes {
    convgrad::convgrad! {
// Sizes: free, baked in, made of others; facts about them; words and numbers.

/// All sizes are constants in the generated code.
pub converter fixed<N = 2, C = 0x1_4, C1 = ceil(C/16)>(X[N, C]) -> Y[N, C1, 16] {
    Y[n, c1, c0] = X[n, c1*16 + c0] else 0;
}
//~ run fixed => c3b16cd3ffad0f15

/// A value may use sizes in any order.
converter derived<B = A + 1, A = (1 << 2), N>(X[N, B]) -> Y[N, A] { Y[n, a] = X[n, a + 1]; }
//~ run derived N=3 => 30ab2c057559f0a2

/// A value may use free sizes.
converter halves<N, H = N/2>(X[N]) -> Y[2, H] { Y[i, j] = X[i*H + j]; }
//~ run halves N=9 => ead879db3a24e763

converter facts<C, K>(X[C]) -> Y[C/16, 16] requires C%16 == 0, K >= 1 && K <= 4 || K == 7, {
    Y[i, j] = X[i*16 + (j + K)%16];
}
//~ run facts C=32, K=7 => 7636c2adaf7e96f7

/** A block of documentation
 *  over two lines. */
converter commented<N /* how many */ >
    (X[N]) -> Y[N]
{
    // to the end of the line
    Y /* a /* nested */ comment */ [i] = X[i];
}
//~ run commented N=3 => 22e34b14edb7ba25

converter élan<Größe>(Eingang[Größe]) -> Ausgang[Größe] { Ausgang[η] = Eingang[Größe - 1 - η]; }
//~ run élan Größe=4 => cd6df11a60e375c1

/// `elsewhere` begins with a word of the language and is none; `layout`, `pad` and `requires` are words only in their places.
converter words<layout, pad>(X[layout, pad]) -> Y[layout, pad] requires layout >= 1 {
    Y[elsewhere, iffy] = X[elsewhere, wherever] else 0 where wherever = iffy;
}
//~ run words layout=2, pad=3 => 1b9531afb1a7e7a5

converter scalar<>(X[]) -> Y[] { Y[] = X[]; }
//~ run scalar => a8c7f832281a39c5

converter largest<N>(X[N]) -> Y[N] { Y[i] = X[i - 1] else -inf; }
//~ run largest N=4 => bf9adcde13e2613a

converter fractions<N>(X[N]) -> Y[N + 1] { Y[i] = X[i] else -1_0.5e-1; }
//~ run fractions N=2 => fdb49d7fd411d0df

converter unused<N, M>(X[N]) -> Y[N] {
    //~ CG054 `M`
    Y[i] = X[i]
    where t = i/2, _u = i/3;
    //~ CG030 `t`
}
//~ run unused N=2, M=1 => b026cb457020ada6

pub convolution stem {
    input NC1HWC0, kernel FRACTAL_Z, output NC1HWC0, stride 2, padding 1, dilation 1, groups 1
}

/// Fields in any order; what is not given has its default.
convolution plain { output NHWC, input NCHW, kernel NHWC, padding [0, 1, 2, 3], stride [1, 2] }
}

    pub(super) fn run(name: &str, size: &dyn Fn(&str) -> usize) -> Result<super::Map, super::Error> {
        let _ = size;
        match name {
            "fixed" => super::super::map(Fixed::new()),
            "derived" => super::super::map(Derived::new(size("N"))),
            "halves" => super::super::map(Halves::new(size("N"))),
            "facts" => super::super::map(Facts::new(size("C"), size("K"))),
            "commented" => super::super::map(Commented::new(size("N"))),
            "élan" => super::super::map(Élan::new(size("Größe"))),
            "words" => super::super::map(Words::new(size("layout"), size("pad"))),
            "scalar" => super::super::map(Scalar::new()),
            "largest" => super::super::map(Largest::new(size("N"))),
            "fractions" => super::super::map(Fractions::new(size("N"))),
            "unused" => super::super::map(Unused::new(size("N"), size("M"))),
            _ => unreachable!(),
        }
    }
}

#[allow(deprecated)]
mod sums {
    convgrad::convgrad! {
// Rules that add: every place holds the sum of what is read to it.

/// The adjoint of im2col, as libraries call it: columns are added back to where they were read.
converter col2im<C, H, W, R, S, s, p>(Y[C*R*S, ((H + 2*p - R)/s + 1)*((W + 2*p - S)/s + 1)])
    -> X[C, H, W]
    requires s >= 1, R >= 1, S >= 1, H + 2*p >= R, W + 2*p >= S
{
    X[m/(R*S), h, w] += Y[m, n] if h >= 0 && h < H && w >= 0 && w < W
    for m < C*R*S, n < ((H + 2*p - R)/s + 1)*((W + 2*p - S)/s + 1)
    where h = n/((W + 2*p - S)/s + 1)*s + m/S%R - p, w = n%((W + 2*p - S)/s + 1)*s + m%S - p;
}
//~ run col2im C=2, H=5, W=4, R=3, S=2, s=1, p=0 => a60221afdc6f0486
//~ run col2im C=2, H=6, W=7, R=3, S=3, s=2, p=1 => 664080de3531d626
//~ run col2im C=1, H=4, W=4, R=1, S=2, s=3, p=2 => bc2283f4b03ce3ad

/// The same with an axis for everything, and dilated.
converter fold<N, C, H, W, R, S, s, p, d>
    (Y[N, C, R, S, (H + 2*p - d*(R - 1) - 1)/s + 1, (W + 2*p - d*(S - 1) - 1)/s + 1])
    -> X[N, C, H, W]
    requires s >= 1, d >= 1, R >= 1, S >= 1, H + 2*p >= d*(R - 1) + 1, W + 2*p >= d*(S - 1) + 1
{
    X[n, c, h, w] += Y[n, c, r, q, i, j] if h >= 0 && h < H && w >= 0 && w < W
    for n < N, c < C, r < R, q < S, i < (H + 2*p - d*(R - 1) - 1)/s + 1,
        j < (W + 2*p - d*(S - 1) - 1)/s + 1
    where h = i*s + r*d - p, w = j*s + q*d - p;
}
//~ run fold N=2, C=2, H=5, W=6, R=3, S=3, s=1, p=1, d=1 => c14722ed937b4f36
//~ run fold N=1, C=2, H=7, W=7, R=2, S=3, s=2, p=2, d=2 => 9ec33c34c9be0a46
//~ run fold N=1, C=1, H=3, W=2, R=1, S=1, s=3, p=0, d=5 => 0b9027458891f9e5

/// Windows whose pixels come first, with all channels side by side.
converter fold_nhwc<N, H, W, C, R, s>(Y[N, (H - R)/s + 1, (W - R)/s + 1, R, R, C]) -> X[N, H, W, C]
    requires s >= 1, R >= 1, H >= R, W >= R
{
    X[n, i*s + r, j*s + q, c] += Y[n, i, j, r, q, c];
}
//~ run fold_nhwc N=2, H=5, W=6, C=3, R=3, s=1 => 0a9f4be518f49303
//~ run fold_nhwc N=1, H=7, W=8, C=2, R=3, s=2 => 0d08abcc59b929e8

converter column_sums<N, C>(X[N, C]) -> S[C] { S[c] += X[n, c]; }
//~ run column_sums N=4, C=3 => bf0c08edca023ba2
//~ run column_sums N=0, C=3 => 11dac35ef0813626

converter total<N>(X[N]) -> S[1] { S[0] += X[i]; }
//~ run total N=9 => d40273a21e20b5e5

converter trace<N>(X[N, N]) -> T[1] { T[0] += X[i, i] for i < N; }
//~ run trace N=5 => ba613cc03f5ead61

/// The adjoint of repeating every pixel.
converter shrink<H, W>(Y[H*2, W*2]) -> X[H, W] { X[i/2, j/2] += Y[i, j]; }
//~ run shrink H=2, W=3 => b3623ff28515ce04

/// Each place once, the others 0.
converter diagonal<N>(X[N]) -> Y[N, N] { Y[i, i] += X[i]; }
//~ run diagonal N=4 => 6045da52c2b2f865

converter bins<N, M>(X[N]) -> Y[M] requires M >= 1 { Y[i%M] += X[i]; }
//~ run bins N=17, M=5 => 3f710f227d77e7b3
//~ run bins N=3, M=8 => b26f3d70d73911cf

/// Ragged blocks, added up from their ends.
converter blocks<N, C>(X[N, C]) -> Y[ceil(C/16), 16] { Y[c/16, 15 - c%16] += X[n, c]; }
//~ run blocks N=3, C=20 => 6b4a1c2e2f22f477

/// Around a ring: no digits.
converter ring<N, K>(X[N, K]) -> Y[N] requires N >= 1 { Y[(i + k)%N] += X[i, k]; }
//~ run ring N=5, K=3 => d6d277897e34c5ac

/// Only some of them.
converter lower<N>(X[N, N]) -> Y[N] { Y[i] += X[i, j] if j <= i; }
//~ run lower N=5 => 063c3bcbc9bfa38b
}

    pub(super) fn run(name: &str, size: &dyn Fn(&str) -> usize) -> Result<super::Map, super::Error> {
        let _ = size;
        match name {
            "col2im" => super::super::map(Col2im::new(size("C"), size("H"), size("W"), size("R"), size("S"), size("s"), size("p"))),
            "fold" => super::super::map(Fold::new(size("N"), size("C"), size("H"), size("W"), size("R"), size("S"), size("s"), size("p"), size("d"))),
            "fold_nhwc" => super::super::map(FoldNhwc::new(size("N"), size("H"), size("W"), size("C"), size("R"), size("s"))),
            "column_sums" => super::super::map(ColumnSums::new(size("N"), size("C"))),
            "total" => super::super::map(Total::new(size("N"))),
            "trace" => super::super::map(Trace::new(size("N"))),
            "shrink" => super::super::map(Shrink::new(size("H"), size("W"))),
            "diagonal" => super::super::map(Diagonal::new(size("N"))),
            "bins" => super::super::map(Bins::new(size("N"), size("M"))),
            "blocks" => super::super::map(Blocks::new(size("N"), size("C"))),
            "ring" => super::super::map(Ring::new(size("N"), size("K"))),
            "lower" => super::super::map(Lower::new(size("N"))),
            _ => unreachable!(),
        }
    }
}

#[allow(deprecated)]
mod windows {
    convgrad::convgrad! {
// Parts, repetitions and borders.

converter crop<H, W, T, L, P, Q>(X[H, W]) -> Y[P, Q] requires T + P <= H, L + Q <= W {
    Y[i, j] = X[i + T, j + L];
}
//~ run crop H=5, W=6, T=1, L=2, P=3, Q=2 => f567b63710ddad05

/// A border of zeros.
converter pad<H, W, P = 2>(X[H, W]) -> Y[H + 2*P, W + 2*P] { Y[i, j] = X[i - P, j - P] else 0; }
//~ run pad H=3, W=2 => 808d6b768cd5d825

/// A border that repeats the edge.
converter pad_edge<H, P>(X[H]) -> Y[H + 2*P] requires H >= 1 {
    Y[i] = X[min(max(i - P, 0), H - 1)];
}
//~ run pad_edge H=4, P=2 => cd08632f514ae1ed

/// A border that mirrors.
converter pad_reflect<H, P>(X[H]) -> Y[H + 2*P] requires P < H {
    Y[i] = X[H - 1 - abs(H - 1 - abs(i - P))];
}
//~ run pad_reflect H=5, P=3 => 234987c1af6de22a

/// A border that goes round.
converter pad_wrap<H, P>(X[H]) -> Y[H + 2*P] requires H >= 1 { Y[i] = X[(i - P)%H]; }
//~ run pad_wrap H=3, P=4 => cc70345a3504eb6f

converter every_second<N>(X[N]) -> Y[ceil(N/2)] { Y[i] = X[2*i]; }
//~ run every_second N=7 => 95cd7a44ab386ac1
//~ run every_second N=8 => 95cd7a44ab386ac1

converter nearest<H, W, S>(X[H, W]) -> Y[H*S, W*S] requires S >= 1 { Y[i, j] = X[i/S, j/S]; }
//~ run nearest H=2, W=3, S=2 => 8a40ba6906611567

converter spread<N, D>(X[N]) -> Y[N*D] requires D >= 1 { Y[i] = X[i/D] if i%D == D - 1 else 7; }
//~ run spread N=3, D=4 => 309a19f6ec3d87a2

converter diagonal<N>(X[N, N]) -> Y[N] { Y[i] = X[i, i]; }
//~ run diagonal N=4 => bd8e34f18e95dfc1

converter lower<N>(X[N, N]) -> Y[N, N] { Y[i, j] = X[i, j] if j <= i else 0; }
//~ run lower N=4 => d98e2f199dabccaf

converter band<N, K>(X[N, N]) -> Y[N, N] { Y[i, j] = X[i, j] if !(i - j > K || j - i > K) else 0; }
//~ run band N=5, K=1 => df4b8cb01348d615

/// Relative positions: row i shifted by i.
converter skew<N>(X[N, N]) -> Y[N, 2*N - 1] requires N >= 1 { Y[i, j] = X[i, j - i] else 0; }
//~ run skew N=4 => 8347d93de39b5aa6

// An iterator that the right side never uses repeats the value.
converter repeat<N, M>(X[N]) -> Y[N, M] {
    Y[i, j] = X[i];
    //~ CG011 `j`
}
//~ run repeat N=3, M=2 => d1f53d4b78a705c4

converter one_row<N>(X[N]) -> Y[1, N] { Y[i, j] = X[j]; }
//~ run one_row N=3 => 25510a1c3e12d6a4

converter first<N>(X[N]) -> Y[1] requires N >= 1 { Y[i] = X[0]; }
//~ run first N=3 => 392209f14dea4c24
}

    pub(super) fn run(name: &str, size: &dyn Fn(&str) -> usize) -> Result<super::Map, super::Error> {
        let _ = size;
        match name {
            "crop" => super::super::map(Crop::new(size("H"), size("W"), size("T"), size("L"), size("P"), size("Q"))),
            "pad" => super::super::map(Pad::new(size("H"), size("W"))),
            "pad_edge" => super::super::map(PadEdge::new(size("H"), size("P"))),
            "pad_reflect" => super::super::map(PadReflect::new(size("H"), size("P"))),
            "pad_wrap" => super::super::map(PadWrap::new(size("H"), size("P"))),
            "every_second" => super::super::map(EverySecond::new(size("N"))),
            "nearest" => super::super::map(Nearest::new(size("H"), size("W"), size("S"))),
            "spread" => super::super::map(Spread::new(size("N"), size("D"))),
            "diagonal" => super::super::map(Diagonal::new(size("N"))),
            "lower" => super::super::map(Lower::new(size("N"))),
            "band" => super::super::map(Band::new(size("N"), size("K"))),
            "skew" => super::super::map(Skew::new(size("N"))),
            "repeat" => super::super::map(Repeat::new(size("N"), size("M"))),
            "one_row" => super::super::map(OneRow::new(size("N"))),
            "first" => super::super::map(First::new(size("N"))),
            _ => unreachable!(),
        }
    }
}

#[allow(deprecated)]
mod obligations {
    convgrad::convgrad! {
// Formulas that are right at some sizes only: what remains open is checked by every call.

/// Reads as many as are asked for.
converter take<N, M>(X[N]) -> Y[M] { Y[i] = X[i]; }
//~ holds take N=5, M=5
//~ holds take N=5, M=0
//~ violates take N=5, M=6 => CG021

converter shift<N, S>(X[N]) -> Y[N] { Y[i] = X[i - S]; }
//~ holds shift N=5, S=0
//~ violates shift N=5, S=1 => CG022

converter needs<C>(X[C]) -> Y[C/16, 16] requires C % 16 == 0 { Y[i, j] = X[i*16 + j]; }
//~ holds needs C=32
//~ violates needs C=20 => CG067

converter shrink<N>(X[N]) -> Y[N - 5] { Y[i] = X[i]; }
//~ holds shrink N=5
//~ violates shrink N=4 => CG017

converter blocks<C>(X[C]) -> Y[C/16, 16] { Y[c/16, c%16] = X[c] for c < C; }
//~ holds blocks C=32
//~ violates blocks C=20 => CG046

converter collide<N, S>(X[N]) -> Y[N*S + 1] { Y[i*S] = X[i] else 0 for i < N; }
//~ holds collide N=3, S=2
//~ violates collide N=3, S=0 => CG045

converter fold<N, M>(X[N]) -> Y[M] requires M >= 1 { Y[i % M] = X[i] for i < N; }
//~ holds fold N=3, M=3
//~ violates fold N=4, M=3 => CG045
//~ violates fold N=2, M=3 => CG047

converter every<N, K>(X[N]) -> Y[N] requires K >= 1 { Y[i] = X[i/K]; }
//~ holds every N=4, K=2

converter huge<N>(X[N]) -> Y[N] { Y[i] = X[i * N * N * N * N * N / (N * N * N * N * N)] if i < 1 else 0; }
//~ holds huge N=3
//~ violates huge N=65536 => CG044

/// An empty input with a non-empty output.
converter constant<N, M>(X[N]) -> Y[M] { Y[_i] = X[0]; }
//~ holds constant N=1, M=3
//~ holds constant N=0, M=0
//~ violates constant N=0, M=3 => CG021
}

    pub(super) fn run(name: &str, size: &dyn Fn(&str) -> usize) -> Result<super::Map, super::Error> {
        let _ = size;
        match name {
            "take" => super::super::map(Take::new(size("N"), size("M"))),
            "shift" => super::super::map(Shift::new(size("N"), size("S"))),
            "needs" => super::super::map(Needs::new(size("C"))),
            "shrink" => super::super::map(Shrink::new(size("N"))),
            "blocks" => super::super::map(Blocks::new(size("C"))),
            "collide" => super::super::map(Collide::new(size("N"), size("S"))),
            "fold" => super::super::map(Fold::new(size("N"), size("M"))),
            "every" => super::super::map(Every::new(size("N"), size("K"))),
            "huge" => super::super::map(Huge::new(size("N"))),
            "constant" => super::super::map(Constant::new(size("N"), size("M"))),
            _ => unreachable!(),
        }
    }
}

#[allow(deprecated)]
mod stages {
    convgrad::convgrad! {
// What one of its stages refuses, a chain refuses.

layout EVEN<N>[n] = [2*n] pad -1;
layout BLOCKS<N>[n] = [n/16, n%16] pad 5;
layout PLAIN<N>[n] = [n];

converter spread = BLOCKS -> EVEN by [n] -> [N - 1 - n];
converter back = inverse(spread);
//~ violates back N=2 => CG047
//~ holds back N=32

/// Never looks where `back` leaves places open.
converter both = compose(spread, back);
//~ violates both N=2 => CG047
//~ holds both N=32

/// Turned twice: a crop again, of whole blocks only.
converter twice = inverse(inverse(BLOCKS -> PLAIN));
//~ violates twice N=20 => CG047
//~ holds twice N=32

// At sizes that are refused nothing has to be equal.
assert both == BLOCKS -> BLOCKS;
//~ CG077 `both == BLOCKS -> BLOCKS`
}

    pub(super) fn run(name: &str, size: &dyn Fn(&str) -> usize) -> Result<super::Map, super::Error> {
        let _ = size;
        match name {
            "spread" => super::super::map(Spread::new(size("N"))),
            "back" => super::super::map(Back::new(size("N"))),
            "both" => super::super::map(Both::new(size("N"))),
            "twice" => super::super::map(Twice::new(size("N"))),
            _ => unreachable!(),
        }
    }
}
