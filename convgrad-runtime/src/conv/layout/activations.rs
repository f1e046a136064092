//! Activation tensors, channel-blocked: the address of an element, and the strides that im2col and the matrix products go by.

use std::ops::Range;

use super::{ActivationLayout, C0};
use crate::conv::geometry::Conv2d;

/// An activation tensor as it lies in memory: element (n, c, h, w) is at
/// `(((n * blocks + c / block) * height + h) * width + w) * block + c % block`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activations {
    /// Images.
    pub batch: usize,
    /// Channels.
    pub channels: usize,
    /// Rows of an image.
    pub height: usize,
    /// Columns of an image.
    pub width: usize,
    /// Channels that lie side by side.
    pub block: usize,
}

impl Activations {
    /// The view of a tensor of shape n, c, h, w.
    pub fn new(layout: ActivationLayout, [batch, channels, height, width]: [usize; 4]) -> Self {
        let block = match layout {
            ActivationLayout::Nchw => 1,
            ActivationLayout::Nhwc => channels,
            ActivationLayout::Nc1hwc0 => C0,
        };
        Activations {
            batch,
            channels,
            height,
            width,
            block,
        }
    }

    /// The input of a convolution, and its gradient.
    pub fn input(layout: ActivationLayout, conv: &Conv2d) -> Self {
        Self::new(layout, conv.input_shape())
    }

    /// The output of a convolution, and its gradient.
    pub fn output(layout: ActivationLayout, conv: &Conv2d) -> Self {
        Self::new(layout, conv.output_shape())
    }

    /// The shape in memory: four axes, five for NC1HWC0.
    pub fn shape(layout: ActivationLayout, [n, c, h, w]: [usize; 4]) -> Vec<usize> {
        match layout {
            ActivationLayout::Nchw => vec![n, c, h, w],
            ActivationLayout::Nhwc => vec![n, h, w, c],
            ActivationLayout::Nc1hwc0 => vec![n, c.div_ceil(C0), h, w, C0],
        }
    }

    /// Elements of the whole tensor, padding lanes included.
    pub fn len(&self) -> usize {
        self.batch * self.image()
    }

    /// Whether the tensor has no element: its batch is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Blocks of channels.
    pub fn blocks(&self) -> usize {
        self.channels.div_ceil(self.block)
    }

    /// Whether the last block has lanes without a channel.
    pub fn is_ragged(&self) -> bool {
        !self.channels.is_multiple_of(self.block)
    }

    /// Pixels of an image.
    pub fn pixels(&self) -> usize {
        self.height * self.width
    }

    /// Elements from one row to the next.
    pub fn row(&self) -> usize {
        self.width * self.block
    }

    /// Elements of one block of channels of one image.
    pub fn plane(&self) -> usize {
        self.pixels() * self.block
    }

    /// Elements of one image.
    pub fn image(&self) -> usize {
        self.blocks() * self.plane()
    }

    /// Where channel `c` of an image begins.
    pub fn channel(&self, c: usize) -> usize {
        c / self.block * self.plane() + c % self.block
    }

    /// Where element (n, c, h, w) lies.
    pub fn address(&self, [n, c, h, w]: [usize; 4]) -> usize {
        n * self.image() + self.channel(c) + h * self.row() + w * self.block
    }

    /// The channels, cut at the blocks and after every `group` of them: the runs that lie side by side within one group.
    pub fn runs(&self, group: usize) -> impl Iterator<Item = Range<usize>> + Clone + use<> {
        let (block, channels) = (self.block, self.channels);
        let (mut start, mut block_end, mut group_end) = (0, block, group);
        std::iter::from_fn(move || {
            if start >= channels {
                return None;
            }
            let run = start..block_end.min(group_end).min(channels);
            start = run.end;
            if start == block_end {
                block_end += block;
            }
            if start == group_end {
                group_end += group;
            }
            Some(run)
        })
    }

    /// The same tensor with every image as one row. A single pixel in NCHW is one in NHWC too, whose channels lie side by side.
    pub fn flattened(self) -> Self {
        let single = self.pixels() == 1 && self.block == 1;
        let block = if single { self.channels } else { self.block };
        Activations {
            height: 1,
            width: self.pixels(),
            block,
            ..self
        }
    }

    /// The channels and a range of pixels as a matrix, if their addresses go by two strides.
    ///
    /// Pixels are numbered through all images, row by row.
    pub fn matrix(&self, pixels: &Range<usize>) -> Option<PixelMatrix> {
        let channel = if self.blocks() == 1 {
            1
        } else if self.block == 1 {
            self.plane()
        } else {
            return None;
        };
        let image = pixels.start / self.pixels();
        if self.blocks() > 1 && pixels.end > (image + 1) * self.pixels() {
            return None;
        }
        let offset = image * self.image() + pixels.start % self.pixels() * self.block;
        Some(PixelMatrix {
            offset,
            channel,
            pixel: self.block,
        })
    }
}

/// Channels and pixels as a matrix with two strides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelMatrix {
    /// Where the first channel of the first pixel lies.
    pub offset: usize,
    /// From a channel to the next.
    pub channel: usize,
    /// From a pixel to the next.
    pub pixel: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activations_lie_where_their_layouts_say() {
        let shape @ [n, c, h, w] = [2, 20, 3, 5];
        for layout in [
            ActivationLayout::Nchw,
            ActivationLayout::Nhwc,
            ActivationLayout::Nc1hwc0,
        ] {
            let view = Activations::new(layout, shape);
            assert_eq!(
                view.len(),
                Activations::shape(layout, shape).iter().product::<usize>()
            );
            for i in 0..n * c * h * w {
                let (b, ch, y, x) = (i / (c * h * w), i / (h * w) % c, i / w % h, i % w);
                let expected = match layout {
                    ActivationLayout::Nchw => i,
                    ActivationLayout::Nhwc => ((b * h + y) * w + x) * c + ch,
                    ActivationLayout::Nc1hwc0 => {
                        (((b * 2 + ch / 16) * h + y) * w + x) * 16 + ch % 16
                    }
                };
                assert_eq!(view.address([b, ch, y, x]), expected);
            }
        }
    }

    #[test]
    fn runs_stop_at_blocks_and_groups() {
        let view = Activations::new(ActivationLayout::Nc1hwc0, [1, 36, 1, 1]);
        assert!(view.runs(12).eq([0..12, 12..16, 16..24, 24..32, 32..36]));
        let view = Activations::new(ActivationLayout::Nhwc, [1, 36, 1, 1]);
        assert!(view.runs(12).eq([0..12, 12..24, 24..36]));
    }

    #[test]
    fn matrices_address_what_their_strides_say() {
        for layout in [
            ActivationLayout::Nchw,
            ActivationLayout::Nhwc,
            ActivationLayout::Nc1hwc0,
        ] {
            for channels in [1, 7, 16, 20] {
                let view = Activations::new(layout, [3, channels, 2, 5]);
                for pixels in [0..10, 12..20, 0..30, 5..25] {
                    let Some(matrix) = view.matrix(&pixels) else {
                        continue;
                    };
                    for (m, pixel) in pixels.enumerate() {
                        for c in 0..channels {
                            let address = view.address([pixel / 10, c, pixel % 10 / 5, pixel % 5]);
                            assert_eq!(
                                matrix.offset + c * matrix.channel + m * matrix.pixel,
                                address
                            );
                        }
                    }
                }
            }
        }
    }
}
