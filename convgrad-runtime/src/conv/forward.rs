//! The forward convolution as im2col and a matrix product, in any layout.
//!
//! The gradients by the paper's method are this function too, on converted operands.

use std::ops::Range;

use super::context::{Context, Stage};
use super::geometry::Conv2d;
use super::layout::{Activations, Formats, Kernel, PixelMatrix};
use super::lowering::Lowering;
use super::matrix::{KernelMatrix, KernelOrder, zeros};
use crate::error::Result;
use crate::float::Float;
use crate::gemm::{Shape, Strides, Write, multiply};

/// Elements that a matrix of patches has at most, unless a single pixel needs more: it stays in the cache until it is multiplied.
const PATCHES: usize = 1 << 19;

/// Images of fewer pixels are multiplied several at a time.
const SMALL_IMAGE: usize = 256;

/// How pixels are taken in pieces: by the shape alone, so that results do not depend on the number of threads.
pub(crate) fn pixel_tiles(
    images: usize,
    image: usize,
    depth: usize,
) -> impl Iterator<Item = Range<usize>> {
    let fold = image < SMALL_IMAGE;
    let (outer, inner) = if fold {
        (1, images * image)
    } else {
        (images, image)
    };
    let size = (PATCHES / depth).clamp(1, inner.max(1));
    // Pieces of equal size, so that the last one is not a sliver.
    let size = inner.div_ceil(inner.div_ceil(size).max(1)).max(1);
    (0..outer).flat_map(move |i| {
        let start = i * inner;
        (start..start + inner)
            .step_by(size)
            .map(move |from| from..(from + size).min(start + inner))
    })
}

/// Channels x pixels of a tensor as operands of a product: in place where two strides address them, through a buffer otherwise.
pub(crate) struct Pixels {
    view: Activations,
    plain: Lowering,
    group: usize,
}

impl Pixels {
    /// The channels fall into groups of `group`, each a matrix of its own.
    pub(crate) fn new(view: Activations, group: usize) -> Self {
        Pixels {
            plain: Lowering::plain(view, group),
            view,
            group,
        }
    }

    fn in_place(&self, pixels: &Range<usize>) -> Option<Strides> {
        let PixelMatrix {
            offset,
            channel,
            pixel,
        } = self.view.matrix(pixels)?;
        Some(Strides {
            offset,
            batch: self.group * channel,
            row: channel,
            column: pixel,
        })
    }

    /// The matrix of some pixels, to read.
    pub(crate) fn read<'t, T: Float>(
        &self,
        cx: &Context,
        tensor: &'t [T],
        pixels: Range<usize>,
        buffer: &'t mut Vec<T>,
    ) -> Result<(&'t [T], Strides)> {
        if let Some(strides) = self.in_place(&pixels) {
            return Ok((tensor, strides));
        }
        let matrix = self.room(buffer, &pixels)?;
        let strides = self.plain.strides(pixels.len());
        cx.stage(Stage::Gemm, || {
            self.plain.gather(cx, tensor, pixels, matrix)
        });
        Ok((matrix, strides))
    }

    /// Lets `compute` write the matrix of some pixels.
    pub(crate) fn write<T: Float>(
        &self,
        cx: &Context,
        tensor: &mut [T],
        pixels: Range<usize>,
        buffer: &mut Vec<T>,
        compute: impl FnOnce(&mut [T], Strides),
    ) -> Result<()> {
        if let Some(strides) = self.in_place(&pixels) {
            compute(tensor, strides);
            return Ok(());
        }
        let matrix = self.room(buffer, &pixels)?;
        compute(matrix, self.plain.strides(pixels.len()));
        cx.stage(Stage::Gemm, || self.plain.put(cx, matrix, pixels, tensor));
        Ok(())
    }

    fn room<'b, T: Float>(
        &self,
        buffer: &'b mut Vec<T>,
        pixels: &Range<usize>,
    ) -> Result<&'b mut [T]> {
        let len = self.view.channels * pixels.len();
        if buffer.len() < len {
            *buffer = zeros("a matrix of channels and pixels", len)?;
        }
        Ok(&mut buffer[..len])
    }
}

