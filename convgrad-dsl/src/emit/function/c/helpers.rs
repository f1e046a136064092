//! What stands beside a function in C.

use super::super::helper::Helper;
use super::super::{Language, element};
use super::C;
use crate::emit::function::lines::Lines;
use crate::sema::model::{Conversion, ElementType};

/// A function: what it is, its result, its parameters, its body.
type Parts = (String, String, String, String);

impl C {
    /// The helpers that are called.
    pub(super) fn helpers(&self) -> String {
        let mut text = String::new();
        for helper in self.helpers.used() {
            let (about, result, parameters, body) = self.helper(helper);
            let name = self.helpers.name(helper);
            let mut lines = Lines::default();
            lines.line(&format!("/* {about} */"));
            lines.line(&format!("static {result} {name}({parameters})"));
            lines.open("");
            lines.verbatim(&body);
            lines.close();
            text += &format!("{}\n", lines.finish());
        }
        text
    }

    fn helper(&self, helper: Helper) -> Parts {
        let of = |about: &str, result: &str, parameters: &str, body: &str| {
            let owned = |text: &str| text.to_owned();
            (owned(about), owned(result), owned(parameters), owned(body))
        };
        let integers = |about: &str, parameters: &str, body: &str| {
            of(about, "int64_t", parameters, &format!("return {body};"))
        };
        let two = "int64_t a, int64_t b";
        match helper {
            Helper::FloorDiv => {
                integers("a / b rounded down, for b > 0", two, "a / b - (a % b < 0)")
            }
            Helper::FloorMod => integers(
                "a - b * floor(a / b), for b > 0",
                two,
                "a % b < 0 ? a % b + b : a % b",
            ),
            Helper::Min => integers("the smaller one", two, "a < b ? a : b"),
            Helper::Max => integers("the larger one", two, "a > b ? a : b"),
            Helper::Abs => integers("the absolute value", "int64_t a", "a < 0 ? -a : a"),
            Helper::Power => of(
                "2 to the power of an exponent, as far as that matters",
                "double",
                "double exponent",
                "double power = 1.0;\n\
                 for (; exponent > 0.0 && power < 9.0e18; exponent -= 1.0) {\n    power *= 2.0;\n}\n\
                 return power;",
            ),
            Helper::FromHalf => of(
                "the value of an f16, given its bits",
                "float",
                "uint16_t bits",
                "const float sign = bits >> 15 != 0 ? -1.0f : 1.0f;\n\
                 const uint32_t exponent = bits >> 10 & 31, fraction = bits & 1023;\n\
                 if (exponent == 0) {\n    return sign * ((float)fraction * 5.9604644775390625e-8f);\n}\n\
                 const uint32_t wide = (exponent == 31 ? 255 : exponent + 112) << 23 | fraction << 13;\n\
                 float value;\n\
                 memcpy(&value, &wide, sizeof value);\n\
                 return sign * value;",
            ),
            Helper::FromBf16 => of(
                "the value of a bf16, given its bits",
                "float",
                "uint16_t bits",
                "const uint32_t wide = (uint32_t)bits << 16;\n\
                 float value;\n\
                 memcpy(&value, &wide, sizeof value);\n\
                 return value;",
            ),
            Helper::ToHalf => of(
                "the bits of the nearest f16, ties to even",
                "uint16_t",
                "double value",
                &narrow(10, 14, "0x7c00", "0x7e00"),
            ),
            Helper::ToBf16 => of(
                "the bits of the nearest bf16, ties to even",
                "uint16_t",
                "double value",
                &narrow(7, 126, "0x7f80", "0x7fc0"),
            ),
            Helper::ToOdd => of(
                "a double that rounds to fewer digits as the integer does: what it cannot hold makes it odd",
                "double",
                &format!("{} value", element::name(self.input(), Language::C)),
                &self.to_odd(),
            ),
            Helper::Quantized => self.quantized(),
            Helper::Difference => self.difference(),
        }
    }

    fn to_odd(&self) -> String {
        let body = "const uint64_t kept = magnitude >> 11 | ((magnitude & 2047) != 0);\n\
             const double most = magnitude >> 53 != 0 ? (double)(kept << 11) : (double)magnitude;\n";
        match self.input() {
            ElementType::U64 => format!("const uint64_t magnitude = value;\n{body}return most;"),
            _ => format!(
                "const uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;\n\
                 {body}return value < 0 ? -most : most;"
            ),
        }
    }

