//! The paper's converters as formulas, compiled by our own macro, and one function for each that runs it in a family of layouts.
//!
//! In NCHW and NHWC the batch and the channels simply change places. In the DaVinci formats T_NC goes from NC1HWC0 to NC1HWC0, T_NCf from
//! NC1HWC0 to FRACTAL_Z, and FlipRot from FRACTAL_Z to FRACTAL_Z; channels in a last, ragged block get zeros for neighbours.

#[cfg(test)]
mod tests;

use super::context::Context;
use super::geometry::{Conv2d, Phase};
use super::layout::Layout;
use super::scratch::Buffer;
use crate::converter::Converter;
use crate::element::Element;
use crate::error::Result;

convgrad_macros::convgrad! {
    crate = crate;

    /// Zeros between the rows and the columns of an output's gradient: V - 1 and U - 1 of them.
    converter strided_nchw<N, C, P, Q, V, U>(X[N, C, P, Q]) -> Y[N, C, (P - 1)*V + 1, (Q - 1)*U + 1]
    requires P >= 1, Q >= 1, V >= 1, U >= 1 {
        Y[n, c, h, w] = X[n, c, h/V, w/U] if h % V == 0 && w % U == 0 else 0;
    }

    /// The same with the channels innermost.
    converter strided_nhwc<N, P, Q, C, V, U>(X[N, P, Q, C]) -> Y[N, (P - 1)*V + 1, (Q - 1)*U + 1, C]
    requires P >= 1, Q >= 1, V >= 1, U >= 1 {
        Y[n, h, w, c] = X[n, h/V, w/U, c] if h % V == 0 && w % U == 0 else 0;
    }

    /// The same in NC1HWC0.
    converter strided<N, C, P, Q, V, U>(X[N, ceil(C/16), P, Q, 16]) -> Y[N, ceil(C/16), (P - 1)*V + 1, (Q - 1)*U + 1, 16]
    requires P >= 1, Q >= 1, V >= 1, U >= 1 {
        Y[n, c1, h, w, c0] = X[n, c1, h/V, w/U, c0] if h % V == 0 && w % U == 0 else 0;
    }

    /// The kernel turned by 180 degrees, its inputs and outputs exchanged group by group.
    converter flip_rot_kcrs<G, K, C, R, S>(X[G, K, C, R, S]) -> Y[G, C, K, R, S] {
        Y[g, c, k, r, s] = X[g, k, c, R - 1 - r, S - 1 - s];
    }

    /// The same with the input channels innermost.
    converter flip_rot_krsc<G, K, R, S, C>(X[G, K, R, S, C]) -> Y[G, C, R, S, K] {
        Y[g, c, r, s, k] = X[g, k, R - 1 - r, S - 1 - s, c];
    }

    /// The same from FRACTAL_Z to FRACTAL_Z, of a kernel without groups: a bijection, padding included.
    converter flip_rot<K, C, R, S>(Z[ceil(C/16)*R*S, ceil(K/16), 16, 16]) -> Y[ceil(K/16)*R*S, ceil(C/16), 16, 16]
    requires R >= 1, S >= 1 {
        Y[j0, j1, j2, j3] = Z[i0..]
        where i0 = j1*(R*S) + R*S - 1 - j0 % (R*S), i1 = j0/(R*S), i2 = j3, i3 = j2;
    }

    /// The same with groups, of K outputs and C inputs each, whose channels may share a fractal.
    converter flip_rot_grouped<G, K, C, R, S>(Z[ceil(C/16)*R*S, ceil(G*K/16), 16, 16]) -> Y[ceil(K/16)*R*S, ceil(G*C/16), 16, 16]
    requires G >= 1, K >= 1, C >= 1, R >= 1, S >= 1 {
        Y[j0, j1, j2, j3] = Z[i0..] if j1*16 + j2 < G*C && k < K else 0
        where k = j0/(R*S)*16 + j3, c = (j1*16 + j2) % C, n = (j1*16 + j2)/C*K + k,
            i0 = c/16*(R*S) + R*S - 1 - j0 % (R*S), i1 = n/16, i2 = n % 16, i3 = c % 16;
    }

    /// FlipRot for a phase of the stride: A x B of the taps, from (top, left) on, v rows and u columns apart.
    converter flip_rot_phase_kcrs<G, K, C, R, S, A, B, top, left, v, u>(X[G, K, C, R, S]) -> Y[G, C, K, A, B]
    requires top < R, left < S, (A - 1)*v <= top, (B - 1)*u <= left {
        Y[g, c, k, r, s] = X[g, k, c, top - r*v, left - s*u];
    }

    /// The same with the input channels innermost.
    converter flip_rot_phase_krsc<G, K, R, S, C, A, B, top, left, v, u>(X[G, K, R, S, C]) -> Y[G, C, A, B, K]
    requires top < R, left < S, (A - 1)*v <= top, (B - 1)*u <= left {
        Y[g, c, r, s, k] = X[g, k, top - r*v, left - s*u, c];
    }

    /// The same from FRACTAL_Z to FRACTAL_Z, with groups, of K outputs and C inputs each.
    converter flip_rot_phase<G, K, C, R, S, A, B, top, left, v, u>(Z[ceil(C/16)*R*S, ceil(G*K/16), 16, 16]) -> Y[ceil(K/16)*A*B, ceil(G*C/16), 16, 16]
    requires G >= 1, K >= 1, C >= 1, A >= 1, B >= 1, top < R, left < S, (A - 1)*v <= top, (B - 1)*u <= left {
        Y[j0, j1, j2, j3] = Z[i0..] if j1*16 + j2 < G*C && k < K else 0
        where k = j0/(A*B)*16 + j3, c = (j1*16 + j2) % C, n = (j1*16 + j2)/C*K + k,
            i0 = c/16*(R*S) + (top - j0/B%A*v)*S + left - j0%B*u, i1 = n/16, i2 = n % 16, i3 = c % 16;
    }

    /// What FlipRot and T_NC are in NCHW and NHWC where there is a single pixel or a single image.
    converter transpose<G, A, B>(X[G, A, B]) -> Y[G, B, A] {
        Y[g, b, a] = X[g, a, b];
    }

    /// Batch and channels exchanged.
    converter t_nc_nchw<N, C, H, W>(X[N, C, H, W]) -> Y[C, N, H, W] {
        Y[c, n, h, w] = X[n, c, h, w];
    }

    /// The same with the channels innermost.
    converter t_nc_nhwc<N, H, W, C>(X[N, H, W, C]) -> Y[C, H, W, N] {
        Y[c, h, w, n] = X[n, h, w, c];
    }

    /// The same from NC1HWC0 to NC1HWC0.
    converter t_nc<N, C, H, W>(X[N, ceil(C/16), H, W, 16]) -> Y[C, ceil(N/16), H, W, 16] {
        Y[j0, j1, j2, j3, j4] = X[i0..] else 0
        where i0 = j1*16 + j4, i1 = j0/16, i2 = j2, i3 = j3, i4 = j0 % 16;
    }

    /// The same from NC1HWC0 to FRACTAL_Z.
    converter t_ncf<N, C, H, W>(X[N, ceil(C/16), H, W, 16]) -> Z[ceil(N/16)*H*W, ceil(C/16), 16, 16]
    requires H >= 1, W >= 1 {
        Z[j0, j1, j2, j3] = X[i0..] else 0
        where i0 = j0/(H*W)*16 + j3, i1 = j1, i2 = j0/W - j0/(H*W)*H, i3 = j0 % W, i4 = j2;
    }

    /// The kernel's gradient from the results of all groups: batch (C) and channels (K) exchanged, the first R x S of H x W pixels.
    converter collect_kcrs<G, C, K, H, W, R, S>(X[G, C, K, H, W]) -> Y[G, K, C, R, S]
    requires R <= H, S <= W {
        Y[g, k, c, r, s] = X[g, c, k, r, s];
    }

    /// The same with the channels innermost.
    converter collect_krsc<G, C, H, W, K, R, S>(X[G, C, H, W, K]) -> Y[G, K, R, S, C]
    requires R <= H, S <= W {
        Y[g, k, r, s, c] = X[g, c, r, s, k];
    }

    /// The same from NC1HWC0 to FRACTAL_Z, without groups: T_NCf with a crop.
    converter collect<C, K, H, W, R, S>(X[C, ceil(K/16), H, W, 16]) -> Z[ceil(C/16)*R*S, ceil(K/16), 16, 16]
    requires R >= 1, S >= 1, R <= H, S <= W {
        Z[j0, j1, j2, j3] = X[i0..] else 0
        where i0 = j0/(R*S)*16 + j3, i1 = j1, i2 = j0/S - j0/(R*S)*R, i3 = j0 % S, i4 = j2;
    }

    /// The same with groups, whose channels may share a fractal.
    converter collect_grouped<G, C, K, H, W, R, S>(X[G, C, ceil(K/16), H, W, 16]) -> Z[ceil(C/16)*R*S, ceil(G*K/16), 16, 16]
    requires G >= 1, K >= 1, C >= 1, R >= 1, S >= 1, R <= H, S <= W {
        Z[j0, j1, j2, j3] = X[g, c, k/16, j0/S % R, j0 % S, k % 16] if c < C && g < G else 0
        where c = j0/(R*S)*16 + j3, g = (j1*16 + j2)/K, k = (j1*16 + j2) % K;
    }
}

