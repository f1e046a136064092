//! The kernel's gradient: the products of the lines of planes with those of the output's gradient.

use super::PARTS;
use crate::conv::job::Job;
use crate::conv::layout::{Activations, Kernel};
use crate::conv::operands::Strips;
use crate::conv::plain;
use crate::error::Result;
use crate::float::Float;
use crate::gemm::host;

/// The gradient of the kernel.
pub(super) fn backward_kernel<T: Float>(job: Job<T>) -> Result<()> {
    let Job {
        cx,
        conv,
        formats,
        operands: (x, dy),
        result: dk,
    } = job;
    let kernels = host::<T>();
    let x = plain::nchw(cx, Activations::input(formats.input, conv), x)?;
    let dy = plain::nchw(cx, Activations::output(formats.output, conv), dy)?;
    let (rows, columns) = (conv.rows().reads(), conv.columns().reads());
    let strips = Strips::new(kernels, [&rows, &columns]);
    let planes = strips.planes(&rows, conv.columns().taps);
    let taps = planes.taps();
    let offsets: Vec<usize> = taps.iter().map(|&(_, offset)| offset).collect();
    let (inputs, outputs) = (conv.group_inputs(), conv.group_outputs());
    let (image, pixels) = (rows.extent * columns.extent, conv.pixels());
    let part = conv.groups().div_ceil(PARTS);
    let size = outputs * inputs * conv.taps();
    let work = x.len().saturating_mul(outputs * 4);
    plain::write_kcrs(cx, Kernel::of(formats.kernel, conv), dk, |dk| {
        cx.try_for_each_chunk(work, dk, part * size, |cx, i, dk| {
            let line = planes.vectors() * kernels.lanes;
            let mut room = cx.buffer::<T>("planes with zeros around", inputs * planes.len())?;
            let mut lines = cx.buffer::<T>("the lines of a plane", line)?;
            let mut sums = cx.buffer::<T>("the sums of the taps", taps.len())?;
            room.fill(T::default());
            lines.fill(T::default());
            dk.fill(T::default());
            for (j, dk) in dk.chunks_mut(size).enumerate() {
                let group = i * part + j;
                for n in 0..conv.batch() {
                    for (c, room) in room.chunks_mut(planes.len()).enumerate() {
                        let plane = n * conv.input_channels() + group * inputs + c;
                        planes.fill(kernels, &x[plane * image..][..image], room);
                    }
                    for k in 0..outputs {
                        let plane = n * conv.output_channels() + group * outputs + k;
                        let dy = &dy[plane * pixels..][..pixels];
                        for (line, dy) in lines
                            .chunks_mut(planes.pitch())
                            .zip(dy.chunks(columns.count))
                        {
                            line[..columns.count].copy_from_slice(dy);
                        }
                        for (c, room) in room.chunks(planes.len()).enumerate() {
                            sums.fill(T::default());
                            // SAFETY: the lines and, at every offset, the planes hold so many vectors.
                            unsafe {
                                (kernels.meet)(
                                    lines.as_ptr(),
                                    room.as_ptr(),
                                    &offsets,
                                    &mut sums,
                                    planes.vectors(),
                                )
                            };
                            // The places between two rows of the planes meet zeros, which an infinity there makes NaN.
                            if sums.iter().fold(false, |any, &sum| any | is_nan(sum)) {
                                for (sum, &offset) in sums.iter_mut().zip(&offsets) {
                                    if is_nan(*sum) {
                                        let room = &room[offset..];
                                        *sum = meet_rows(dy, columns.count, room, planes.pitch());
                                    }
                                }
                            }
                            let dk = &mut dk[(k * inputs + c) * conv.taps()..][..conv.taps()];
                            taps.iter()
                                .zip(&*sums)
                                .for_each(|(&(tap, _), &sum)| dk[tap] += sum);
                        }
                    }
                }
            }
            Ok(())
        })
    })
}

/// The sum of the products of two planes, row by row.
fn meet_rows<T: Float>(dy: &[T], width: usize, x: &[T], pitch: usize) -> T {
    let rows = dy.chunks(width).zip(x.chunks(pitch));
    rows.flat_map(|(dy, x)| dy.iter().zip(x))
        .map(|(&dy, &x)| dy * x)
        .sum()
}

#[expect(clippy::eq_op, reason = "what is not equal to itself is no number")]
fn is_nan<T: Float>(value: T) -> bool {
    value != value
}
