//! Pictures of numbers, as SVG.

mod axis;
mod bars;
mod canvas;
mod stacked;

pub(crate) use axis::Scale;
pub(crate) use bars::GroupedBars;
pub(crate) use stacked::StackedBars;
