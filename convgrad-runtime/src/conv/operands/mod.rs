//! The tensors of a convolution as operands of a matrix product, a range of pixels at a time.

mod im2col;
mod kernel;
mod lines;
mod pieces;
mod places;
mod planes;
mod shared;
mod windows;
mod zones;

pub(crate) use im2col::Lowering;
pub(crate) use kernel::{KernelMatrix, KernelOrder};
pub(crate) use lines::Lines;
pub(crate) use places::{channels, depth, elements, phase_pixels, pixels};
pub(crate) use planes::{Planes, Strips};
pub(crate) use shared::SharedWindows;
pub(crate) use windows::Windows;
pub(crate) use zones::Zones;

use std::ops::Range;

use crate::conv::context::{Context, Stage};
use crate::conv::geometry::Conv2d;
use crate::conv::layout::{Activations, Formats, Kernel, PixelMatrix};
use crate::conv::scratch::Buffer;
use crate::error::Result;
use crate::float::Float;
use crate::gemm::Strides;

/// Elements of a matrix of patches that stays in the cache until it is multiplied.
const PATCHES: usize = 1 << 19;

/// Pixels that are better multiplied at a time even where their patches leave the cache: the product packs the kernel anew each time.
const FEWEST: usize = 192;

/// Elements that a matrix of patches has at most, unless a single pixel needs more.
const MOST_PATCHES: usize = 1 << 24;

/// Images of fewer pixels are multiplied several at a time.
const SMALL_IMAGE: usize = 256;

/// A buffer that grows when a range of pixels needs more of it.
pub(crate) type Room<T> = Option<Buffer<T>>;

/// So many elements of arbitrary contents; `what` names them in the error.
pub(crate) fn make_room<'b, T: Float>(
    cx: &Context,
    room: &'b mut Room<T>,
    what: &'static str,
    len: usize,
) -> Result<&'b mut [T]> {
    let buffer = match room.take() {
        Some(buffer) if buffer.len() >= len => buffer,
        _ => cx.buffer(what, len)?,
    };
    Ok(&mut room.insert(buffer)[..len])
}

/// Channels x pixels of a tensor: in place where two strides address them, through a buffer otherwise.
pub(crate) struct Pixels {
    view: Activations,
    plain: Lowering,
    group: usize,
}

impl Pixels {
    /// The channels fall into groups of `group`, each a matrix of its own.
    pub(crate) fn new(view: Activations, group: usize) -> Self {
        let view = view.flattened();
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
        room: &'t mut Room<T>,
    ) -> Result<(&'t [T], Strides)> {
        if let Some(strides) = self.in_place(&pixels) {
            return Ok((tensor, strides));
        }
        let matrix = self.room(cx, room, &pixels)?;
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
        room: &mut Room<T>,
        compute: impl FnOnce(&mut [T], Strides) -> Result<()>,
    ) -> Result<()> {
        if let Some(strides) = self.in_place(&pixels) {
            return compute(tensor, strides);
        }
        let matrix = self.room(cx, room, &pixels)?;
        compute(matrix, self.plain.strides(pixels.len()))?;
        cx.stage(Stage::Gemm, || self.plain.put(cx, matrix, pixels, tensor));
        Ok(())
    }

    fn room<'b, T: Float>(
        &self,
        cx: &Context,
        room: &'b mut Room<T>,
        pixels: &Range<usize>,
    ) -> Result<&'b mut [T]> {
        make_room(
            cx,
            room,
            "a matrix of channels and pixels",
            self.view.channels * pixels.len(),
        )
    }
}

/// The input of a convolution as a matrix of patches: depth x pixels.
pub(crate) struct Patches {
    pub(crate) lowering: Lowering,
}

impl Patches {
    /// The patches that a convolution reads from an input that lies as `view` says.
    pub(crate) fn new(conv: &Conv2d, view: Activations) -> Self {
        Patches {
            lowering: Lowering::patches(conv, view),
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

    /// The pieces in which pixels are taken: by the shape alone, so that results do not depend on the number of threads.
    pub(crate) fn tiles(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let (image, pixels) = (self.lowering.image_pixels(), self.lowering.pixels());
        let inner = if image < SMALL_IMAGE { pixels } else { image };
        let depth = self.lowering.depth();
        let most = (PATCHES / depth)
            .max(FEWEST.min(MOST_PATCHES / depth))
            .clamp(1, inner);
        // Pieces of equal size, so that the last one is not a sliver.
        let size = inner.div_ceil(inner.div_ceil(most));
        (0..pixels).step_by(inner).flat_map(move |start| {
            let end = start + inner;
            (start..end)
                .step_by(size)
                .map(move |from| from..(from + size).min(end))
        })
    }

    /// The matrix of some pixels.
    pub(crate) fn read<'t, T: Float>(
        &self,
        cx: &Context,
        tensor: &[T],
        pixels: Range<usize>,
        room: &'t mut Room<T>,
    ) -> Result<(&'t [T], Strides)> {
        let matrix = make_room(
            cx,
            room,
            "the matrix of patches",
            self.lowering.depth() * pixels.len(),
        )?;
        let strides = self.lowering.strides(pixels.len());
        cx.stage(Stage::Im2col, || {
            self.lowering.gather(cx, tensor, pixels, matrix)
        });
        Ok((matrix, strides))
    }
}
