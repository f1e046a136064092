//! Where the elements of a tensor lie: the layouts of activations and kernels, as views with a few strides.
//!
//! Channel-blocked storage with blocks of `b` channels covers all three activation layouts: NCHW (`b` = 1), NHWC (`b` = all channels) and
//! NC1HWC0 (`b` = 16). Kernels go the same way with K C R S, K R S C and FRACTAL_Z. Whoever reads or writes a tensor does so
//! through these views, so that there is one im2col, one col2im and one packing for all layouts.
//! Places of a blocked tensor beyond its last channel are never read, and always written as zero.

use std::ops::Range;

use super::geometry::Conv2d;

/// Channels in a block of NC1HWC0, and rows and columns of a fractal.
pub const C0: usize = 16;

/// How an activation tensor (an input, an output or the gradient of one) lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActivationLayout {
    /// n, c, h, w.
    Nchw,
    /// n, h, w, c.
    Nhwc,
    /// n, c / 16, h, w, c % 16; zero beyond the last channel.
    Nc1hwc0,
}

/// How a kernel or its gradient lies in memory. The input channels are those of one group, the output channels those of all groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KernelLayout {
    /// k, c, r, s; the partner of NCHW.
    Kcrs,
    /// k, r, s, c; the partner of NHWC.
    Krsc,
    /// (c / 16, r, s), k / 16, k % 16, c % 16; zero beyond the last channels. The partner of NC1HWC0.
    FractalZ,
}

/// The layouts of a convolution's three tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Formats {
    /// Of the input and its gradient.
    pub input: ActivationLayout,
    /// Of the kernel and its gradient.
    pub kernel: KernelLayout,
    /// Of the output and its gradient.
    pub output: ActivationLayout,
}

/// A family of layouts for all three tensors of a convolution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Layout {
    /// NCHW activations, K C R S kernel: what PyTorch and most files use.
    #[default]
    Nchw,
    /// NHWC activations, K R S C kernel.
    Nhwc,
    /// NC1HWC0 activations, FRACTAL_Z kernel: what the DaVinci Cube uses.
    Davinci,
}

impl Layout {
    /// All families, in the order in which reports list them.
    pub const ALL: [Layout; 3] = [Layout::Nchw, Layout::Nhwc, Layout::Davinci];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Layout::Nchw => "nchw",
            Layout::Nhwc => "nhwc",
            Layout::Davinci => "davinci",
        }
    }

    /// The layout of each tensor.
    pub fn formats(self) -> Formats {
        let (activations, kernel) = match self {
            Layout::Nchw => (ActivationLayout::Nchw, KernelLayout::Kcrs),
            Layout::Nhwc => (ActivationLayout::Nhwc, KernelLayout::Krsc),
            Layout::Davinci => (ActivationLayout::Nc1hwc0, KernelLayout::FractalZ),
        };
        Formats {
            input: activations,
            kernel,
            output: activations,
        }
    }
}

impl Formats {
    /// The family, if the three layouts belong to one.
    pub fn family(self) -> Option<Layout> {
        Layout::ALL
            .into_iter()
            .find(|layout| layout.formats() == self)
    }
}

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
    pub fn runs(&self, group: usize) -> Vec<Range<usize>> {
        let mut runs = Vec::new();
        let mut start = 0;
        while start < self.channels {
            let (block_end, group_end) = (
                (start / self.block + 1) * self.block,
                (start / group + 1) * group,
            );
            let end = block_end.min(group_end).min(self.channels);
            runs.push(start..end);
            start = end;
        }
        runs
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

/// A kernel as it lies in memory: element (k, c, r, s) is at
/// `k * output + (c / block) * plane + (r * width + s) * tap + c % block`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kernel {
    /// Output channels, all groups together.
    pub outputs: usize,
    /// Input channels of one group.
    pub inputs: usize,
    /// Rows and columns of taps.
    pub taps: [usize; 2],
    /// Input channels that lie side by side.
    pub block: usize,
    /// Elements from one output channel to the next.
    pub output: usize,
    /// Elements from one block of input channels to the next.
    pub plane: usize,
    /// Elements from one tap to the next.
    pub tap: usize,
    len: usize,
}

