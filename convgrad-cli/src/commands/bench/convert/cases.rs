//! What is measured: converters of the standard library, and a few lines made of its layouts, at sizes of about 3 MB and 51 MB.

use std::fmt;

use serde::Serialize;

/// What a converter asks of memory, which decides what it can reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Every element goes somewhere else, and nothing is added or left out.
    Permutation,
    /// Blocks that are not whole, borders, flips, turns, blocks of other sizes.
    Ragged,
    /// Places that are filled between elements, or elements that are read several times.
    Window,
    /// Elements that change their type on the way, which the formula says.
    Conversion,
}

/// One converter at three sizes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// The name of the converter, in the library or among [`FORMULAS`].
    pub(crate) converter: &'static str,
    /// The sizes, but for the one that grows.
    pub(crate) sizes: &'static [(&'static str, usize)],
    /// The size that grows with the bytes, and its values at the three volumes, for elements of 4 bytes.
    pub(crate) grows: (&'static str, [usize; 3]),
}

/// How much is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Volume {
    /// A few kilobytes: only to see that all of it works.
    Tiny,
    /// About 3 MB: input and output lie in the last cache.
    Small,
    /// About 51 MB: they do not.
    Large,
}

impl Case {
    /// The bytes that its sizes are meant for, where its elements are not the caller's choice.
    pub(crate) fn element(&self) -> Option<usize> {
        (self.kind == Kind::Conversion).then_some(4)
    }

    /// Its sizes at a volume, for elements of so many bytes.
    pub(crate) fn sizes(&self, volume: Volume, element: usize) -> Vec<(String, i64)> {
        let (name, values) = self.grows;
        let value = values[volume as usize] * 4 / element;
        let mut sizes = vec![(name.to_owned(), value.max(1) as i64)];
        let others = self.sizes.iter();
        sizes.extend(others.map(|(name, value)| ((*name).to_owned(), *value as i64)));
        sizes
    }
}

impl fmt::Display for Volume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Volume::Tiny => "tiny",
            Volume::Small => "3 MB",
            Volume::Large => "51 MB",
        })
    }
}

const fn case(
    kind: Kind,
    name: &'static str,
    converter: &'static str,
    grows: (&'static str, [usize; 3]),
    sizes: &'static [(&'static str, usize)],
) -> Case {
    Case {
        name,
        kind,
        converter,
        sizes,
        grows,
    }
}

/// Converters that the library leaves to be written: a line each.
pub(crate) const FORMULAS: &str = "
    converter nchw_to_cnhw = NCHW -> CNHW;
    converter nchw_to_OIhw16i16o = NCHW -> OIhw16i16o;
    converter reblock = NC1HWC0<C0 = 48> -> NC1HWC0<C0 = 32>;
    converter flip_channels<N, C, H, W>(X[N, C, H, W]) -> Y[N, C, H, W] {
        Y[n, c, h, w] = X[n, C - 1 - c, h, w];
    }
    converter rows_to_f16<N>(X: f32[N]) -> Y: f16[N] { Y[i] = cast(X[i]); }
    converter nchw_to_nc1hwc0_f16 = cast(NCHW -> NC1HWC0, f32 -> f16);
    converter nchw_to_fractal_z_f16 = cast(NCHW -> FRACTAL_Z, f32 -> f16);
    converter nc1hwc0_f16_to_nchw = cast(NC1HWC0 -> NCHW, f16 -> f32);
    converter nchw_to_nhwc_bf16 = cast(NCHW -> NHWC, f32 -> bf16);
    converter nchw_to_nhwc_i8 = quantize(NCHW -> NHWC, f32 -> i8, 0.05, 3);
    converter nhwc_i8_to_nchw = dequantize(NHWC -> NCHW, i8 -> f32, 0.05, 3);
";

/// 64 channels of 112 x 112 pixels.
const IMAGE: &[(&str, usize)] = &[("C", 64), ("H", 112), ("W", 112)];
/// 64 channels of 56 x 56 pixels.
const SMALLER: &[(&str, usize)] = &[("C", 64), ("H", 56), ("W", 56)];