/// An output's gradient (n, k, p, q) with zeros between its rows and columns.
pub(crate) fn strided<T: Element>(
    cx: &Context,
    layout: Layout,
    [n, k, p, q]: [usize; 4],
    [v, u]: [usize; 2],
    dy: &[T],
) -> Result<Buffer<T>> {
    match layout {
        Layout::Nchw => run(cx, StridedNchw::new(n, k, p, q, v, u)?, dy),
        Layout::Nhwc => run(cx, StridedNhwc::new(n, p, q, k, v, u)?, dy),
        Layout::Davinci => run(cx, Strided::new(n, k, p, q, v, u)?, dy),
    }
}

/// The kernel of the convolution that computes the input's gradient.
pub(crate) fn flip_rot<T: Element>(
    cx: &Context,
    layout: Layout,
    conv: &Conv2d,
    kernel: &[T],
) -> Result<Buffer<T>> {
    let [_, c, r, s] = conv.kernel_shape();
    let (g, k) = (conv.groups(), conv.group_outputs());
    match layout {
        Layout::Nchw | Layout::Nhwc if r * s == 1 => run(cx, Transpose::new(g, k, c)?, kernel),
        Layout::Nchw => run(cx, FlipRotKcrs::new(g, k, c, r, s)?, kernel),
        Layout::Nhwc => run(cx, FlipRotKrsc::new(g, k, r, s, c)?, kernel),
        Layout::Davinci if g == 1 => run(cx, FlipRot::new(k, c, r, s)?, kernel),
        Layout::Davinci => run(cx, FlipRotGrouped::new(g, k, c, r, s)?, kernel),
    }
}

