//! Tensors and fill values as text in the language's own words.

use crate::proof::text;
use crate::sema::model::{Converter, Number, Operand};

/// A tensor with its extents: `X[N, C/16, H, W, 16]`.
pub fn operand(converter: &Converter, operand: &Operand) -> String {
    let extents: Vec<String> = operand
        .extents
        .iter()
        .map(|extent| text::expr(extent, converter))
        .collect();
    format!("{}[{}]", operand.name.text, extents.join(", "))
}

/// A fill value as it may stand after `else`.
pub fn number(number: Number) -> String {
    match number {
        Number::Int(value) => value.to_string(),
        Number::Float(value) => format!("{value:?}"),
    }
}
