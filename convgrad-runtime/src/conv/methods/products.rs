//! A kernel that meets the windows of a tensor, as one product: what the forward pass is, and each phase of the input's gradient.

use crate::conv::context::{Context, Stage};
use crate::conv::geometry::{Conv2d, Phase, Reads};
use crate::conv::job::Pass;
use crate::conv::layout::{Activations, Formats, Kernel};
use crate::conv::operands::{
    Lines, SharedWindows, Windows, Zones, channels, depth, elements, phase_pixels, pixels,
};
use crate::error::Result;
use crate::float::Float;
use crate::gemm::{
    Matrix, Places, Prepared, Shape, Sides, Source, Target, Write, multiply_matrices, product,
};

/// The product of a kernel, outputs x depth, with windows, depth x pixels.
pub(crate) struct Convolution {
    groups: usize,
    /// Channels of a group that are read.
    inputs: usize,
    /// Channels of a group that are written.
    outputs: usize,
    reads: [Reads; 2],
    /// What is read.
    view: Activations,
    /// Outputs and depth in the kernel, and those from a group to the next.
    kernel: (Places, Places, [usize; 2]),
    /// Outputs and pixels in the result.
    result: (Places, Places),
}

/// The kernel of a product.
pub(crate) enum Weights<'k, T> {
    /// As it lies in its layout.
    Tensor(&'k [T]),
    /// Read beforehand, by [`Convolution::prepare`].
    Prepared(&'k Prepared<T>),
}

/// The forward pass, by a kernel that lies as `view` says, into outputs and pixels that lie anywhere.
pub(crate) fn forward(
    conv: &Conv2d,
    formats: Formats,
    view: &Kernel,
    result: (Places, Places),
) -> Result<Convolution> {
    let input = Activations::input(formats.input, conv);
    let reads = [conv.rows().reads(), conv.columns().reads()];
    let group = conv.group_inputs();
    let rows = Places::steady(conv.output_channels(), view.output)?;
    let columns = depth(input.runs(group), [&reads[0], &reads[1]], view, |c| {
        view.address(0, c % group, 0)
    })?;
    Ok(Convolution {
        groups: conv.groups(),
        inputs: group,
        outputs: conv.group_outputs(),
        reads,
        view: input,
        kernel: (rows, columns, [conv.group_outputs(), conv.depth()]),
        result,
    })
}

/// The forward pass of a convolution's own tensors.
fn output(conv: &Conv2d, formats: Formats) -> Result<Convolution> {
    let output = Activations::output(formats.output, conv);
    let view = Kernel::of(formats.kernel, conv);
    forward(conv, formats, &view, (channels(&output)?, pixels(&output)?))
}

/// The phases of the input's gradient that any tap reaches, each a convolution of the output's gradient with some of the taps.
fn phases(conv: &Conv2d, formats: Formats) -> Result<Vec<Convolution>> {
    let (input, output) = (
        Activations::input(formats.input, conv),
        Activations::output(formats.output, conv),
    );
    let view = Kernel::of(formats.kernel, conv);
    let mut phases = Vec::new();
    for (row, column) in pairs(conv) {
        let reads = [
            conv.rows().phase_reads(row.number),
            conv.columns().phase_reads(column.number),
        ];
        let mut rows = Places::default();
        for c in 0..conv.group_inputs() {
            rows.push(view.address(0, c, 0), 1, 1)?;
        }
        let runs = output.runs(conv.group_outputs());
        let columns = depth(runs, [&reads[0], &reads[1]], &view, |k| k * view.output)?;
        let depth = conv.group_outputs() * reads[0].taps.len() * reads[1].taps.len();
        phases.push(Convolution {
            groups: conv.groups(),
            inputs: conv.group_outputs(),
            outputs: conv.group_inputs(),
            reads,
            view: output,
            kernel: (rows, columns, [0, depth]),
            result: (
                channels(&input)?,
                phase_places(conv, &input, [&row, &column])?,
            ),
        });
    }
    Ok(phases)
}

/// The phases of rows and columns that any tap reaches.
pub(crate) fn pairs(conv: &Conv2d) -> impl Iterator<Item = (Phase, Phase)> {
    let rows = conv.rows().gradient_phases();
    rows.flat_map(|row| {
        conv.columns()
            .gradient_phases()
            .map(move |column| (row, column))
    })
}

/// The pixels of a phase of the input's gradient.
pub(crate) fn phase_places(
    conv: &Conv2d,
    input: &Activations,
    phases: [&Phase; 2],
) -> Result<Places> {
    let counts = phases.map(|phase| phase.axis.output());
    phase_pixels(
        input,
        counts,
        phases.map(|phase| phase.number),
        conv.stride(),
    )
}

/// The convolutions that a pass other than the kernel's gradient consists of.
pub(crate) fn of(pass: Pass, conv: &Conv2d, formats: Formats) -> Result<Vec<Convolution>> {
    match pass {
        _ if conv.batch() == 0 => Ok(Vec::new()),
        Pass::Forward => Ok(vec![output(conv, formats)?]),
        _ => phases(conv, formats),
    }
}

/// Computes a pass other than the kernel's gradient from a tensor and the weights of each of its convolutions.
///
/// # Errors
/// [`Error::Memory`](crate::Error::Memory) if there is no room for a few panels.
pub(crate) fn compute<'k, T: Float>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    pass: Pass,
    tensor: &[T],
    weights: impl Fn(usize) -> Weights<'k, T>,
    result: &mut [T],
) -> Result<()> {
    let everything = match pass {
        Pass::Forward => !Activations::output(formats.output, conv).is_ragged(),
        _ => phases_write_everything(conv, formats),
    };
    if !everything {
        result.fill(T::default());
    }
    for (i, convolution) in of(pass, conv, formats)?.into_iter().enumerate() {
        convolution.compute(cx, tensor, weights(i), result)?;
    }
    Ok(())
}

