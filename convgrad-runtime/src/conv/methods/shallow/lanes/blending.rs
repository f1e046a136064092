//! The forward pass and the input's gradient: each pixel a sum of neighbours, channel by channel.

use super::rectangles::Rectangles;
use super::{Channels, together, weights};
use crate::conv::context::Context;
use crate::conv::layout::{Activations, Kernel};
use crate::conv::methods::shallow::PARTS;
use crate::error::Result;
use crate::float::Float;
use crate::gemm::Kernels;

/// Rows of results that are computed before the next ones, so that what they share with these is still in the cache.
const BAND: usize = 8;

/// A tensor whose pixels are sums of another's.
pub(super) struct Blending<T: 'static> {
    pub(super) kernels: &'static Kernels<T>,
    pub(super) rectangles: Rectangles,
    pub(super) from: Activations,
    pub(super) to: Activations,
}

impl<T: Float> Blending<T> {
    /// Computes all pixels by a kernel that lies as its view says.
    pub(super) fn compute(
        &self,
        cx: &Context,
        from: &[T],
        (kernel, view): (&[T], Kernel),
        to: &mut [T],
    ) -> Result<()> {
        assert!(
            from.len() >= self.from.len() && to.len() == self.to.len(),
            "tensors of another convolution"
        );
        let weights = weights::read(cx, self.kernels, view, kernel)?;
        let planes = self.to.batch * self.to.blocks();
        // All threads have something to do where there are fewer planes.
        let rows = match cx.threads() {
            1 => self.to.height,
            _ => self.to.height.div_ceil(PARTS.div_ceil(planes)),
        };
        let planes = to.chunks_mut(self.to.plane()).enumerate();
        let bands = planes.flat_map(|(plane, to)| {
            let bands = to.chunks_mut(rows * self.to.row()).enumerate();
            bands.map(move |(band, to)| (plane, band * rows, to))
        });
        cx.map(bands.collect(), |(plane, first, to)| {
            self.band(from, &weights, plane, first, to)
        });
        Ok(())
    }

    /// Some rows of a plane.
    fn band(&self, from: &[T], weights: &[T], plane: usize, first: usize, to: &mut [T]) {
        let (image, block) = (plane / self.to.blocks(), plane % self.to.blocks());
        let (row, end) = (self.to.row(), first + to.len() / self.to.row());
        let step = together(&self.from, &self.to);
        for start in (first..end).step_by(BAND) {
            for lane in (0..self.to.block).step_by(step) {
                let c = block * self.to.block + lane;
                let written = step.min(self.to.block - lane);
                let channels = Channels {
                    read: written.min(self.to.channels - c),
                    written,
                };
                let from = &from[self.from.address([image, c, 0, 0])..];
                let weights = &weights[c * self.rectangles.taps..];
                let rows = start..end.min(start + BAND);
                self.rectangles
                    .each(rows, channels, |area, [neighbour, pixel]| {
                        // SAFETY: the rectangles read inside of the plane by every tap, of the channels that there are, and write pixels of
                        // the band, of which this one is; the weights have a vector for every tap and vector of channels.
                        unsafe {
                            (self.kernels.blend)(
                                from.as_ptr().add(neighbour),
                                area,
                                weights.as_ptr(),
                                to.as_mut_ptr().add(pixel + lane - first * row),
                            )
                        }
                    });
            }
        }
    }
}
