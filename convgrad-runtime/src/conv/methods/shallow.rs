//! Groups too shallow to be worth a matrix product, depthwise convolutions above all: loops over whole planes.
//!
//! Each plane that is read is copied once, with its zeros around it and cut by the phases of the stride ([`Planes`]); what a tap reads at
//! neighbouring results then lies side by side, and a result is a sum of a few shifted lines. The input's gradient is the same computation
//! phase by phase, and the kernel's gradient the products of the same lines with those of the output's gradient.

use crate::conv::context::Context;
use crate::conv::geometry::{Axis, Conv2d, Reads};
use crate::conv::layout::{Activations, Formats, Kernel};
use crate::conv::operands::Planes;
use crate::conv::plain;
use crate::conv::scratch::Buffer;
use crate::error::Result;
use crate::float::Float;
use crate::gemm::{Kernels, host};

/// Products of input and output channels in a group below which planes are faster than matrices.
const SHALLOW: usize = 8;

/// Input channels of a group that are few for its gradient.
const FEW: usize = 6;

/// Bytes of planes that stay in the cache while lines slide over them.
const BAND: usize = 1 << 20;

/// Parts that the groups of all images are cut into for the threads.
const PARTS: usize = 16;

/// Whether a convolution's groups are that shallow.
pub(crate) fn suits(conv: &Conv2d) -> bool {
    conv.groups() > 1 && conv.group_inputs().saturating_mul(conv.group_outputs()) < SHALLOW
}

/// Whether the input's gradient has so few channels that a product would have but a sliver of rows.
pub(crate) fn suits_input_gradient(conv: &Conv2d) -> bool {
    suits(conv) || conv.group_inputs() < FEW && conv.taps() > 1
}

/// The output.
pub(crate) fn forward<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    (x, kernel): (&[T], &[T]),
    y: &mut [T],
) -> Result<()> {
    let x = plain::nchw(cx, Activations::input(formats.input, conv), x)?;
    let kernel = plain::kcrs(cx, Kernel::of(formats.kernel, conv), kernel)?;
    let (inputs, taps) = (conv.group_inputs(), conv.taps());
    let phases = [(0, conv.rows().reads(), vec![(0, conv.columns().reads())])];
    let sliding = Sliding {
        width: conv.columns().taps,
        inputs,
        outputs: conv.group_outputs(),
        stride: [1, 1],
        extents: [conv.rows().output(), conv.columns().output()],
        phases: &phases,
    };
    plain::write_nchw(cx, Activations::output(formats.output, conv), y, |y| {
        sliding.compute(cx, &x, y, |group, k, c, tap| {
            let output = group % conv.groups() * conv.group_outputs() + k;
            kernel[(output * inputs + c) * taps + tap]
        })
    })
}

/// The gradient of the input.
pub(crate) fn backward_input<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    (kernel, dy): (&[T], &[T]),
    dx: &mut [T],
) -> Result<()> {
    let dy = plain::nchw(cx, Activations::output(formats.output, conv), dy)?;
    let kernel = plain::kcrs(cx, Kernel::of(formats.kernel, conv), kernel)?;
    let (inputs, taps) = (conv.group_inputs(), conv.taps());
    let phases = |axis: &Axis| {
        axis.phases()
            .map(|phase| (phase, axis.phase_reads(phase)))
            .collect::<Vec<_>>()
    };
    let columns = phases(conv.columns());
    let phases: Vec<_> = phases(conv.rows())
        .into_iter()
        .map(|(phase, rows)| (phase, rows, columns.clone()))
        .collect();
    let sliding = Sliding {
        width: conv.columns().taps,
        inputs: conv.group_outputs(),
        outputs: inputs,
        stride: conv.stride(),
        extents: [conv.rows().input, conv.columns().input],
        phases: &phases,
    };
    plain::write_nchw(cx, Activations::input(formats.input, conv), dx, |dx| {
        sliding.compute(cx, &dy, dx, |group, c, k, tap| {
            let output = group % conv.groups() * conv.group_outputs() + k;
            kernel[(output * inputs + c) * taps + tap]
        })
    })
}

