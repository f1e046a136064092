//! What can be wrong with the sizes, shapes and numbers that the runtime is given.

use std::borrow::Cow;
use std::fmt;

use crate::conv::geometry::GeometryError;

/// What the runtime returns.
pub type Result<T> = std::result::Result<T, Error>;

/// A name or a text in an error: known at compile time in generated code, owned where formulas are compiled at run time.
pub type Text = Cow<'static, str>;

/// An error of the runtime, with the names and numbers that explain it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A size is too large for 64-bit index arithmetic.
    SizeTooLarge {
        /// The converter.
        item: Text,
        /// The size.
        name: Text,
        /// Its value.
        value: usize,
    },
    /// The extent of an axis is negative.
    NegativeExtent {
        /// The converter.
        item: Text,
        /// The tensor.
        tensor: Text,
        /// The axis, from 0.
        axis: usize,
        /// What its extent would be.
        extent: i64,
    },
    /// A requirement or an obligation on the sizes does not hold.
    Requirement {
        /// The converter.
        item: Text,
        /// What must hold, in the formula's names.
        text: Text,
        /// The sizes, and where it helps the iterators, for which it does not hold.
        values: Vec<(Text, i64)>,
    },
    /// An obligation that only trying all positions can decide, and these are too many.
    Undecided {
        /// The converter.
        item: Text,
        /// What must hold, in the formula's names.
        text: Text,
        /// How many positions are tried at most.
        budget: u64,
    },
    /// Index arithmetic leaves 64 bits.
    Overflow {
        /// The converter or the convolution.
        item: Text,
        /// What was to be computed.
        what: Text,
    },
    /// A slice has another length than its shape says.
    Length {
        /// The tensor.
        tensor: Text,
        /// The shape that it must have.
        shape: Vec<usize>,
        /// How many elements the slice holds.
        found: usize,
    },
    /// A tensor has another shape than it must have.
    Shape {
        /// The tensor.
        tensor: Text,
        /// The shape that it must have.
        expected: Vec<usize>,
        /// The shape that it has.
        found: Vec<usize>,
    },
    /// The element type cannot hold the fill value.
    Fill {
        /// The converter.
        item: Text,
        /// The value after `else`.
        number: Text,
        /// The element type.
        element: Text,
    },
    /// Elements are of other types than the formula says.
    ElementTypes {
        /// The converter.
        item: Text,
        /// What it reads and what it writes; None if it only moves elements, of any type.
        declared: Option<(Text, Text)>,
        /// What it was given to read and to write.
        found: (Text, Text),
    },
    /// There is not enough memory for a tensor.
    Memory {
        /// The tensor.
        tensor: Text,
        /// How many bytes it needs; None if the number does not fit 64 bits.
        bytes: Option<usize>,
    },
    /// The threads asked for cannot be had.
    Threads {
        /// How many were asked for.
        threads: usize,
        /// Why there are none.
        reason: Text,
    },
    /// A convolution's shapes, strides, dilations, paddings and groups do not go together.
    Geometry(GeometryError),
    /// A defect of convgrad itself: something that was proved did not hold.
    Internal {
        /// What happened.
        what: Text,
    },
}

impl Error {
    /// The [`Length`](Error::Length) error of a slice for `tensor`.
    pub fn length(tensor: impl Into<Text>, shape: &[usize], found: usize) -> Self {
        Error::Length {
            tensor: tensor.into(),
            shape: shape.to_vec(),
            found,
        }
    }

    /// The [`Shape`](Error::Shape) error of `tensor`.
    pub fn shape(tensor: impl Into<Text>, expected: &[usize], found: &[usize]) -> Self {
        Error::Shape {
            tensor: tensor.into(),
            expected: expected.to_vec(),
            found: found.to_vec(),
        }
    }

    /// The [`Overflow`](Error::Overflow) error of `what` in `item`.
    pub fn overflow(item: impl Into<Text>, what: impl Into<Text>) -> Self {
        Error::Overflow {
            item: item.into(),
            what: what.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::SizeTooLarge { item, name, value } => write!(
                f,
                "the size {name} of `{item}` is {value}, more than 64-bit index arithmetic holds"
            ),
            Error::NegativeExtent {
                item,
                tensor,
                axis,
                extent,
            } => write!(
                f,
                "axis {axis} of {tensor} in `{item}` would have the negative extent {extent}"
            ),
            Error::Requirement { item, text, values } => {
                write!(f, "`{item}` needs {text}")?;
                for (k, (name, value)) in values.iter().enumerate() {
                    let before = if k == 0 { ", which fails for" } else { "," };
                    write!(f, "{before} {name} = {value}")?;
                }
                Ok(())
            }
            Error::Undecided { item, text, budget } => write!(
                f,
                "`{item}` needs {text}, which would take more than {budget} steps to decide at these sizes"
            ),
            Error::Overflow { item, what } => {
                write!(f, "{what} of `{item}` does not fit 64-bit index arithmetic")
            }
            Error::Length {
                tensor,
                shape,
                found,
            } => write!(
                f,
                "the slice for {tensor} holds {found} elements, but the shape {shape:?} needs {}",
                shape
                    .iter()
                    .fold(1usize, |n, &extent| n.saturating_mul(extent))
            ),
            Error::Shape {
                tensor,
                expected,
                found,
            } => write!(
                f,
                "{tensor} has the shape {found:?}, but it must have the shape {expected:?}"
            ),
            Error::Fill {
                item,
                number,
                element,
            } => write!(
                f,
                "`{item}` fills with {number}, which an element of type {element} cannot hold"
            ),
            Error::ElementTypes {
                item,
                declared: Some((input, output)),
                found: (x, y),
            } => write!(f, "`{item}` makes {output} of {input}, not {y} of {x}"),
            Error::ElementTypes {
                item,
                declared: None,
                found: (x, y),
            } => write!(
                f,
                "`{item}` does not convert elements: it makes no {y} of {x}"
            ),
            Error::Memory {
                tensor,
                bytes: Some(bytes),
            } => write!(
                f,
                "there is not enough memory for {tensor}, which needs {bytes} bytes"
            ),
            Error::Memory {
                tensor,
                bytes: None,
            } => write!(f, "{tensor} needs more memory than can be addressed"),
            Error::Threads { threads, reason } => {
                write!(f, "cannot compute on {threads} threads: {reason}")
            }
            Error::Geometry(error) => write!(f, "{error}"),
            Error::Internal { what } => write!(
                f,
                "{what}; this is a defect of convgrad, please report it with the formula and the sizes"
            ),
        }
    }
}

impl std::error::Error for Error {}

impl From<GeometryError> for Error {
    fn from(error: GeometryError) -> Self {
        Error::Geometry(error)
    }
}
