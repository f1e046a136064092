//! The forward convolution as im2col and a matrix product, in any layout.
//!
//! The gradients by the paper's method are this function too, on converted operands.

use std::ops::Range;

use super::context::{Context, Stage};
use super::geometry::Conv2d;
use super::layout::{Activations, PixelMatrix};
use super::lowering::Lowering;
use super::matrix::{KernelMatrix, zeros};
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
    channels: Range<usize>,
    groups: usize,
}

impl Pixels {
    /// A range of channels, in groups.
    pub(crate) fn new(view: Activations, channels: Range<usize>, groups: usize) -> Self {
        Pixels {
            plain: Lowering::plain(view, channels.clone()),
            view,
            channels,
            groups,
        }
    }

    fn in_place(&self, pixels: &Range<usize>) -> Option<Strides> {
        let PixelMatrix {
            offset,
            channel,
            pixel,
        } = self.view.matrix(self.channels.start, pixels)?;
        Some(Strides {
            offset,
            batch: self.per_group() * channel,
            row: channel,
            column: pixel,
        })
    }

    fn per_group(&self) -> usize {
        self.channels.len() / self.groups
    }

    fn buffered(&self, pixels: usize) -> Strides {
        let strides = self.plain.strides(pixels);
        Strides {
            batch: self.per_group() * strides.row,
            ..strides
        }
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
        let strides = self.buffered(pixels.len());
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
        compute(matrix, self.buffered(pixels.len()));
        cx.stage(Stage::Gemm, || self.plain.put(cx, matrix, pixels, tensor));
        Ok(())
    }

    fn room<'b, T: Float>(
        &self,
        buffer: &'b mut Vec<T>,
        pixels: &Range<usize>,
    ) -> Result<&'b mut [T]> {
        let len = self.channels.len() * pixels.len();
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
        let in_place = (skip && conv.is_pointwise())
            .then(|| Pixels::new(view, 0..view.channels, conv.groups()));
        Patches {
            lowering: Lowering::patches(conv, view),
            in_place,
        }
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

/// One convolution: `output` (from channel `first` on, as many as the kernel has) becomes the convolution of `input` with `kernel`.
///
/// The kernel's matrices must follow the order of `patches.lowering`. Lanes beyond the last channel stay as they are.
pub(crate) fn convolve<T: Float>(
    cx: &Context,
    conv: &Conv2d,
    patches: &Patches,
    input: &[T],
    kernel: &KernelMatrix<T>,
    (output, view, first): (&mut [T], Activations, usize),
) -> Result<()> {
    let result = Pixels::new(view, first..first + conv.output_channels(), conv.groups());
    let (mut patch_buffer, mut result_buffer) = (Vec::new(), Vec::new());
    for pixels in patches.tiles() {
        let shape = Shape {
            batch: conv.groups(),
            m: conv.group_outputs(),
            n: pixels.len(),
            k: conv.depth(),
        };
        let (matrix, strides) = patches.read(cx, input, pixels.clone(), &mut patch_buffer)?;
        result.write(
            cx,
            output,
            pixels,
            &mut result_buffer,
            |output, output_strides| {
                cx.stage(Stage::Gemm, || {
                    multiply(
                        cx,
                        shape,
                        (&kernel.data, kernel.strides),
                        (matrix, strides),
                        (output, output_strides),
                        Write::Replace,
                    )
                });
            },
        )?;
    }
    Ok(())
}