/// Rows of results: their phase, what they read, and the phases of the columns with what those read.
type RowPhase = (usize, Reads, Vec<(usize, Reads)>);

/// What the forward pass and the input's gradient are: planes whose elements sum what slides over other planes.
struct Sliding<'s> {
    /// Columns of the kernel.
    width: usize,
    /// Planes of a group that are read.
    inputs: usize,
    /// Planes of a group that are written.
    outputs: usize,
    /// From a result of a phase to the next.
    stride: [usize; 2],
    /// Rows and columns of a result's plane.
    extents: [usize; 2],
    phases: &'s [RowPhase],
}

impl Sliding<'_> {
    /// `weight` says by which a group's output plane takes an input plane at a tap of the kernel.
    fn compute<T: Float>(
        &self,
        cx: &Context,
        from: &[T],
        to: &mut [T],
        weight: impl Fn(usize, usize, usize, usize) -> T + Sync,
    ) -> Result<()> {
        let kernels = host::<T>();
        let [height, width] = self.extents;
        let plane = height * width;
        let groups = to.len() / plane / self.outputs;
        let input = from.len() / groups / self.inputs;
        let part = groups.div_ceil(PARTS);
        let work = to.len().saturating_mul(self.inputs * 4);
        let bands = self.bands(kernels);
        cx.try_for_each_chunk(work, to, part * self.outputs * plane, |cx, i, to| {
            for Band {
                first,
                rows,
                columns,
                planes,
            } in &bands
            {
                let mut rooms = Rooms::new(cx, kernels, planes, self.inputs)?;
                for (j, to) in to.chunks_mut(self.outputs * plane).enumerate() {
                    let group = i * part + j;
                    rooms.fill(&from[group * self.inputs * input..][..self.inputs * input]);
                    for (k, to) in to.chunks_mut(plane).enumerate() {
                        rooms.slide(|c, tap| weight(group, k, c, tap));
                        if let [planes] = &planes[..]
                            && *rows == height
                        {
                            planes.take(&rooms.results, to);
                            continue;
                        }
                        for p in 0..*rows {
                            let row = &mut to[(first + p * self.stride[0]) * width..][..width];
                            self.join(row, columns, |phase| rooms.line(phase, p));
                        }
                    }
                }
            }
            Ok(())
        })
    }

    /// All results, band by band.
    fn bands<T: Float>(&self, kernels: &Kernels<T>) -> Vec<Band<'_>> {
        let mut bands = Vec::new();
        for (phase, rows, columns) in self.phases {
            let band = self.band(kernels, rows, columns);
            for start in (0..rows.count).step_by(band) {
                let rows = rows.part(start..rows.count.min(start + band));
                let planes = columns
                    .iter()
                    .map(|(_, columns)| Planes::new(kernels, [&rows, columns], self.width))
                    .collect();
                bands.push(Band {
                    first: phase + start * self.stride[0],
                    rows: rows.count,
                    columns,
                    planes,
                });
            }
        }
        bands
    }

    /// Rows of results whose planes stay in the cache.
    fn band<T: Float>(
        &self,
        kernels: &Kernels<T>,
        rows: &Reads,
        columns: &[(usize, Reads)],
    ) -> usize {
        let size = |band: usize| {
            let rows = rows.part(0..band);
            let len = |(_, columns): &(usize, Reads)| {
                Planes::new(kernels, [&rows, columns], self.width).len()
            };
            columns.iter().map(len).fold(0, usize::max)
                * columns.len()
                * self.inputs
                * size_of::<T>()
        };
        let mut band = rows.count;
        while band > 1 && size(band) > BAND {
            band = band.div_ceil(2);
        }
        band
    }

    /// Writes a row whose columns come from the lines of their phases.
    fn join<'l, T: Float>(
        &self,
        row: &mut [T],
        columns: &[(usize, Reads)],
        line: impl Fn(usize) -> &'l [T],
    ) {
        match columns {
            [_] if self.stride[1] == 1 || row.len() == 1 => {
                let len = row.len();
                row.copy_from_slice(&line(0)[..len]);
            }
            [(0, _), (1, _)] if self.stride[1] == 2 => {
                let (pairs, rest) = row.as_chunks_mut::<2>();
                let (even, odd) = (line(0), line(1));
                for (pair, (even, odd)) in pairs.iter_mut().zip(even.iter().zip(odd)) {
                    *pair = [*even, *odd];
                }
                rest.iter_mut()
                    .zip(&even[pairs.len()..])
                    .for_each(|(to, from)| *to = *from);
            }
            _ => {
                for (i, (phase, _)) in columns.iter().enumerate() {
                    row[*phase..]
                        .iter_mut()
                        .step_by(self.stride[1])
                        .zip(line(i))
                        .for_each(|(to, from)| *to = *from);
                }
            }
        }
    }
}

