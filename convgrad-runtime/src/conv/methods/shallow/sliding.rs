//! Sums of lines that slide over planes: what the forward pass and the input's gradient are.

use super::PARTS;
use super::rooms::Rooms;
use crate::conv::context::Context;
use crate::conv::geometry::Reads;
use crate::conv::methods::rows;
use crate::conv::operands::{Planes, Strips};
use crate::error::Result;
use crate::float::Float;
use crate::gemm::Kernels;

/// Bytes of planes that stay in the cache while lines slide over them.
const BAND: usize = 1 << 20;

/// Rows of results: their phase, what they read, and the phases of the columns with what those read.
pub(super) type RowPhase = (usize, Reads, Vec<(usize, Reads)>);

/// Planes whose elements sum what slides over other planes.
pub(super) struct Sliding<'s, T: 'static> {
    pub(super) kernels: &'static Kernels<T>,
    /// The weights of each group of an image: `taps` for every pair of planes.
    pub(super) kernel: &'s [T],
    /// From an output plane's weights, and from an input plane's, to the next one's.
    pub(super) strides: [usize; 2],
    /// Rows and columns of the kernel.
    pub(super) taps: [usize; 2],
    /// Planes of a group that are read.
    pub(super) inputs: usize,
    /// Planes of a group that are written.
    pub(super) outputs: usize,
    /// From a result of a phase to the next.
    pub(super) stride: [usize; 2],
    /// Rows and columns of a result's plane.
    pub(super) extents: [usize; 2],
    pub(super) phases: &'s [RowPhase],
}

/// Some rows of a phase.
struct Band<'s> {
    /// The first row of results.
    first: usize,
    /// How many.
    rows: usize,
    /// For each phase of the columns.
    planes: Vec<Planes<'s>>,
}

impl<T: Float> Sliding<'_, T> {
    /// Computes the planes of all groups of all images.
    pub(super) fn compute(&self, cx: &Context, from: &[T], to: &mut [T]) -> Result<()> {
        let kernels = self.kernels;
        let [height, width] = self.extents;
        let plane = height * width;
        let groups = to.len() / plane / self.outputs;
        let input = from.len() / groups / self.inputs;
        let part = groups.div_ceil(PARTS);
        let weights = self.inputs * self.outputs * self.taps[0] * self.taps[1];
        let groups_apart = self.kernel.len() / weights;
        let work = to.len().saturating_mul(self.inputs * 4);
        let strips = self.strips(kernels);
        let bands = self.bands(&strips);
        cx.try_for_each_chunk(work, to, part * self.outputs * plane, |cx, i, to| {
            for bands in &bands {
                let mut rooms: Option<Rooms<T>> = None;
                for band in bands {
                    let mut room = match rooms.take().filter(|room| room.suit(&band.planes)) {
                        Some(room) => room,
                        None => Rooms::new(cx, kernels, &band.planes, [self.inputs, self.outputs])?,
                    };
                    for (j, to) in to.chunks_mut(self.outputs * plane).enumerate() {
                        let group = i * part + j;
                        let from = &from[group * self.inputs * input..][..self.inputs * input];
                        let kernel = &self.kernel[group % groups_apart * weights..][..weights];
                        room.fill(&band.planes, from);
                        room.slide(&band.planes, kernel, self.strides);
                        for (k, to) in to.chunks_mut(plane).enumerate() {
                            self.write(band, |phase| room.lines(phase, k), to);
                        }
                    }
                    rooms = Some(room);
                }
            }
            Ok(())
        })
    }

    /// The strips of each phase of the rows and, within it, of the columns.
    fn strips(&self, kernels: &Kernels<T>) -> Vec<Vec<Strips>> {
        let of_columns = |(_, rows, columns): &RowPhase| {
            columns
                .iter()
                .map(|(_, columns)| Strips::new(kernels, [rows, columns]))
                .collect()
        };
        self.phases.iter().map(of_columns).collect()
    }

    /// All results, band by band, for each phase of the rows.
    fn bands<'b>(&self, strips: &'b [Vec<Strips>]) -> Vec<Vec<Band<'b>>> {
        let of_rows = |((phase, rows, _), strips): (&RowPhase, &'b Vec<Strips>)| {
            let band = self.band(rows, strips);
            (0..rows.count)
                .step_by(band)
                .map(|start| {
                    let rows = rows.part(start..rows.count.min(start + band));
                    Band {
                        first: phase + start * self.stride[0],
                        rows: rows.count,
                        planes: self.planes(&rows, strips),
                    }
                })
                .collect()
        };
        self.phases.iter().zip(strips).map(of_rows).collect()
    }

    fn planes<'b>(&self, rows: &Reads, strips: &'b [Strips]) -> Vec<Planes<'b>> {
        strips
            .iter()
            .map(|strips| strips.planes(rows, self.taps[1]))
            .collect()
    }

    /// Rows of results whose planes stay in the cache.
    fn band(&self, rows: &Reads, strips: &[Strips]) -> usize {
        let size = |band: usize| {
            let planes = self.planes(&rows.part(0..band), strips);
            let len = planes.iter().map(Planes::len).fold(0, usize::max);
            len * planes.len() * self.inputs * size_of::<T>()
        };
        let mut band = rows.count;
        while band > 1 && size(band) > BAND {
            band = band.div_ceil(2);
        }
        band
    }

    /// Writes a band's rows of a plane from the lines of each phase of the columns.
    fn write<'l>(&self, band: &Band, lines: impl Fn(usize) -> &'l [T], to: &mut [T])
    where
        T: 'l,
    {
        let [height, width] = self.extents;
        if let [planes] = &band.planes[..]
            && band.rows == height
        {
            return planes.take(lines(0), to);
        }
        for p in 0..band.rows {
            let row = &mut to[(band.first + p * self.stride[0]) * width..][..width];
            let line = |phase: usize| &lines(phase)[p * band.planes[phase].pitch()..];
            rows::join(self.kernels, row, self.stride[1], line);
        }
    }
}
