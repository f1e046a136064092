//! From what people write (shapes, strides, paddings) to a validated [`Conv2d`].

use super::{Axis, Conv2d, GeometryError};
use crate::error::Result;

/// A number for rows and columns alike, or one for each: `2` or `[2, 3]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair(pub [usize; 2]);

impl From<usize> for Pair {
    fn from(both: usize) -> Self {
        Pair([both; 2])
    }
}

impl From<[usize; 2]> for Pair {
    fn from(pair: [usize; 2]) -> Self {
        Pair(pair)
    }
}

/// Padding in the order top, bottom, left, right: `1` for all sides, `[rows, columns]`, or all four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sides(pub [usize; 4]);

impl From<usize> for Sides {
    fn from(all: usize) -> Self {
        Sides([all; 4])
    }
}

impl From<[usize; 2]> for Sides {
    fn from([rows, columns]: [usize; 2]) -> Self {
        Sides([rows, rows, columns, columns])
    }
}

impl From<[usize; 4]> for Sides {
    fn from(sides: [usize; 4]) -> Self {
        Sides(sides)
    }
}

/// Builds a [`Conv2d`]: stride and dilation 1, no padding and one group unless told otherwise.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct Conv2dBuilder {
    input: [usize; 4],
    kernel: [usize; 4],
    stride: Pair,
    dilation: Pair,
    padding: Sides,
    groups: usize,
}

impl Conv2dBuilder {
    pub(super) fn new(input: [usize; 4], kernel: [usize; 4]) -> Self {
        Conv2dBuilder {
            input,
            kernel,
            stride: 1.into(),
            dilation: 1.into(),
            padding: 0.into(),
            groups: 1,
        }
    }

    /// The step between neighbouring outputs: one number, or `[rows, columns]`.
    pub fn stride(mut self, stride: impl Into<Pair>) -> Self {
        self.stride = stride.into();
        self
    }

    /// The step between neighbouring taps of the kernel: one number, or `[rows, columns]`.
    pub fn dilation(mut self, dilation: impl Into<Pair>) -> Self {
        self.dilation = dilation.into();
        self
    }

    /// The zeros around the input: one number, `[rows, columns]`, or `[top, bottom, left, right]`.
    pub fn padding(mut self, padding: impl Into<Sides>) -> Self {
        self.padding = padding.into();
        self
    }

    /// The groups that input and output channels fall into, each convolved by itself.
    pub fn groups(mut self, groups: usize) -> Self {
        self.groups = groups;
        self
    }

    /// Checks everything.
    ///
    /// # Errors
    /// [`Error::Geometry`](crate::Error::Geometry) if an extent other than the batch, a stride, a dilation or the number of groups is 0,
    /// if the groups do not divide the channels, if the kernel has other channels than the input gives it, if the dilated kernel is
    /// larger than the padded input, or if a tensor (in any layout) or the number of operations is too large to be counted.
    pub fn build(self) -> Result<Conv2d> {
        Ok(self.checked()?)
    }

    fn checked(self) -> std::result::Result<Conv2d, GeometryError> {
        let Conv2dBuilder {
            input: [n, c, h, w],
            kernel: [k, kernel_channels, r, s],
            groups,
            ..
        } = self;
        let (Pair(stride), Pair(dilation), Sides([top, bottom, left, right])) =
            (self.stride, self.dilation, self.padding);
        for (value, what) in [
            (c, "the number of input channels"),
            (h, "the height of the input"),
            (w, "the width of the input"),
            (k, "the number of output channels"),
            (r, "the height of the kernel"),
            (s, "the width of the kernel"),
            (stride[0], "the stride of the rows"),
            (stride[1], "the stride of the columns"),
            (dilation[0], "the dilation of the rows"),
            (dilation[1], "the dilation of the columns"),
            (groups, "the number of groups"),
        ] {
            if value == 0 {
                return Err(GeometryError::Zero { what });
            }
        }
        for (of, channels) in [("input", c), ("output", k)] {
            if channels % groups != 0 {
                return Err(GeometryError::Groups {
                    of,
                    channels,
                    groups,
                });
            }
        }
        if kernel_channels != c / groups {
            return Err(GeometryError::Channels {
                input: c,
                groups,
                kernel: kernel_channels,
            });
        }
        let rows = axis("rows", h, r, stride[0], dilation[0], [top, bottom])?;
        let columns = axis("columns", w, s, stride[1], dilation[1], [left, right])?;
        let conv = Conv2d {
            n,
            c,
            k,
            groups,
            rows,
            columns,
        };
        check_sizes(&conv)?;
        Ok(conv)
    }
}

fn axis(
    name: &'static str,
    input: usize,
    taps: usize,
    stride: usize,
    dilation: usize,
    pad: [usize; 2],
) -> std::result::Result<Axis, GeometryError> {
    let padded = pad
        .iter()
        .fold(input, |sum, &side| sum.saturating_add(side));
    let span = (taps - 1).saturating_mul(dilation).saturating_add(1);
    if span > padded {
        return Err(GeometryError::KernelTooLarge {
            axis: name,
            span,
            taps,
            dilation,
            padded,
            input,
            pad,
        });
    }
    // A quarter of the range leaves room for every sum and difference of positions, in the gradients' geometries too.
    let limit = (isize::MAX / 4) as usize;
    if padded > limit || stride > limit || dilation > limit {
        return Err(GeometryError::TooLarge {
            what: "the extent of an axis",
            of: format!(
                "{input} {name}, padding {} + {}, stride {stride}, dilation {dilation}",
                pad[0], pad[1]
            ),
        });
    }
    Ok(Axis {
        input,
        taps,
        stride,
        dilation,
        pad: pad.map(|side| side as isize),
    })
}

/// Every tensor, padded to blocks of 16 channels, must be addressable in elements of 8 bytes, and the operations countable in 64 bits.
fn check_sizes(conv: &Conv2d) -> std::result::Result<(), GeometryError> {
    let [n, c, h, w] = conv.input_shape();
    let [k, kernel_channels, r, s] = conv.kernel_shape();
    let [_, _, p, q] = conv.output_shape();
    let product = |factors: &[usize]| {
        factors
            .iter()
            .try_fold(1usize, |product, &factor| product.checked_mul(factor))
    };
    let blocks = |channels: usize| channels.checked_next_multiple_of(16).unwrap_or(usize::MAX);
    let tensors = [
        ("the input", vec![n.max(1), blocks(c), h, w]),
        ("the kernel", vec![blocks(k), blocks(kernel_channels), r, s]),
        ("the output", vec![n.max(1), blocks(k), p, q]),
    ];
    for (what, factors) in tensors {
        if product(&factors).is_none_or(|elements| elements > isize::MAX as usize / 8) {
            return Err(GeometryError::TooLarge {
                what,
                of: format!("{factors:?} elements, its channels in blocks of 16"),
            });
        }
    }
    if product(&[2, n.max(1), k, p, q, kernel_channels, r, s]).is_none() {
        return Err(GeometryError::TooLarge {
            what: "the number of operations",
            of: format!(
                "an output of {:?}, {:?} products for each of its elements",
                conv.output_shape(),
                [kernel_channels, r, s]
            ),
        });
    }
    Ok(())
}