impl Kernel {
    /// The view of a kernel of shape k, c, r, s.
    pub fn new(layout: KernelLayout, [outputs, inputs, r, s]: [usize; 4]) -> Self {
        let count = r * s;
        let (block, output, plane, tap, len) = match layout {
            KernelLayout::Kcrs => (1, inputs * count, count, 1, outputs * inputs * count),
            KernelLayout::Krsc => (
                inputs,
                inputs * count,
                inputs * count,
                inputs,
                outputs * inputs * count,
            ),
            KernelLayout::FractalZ => {
                let tap = outputs.next_multiple_of(C0) * C0;
                (C0, C0, count * tap, tap, inputs.div_ceil(C0) * count * tap)
            }
        };
        Kernel {
            outputs,
            inputs,
            taps: [r, s],
            block,
            output,
            plane,
            tap,
            len,
        }
    }

    /// The kernel of a convolution, and its gradient.
    pub fn of(layout: KernelLayout, conv: &Conv2d) -> Self {
        Self::new(layout, conv.kernel_shape())
    }

    /// The shape in memory: four axes for each layout.
    pub fn shape(layout: KernelLayout, [k, c, r, s]: [usize; 4]) -> Vec<usize> {
        match layout {
            KernelLayout::Kcrs => vec![k, c, r, s],
            KernelLayout::Krsc => vec![k, r, s, c],
            KernelLayout::FractalZ => vec![c.div_ceil(C0) * r * s, k.div_ceil(C0), C0, C0],
        }
    }

    /// Elements of the whole kernel, padding included.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the kernel has no element; never, for a kernel of a valid convolution.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Elements of the kernel itself, without padding.
    pub fn elements(&self) -> usize {
        self.outputs * self.inputs * self.taps[0] * self.taps[1]
    }

    /// Whether there are places without an element.
    pub fn is_ragged(&self) -> bool {
        self.len != self.elements()
    }

    /// Where element (k, c) of tap number `r * width + s` lies.
    pub fn address(&self, k: usize, c: usize, tap: usize) -> usize {
        k * self.output + c / self.block * self.plane + tap * self.tap + c % self.block
    }
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
    fn kernels_lie_where_their_layouts_say() {
        let shape @ [k, c, r, s] = [18, 20, 3, 2];
        for layout in [
            KernelLayout::Kcrs,
            KernelLayout::Krsc,
            KernelLayout::FractalZ,
        ] {
            let view = Kernel::new(layout, shape);
            assert_eq!(
                view.len(),
                Kernel::shape(layout, shape).iter().product::<usize>()
            );
            for i in 0..k * c * r * s {
                let (o, ch, tap) = (i / (c * r * s), i / (r * s) % c, i % (r * s));
                let expected = match layout {
                    KernelLayout::Kcrs => i,
                    KernelLayout::Krsc => (o * r * s + tap) * c + ch,
                    KernelLayout::FractalZ => {
                        (((ch / 16 * r * s + tap) * 2 + o / 16) * 16 + o % 16) * 16 + ch % 16
                    }
                };
                assert_eq!(view.address(o, ch, tap), expected);
            }
        }
    }

    #[test]
    fn runs_stop_at_blocks_and_groups() {
        let view = Activations::new(ActivationLayout::Nc1hwc0, [1, 36, 1, 1]);
        assert_eq!(view.runs(12), [0..12, 12..16, 16..24, 24..32, 32..36]);
        let view = Activations::new(ActivationLayout::Nhwc, [1, 36, 1, 1]);
        assert_eq!(view.runs(12), [0..12, 12..24, 24..36]);
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