/// Whether the phases leave nothing of the input's gradient out: every position has its taps, and every lane its channel.
pub(crate) fn phases_write_everything(conv: &Conv2d, formats: Formats) -> bool {
    let reached = [conv.rows(), conv.columns()]
        .iter()
        .all(|axis| axis.gradient_phases().count() == axis.phases().len());
    reached && !Activations::input(formats.input, conv).is_ragged()
}

impl Convolution {
    fn shape(&self) -> Shape {
        let [rows, columns] = &self.reads;
        Shape {
            batch: self.groups,
            m: self.outputs,
            n: self.view.batch * rows.count * columns.count,
            k: self.inputs * rows.taps.len() * columns.taps.len(),
        }
    }

    /// Where depth and pixels lie, if the windows are a plain matrix.
    fn in_place(&self) -> Result<Option<(Places, Places)>> {
        in_place(&self.view, self.inputs, [&self.reads[0], &self.reads[1]])
    }

    /// The reads with taps and results exchanged, where rows of taps are longer than rows of results.
    fn turned_reads(&self) -> Option<[Reads; 2]> {
        let [rows, columns] = &self.reads;
        let long = columns.taps.len() > columns.count;
        if self.groups > 1 || self.view.block > 1 || !long {
            return None;
        }
        Some([rows.turned()?, columns.turned()?])
    }

    /// How the windows are better turned over, where rows of taps are longer than rows of results: then these are the taps.
    fn lines<T: Float>(&self) -> Option<Lines> {
        Lines::new::<T>(self.turned_reads()?, self.view.batch, self.outputs)
    }

    /// Computes the result, all of it.
    ///
    /// # Errors
    /// [`Error::Memory`](crate::Error::Memory) if there is no room for a few panels.
    pub(crate) fn compute<T: Float>(
        self,
        cx: &Context,
        tensor: &[T],
        kernel: Weights<T>,
        result: &mut [T],
    ) -> Result<()> {
        cx.stage(Stage::Gemm, || self.multiply(cx, tensor, kernel, result))
    }

