//! What can be wrong with the geometry of a convolution.

use std::fmt;

/// Why a convolution cannot be: the numbers that do not fit together, and how to mend them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GeometryError {
    /// A count or an extent that must be at least 1 is 0.
    Zero {
        /// Which, for example "the stride of the rows".
        what: &'static str,
    },
    /// The groups do not divide the channels of the input or of the output.
    Groups {
        /// "input" or "output".
        of: &'static str,
        /// How many channels there are.
        channels: usize,
        /// How many groups.
        groups: usize,
    },
    /// The kernel is made for another number of input channels.
    Channels {
        /// The channels of the input.
        input: usize,
        /// The groups.
        groups: usize,
        /// The input channels of a group that the kernel has.
        kernel: usize,
    },
    /// The dilated kernel is larger than the padded input.
    KernelTooLarge {
        /// "rows" or "columns".
        axis: &'static str,
        /// `dilation * (taps - 1) + 1`, saturating.
        span: usize,
        /// Extent of the kernel.
        taps: usize,
        /// Its dilation.
        dilation: usize,
        /// Extent of the padded input, saturating.
        padded: usize,
        /// Extent of the input.
        input: usize,
        /// Padding before and after.
        pad: [usize; 2],
    },
    /// A geometry was given to a declared convolution with other options.
    Options {
        /// Which option: "stride".
        what: &'static str,
        /// As declared.
        declared: Vec<usize>,
        /// Of the geometry.
        given: Vec<isize>,
    },
    /// A tensor, an extent or the number of operations is too large to count.
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The numbers it is made of, as text.
        of: String,
    },
}

impl fmt::Display for GeometryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zero { what } => write!(f, "{what} is 0, but it must be at least 1"),
            Self::Groups {
                of,
                channels,
                groups,
            } => {
                write!(
                    f,
                    "{groups} groups do not divide the {channels} channels of the {of} evenly"
                )
            }
            Self::Channels {
                input,
                groups,
                kernel,
            } => write!(
                f,
                "the kernel has {kernel} input channels, but an input of {input} channels in {groups} {} needs a kernel of {}",
                if *groups == 1 { "group" } else { "groups" },
                input / groups,
            ),
            Self::KernelTooLarge {
                axis,
                span,
                taps,
                dilation,
                padded,
                input,
                pad: [before, after],
            } => write!(
                f,
                "the kernel is larger than the padded input: its {taps} {axis} with dilation {dilation} span {span}, \
                 but the input has {input} and {before} + {after} of padding, {padded} in all; pad more or dilate less"
            ),
            Self::Options {
                what,
                declared,
                given,
            } => write!(
                f,
                "this convolution is declared with {what} {declared:?}, but the geometry has {given:?}; \
                 make the geometry by the function `geometry` beside it"
            ),
            Self::TooLarge { what, of } => write!(f, "{what} is too large to be counted: {of}"),
        }
    }
}

impl std::error::Error for GeometryError {}
