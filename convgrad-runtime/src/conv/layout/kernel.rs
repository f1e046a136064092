//! Kernels: the address of an element by output channel, input channel and tap.

use super::{Activations, C0, KernelLayout};
use crate::conv::geometry::Conv2d;

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

    /// An activation tensor (n, c, h, w) in NCHW as a kernel of c outputs and n inputs, with h x w taps: where it lies.
    pub fn exchanged(view: &Activations) -> Self {
        Kernel {
            outputs: view.channels,
            inputs: view.batch,
            taps: [view.height, view.width],
            block: 1,
            output: view.plane(),
            plane: view.image(),
            tap: 1,
            len: view.len(),
        }
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

    /// Whether the elements lie in the order k, c, r, s.
    pub fn is_kcrs(&self) -> bool {
        self.block == 1 && self.tap == 1
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
}