/// All of them.
pub(crate) const CASES: &[Case] = &{
    use Kind::{Conversion, Permutation, Ragged, Window};
    [
        case(
            Permutation,
            "nchw_to_nhwc",
            "nchw_to_nhwc",
            ("N", [1, 1, 16]),
            IMAGE,
        ),
        case(
            Permutation,
            "nhwc_to_nchw",
            "nhwc_to_nchw",
            ("N", [1, 1, 16]),
            IMAGE,
        ),
        case(
            Permutation,
            "nchw_to_nc1hwc0",
            "nchw_to_nc1hwc0",
            ("N", [1, 1, 16]),
            IMAGE,
        ),
        case(
            Permutation,
            "nc1hwc0_to_nchw",
            "nc1hwc0_to_nchw",
            ("N", [1, 1, 16]),
            IMAGE,
        ),
        case(
            Permutation,
            "nchw_to_fractal_z",
            "nchw_to_fractal_z",
            ("N", [16, 64, 1024]),
            &[("C", 1392), ("H", 3), ("W", 3)],
        ),
        case(
            Permutation,
            "nchw_to_cnhw",
            "nchw_to_cnhw",
            ("N", [1, 4, 64]),
            SMALLER,
        ),
        case(
            Permutation,
            "nchw_to_OIhw16i16o",
            "nchw_to_OIhw16i16o",
            ("N", [16, 64, 1024]),
            &[("C", 1392), ("H", 3), ("W", 3)],
        ),
        case(
            Permutation,
            "t_nc",
            "t_nc",
            ("C", [16, 16, 256]),
            &[("N", 16), ("H", 56), ("W", 56)],
        ),
        case(
            Permutation,
            "t_ncf",
            "t_ncf",
            ("C", [16, 16, 256]),
            &[("N", 16), ("H", 56), ("W", 56)],
        ),
        case(
            Permutation,
            "flip_rot",
            "flip_rot",
            ("N", [16, 64, 1024]),
            &[("C", 1392), ("H", 3), ("W", 3)],
        ),
        case(
            Permutation,
            "split_heads",
            "split_heads",
            ("B", [1, 2, 32]),
            &[("S", 512), ("H", 12), ("D", 64)],
        ),
        case(
            Permutation,
            "channel_shuffle",
            "channel_shuffle",
            ("N", [1, 4, 64]),
            &[("G", 8), ("C", 8), ("H", 56), ("W", 56)],
        ),
        case(
            Permutation,
            "pixel_shuffle",
            "pixel_shuffle",
            ("N", [1, 4, 64]),
            &[("C", 16), ("H", 56), ("W", 56), ("Z", 2)],
        ),
        case(
            Permutation,
            "pixel_unshuffle",
            "pixel_unshuffle",
            ("N", [1, 4, 64]),
            &[("C", 16), ("H", 56), ("W", 56), ("Z", 2)],
        ),
        case(
            Permutation,
            "transpose",
            "transpose",
            ("M", [64, 256, 3584]),
            &[("N", 3584)],
        ),
        case(
            Ragged,
            "nchw_to_nc1hwc0 (C = 100)",
            "nchw_to_nc1hwc0",
            ("N", [1, 2, 36]),
            &[("C", 100), ("H", 56), ("W", 56)],
        ),
        case(
            Ragged,
            "nc1hwc0_to_nchw (C = 100)",
            "nc1hwc0_to_nchw",
            ("N", [1, 2, 36]),
            &[("C", 100), ("H", 56), ("W", 56)],
        ),
        case(
            Ragged,
            "pad",
            "pad",
            ("N", [1, 4, 64]),
            &[
                ("C", 64),
                ("H", 56),
                ("W", 56),
                ("PT", 1),
                ("PB", 1),
                ("PL", 1),
                ("PR", 1),
            ],
        ),
        case(
            Ragged,
            "crop",
            "crop",
            ("N", [1, 4, 64]),
            &[
                ("C", 64),
                ("H", 56),
                ("W", 56),
                ("PT", 1),
                ("PB", 1),
                ("PL", 1),
                ("PR", 1),
            ],
        ),
        case(Ragged, "hflip", "hflip", ("N", [1, 4, 64]), SMALLER),
        case(Ragged, "vflip", "vflip", ("N", [1, 4, 64]), SMALLER),
        case(Ragged, "rot180", "rot180", ("N", [1, 4, 64]), SMALLER),
        case(
            Ragged,
            "flip_channels",
            "flip_channels",
            ("N", [1, 4, 64]),
            SMALLER,
        ),
        case(
            Ragged,
            "roll",
            "roll",
            ("N", [10_000, 800_000, 12_800_000]),
            &[("R", 1001)],
        ),
        case(
            Ragged,
            "cyclic_shift",
            "cyclic_shift",
            ("N", [1, 4, 64]),
            &[("H", 56), ("W", 56), ("C", 64), ("SH", 3), ("SW", 3)],
        ),
        case(
            Ragged,
            "blocks of 48 to 32",
            "reblock",
            ("N", [1, 3, 43]),
            &[("C", 96), ("H", 56), ("W", 56)],
        ),
        case(
            Ragged,
            "vnni_bf16",
            "vnni_bf16",
            ("M", [64, 512, 8192]),
            &[("N", 1536)],
        ),
        case(
            Window,
            "strided",
            "strided",
            ("N", [1, 1, 16]),
            &[("C1", 4), ("H", 56), ("W", 56), ("SH", 2), ("SW", 2)],
        ),
        case(
            Window,
            "insert_zeros",
            "insert_zeros",
            ("N", [1, 1, 16]),
            &[("C", 64), ("H", 56), ("W", 56), ("SH", 2), ("SW", 2)],
        ),
        case(
            Window,
            "im2col (3 x 3)",
            "im2col",
            ("N", [1, 1, 16]),
            &[
                ("C", 28),
                ("H", 56),
                ("W", 56),
                ("R", 3),
                ("S", 3),
                ("SH", 1),
                ("SW", 1),
                ("PT", 1),
                ("PB", 1),
                ("PL", 1),
                ("PR", 1),
                ("DH", 1),
                ("DW", 1),
            ],
        ),
        case(
            Window,
            "im2col (7 x 7, stride 2)",
            "im2col",
            ("N", [1, 1, 16]),
            &[
                ("C", 3),
                ("H", 148),
                ("W", 148),
                ("R", 7),
                ("S", 7),
                ("SH", 2),
                ("SW", 2),
                ("PT", 3),
                ("PB", 3),
                ("PL", 3),
                ("PR", 3),
                ("DH", 1),
                ("DW", 1),
            ],
        ),
        case(
            Window,
            "im2col (3 x 3, dilation 2)",
            "im2col",
            ("N", [1, 1, 16]),
            &[
                ("C", 28),
                ("H", 56),
                ("W", 56),
                ("R", 3),
                ("S", 3),
                ("SH", 1),
                ("SW", 1),
                ("PT", 2),
                ("PB", 2),
                ("PL", 2),
                ("PR", 2),
                ("DH", 2),
                ("DW", 2),
            ],
        ),
        case(
            Conversion,
            "rows, f32 to f16",
            "rows_to_f16",
            ("N", [10_000, 800_000, 12_800_000]),
            &[],
        ),
        case(
            Conversion,
            "nchw_to_nc1hwc0, f32 to f16",
            "nchw_to_nc1hwc0_f16",
            ("N", [1, 1, 16]),
            IMAGE,
        ),
        case(
            Conversion,
            "nc1hwc0_to_nchw, f16 to f32",
            "nc1hwc0_f16_to_nchw",
            ("N", [1, 1, 16]),
            IMAGE,
        ),
        case(
            Conversion,
            "nchw_to_nhwc, f32 to bf16",
            "nchw_to_nhwc_bf16",
            ("N", [1, 1, 16]),
            IMAGE,
        ),
        case(
            Conversion,
            "nchw_to_nhwc, f32 to i8",
            "nchw_to_nhwc_i8",
            ("N", [1, 1, 16]),
            IMAGE,
        ),
        case(
            Conversion,
            "nhwc_to_nchw, i8 to f32",
            "nhwc_i8_to_nchw",
            ("N", [1, 1, 16]),
            IMAGE,
        ),
        case(
            Conversion,
            "nchw_to_fractal_z, f32 to f16",
            "nchw_to_fractal_z_f16",
            ("N", [16, 64, 1024]),
            &[("C", 1392), ("H", 3), ("W", 3)],
        ),
    ]
};
