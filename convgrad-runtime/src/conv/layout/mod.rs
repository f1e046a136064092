//! Where the elements of a tensor lie: the layouts of activations and kernels, as views with a few strides.
//!
//! Channel-blocked storage with blocks of `b` channels covers all three activation layouts: NCHW (`b` = 1), NHWC (`b` = all channels) and
//! NC1HWC0 (`b` = 16). Kernels go the same way with K C R S, K R S C and FRACTAL_Z. Whoever reads or writes a tensor does so
//! through these views, so that there is one im2col, one col2im and one packing for all layouts.
//! Places of a blocked tensor beyond its last channel are never read, and always written as zero.

mod activations;
mod kernel;

pub use activations::{Activations, PixelMatrix};
pub use kernel::Kernel;

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
