//! The kernel's gradient: for each tap the products of pixels and the neighbours that it reads, channel by channel.

use std::ops::Range;

use super::rectangles::Rectangles;
use super::{Channels, together, weights};
use crate::conv::context::Context;
use crate::conv::layout::{Activations, C0, Kernel};
use crate::conv::methods::shallow::PARTS;
use crate::error::Result;
use crate::float::Float;
use crate::gemm::Kernels;

/// Channels that a thread takes at once.
const CHANNELS: usize = 128;

/// Pixels whose sums are worth a part of their own.
const PIXELS: usize = 1024;

/// Pixels at least that are summed before the next channels' turn, and rows.
const BAND: [usize; 2] = [256, 8];

/// The products of a tensor's pixels with their neighbours in another.
pub(super) struct Weighing<T: 'static> {
    pub(super) kernels: &'static Kernels<T>,
    pub(super) rectangles: Rectangles,
    pub(super) from: Activations,
    pub(super) pixels: Activations,
}

impl<T: Float> Weighing<T> {
    /// Computes a kernel that lies as its view says.
    ///
    /// Channels are shared among threads, and pixels cut into parts by the shape alone, whose sums are added in their order.
    pub(super) fn compute(
        &self,
        cx: &Context,
        from: &[T],
        pixels: &[T],
        (kernel, view): (&mut [T], Kernel),
    ) -> Result<()> {
        assert!(
            from.len() >= self.from.len() && pixels.len() >= self.pixels.len(),
            "tensors of another convolution"
        );
        let (channels, lanes) = (view.outputs, self.kernels.lanes);
        let pieces = channels.div_ceil(CHANNELS);
        // Whole vectors and blocks of channels, each piece as many.
        let piece = channels.div_ceil(pieces).next_multiple_of(C0);
        let rows = self.pixels.batch * self.pixels.height;
        let parts = (rows * self.pixels.width / PIXELS)
            .clamp(1, PARTS.div_ceil(pieces))
            .min(rows);
        let (size, taps) = (piece * self.rectangles.taps, self.rectangles.taps);
        let mut sums = cx.buffer::<T>("the sums of the taps", parts * pieces * size)?;
        sums.fill(T::default());
        let work = pixels.len().saturating_mul(taps);
        cx.try_for_each_chunk(work, &mut sums, size, |_, i, sums| {
            let (part, first) = (i / pieces, i % pieces * piece);
            let rows = rows * part / parts..rows * (part + 1) / parts;
            self.part(from, pixels, rows, first..channels.min(first + piece), sums);
            Ok(())
        })?;
        let (all, others) = sums.split_at_mut(pieces * size);
        for part in others.chunks(pieces * size) {
            all.iter_mut()
                .zip(part)
                .for_each(|(sum, part)| *sum += *part);
        }
        weights::write(lanes, all, view, kernel);
        Ok(())
    }

    /// Some channels of some rows of all images.
    fn part(
        &self,
        from: &[T],
        pixels: &[T],
        rows: Range<usize>,
        channels: Range<usize>,
        sums: &mut [T],
    ) {
        let (height, step) = (self.pixels.height, together(&self.from, &self.pixels));
        let most = BAND[1].max(BAND[0] / self.pixels.width);
        let mut start = rows.start;
        while start < rows.end {
            let (image, row) = (start / height, start % height);
            let end = height.min(row + most).min(row + rows.end - start);
            for c in channels.clone().step_by(step.min(CHANNELS)) {
                let read = step.min(channels.end - c);
                let from = &from[self.from.address([image, c, 0, 0])..];
                let pixels = &pixels[self.pixels.address([image, c, 0, 0])..];
                let sums = &mut sums[(c - channels.start) * self.rectangles.taps..];
                self.rectangles.each(
                    row..end,
                    Channels {
                        read,
                        written: read,
                    },
                    |area, [neighbour, pixel]| {
                        // SAFETY: the rectangles read inside of both planes by every tap, of the channels that there are; the sums have a vector
                        // for every tap and vector of channels.
                        unsafe {
                            (self.kernels.weigh)(
                                from.as_ptr().add(neighbour),
                                area,
                                pixels.as_ptr().add(pixel),
                                sums.as_mut_ptr(),
                            )
                        }
                    },
                );
            }
            start += end - row;
        }
    }
}