/// The input of a convolution as a matrix of patches: depth x pixels.
pub(crate) struct Patches {
    pub(crate) lowering: Lowering,
    in_place: Option<Pixels>,
}

impl Patches {
    /// With `skip`, a pointwise convolution whose input is a plain matrix already goes without im2col.
    pub(crate) fn new(conv: &Conv2d, view: Activations, skip: bool) -> Self {
        let in_place =
            (skip && conv.is_pointwise()).then(|| Pixels::new(view, conv.group_inputs()));
        Patches {
            lowering: Lowering::patches(conv, view),
            in_place,
        }
    }

    /// How a kernel corresponds to the depth of the patches.
    pub(crate) fn order(&self, kernel: Kernel, groups: usize) -> KernelOrder<'_> {
        KernelOrder {
            view: kernel,
            runs: self.lowering.runs(),
            groups,
        }
    }

    /// The matrices of a convolution's kernel.
    pub(crate) fn pack<'k, T: Float>(
        &self,
        cx: &Context,
        conv: &Conv2d,
        formats: Formats,
        kernel: &'k [T],
    ) -> Result<KernelMatrix<'k, T>> {
        let order = self.order(Kernel::of(formats.kernel, conv), conv.groups());
        cx.stage(Stage::Gemm, || order.pack(cx, kernel))
    }

    /// The pieces in which pixels are taken.
    pub(crate) fn tiles(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let image = self.lowering.image_pixels();
        pixel_tiles(self.lowering.pixels() / image, image, self.lowering.depth())
    }

    /// The matrix of some pixels.
    pub(crate) fn read<'t, T: Float>(
        &self,
        cx: &Context,
        tensor: &'t [T],
        pixels: Range<usize>,
        buffer: &'t mut Vec<T>,
    ) -> Result<(&'t [T], Strides)> {
        if let Some(strides) = self
            .in_place
            .as_ref()
            .and_then(|plain| plain.in_place(&pixels))
        {
            return Ok((tensor, strides));
        }
        let len = self.lowering.depth() * pixels.len();
        if buffer.len() < len {
            *buffer = zeros("the matrix of patches", len)?;
        }
        let matrix = &mut buffer[..len];
        let strides = self.lowering.strides(pixels.len());
        cx.stage(Stage::Im2col, || {
            self.lowering.gather(cx, tensor, pixels, matrix)
        });
        Ok((matrix, strides))
    }
}

/// The convolution of `input` with the matrices of a kernel, which follow the order of `patches.lowering`.
pub(crate) fn convolve<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    patches: &Patches,
    input: &[T],
    kernel: &KernelMatrix<T>,
    (output, view): (&mut [T], Activations),
) -> Result<()> {
    if view.is_ragged() {
        output.fill(T::default());
    }
    let result = Pixels::new(view, conv.group_outputs());
    let (mut patch_buffer, mut result_buffer) = (Vec::new(), Vec::new());
    for pixels in patches.tiles() {
        let shape = Shape {
            batch: conv.groups(),
            m: conv.group_outputs(),
            n: pixels.len(),
            k: conv.depth(),
        };
        let matrix = patches.read(cx, input, pixels.clone(), &mut patch_buffer)?;
        let kernel = (&*kernel.data, kernel.strides);
        result.write(cx, output, pixels, &mut result_buffer, |output, strides| {
            cx.stage(Stage::Gemm, || {
                multiply(cx, shape, kernel, matrix, (output, strides), Write::Replace)
            });
        })?;
    }
    Ok(())
}

/// A convolution by im2col and a product; with `skip`, without im2col where the input is its own matrix of patches.
pub(crate) fn im2col<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    formats: Formats,
    skip: bool,
    (x, kernel): (&[T], &[T]),
    y: &mut [T],
) -> Result<()> {
    let patches = Patches::new(conv, Activations::input(formats.input, conv), skip);
    let kernel = patches.pack(cx, conv, formats, kernel)?;
    convolve(
        cx,
        conv,
        &patches,
        x,
        &kernel,
        (y, Activations::output(formats.output, conv)),
    )
}