/// The kernel of the convolution that computes two phases of the input's gradient.
pub(crate) fn flip_rot_phase<T: Element>(
    cx: &Context,
    layout: Layout,
    conv: &Conv2d,
    [rows, columns]: [&Phase; 2],
    kernel: &[T],
) -> Result<Buffer<T>> {
    let [_, c, r, s] = conv.kernel_shape();
    let (g, k) = (conv.groups(), conv.group_outputs());
    let (a, b) = (rows.axis.taps, columns.axis.taps);
    if conv.stride() == [1, 1] && a * b == r * s {
        return flip_rot(cx, layout, conv, kernel);
    }
    let (top, left, v, u) = (rows.first, columns.first, rows.step, columns.step);
    match layout {
        Layout::Nchw => run(
            cx,
            FlipRotPhaseKcrs::new(g, k, c, r, s, a, b, top, left, v, u)?,
            kernel,
        ),
        Layout::Nhwc => run(
            cx,
            FlipRotPhaseKrsc::new(g, k, r, s, c, a, b, top, left, v, u)?,
            kernel,
        ),
        Layout::Davinci => run(
            cx,
            FlipRotPhase::new(g, k, c, r, s, a, b, top, left, v, u)?,
            kernel,
        ),
    }
}

/// Whether T_NC and T_NCf leave every element of an activation tensor (n, c, h, w) where it is.
pub(crate) fn exchange_moves_nothing(layout: Layout, [n, c, h, w]: [usize; 4]) -> bool {
    match layout {
        Layout::Nchw => n == 1 || c == 1,
        Layout::Nhwc => n == 1 && (c == 1 || h * w == 1) || c == 1 && h * w == 1,
        Layout::Davinci => false,
    }
}

