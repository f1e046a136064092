//! The geometry of a convolution: the one place that knows how extents, strides, dilations and paddings go together.
//!
//! A convolution of `x` (n, c, h, w) with `kernel` (k, c / groups, r, s) gives `y` (n, k, p, q). Rows and columns are an [`Axis`] each;
//! the rules for one axis, its gradients included, are in `axis`, the checks of what people ask for in `builder`.
//!
//! Both gradients are *forward* convolutions of re-laid-out operands, and [`Conv2d::input_gradient`] and [`Conv2d::kernel_gradient`]
//! are their geometries.
//!
//! A batch of 0 images is fine (the output is empty and the kernel's gradient zero); every other extent is at least 1.

mod axis;
mod builder;
mod error;
mod phase;
mod reads;

pub use axis::Axis;
pub use builder::{Conv2dBuilder, Pair, Sides};
pub use error::GeometryError;
pub(crate) use phase::Phase;
pub(crate) use reads::{Reads, Tap};

/// The geometry of a two-dimensional convolution, validated: whatever it says can be computed without overflow.
///
/// ```
/// use convgrad_runtime::conv::Conv2d;
///
/// let conv = Conv2d::builder([1, 3, 224, 224], [32, 3, 3, 3]).stride(2).padding(1).build()?;
/// assert_eq!(conv.output_shape(), [1, 32, 112, 112]);
/// # Ok::<(), convgrad_runtime::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Conv2d {
    n: usize,
    c: usize,
    k: usize,
    groups: usize,
    rows: Axis,
    columns: Axis,
}

impl Conv2d {
    /// Starts from the shapes of the input (n, c, h, w) and of the kernel (k, c / groups, r, s).
    pub fn builder(input: [usize; 4], kernel: [usize; 4]) -> Conv2dBuilder {
        Conv2dBuilder::new(input, kernel)
    }

    /// The number of images.
    pub fn batch(&self) -> usize {
        self.n
    }

    /// The channels of the input, all groups together.
    pub fn input_channels(&self) -> usize {
        self.c
    }

    /// The channels of the output, all groups together.
    pub fn output_channels(&self) -> usize {
        self.k
    }

    /// The groups of channels.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// The input channels of one group.
    pub fn group_inputs(&self) -> usize {
        self.c / self.groups
    }

    /// The output channels of one group.
    pub fn group_outputs(&self) -> usize {
        self.k / self.groups
    }

    /// The vertical axis.
    pub fn rows(&self) -> &Axis {
        &self.rows
    }

    /// The horizontal axis.
    pub fn columns(&self) -> &Axis {
        &self.columns
    }

    /// The step between neighbouring outputs: rows, columns.
    pub fn stride(&self) -> [usize; 2] {
        [self.rows.stride, self.columns.stride]
    }

    /// The step between neighbouring taps: rows, columns.
    pub fn dilation(&self) -> [usize; 2] {
        [self.rows.dilation, self.columns.dilation]
    }

    /// Top, bottom, left, right; negative only in the geometry of a gradient.
    pub fn padding(&self) -> [isize; 4] {
        let ([top, bottom], [left, right]) = (self.rows.pad, self.columns.pad);
        [top, bottom, left, right]
    }

    /// The shape of the input: n, c, h, w.
    pub fn input_shape(&self) -> [usize; 4] {
        [self.n, self.c, self.rows.input, self.columns.input]
    }

    /// The shape of the kernel: k, c / groups, r, s.
    pub fn kernel_shape(&self) -> [usize; 4] {
        [
            self.k,
            self.group_inputs(),
            self.rows.taps,
            self.columns.taps,
        ]
    }

    /// The shape of the output: n, k, p, q.
    pub fn output_shape(&self) -> [usize; 4] {
        [self.n, self.k, self.rows.output(), self.columns.output()]
    }

    /// The taps of the kernel: r * s.
    pub fn taps(&self) -> usize {
        self.rows.taps * self.columns.taps
    }

    /// The output pixels of one image: p * q.
    pub fn pixels(&self) -> usize {
        self.rows.output() * self.columns.output()
    }

