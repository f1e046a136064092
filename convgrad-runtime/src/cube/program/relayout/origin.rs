//! Where the elements of a converter's output come from: what its loops say when they run over addresses.
//!
//! The loops that convert numbers on the CPU copy places here: element `i` of the input is its own address. What they leave in the output
//! is all that a device has to know, whether a compiler made the loops or the executor runs them.

use ndarray::Dimension;

use crate::buffer::filled;
use crate::converter::Converter;
use crate::cube::program::Refusal;
use crate::element::{Element, Number};
use half::f16;

/// An element of the output: which one of the input it is, or which number.
///
/// One word without padding, which kernels may move as they like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cube::program) struct Origin(u64);

/// Above the address of an element.
const NUMBER: u64 = 1 << 32;
const SUM: u64 = 2 << 32;

/// An origin, to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// An element of the input.
    Element(usize),
    /// A half, by its bits.
    Number(u16),
    /// Elements that were added.
    Sum,
}

impl Origin {
    pub(super) const ZERO: Origin = Origin(NUMBER);

    /// An element of the input, whose addresses [`addresses`] has found to be small enough.
    pub(in crate::cube::program) fn element(address: usize) -> Self {
        Origin(address as u64)
    }

    pub(super) fn content(self) -> Content {
        match self.0 {
            address if address < NUMBER => Content::Element(address as usize),
            SUM => Content::Sum,
            number => Content::Number(number as u16),
        }
    }
}

impl Default for Origin {
    fn default() -> Self {
        Self::ZERO
    }
}

/// Loops take it for the half that it stands for.
impl Element for Origin {
    const NAME: &'static str = f16::NAME;

    fn from_number(number: Number) -> Option<Self> {
        let half = f16::from_number(number)?;
        Some(Origin(NUMBER | u64::from(half.to_bits())))
    }

    fn plus(self, _: Self) -> Self {
        Origin(SUM)
    }
}

/// An input whose elements are their own addresses.
pub(in crate::cube::program) fn addresses(len: usize) -> Result<Vec<Origin>, Refusal> {
    if len as u64 >= NUMBER {
        return Err(Refusal::Unavailable(format!(
            "{len} elements are more than a program for the device can address"
        )));
    }
    let mut all = filled("the addresses of an input", &[len], Origin::ZERO)?;
    for (address, origin) in (0..).zip(&mut all) {
        *origin = Origin(address);
    }
    Ok(all)
}

/// The origins of a converter's output.
pub(super) fn trace(converter: &impl Converter) -> Result<Vec<Origin>, Refusal> {
    let input = addresses(converter.input_dim().size())?;
    let len = converter.output_dim().size();
    let mut output = filled("the origins of an output", &[len], Origin::ZERO)?;
    converter.convert(&input, &mut output)?;
    Ok(output)
}