/// An activation tensor (n, c, h, w) as one of (c, n, h, w).
pub(crate) fn t_nc<T: Element>(
    cx: &Context,
    layout: Layout,
    [n, c, h, w]: [usize; 4],
    x: &[T],
) -> Result<Buffer<T>> {
    match layout {
        Layout::Nchw | Layout::Nhwc => exchange(cx, layout, [n, c, h, w], x),
        Layout::Davinci => run(cx, TNc::new(n, c, h, w)?, x),
    }
}

/// An activation tensor (n, c, h, w) as a kernel of c outputs and n inputs.
pub(crate) fn t_ncf<T: Element>(
    cx: &Context,
    layout: Layout,
    [n, c, h, w]: [usize; 4],
    x: &[T],
) -> Result<Buffer<T>> {
    match layout {
        Layout::Nchw | Layout::Nhwc => exchange(cx, layout, [n, c, h, w], x),
        Layout::Davinci => run(cx, TNcf::new(n, c, h, w)?, x),
    }
}

/// T_NC in NCHW or NHWC, where kernels lie like activations.
fn exchange<T: Element>(
    cx: &Context,
    layout: Layout,
    [n, c, h, w]: [usize; 4],
    x: &[T],
) -> Result<Buffer<T>> {
    if h * w == 1 {
        run(cx, Transpose::new(1, n, c)?, x)
    } else if layout == Layout::Nchw {
        run(cx, TNcNchw::new(n, c, h, w)?, x)
    } else if n == 1 {
        run(cx, Transpose::new(1, h * w, c)?, x)
    } else {
        run(cx, TNcNhwc::new(n, h, w, c)?, x)
    }
}

/// The kernel's gradient from the convolutions of all groups, each (c, k, h, w), of which the first taps count.
pub(crate) fn collect<T: Element>(
    layout: Layout,
    conv: &Conv2d,
    results: &[T],
    dk: &mut [T],
) -> Result<()> {
    let [c, k, h, w] = conv.kernel_gradient().output_shape();
    let [_, _, r, s] = conv.kernel_shape();
    let g = conv.groups();
    match layout {
        Layout::Nchw | Layout::Nhwc if h * w == 1 => Transpose::new(g, c, k)?.convert(results, dk),
        Layout::Nchw => CollectKcrs::new(g, c, k, h, w, r, s)?.convert(results, dk),
        Layout::Nhwc => CollectKrsc::new(g, c, h, w, k, r, s)?.convert(results, dk),
        Layout::Davinci if g == 1 => Collect::new(c, k, h, w, r, s)?.convert(results, dk),
        Layout::Davinci => CollectGrouped::new(g, c, k, h, w, r, s)?.convert(results, dk),
    }
}

fn run<C: Converter, T: Element>(cx: &Context, converter: C, x: &[T]) -> Result<Buffer<T>> {
    use ndarray::Dimension;
    let mut y = cx.buffer("a converted operand", converter.output_dim().size())?;
    converter.convert(x, &mut y)?;
    Ok(y)
}