/// Some rows of a phase.
struct Band<'s> {
    /// The first row of results.
    first: usize,
    /// How many.
    rows: usize,
    /// The phases of the columns, each with its planes.
    columns: &'s [(usize, Reads)],
    planes: Vec<Planes>,
}

/// The buffers of a band: planes of each phase of the columns, and the lines that slide over them.
struct Rooms<'r, T: Float> {
    kernels: &'r Kernels<T>,
    planes: &'r [Planes],
    /// For each phase the planes of all inputs, `longest` apart.
    rooms: Buffer<T>,
    longest: usize,
    each: usize,
    /// For each phase the lines of one output, `lines` long.
    results: Buffer<T>,
    lines: usize,
    taps: Vec<(usize, T)>,
}

impl<'r, T: Float> Rooms<'r, T> {
    fn new(
        cx: &Context,
        kernels: &'r Kernels<T>,
        planes: &'r [Planes],
        inputs: usize,
    ) -> Result<Self> {
        let longest = planes.iter().map(Planes::len).fold(0, usize::max);
        let lines = planes.iter().map(Planes::vectors).fold(0, usize::max) * kernels.lanes;
        let mut rooms =
            cx.buffer::<T>("planes with zeros around", planes.len() * inputs * longest)?;
        rooms.fill(T::default());
        let results = cx.buffer::<T>("the lines of a plane", planes.len() * lines)?;
        Ok(Rooms {
            kernels,
            planes,
            rooms,
            longest,
            each: inputs * longest,
            results,
            lines,
            taps: Vec::new(),
        })
    }

    /// Copies the inputs of a group.
    fn fill(&mut self, from: &[T]) {
        let input = from.len() * self.longest / self.each;
        for (planes, room) in self.planes.iter().zip(self.rooms.chunks_mut(self.each)) {
            for (from, room) in from.chunks(input).zip(room.chunks_mut(self.longest)) {
                planes.fill(self.kernels, from, room);
            }
        }
    }

    /// Computes an output by the weights of each input and tap.
    fn slide(&mut self, weight: impl Fn(usize, usize) -> T) {
        let rooms = self.rooms.chunks(self.each);
        for ((planes, room), results) in self
            .planes
            .iter()
            .zip(rooms)
            .zip(self.results.chunks_mut(self.lines))
        {
            self.taps.clear();
            for c in 0..self.each / self.longest {
                self.taps.extend(
                    planes
                        .taps()
                        .iter()
                        .map(|&(tap, offset)| (c * self.longest + offset, weight(c, tap))),
                );
            }
            // SAFETY: the planes hold so many vectors at every tap's offset, and the lines all results.
            unsafe {
                (self.kernels.slide)(
                    room.as_ptr(),
                    &self.taps,
                    results.as_mut_ptr(),
                    planes.vectors(),
                )
            };
        }
    }

    /// A row of results of a phase, and what follows it.
    fn line(&self, phase: usize, row: usize) -> &[T] {
        &self.results[phase * self.lines + row * self.planes[phase].pitch()..]
    }
}

/// The gradient of the kernel.
pub(crate) fn backward_kernel<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    (x, dy): (&[T], &[T]),
    dk: &mut [T],
) -> Result<()> {
    let kernels = host::<T>();
    let x = plain::nchw(cx, Activations::input(formats.input, conv), x)?;
    let dy = plain::nchw(cx, Activations::output(formats.output, conv), dy)?;
    let (rows, columns) = (conv.rows().reads(), conv.columns().reads());
    let planes = Planes::new(kernels, [&rows, &columns], conv.columns().taps);
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