    fn quantized(&self) -> Parts {
        let zero = match self.types.conversion {
            Conversion::Quantize { zero, .. } => zero,
            _ => 0,
        };
        let output = element::name(self.output(), Language::C);
        let (least, most) = self.output().range().unwrap_or_default();
        let about = format!("quotient, rounded to the nearest integer (ties to even), plus {zero}");
        let nearest = "const double rest = quotient - (double)whole;\n\
             if (rest > 0.5 || (rest == 0.5 && whole % 2 != 0)) {\n    ++whole;\n}\n\
             if (rest < -0.5 || (rest == -0.5 && whole % 2 != 0)) {\n    --whole;\n}\n";
        let literal = |n: i128| self.integer(n);
        let body = if most <= i128::from(u32::MAX) {
            // Between these quotients the sum fits.
            let (low, high) = (least - i128::from(zero), most - i128::from(zero));
            format!(
                "if (quotient != quotient) {{\n    return {};\n}}\n\
                 if (quotient <= {low}.0) {{\n    return {};\n}}\n\
                 if (quotient >= {high}.0) {{\n    return {};\n}}\n\
                 int64_t whole = (int64_t)quotient;\n{nearest}return ({output})(whole{});",
                literal(zero.into()),
                literal(least),
                literal(most),
                plus(zero.into()),
            )
        } else {
            let (least_high, most_high) = (least >> 32, most >> 32);
            let zero_high = zero >> 32;
            let zero_low = zero & 0xffff_ffff;
            format!(
                "if (quotient != quotient) {{\n    return {};\n}}\n\
                 if (quotient < 4503599627370496.0 && quotient > -4503599627370496.0) {{\n\
                 \x20   int64_t whole = (int64_t)quotient;\n{}    quotient = (double)whole;\n}}\n\
                 if (quotient <= -36893488147419103232.0) {{\n    return {};\n}}\n\
                 if (quotient >= 36893488147419103232.0) {{\n    return {};\n}}\n\
                 // In two halves, which do not overflow.\n\
                 int64_t high = (int64_t)(quotient / 4294967296.0);\n\
                 high -= (double)high * 4294967296.0 > quotient;\n\
                 const int64_t low = (int64_t)(quotient - (double)high * 4294967296.0){};\n\
                 high += (low >> 32){};\n\
                 if (high < {least_high}) {{\n    return {};\n}}\n\
                 if (high > {most_high}) {{\n    return {};\n}}\n\
                 return ({output})((uint64_t)high << 32 | ((uint64_t)low & 0xffffffff));",
                literal(zero.into()),
                indented(nearest),
                literal(least),
                literal(most),
                plus(zero_low.into()),
                plus(zero_high.into()),
                literal(least),
                literal(most),
            )
        };
        (about, output.to_owned(), "double quotient".to_owned(), body)
    }

    fn difference(&self) -> Parts {
        let zero = match self.types.conversion {
            Conversion::Dequantize { zero, .. } => zero,
            _ => 0,
        };
        let input = element::name(self.input(), Language::C);
        let wide = self.wide(self.output());
        let zero = self.integer(zero.into());
        // The distance of two integers of 64 bits has 64 bits without a sign.
        let body = format!(
            "if (value < {zero}) {{\n    return -({wide})((uint64_t){zero} - (uint64_t)value);\n}}\n\
             return ({wide})((uint64_t)value - (uint64_t){zero});"
        );
        (
            format!("value - {zero}, rounded once"),
            wide.to_owned(),
            format!("{input} value"),
            body,
        )
    }

    /// An integer that fits 64 bits.
    pub(super) fn integer(&self, n: i128) -> String {
        match n {
            n if n == i128::from(i64::MIN) => "INT64_MIN".to_owned(),
            n if n == i128::from(u64::MAX) => "UINT64_MAX".to_owned(),
            n if n > i128::from(i64::MAX) => format!("{n}u"),
            n => n.to_string(),
        }
    }
}

/// A summand after another one; nothing for 0.
pub(super) fn plus(n: i128) -> String {
    match n {
        0 => String::new(),
        n if n < 0 => format!(" - {}", -n),
        n => format!(" + {n}"),
    }
}

fn indented(lines: &str) -> String {
    lines.lines().map(|line| format!("    {line}\n")).collect()
}

/// Rounds a double to a float of 16 bits: how many of them are the fraction's, minus the smallest exponent, the bits of
/// infinity and those of a NaN.
fn narrow(fraction: u32, least: u32, infinity: &str, nan: &str) -> String {
    format!(
        "uint64_t bits;\n\
         memcpy(&bits, &value, sizeof bits);\n\
         const uint64_t sign = bits >> 63 << 15;\n\
         const int exponent = (int)(bits >> 52 & 2047) - 1023;\n\
         const uint64_t fraction = bits & (((uint64_t)1 << 52) - 1);\n\
         if (exponent == 1024 && fraction != 0) {{\n    return (uint16_t)(sign | {nan});\n}}\n\
         if (exponent < -{too_small}) {{\n    return (uint16_t)sign;\n}}\n\
         // In units of the last place; below the smallest exponent these stay the same.\n\
         const int shift = {shift} + (exponent < -{least} ? -{least} - exponent : 0);\n\
         const uint64_t significand = fraction | (uint64_t)1 << 52;\n\
         const uint64_t tie = (uint64_t)1 << (shift - 1);\n\
         const uint64_t rest = significand & (2 * tie - 1);\n\
         uint64_t units = significand >> shift;\n\
         units += rest > tie || (rest == tie && units % 2 != 0);\n\
         if (exponent > -{least}) {{\n    units += (uint64_t)(exponent + {least}) << {fraction};\n}}\n\
         return (uint16_t)(sign | (units < {infinity} ? units : {infinity}));",
        too_small = least + fraction + 1,
        shift = 52 - fraction,
    )
}
