//! A kernel as a matrix of output channels x depth, in the order of depth that a lowering of the input has.
//!
//! Where the kernel lies in that order already (KCRS for NCHW, KRSC for NHWC, and either for 1 x 1 kernels) it is used as it is;
//! otherwise it is packed, or the result unpacked.

use std::ops::Range;

use crate::conv::context::Context;
use crate::conv::layout::Kernel;
use crate::conv::scratch::Operand;
use crate::error::Result;
use crate::float::Float;
use crate::gemm::Strides;

/// The kernel of a convolution, ready to multiply.
pub(crate) struct KernelMatrix<'a, T: Float> {
    pub(crate) data: Operand<'a, T>,
    /// Of the matrices (outputs of a group x depth of a group), one a group.
    pub(crate) strides: Strides,
}

/// How a kernel's elements correspond to the matrix's.
pub(crate) struct KernelOrder<'a> {
    pub(crate) view: Kernel,
    /// The runs of input channels, numbered through all groups.
    pub(crate) runs: &'a [Range<usize>],
    pub(crate) groups: usize,
}

impl KernelOrder<'_> {
    fn taps(&self) -> usize {
        self.view.taps[0] * self.view.taps[1]
    }

    fn depth(&self) -> usize {
        self.view.inputs * self.taps()
    }

    /// The strides of a matrix that lies row by row.
    fn packed(&self) -> Strides {
        let row = self.depth();
        Strides {
            offset: 0,
            batch: self.view.outputs / self.groups * row,
            row,
            column: 1,
        }
    }

    /// The strides of the kernel itself, if its elements lie in the order of the depth.
    pub(crate) fn in_place(&self) -> Option<Strides> {
        let Kernel {
            inputs,
            block,
            output,
            tap,
            ..
        } = self.view;
        let one_tap = self.taps() == 1 && (block == 1 || block >= inputs);
        let channels_outside = block == 1 && tap == 1 && self.runs.iter().all(|run| run.len() == 1);
        let channels_inside = tap == inputs && self.runs.iter().all(|run| run.len() == inputs);
        if !(one_tap || channels_outside || channels_inside) {
            return None;
        }
        Some(Strides {
            offset: 0,
            batch: self.view.outputs / self.groups * output,
            row: output,
            column: 1,
        })
    }

    /// Every piece that lies side by side in both: the position in the matrix's row, the place of the kernel's, the length.
    /// `group` says whose runs to follow, `k` is the output channel.
    fn pieces(&self, group: usize, k: usize, mut visit: impl FnMut(usize, usize, usize)) {
        let (inputs, taps) = (self.view.inputs, self.taps());
        let before = |end: usize| self.runs.partition_point(|run| run.start < end);
        for run in &self.runs[before(group * inputs)..before((group + 1) * inputs)] {
            let first = run.start - group * inputs;
            for tap in 0..taps {
                let mut c = first;
                while c < first + run.len() {
                    let end = ((c / self.view.block + 1) * self.view.block).min(first + run.len());
                    visit(
                        first * taps + tap * run.len() + c - first,
                        self.view.address(k, c, tap),
                        end - c,
                    );
                    c = end;
                }
            }
        }
    }

    /// The kernel as a matrix, copied only if need be.
    pub(crate) fn pack<'k, T: Float>(
        &self,
        cx: &Context,
        kernel: &'k [T],
    ) -> Result<KernelMatrix<'k, T>> {
        if let Some(strides) = self.in_place() {
            return Ok(KernelMatrix {
                data: Operand::Lent(kernel),
                strides,
            });
        }
        let depth = self.depth();
        let per_group = self.view.outputs / self.groups;
        let mut matrix = cx.buffer("the matrix of the kernel", self.view.outputs * depth)?;
        cx.for_each_chunk(matrix.len(), &mut matrix, depth, |k, row| {
            self.pieces(k / per_group, k, |at, address, len| {
                row[at..at + len].copy_from_slice(&kernel[address..address + len]);
            });
        });
        Ok(KernelMatrix {
            data: Operand::Made(matrix),
            strides: self.packed(),
        })
    }

    /// Runs `compute` on the matrix of a kernel to be written, and unpacks what it leaves there if need be.
    pub(crate) fn unpack<T: Float>(
        &self,
        cx: &Context,
        kernel: &mut [T],
        compute: impl FnOnce(&mut [T], Strides) -> Result<()>,
    ) -> Result<()> {
        if self.view.is_ragged() {
            kernel.fill(T::default());
        }
        if let Some(strides) = self.in_place() {
            return compute(kernel, strides);
        }
        let depth = self.depth();
        let per_group = self.view.outputs / self.groups;
        let mut matrix = cx.buffer(
            "the matrix of the kernel's gradient",
            self.view.outputs * depth,
        )?;
        compute(&mut matrix, self.packed())?;
        for (k, row) in matrix.chunks(depth).enumerate() {
            self.pieces(k / per_group, k, |at, address, len| {
                kernel[address..address + len].copy_from_slice(&row[at..at + len]);
            });
        }
        Ok(())
    }
}