    fn multiply<T: Float>(
        self,
        cx: &Context,
        tensor: &[T],
        kernel: Weights<T>,
        result: &mut [T],
    ) -> Result<()> {
        let (shape, write) = (self.shape(), Write::Replace);
        let (in_place, turned) = (self.in_place()?, self.turned_reads());
        let lines = self.lines::<T>();
        let (rows, columns, group) = self.kernel;
        let matrix = |kernel| Matrix::new(kernel, rows, columns, group);
        let result = Target::new(result, self.result.0, self.result.1, [self.outputs, 0]);
        if let Some((depth, pixels)) = in_place {
            let tensor = Matrix::new(tensor, depth, pixels, [shape.k, 0]);
            return match kernel {
                Weights::Tensor(kernel) => {
                    multiply_matrices(cx, shape, matrix(kernel), tensor, result, write)
                }
                Weights::Prepared(kernel) if kernel.is_turned() => {
                    let (tensor, result) = (tensor.transposed(), result.transposed());
                    product(cx, shape.transposed(), &tensor, kernel, &result, write)
                }
                Weights::Prepared(kernel) => product(cx, shape, kernel, &tensor, &result, write),
            };
        }
        if let Some(lines) = lines {
            // An image of the tensor is a channel of the windows, and the other way round.
            let apart = [self.view.plane(), self.view.image()];
            let windows = SharedWindows::new(tensor, &lines, apart);
            let result = result.with_columns(lines.order())?;
            return match kernel {
                Weights::Tensor(kernel) => {
                    product(cx, shape, &matrix(kernel), &windows, &result, write)
                }
                Weights::Prepared(kernel) => product(cx, shape, kernel, &windows, &result, write),
            };
        }
        let [rows, columns] = &self.reads;
        let windows = match &turned {
            Some([rows, columns]) => Windows::turned(tensor, self.view, rows, columns),
            None => Windows::new(tensor, self.view, self.inputs, rows, columns),
        };
        let turned = !windows.rows_are_depth();
        let read;
        let kernel: &dyn Source<T> = match kernel {
            Weights::Tensor(kernel) if turned => {
                read = matrix(kernel).transposed();
                &read
            }
            Weights::Tensor(kernel) => {
                read = matrix(kernel);
                &read
            }
            Weights::Prepared(kernel) => kernel,
        };
        if turned {
            let result = result.transposed();
            product(cx, shape.transposed(), &windows, kernel, &result, write)
        } else {
            let zones = Zones::new(&self.view, [rows, columns]);
            let (result, windows) = (result.with_columns(zones.order())?, windows.sorted(zones));
            product(cx, shape, kernel, &windows, &result, write)
        }
    }

    /// The kernel, read beforehand for any number of computations.
    ///
    /// # Errors
    /// [`Error::Memory`](crate::Error::Memory) if there is no room for it.
    pub(crate) fn prepare<T: Float>(self, kernel: &[T]) -> Result<Prepared<T>> {
        let (shape, in_place) = (self.shape(), self.in_place()?);
        let turned =
            self.view.block > 1 || self.turned_reads().is_some() && self.lines::<T>().is_none();
        let (rows, columns, group) = self.kernel;
        let matrix = Matrix::new(kernel, rows, columns, group);
        match in_place {
            Some((depth, pixels)) => {
                let tensor = Sides {
                    by_rows: pixels.go_in_long_runs(),
                    by_columns: depth.go_in_long_runs(),
                };
                Prepared::for_matrix(matrix, shape, tensor, self.result.1.go_side_by_side())
            }
            None => Prepared::for_source(matrix, shape, turned),
        }
    }
}

/// Where the depth and the pixels of all windows lie, if they are a plain matrix: every window is the pixel at its own place, or the image.
pub(crate) fn in_place(
    view: &Activations,
    group: usize,
    [rows, columns]: [&Reads; 2],
) -> Result<Option<(Places, Places)>> {
    if rows.is_identity() && columns.is_identity() {
        Ok(Some((channels(view)?, pixels(view)?)))
    } else if rows.is_whole() && columns.is_whole() {
        let images = Places::steady(view.batch, view.image())?;
        Ok(Some((elements(view, group)?, images)))
    } else {
        Ok(None)
    }
}
