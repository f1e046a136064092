//! Random formulas by the ten thousand: what is proved of them is what the interpreter finds.

mod equality;
// The tests of the whole workspace have the same formulas.
#[path = "../../../../tests/it/random/generator/mod.rs"]
pub(crate) mod generator;
mod history;
mod layouts;
mod refused;
mod rewrite;
mod verdicts;

use convgrad_dsl::sema::model::Converter;

use crate::annotations::all_sizes;
use generator::Formula;

/// The values of all sizes, in the order of declaration.
fn values(converter: &Converter, formula: &Formula) -> Vec<i64> {
    all_sizes(converter, &formula.sizes)
}
