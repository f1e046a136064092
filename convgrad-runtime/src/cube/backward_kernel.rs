//! The kernel's gradient, in three ways that compute the same sums over other tiles.

use half::f16;

use super::product::{self, Extents, Transposed};
use super::tile::{SIDE, fractals_mut};
use super::windows::{Rows, Windows};
use super::{Counts, forward};
use crate::buffer::filled;
use crate::conv::{Context, Conv2d, Kernel, KernelLayout, Layout, formulas};
use crate::error::Result;

/// How the kernel's gradient becomes tile operations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// The paper's way, as it stands: a forward convolution of T_NC of the input with T_NCf of the output's gradient, stride
    /// and dilation in each other's place, its result cropped and brought into FRACTAL_Z by T_NCf.
    ///
    /// Each channel of the input is an image here, whose few outputs (R x S, for a 1 x 1 kernel a single one) begin a new
    /// fractal; and the batch takes the place of the channels, so that one image fills a sixteenth of the factors.
    Literal,
    /// The same convolution with the outputs of all "images" in a row, which fill whole fractals, and without those that
    /// the crop would drop.
    Folded,
    /// A product of its own: the output's gradient, transposed, times the windows of the input, both transposed while they
    /// are loaded, which lands in FRACTAL_Z.
    #[default]
    Direct,
}

impl Scheme {
    /// All schemes, in the order in which reports list them.
    pub const ALL: [Scheme; 3] = [Scheme::Literal, Scheme::Folded, Scheme::Direct];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Scheme::Literal => "literal",
            Scheme::Folded => "folded",
            Scheme::Direct => "direct",
        }
    }
}

/// How the paper's way lays out its rows, and the windows that it computes.
fn windows(conv: &Conv2d, scheme: Scheme) -> (Rows, [usize; 2]) {
    match scheme {
        Scheme::Folded => (Rows::Folded, [conv.rows().taps, conv.columns().taps]),
        _ => (Rows::PerImage, forward::outputs(&conv.kernel_gradient())),
    }
}

/// The product that computes one group, in fractals; None if that many cannot be counted.
pub(super) fn extents(conv: &Conv2d, scheme: Scheme) -> Option<Extents> {
    if scheme == Scheme::Direct {
        return Some(Extents {
            m1: conv.group_outputs().div_ceil(SIDE),
            k1: Rows::PerImage.fractals(conv.batch(), conv.pixels())?,
            n1: conv
                .group_inputs()
                .div_ceil(SIDE)
                .checked_mul(conv.taps())?,
        });
    }
    let (rows, outputs) = windows(conv, scheme);
    forward::extents(&conv.kernel_gradient(), rows, outputs)
}

/// For a convolution without groups: `x` and `dy` in NC1HWC0 give the gradient in FRACTAL_Z.
pub(super) fn run(
    cx: &Context,
    conv: &Conv2d,
    x: &[f16],
    dy: &[f16],
    scheme: Scheme,
) -> Result<(Vec<f32>, Counts)> {
    match scheme {
        Scheme::Literal | Scheme::Folded => as_forward(cx, conv, x, dy, scheme),
        Scheme::Direct => direct(cx, conv, x, dy),
    }
}

fn as_forward(
    cx: &Context,
    conv: &Conv2d,
    x: &[f16],
    dy: &[f16],
    scheme: Scheme,
) -> Result<(Vec<f32>, Counts)> {
    let gradient = conv.kernel_gradient();
    let map = formulas::t_nc(cx, Layout::Davinci, conv.input_shape(), x)?;
    let kernel = formulas::t_ncf(cx, Layout::Davinci, conv.output_shape(), dy)?;
    let (rows, outputs) = windows(conv, scheme);
    let (result, counts) = forward::convolve(cx, &gradient, &map, &kernel, rows, outputs)?;
    let [k, c, r, s] = conv.kernel_shape();
    // T_NCf, with the crop where there is something to crop.
    if outputs == [r, s] {
        let dk = formulas::t_ncf(cx, Layout::Davinci, [c, k, r, s], &result)?;
        return Ok((dk.to_vec(), counts));
    }
    let shape = Kernel::shape(KernelLayout::FractalZ, conv.kernel_shape());
    let mut dk = filled("the gradient in FRACTAL_Z", &shape, 0.0)?;
    formulas::collect(Layout::Davinci, conv, &result, &mut dk)?;
    Ok((dk, counts))
}

/// ```text
///                              K x N: windows of x, transposed while they are loaded into ZN
///                                N = (c1, r, s, c0) ->
///                            K  [ (n, p, q) , (c1, r, s) ]
///        K = (n, p, q) ->    v
///   M  [ dy, transposed ]       [ NZ: (c1, r, s) by (c1, r, s), the output channels ]  = FRACTAL_Z
///   v = k
/// ```
fn direct(cx: &Context, conv: &Conv2d, x: &[f16], dy: &[f16]) -> Result<(Vec<f32>, Counts)> {
    let extents = extents(conv, Scheme::Direct).ok_or_else(forward::too_many)?;
    let (n, outputs) = (conv.batch(), forward::outputs(conv));
    let pixels = Windows::pixels(dy, n, extents.m1, outputs);
    let windows = Windows::new(conv, x, outputs, Rows::PerImage);
    let (product, counts) = product::run(cx, &Transposed(pixels), &Transposed(windows), extents)?;
    let shape = Kernel::shape(KernelLayout::FractalZ, conv.kernel_shape());
    let mut gradient = filled("the gradient in FRACTAL_Z", &shape, 0.0)?;
    for (i, fractal) in fractals_mut(&mut gradient).iter_mut().enumerate() {
        let results = product.tile(i % extents.m1, i / extents.m1);
        *fractal = results.map(|row| row.map(product::settled));
    }
    Ok((gradient, counts))
}
