//! Elements on their way, in C.

use super::super::helper::Helper;
use super::C;
use super::helpers::plus;
use crate::sema::model::{Conversion, ElementType};

impl C {
    /// What is written for an element that is read.
    pub(super) fn moved(&self, from: &str) -> String {
        let (input, output) = (self.input(), self.output());
        match self.types.conversion {
            Conversion::Same => from.to_owned(),
            Conversion::Cast if input == output => from.to_owned(),
            Conversion::Cast => match (input, output) {
                (ElementType::I64 | ElementType::U64, ElementType::Bf16) => {
                    let odd = self.helpers.call(Helper::ToOdd, &[from]);
                    self.narrow(&odd.text)
                }
                (_, ElementType::F16 | ElementType::Bf16) => {
                    self.narrow(&self.widened(input, from))
                }
                (_, ElementType::F32 | ElementType::F64) => {
                    format!("({}){}", self.wide(output), self.widened(input, from))
                }
                // An integer that holds all of them.
                _ => from.to_owned(),
            },
            Conversion::Quantize { scale, .. } => {
                let scale = self.scale(scale, input);
                let quotient = format!("{} / {scale}", self.widened(input, from));
                self.helpers.call(Helper::Quantized, &[&quotient]).text
            }
            Conversion::Dequantize { scale, zero } => {
                let wide = self.wide(output);
                let difference = match (input, zero) {
                    (_, 0) => format!("({wide}){from}"),
                    (ElementType::I64 | ElementType::U64, _) => {
                        self.helpers.call(Helper::Difference, &[from]).text
                    }
                    _ => format!("({wide})((int64_t){from}{})", plus(-i128::from(zero))),
                };
                self.narrow(&format!("{difference} * {}", self.scale(scale, output)))
            }
        }
    }

    /// The sum of two elements of the output.
    pub(super) fn sum(&self, to: &str, from: &str) -> String {
        let output = self.output();
        match output {
            ElementType::F32 | ElementType::F64 => format!("{to} += {from};"),
            ElementType::F16 | ElementType::Bf16 => {
                let (a, b) = (self.widened(output, to), self.widened(output, from));
                format!("{to} = {};", self.narrow(&format!("{a} + {b}")))
            }
            // Without a sign sums wrap around, where those of integers with one must not overflow.
            _ => {
                let [_, element] = self.type_names();
                format!("{to} = ({element})((uint64_t){to} + (uint64_t){from});")
            }
        }
    }

    /// The type in which a float is computed with.
    pub(super) fn wide(&self, element: ElementType) -> &'static str {
        match element {
            ElementType::F64 => "double",
            _ => "float",
        }
    }

    fn scale(&self, scale: f64, float: ElementType) -> String {
        match float {
            ElementType::F64 => format!("{scale:?}"),
            _ => format!("{:?}f", scale as f32),
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

    /// A number as an element of the output.
    fn narrow(&self, value: &str) -> String {
        match self.output() {
            ElementType::F16 => self.helpers.call(Helper::ToHalf, &[value]).text,
            ElementType::Bf16 => self.helpers.call(Helper::ToBf16, &[value]).text,
            _ => value.to_owned(),
        }
    }
}
