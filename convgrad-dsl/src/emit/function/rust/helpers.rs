//! What stands beside a function in Rust.

use super::super::helper::Helper;
use super::super::lines::Lines;
use super::super::{Language, element};
use super::Rust;
use crate::sema::model::ElementType;

impl Rust {
    /// The helpers that are called.
    pub(super) fn helpers(&self) -> String {
        let mut text = String::new();
        for helper in self.helpers.used() {
            let Some((about, parameters, result, body)) = self.helper(helper) else {
                continue;
            };
            let name = self.helpers.name(helper);
            let mut lines = Lines::default();
            lines.comment("///", about);
            lines.open(&format!("fn {name}({parameters}) -> {result}"));
            lines.verbatim(&body);
            lines.close();
            text += &format!("\n{}", lines.finish());
        }
        text
    }

    /// What it is, its parameters, its result, its body; None for what is a method in this language.
    fn helper(&self, helper: Helper) -> Option<(&'static str, String, &'static str, String)> {
        Some(match helper {
            Helper::FromHalf => (
                "The value of an f16, given its bits.",
                "bits: u16".to_owned(),
                "f32",
                "let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };\n\
                 let (exponent, fraction) = (u32::from(bits >> 10 & 31), u32::from(bits & 1023));\n\
                 sign * match exponent {\n    \
                 0 => fraction as f32 * 5.960_464_5e-8,\n    \
                 31 => f32::from_bits(255 << 23 | fraction << 13),\n    \
                 _ => f32::from_bits((exponent + 112) << 23 | fraction << 13),\n}"
                    .to_owned(),
            ),
            Helper::FromBf16 => (
                "The value of a bf16, given its bits.",
                "bits: u16".to_owned(),
                "f32",
                "f32::from_bits(u32::from(bits) << 16)".to_owned(),
            ),
            Helper::ToHalf => (
                "The bits of the nearest f16, ties to even.",
                "value: f64".to_owned(),
                "u16",
                narrow(10, 14, "0x7c00", "0x7e00"),
            ),
            Helper::ToBf16 => (
                "The bits of the nearest bf16, ties to even.",
                "value: f64".to_owned(),
                "u16",
                narrow(7, 126, "0x7f80", "0x7fc0"),
            ),
            Helper::ToOdd => (
                "A double that rounds to fewer digits as the integer does: what it cannot hold makes it odd.",
                format!("value: {}", self.input_name()),
                "f64",
                self.to_odd(),
            ),
            Helper::FloorDiv
            | Helper::FloorMod
            | Helper::Min
            | Helper::Max
            | Helper::Abs
            | Helper::Power
            | Helper::Quantized
            | Helper::Difference => return None,
        })
    }

    fn input_name(&self) -> &'static str {
        let input = self.types.input.unwrap_or(ElementType::I64);
        element::name(input, Language::Rust)
    }

    fn to_odd(&self) -> String {
        let most = "let most = match magnitude >> 53 {\n    \
             0 => magnitude as f64,\n    \
             _ => ((magnitude >> 11 | u64::from(magnitude & 2047 != 0)) << 11) as f64,\n};\n";
        match self.types.input {
            Some(ElementType::U64) => format!("let magnitude = value;\n{most}most"),
            _ => format!(
                "let magnitude = value.unsigned_abs();\n{most}if value < 0 {{ -most }} else {{ most }}"
            ),
        }
    }
}

/// Rounds a double to a float of 16 bits: how many of them are the fraction's, minus the smallest exponent, the bits of
/// infinity and those of a NaN.
fn narrow(fraction: u32, least: u32, infinity: &str, nan: &str) -> String {
    format!(
        "let bits = value.to_bits();\n\
         let sign = (bits >> 63 << 15) as u16;\n\
         let exponent = (bits >> 52 & 2047) as i32 - 1023;\n\
         if value.is_nan() {{\n    return sign | {nan};\n}}\n\
         if exponent < -{too_small} {{\n    return sign;\n}}\n\
         // In units of the last place; below the smallest exponent these stay the same.\n\
         let shift = {shift} + (-{least} - exponent).max(0);\n\
         let significand = bits & ((1 << 52) - 1) | 1 << 52;\n\
         let (units, tie) = (significand >> shift, 1 << (shift - 1));\n\
         let rest = significand & (2 * tie - 1);\n\
         let up = rest > tie || rest == tie && units % 2 == 1;\n\
         let power = ((exponent + {least}).max(0) as u64) << {fraction};\n\
         sign | (units + u64::from(up) + power).min({infinity}) as u16",
        too_small = least + fraction + 1,
        shift = 52 - fraction,
    )
}