    /// The products that one output element sums: c / groups * r * s.
    pub fn depth(&self) -> usize {
        self.group_inputs() * self.taps()
    }

    /// Multiplications and additions of the forward convolution by its definition, and of either gradient.
    ///
    /// What [`build`](Conv2dBuilder::build) lets pass fits; in the geometry of a gradient, whose inserted zeros count too, it may saturate.
    pub fn flops(&self) -> u64 {
        [2, self.n, self.k, self.pixels(), self.depth()]
            .iter()
            .fold(1u64, |product, &factor| {
                product.saturating_mul(factor as u64)
            })
    }

    /// Whether every output pixel reads exactly the input pixel at its own place: a 1 x 1 kernel, stride 1, no padding.
    pub fn is_pointwise(&self) -> bool {
        [self.rows, self.columns]
            .iter()
            .all(|axis| axis.taps == 1 && axis.stride == 1 && axis.pad == [0, 0])
    }

    /// Whether each group is one channel wide on both sides.
    pub fn is_depthwise(&self) -> bool {
        self.groups == self.c && self.groups == self.k
    }

    /// The same convolution on a single, longer row, where that changes no address: of a pointwise convolution every image is one row of
    /// pixels, and of a kernel as wide as the input every kernel is one row of taps.
    pub(crate) fn coalesced(&self) -> Conv2d {
        let width = self.columns.input;
        let single = Axis {
            input: 1,
            taps: 1,
            stride: 1,
            dilation: 1,
            pad: [0, 0],
        };
        let as_wide =
            self.columns.taps == width && self.columns.pad == [0, 0] && self.columns.dilation == 1;
        let columns = if self.is_pointwise() {
            Axis {
                input: self.rows.input * width,
                ..single
            }
        } else if as_wide && self.rows.pad == [0, 0] && self.rows.dilation == 1 {
            // A stride that leads to no second output may be of any length.
            let stride = if self.rows.output() == 1 {
                1
            } else {
                self.rows.stride * width
            };
            Axis {
                input: self.rows.input * width,
                taps: self.rows.taps * width,
                stride,
                ..single
            }
        } else {
            return *self;
        };
        Conv2d {
            rows: single,
            columns,
            ..*self
        }
    }

    /// The convolution of one group by itself.
    pub fn one_group(&self) -> Conv2d {
        Conv2d {
            c: self.group_inputs(),
            k: self.group_outputs(),
            groups: 1,
            ..*self
        }
    }

    /// The forward convolution that computes the input's gradient from the zero-stuffed gradient of the output (n, k, …) and the reversed
    /// kernel (c, k / groups, r, s): stride 1, the same dilation and groups, paddings that may be negative or asymmetric.
    pub fn input_gradient(&self) -> Conv2d {
        Conv2d {
            n: self.n,
            c: self.k,
            k: self.c,
            groups: self.groups,
            rows: self.rows.input_gradient(),
            columns: self.columns.input_gradient(),
        }
    }

    /// How far apart zeros bring the rows and columns of the output's gradient for [`input_gradient`](Self::input_gradient): the stride,
    /// or 1 where a single row or column has nothing between.
    pub(crate) fn inserting_stride(&self) -> [usize; 2] {
        [self.rows, self.columns].map(|axis| if axis.output() == 1 { 1 } else { axis.stride })
    }

    /// The forward convolution that computes the kernel's gradient of *one group*: batch and channels change places, and so do stride and
    /// dilation. Its input is (c / groups, n, h, w), its kernel (k / groups, n, p, q), and its output (c / groups, k / groups, r', s'),
    /// of which the first r x s pixels are the gradient; r' and s' are larger where the stride leaves more positions over than a dilation.
    pub fn kernel_gradient(&self) -> Conv2d {
        Conv2d {
            n: self.group_inputs(),
            c: self.n,
            k: self.group_outputs(),
            groups: 1,
            rows: self.rows.kernel_gradient(),
            columns: self.columns.kernel_gradient(),
        }
    }
}
