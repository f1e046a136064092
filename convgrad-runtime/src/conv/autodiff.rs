//! What a compiler's automatic differentiation emits: the loops of the derived adjoint.
//!
//! Gathers, not scatters: each element of a gradient is computed by itself and written once. The taps that reach a position solve a
//! congruence, so that the loops step from one to the next and no loop body asks whether it has anything to do. The loops run on
//! NCHW; other layouts are copied on the way in and out.

use std::borrow::Cow;
use std::ops::Range;

use super::context::Context;
use super::geometry::{Axis, Conv2d};
use super::layout::{ActivationLayout, Activations, Formats, Kernel, KernelLayout};
use super::matrix::zeros;
use super::plain;
use super::rows::{axpy, dot};
use crate::error::Result;
use crate::float::Float;

/// dx[n, c, h, w] = sum over k and the (r, p), (s, q) that read (h, w) of dy[n, k, p, q] * kernel[k, c, r, s].
pub(crate) fn backward_input<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    (kernel, dy): (&[T], &[T]),
    dx: &mut [T],
) -> Result<()> {
    if formats.input != ActivationLayout::Nchw {
        let view = Activations::input(formats.input, conv);
        let mut plain = zeros(
            "the gradient of the input in NCHW",
            conv.input_shape().iter().product(),
        )?;
        let formats = Formats {
            input: ActivationLayout::Nchw,
            ..formats
        };
        backward_input(cx, conv, formats, (kernel, dy), &mut plain)?;
        plain::store_activations(cx, view, &plain, dx);
        return Ok(());
    }
    let dy = activations(cx, Activations::output(formats.output, conv), dy)?;
    let kernel = self::kernel(formats.kernel, conv, kernel)?;
    let conv = conv.coalesced();
    let (rows, columns) = (conv.rows(), conv.columns());
    let (inputs, outputs) = (conv.group_inputs(), conv.group_outputs());
    let phases: Vec<Phase> = (0..columns.stride.min(columns.input))
        .map(|phase| Phase::new(columns, phase))
        .collect();
    cx.for_each_chunk(usize::MAX, dx, columns.input, |line, dx| {
        let (plane, h) = (line / rows.input, line % rows.input);
        let (n, c) = (plane / conv.input_channels(), plane % conv.input_channels());
        let readers: Vec<(usize, usize)> = rows.readers(h).collect();
        let mut sums = vec![T::default(); columns.input.div_ceil(columns.stride)];
        for (
            phase,
            Phase {
                readers: column_readers,
            },
        ) in phases.iter().enumerate()
        {
            sums.fill(T::default());
            for k in c / inputs * outputs..(c / inputs + 1) * outputs {
                let dy = &dy[(n * conv.output_channels() + k) * conv.pixels()..][..conv.pixels()];
                let kernel = &kernel[(k * inputs + c % inputs) * conv.taps()..][..conv.taps()];
                for &(r, p) in &readers {
                    let dy = &dy[p * columns.output()..][..columns.output()];
                    for reader in column_readers {
                        let weight = kernel[r * columns.taps + reader.tap];
                        axpy(
                            &mut sums[reader.sums.clone()],
                            weight,
                            &dy[reader.first_output..],
                            1,
                        );
                    }
                }
            }
            dx[phase..]
                .iter_mut()
                .step_by(columns.stride)
                .zip(&sums)
                .for_each(|(dx, sum)| *dx = *sum);
        }
    });
    Ok(())
}

/// dk[k, c, r, s] = sum over n, p, q of dy[n, k, p, q] * x[n, c, h, w].
pub(crate) fn backward_kernel<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    (x, dy): (&[T], &[T]),
    dk: &mut [T],
) -> Result<()> {
    if formats.kernel != KernelLayout::Kcrs {
        let mut plain = zeros(
            "the gradient of the kernel in KCRS",
            conv.kernel_shape().iter().product(),
        )?;
        let view = Kernel::of(formats.kernel, conv);
        backward_kernel(
            cx,
            conv,
            Formats {
                kernel: KernelLayout::Kcrs,
                ..formats
            },
            (x, dy),
            &mut plain,
        )?;
        plain::store_kernel(view, &plain, dk);
        return Ok(());
    }
    let x = activations(cx, Activations::input(formats.input, conv), x)?;
    let dy = activations(cx, Activations::output(formats.output, conv), dy)?;
    let conv = conv.coalesced();
    let (rows, columns) = (conv.rows(), conv.columns());
    let (inputs, outputs) = (conv.group_inputs(), conv.group_outputs());
    let image = rows.input * columns.input;
    cx.for_each_chunk(usize::MAX, dk, conv.taps(), |plane, dk| {
        let (k, c) = (plane / inputs, plane % inputs);
        for (tap, dk) in dk.iter_mut().enumerate() {
            let (r, s) = (tap / columns.taps, tap % columns.taps);
            let (p_range, q) = (rows.outputs_inside(r), columns.outputs_inside(s));
            let mut sum = T::default();
            for n in 0..if q.is_empty() { 0 } else { conv.batch() } {
                let x =
                    &x[(n * conv.input_channels() + k / outputs * inputs + c) * image..][..image];
                let dy = &dy[(n * conv.output_channels() + k) * conv.pixels()..][..conv.pixels()];
                for p in p_range.clone() {
                    let (h, w) = (
                        rows.source(p, r) as usize,
                        columns.source(q.start, s) as usize,
                    );
                    let dy = &dy[p * columns.output()..][q.clone()];
                    sum += dot(dy, &x[h * columns.input + w..], columns.stride);
                }
            }
            *dk = sum;
        }
    });
    Ok(())
}

/// The columns `phase`, `phase + stride`, …, which the same taps reach, borders aside.
struct Phase {
    readers: Vec<Reader>,
}

/// One tap that reaches the columns of a phase.
struct Reader {
    tap: usize,
    /// The columns that it reaches, counted within the phase.
    sums: Range<usize>,
    /// The output that reads the first of them; the following ones read the rest.
    first_output: usize,
}

impl Phase {
    fn new(columns: &Axis, phase: usize) -> Self {
        let reader = |tap: usize| {
            let outputs = columns.outputs_inside(tap);
            let first = columns.source(outputs.start, tap);
            let start = (first - phase as isize) as usize / columns.stride;
            Reader {
                tap,
                sums: start..start + outputs.len(),
                first_output: outputs.start,
            }
        };
        let taps = columns
            .phase_taps(phase)
            .filter(|&tap| !columns.outputs_inside(tap).is_empty());
        Phase {
            readers: taps.map(reader).collect(),
        }
    }
}

fn activations<'t, T: Float>(
    cx: &Context,
    view: Activations,
    tensor: &'t [T],
) -> Result<Cow<'t, [T]>> {
    Ok(if view.block == 1 {
        Cow::Borrowed(tensor)
    } else {
        Cow::Owned(plain::activations(cx, view, tensor)?)
    })
}

fn kernel<'k, T: Float>(
    layout: KernelLayout,
    conv: &Conv2d,
    kernel: &'k [T],
) -> Result<Cow<'k, [T]>> {
    Ok(match layout {
        KernelLayout::Kcrs => Cow::Borrowed(kernel),
        _ => Cow::Owned(plain::kernel(Kernel::of(layout, conv), kernel)?),
    })
}
