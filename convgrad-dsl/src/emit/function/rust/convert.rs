//! Elements on their way, in Rust.

use super::super::helper::Helper;
use super::{Rust, type_name};
use crate::sema::model::{Conversion, ElementType};

impl Rust {
    /// What is written for an element that is read.
    pub(super) fn moved(&self, from: &str) -> String {
        let (Some(input), Some(output)) = (self.types.input, self.types.output) else {
            return from.to_owned();
        };
        match self.types.conversion {
            Conversion::Same => from.to_owned(),
            Conversion::Cast if input == output => from.to_owned(),
            Conversion::Cast => match (input, output) {
                (ElementType::I64 | ElementType::U64, ElementType::Bf16) => {
                    let odd = self.helpers.call(Helper::ToOdd, &[from]);
                    self.helpers.call(Helper::ToBf16, &[&odd.text]).text
                }
                (_, ElementType::F16 | ElementType::Bf16) => {
                    self.narrow(output, &self.widened(input, from), input.name())
                }
                (ElementType::F16 | ElementType::Bf16, ElementType::F32) => {
                    self.widened(input, from)
                }
                _ => format!(
                    "{} as {}",
                    self.widened(input, from),
                    type_name(Some(output))
                ),
            },
            Conversion::Quantize { scale, zero } => {
                let scale = number(scale, input);
                let (least, most) = output.range().unwrap_or_default();
                let wide = match most <= i128::from(u32::MAX) {
                    true => "i64",
                    false => "i128",
                };
                let plus = match zero {
                    0 => String::new(),
                    zero => format!(".saturating_add({zero})"),
                };
                format!(
                    "(({} / {scale}).round_ties_even() as {wide}){plus}.clamp({least}, {most}) as {}",
                    self.widened(input, from),
                    type_name(Some(output))
                )
            }
            Conversion::Dequantize { scale, zero } => {
                let wide_int = match input.range() {
                    Some((_, most)) if most > i128::from(u32::MAX) => "i128",
                    _ => "i64",
                };
                let difference = match zero {
                    0 => from.to_owned(),
                    zero if zero < 0 => format!("({from} as {wide_int} + {})", zero.unsigned_abs()),
                    zero => format!("({from} as {wide_int} - {zero})"),
                };
                let product = format!(
                    "{difference} as {} * {}",
                    wide(output),
                    number(scale, output)
                );
                match output {
                    ElementType::F32 | ElementType::F64 => product,
                    half => self.narrow(half, &format!("({product})"), wide(half)),
                }
            }
        }
    }

    /// The sum of two elements of the output.
    pub(super) fn sum(&self, to: &str, from: &str) -> String {
        match self.types.output {
            None => format!("{to} = {to} + {from};"),
            Some(ElementType::F32 | ElementType::F64) => format!("{to} += {from};"),
            Some(half @ (ElementType::F16 | ElementType::Bf16)) => {
                let (a, b) = (self.widened(half, to), self.widened(half, from));
                format!(
                    "{to} = {};",
                    self.narrow(half, &format!("({a} + {b})"), "f32")
                )
            }
            Some(_) => format!("{to} = {to}.wrapping_add({from});"),
        }
    }

    /// An element as a number to compute with.
    fn widened(&self, element: ElementType, from: &str) -> String {
        match element {
            ElementType::F16 => self.helpers.call(Helper::FromHalf, &[from]).text,
            ElementType::Bf16 => self.helpers.call(Helper::FromBf16, &[from]).text,
            _ => from.to_owned(),
        }
    }

    /// A number of a type as an element.
    fn narrow(&self, element: ElementType, value: &str, of: &str) -> String {
        let double = match of {
            "f64" => value.to_owned(),
            _ => format!("{value} as f64"),
        };
        match element {
            ElementType::F16 => self.helpers.call(Helper::ToHalf, &[&double]).text,
            ElementType::Bf16 => self.helpers.call(Helper::ToBf16, &[&double]).text,
            _ => value.to_owned(),
        }
    }
}

/// The type in which a float is computed with.
fn wide(element: ElementType) -> &'static str {
    match element {
        ElementType::F64 => "f64",
        _ => "f32",
    }
}

fn number(scale: f64, float: ElementType) -> String {
    match float {
        ElementType::F64 => format!("{scale:?}"),
        _ => format!("{:?}", scale as f32),
    }
}
