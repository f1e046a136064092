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

#[cfg(test)]
mod tests {
    use super::*;

    fn message(builder: Conv2dBuilder) -> String {
        builder
            .build()
            .expect_err("an impossible geometry")
            .to_string()
    }

    #[test]
    fn numbers_and_lists_are_taken() {
        let conv = Conv2d::builder([2, 4, 9, 8], [6, 2, 3, 2])
            .stride([1, 2])
            .padding([1, 0])
            .dilation(2)
            .groups(2)
            .build()
            .unwrap();
        assert_eq!(
            (conv.stride(), conv.dilation(), conv.padding()),
            ([1, 2], [2, 2], [1, 1, 0, 0])
        );
        assert_eq!(conv.output_shape(), [2, 6, 7, 3]);
        assert_eq!(conv.flops(), 2 * (2 * 6 * 7 * 3) * (2 * 3 * 2));
        let conv = Conv2d::builder([1, 1, 5, 5], [1, 1, 3, 3])
            .padding([1, 2, 3, 4])
            .build()
            .unwrap();
        assert_eq!(conv.padding(), [1, 2, 3, 4]);
    }

    #[test]
    fn an_empty_batch_is_fine_and_nothing_else() {
        assert_eq!(
            Conv2d::builder([0, 1, 5, 5], [1, 1, 3, 3])
                .build()
                .unwrap()
                .output_shape(),
            [0, 1, 3, 3]
        );
        let zeros = [
            (
                Conv2d::builder([1, 0, 5, 5], [1, 0, 3, 3]),
                "the number of input channels",
            ),
            (
                Conv2d::builder([1, 1, 0, 5], [1, 1, 3, 3]),
                "the height of the input",
            ),
            (
                Conv2d::builder([1, 1, 5, 0], [1, 1, 3, 3]),
                "the width of the input",
            ),
            (
                Conv2d::builder([1, 1, 5, 5], [0, 1, 3, 3]),
                "the number of output channels",
            ),
            (
                Conv2d::builder([1, 1, 5, 5], [1, 1, 0, 3]),
                "the height of the kernel",
            ),
            (
                Conv2d::builder([1, 1, 5, 5], [1, 1, 3, 0]),
                "the width of the kernel",
            ),
            (
                Conv2d::builder([1, 1, 5, 5], [1, 1, 3, 3]).stride([0, 1]),
                "the stride of the rows",
            ),
            (
                Conv2d::builder([1, 1, 5, 5], [1, 1, 3, 3]).stride([1, 0]),
                "the stride of the columns",
            ),
            (
                Conv2d::builder([1, 1, 5, 5], [1, 1, 3, 3]).dilation([0, 1]),
                "the dilation of the rows",
            ),
            (
                Conv2d::builder([1, 1, 5, 5], [1, 1, 3, 3]).dilation([1, 0]),
                "the dilation of the columns",
            ),
            (
                Conv2d::builder([1, 1, 5, 5], [1, 1, 3, 3]).groups(0),
                "the number of groups",
            ),
        ];
        for (builder, what) in zeros {
            assert_eq!(
                message(builder),
                format!("{what} is 0, but it must be at least 1")
            );
        }
    }

    #[test]
    fn what_does_not_go_together_is_named() {
        assert_eq!(
            message(Conv2d::builder([1, 6, 5, 5], [8, 1, 3, 3]).groups(4)),
            "4 groups do not divide the 6 channels of the input evenly"
        );
        assert_eq!(
            message(Conv2d::builder([1, 8, 5, 5], [6, 2, 3, 3]).groups(4)),
            "4 groups do not divide the 6 channels of the output evenly"
        );
        assert_eq!(
            message(Conv2d::builder([1, 8, 5, 5], [6, 8, 3, 3]).groups(2)),
            "the kernel has 8 input channels, but an input of 8 channels in 2 groups needs a kernel of 4"
        );
        assert_eq!(
            message(
                Conv2d::builder([1, 1, 9, 5], [1, 1, 3, 3])
                    .dilation(4)
                    .padding([0, 0, 1, 2])
            ),
            "the kernel is larger than the padded input: its 3 columns with dilation 4 span 9, \
             but the input has 5 and 1 + 2 of padding, 8 in all; pad more or dilate less"
        );
    }

    #[test]
    fn hostile_numbers_overflow_nothing() {
        let max = usize::MAX;
        let hostile = [
            Conv2d::builder([max, 1, 5, 5], [1, 1, 3, 3]),
            Conv2d::builder([1 << 30, 1 << 20, 1 << 20, 5], [1, 1 << 20, 3, 3]),
            Conv2d::builder([1, max, 5, 5], [1, max, 3, 3]),
            Conv2d::builder([1, 1, max, max], [1, 1, 3, 3]),
            Conv2d::builder([1, 1, 5, 5], [max, 1, 3, 3]),
            Conv2d::builder([1, 1, 5, 5], [1, 1, max, 3]),
            Conv2d::builder([1, 1, 5, 5], [1, 1, 3, 3]).stride(max),
            Conv2d::builder([1, 1, 5, 5], [1, 1, 3, 3]).dilation(max),
            Conv2d::builder([1, 1, 5, 5], [1, 1, 3, 3]).padding(max),
            Conv2d::builder([1, 1, 5, 5], [1, 1, 3, 3]).padding(max / 8),
            Conv2d::builder([1, 1, 5, 5], [1, 1, 3, 3])
                .dilation(max / 16)
                .padding(max / 16),
            Conv2d::builder(
                [1 << 20, 1 << 10, 1 << 10, 1 << 10],
                [1 << 20, 1 << 10, 1, 1],
            ),
        ];
        for builder in hostile {
            assert!(!message(builder).is_empty());
        }
        // Large, but possible: a single output and everything derived from it.
        let conv = Conv2d::builder([1, 1, 1, 1], [1, 1, 2, 2])
            .dilation(1 << 40)
            .padding(1 << 40)
            .stride(1 << 41)
            .build();
        let conv = conv.unwrap();
        assert_eq!(conv.output_shape(), [1, 1, 1, 1]);
        assert_eq!(conv.input_gradient().output_shape(), conv.input_shape());
        // The stride leaves 2^40 positions over, one more step of the dilation.
        assert_eq!(conv.kernel_gradient().output_shape()[2], 3);
    }
}
