//! How things look: diagnostics, tables and pictures.

pub(crate) mod chart;
mod diagnostics;
mod table;

pub(crate) use diagnostics::diagnostics;
pub(crate) use table::{ratio, table};
