//! Element types and their numbers as the languages write them.

use super::{Language, Unfit};
use crate::emit::formula;
use crate::sema::model::{ElementType, Number};

/// What a type is called.
pub(super) fn name(element: ElementType, language: Language) -> &'static str {
    let (rust, c) = match element {
        // Neither language has them everywhere: their bits.
        ElementType::F16 | ElementType::Bf16 => ("u16", "uint16_t"),
        ElementType::F32 => ("f32", "float"),
        ElementType::F64 => ("f64", "double"),
        ElementType::I8 => ("i8", "int8_t"),
        ElementType::U8 => ("u8", "uint8_t"),
        ElementType::I16 => ("i16", "int16_t"),
        ElementType::U16 => ("u16", "uint16_t"),
        ElementType::I32 => ("i32", "int32_t"),
        ElementType::U32 => ("u32", "uint32_t"),
        ElementType::I64 => ("i64", "int64_t"),
        ElementType::U64 => ("u64", "uint64_t"),
    };
    match language {
        Language::Rust => rust,
        Language::C => c,
    }
}

/// A number as an element.
///
/// # Errors
/// A number that the type cannot hold.
pub(super) fn literal(
    number: Number,
    element: ElementType,
    language: Language,
) -> Result<String, Unfit> {
    if !element.holds(number) {
        let number = formula::number(number);
        return Err(Unfit(format!(
            "{number} is no number of the type {element}"
        )));
    }
    let float = match number {
        Number::Int(n) => n as f64,
        Number::Float(x) => x,
    };
    let integer = match number {
        Number::Int(n) => n,
        Number::Float(x) => x as i128,
    };
    Ok(match element {
        ElementType::F64 => floating(format!("{float:?}"), float, "f64", language),
        ElementType::F32 => {
            // An integer is rounded once.
            let single = match number {
                Number::Int(n) => n as f32,
                Number::Float(x) => x as f32,
            };
            floating(format!("{single:?}"), single.into(), "f32", language)
        }
        ElementType::F16 | ElementType::Bf16 => {
            format!("{:#06x}", half(float, element == ElementType::F16))
        }
        _ if language == Language::C && integer == i64::MIN.into() => "INT64_MIN".to_owned(),
        _ if language == Language::C && integer > i64::MAX.into() => format!("{integer}u"),
        _ => integer.to_string(),
    })
}

fn floating(digits: String, value: f64, rust: &str, language: Language) -> String {
    let sign = if value < 0.0 { "-" } else { "" };
    match (language, value.is_infinite()) {
        (Language::Rust, true) => format!("{sign}{rust}::INFINITY"),
        (Language::C, true) => format!("{sign}INFINITY"),
        (Language::C, false) if rust == "f32" => format!("{digits}f"),
        (_, false) => digits,
    }
}

/// The bits of the nearest half, ties to even: IEEE half precision, or the upper half of a single.
fn half(value: f64, ieee: bool) -> u16 {
    let (fraction, least, infinity): (i32, i32, u64) = match ieee {
        true => (10, -14, 0x7c00),
        false => (7, -126, 0x7f80),
    };
    let sign = u16::from(value.is_sign_negative()) << 15;
    let value = value.abs();
    if value.is_infinite() {
        return sign | infinity as u16;
    }
    // The exponent of the number, or that of all subnormal ones.
    let exponent = match value {
        0.0 => least,
        _ => ((value.to_bits() >> 52) as i32 - 1023).max(least),
    };
    // In units of the last place: exact, since powers of two only move the exponent.
    let units = value * 2f64.powi(fraction - exponent);
    let bits = (((exponent - least) as u64) << fraction) + units.round_ties_even() as u64;
    sign | bits.min(infinity) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_rounded_to_the_nearest() {
        for (value, ieee, expected) in [
            (0.0, true, 0),
            (-0.0, true, 0x8000),
            (1.0, true, 0x3c00),
            (65519.0, true, 0x7bff),
            (65520.0, true, 0x7c00),
            (2f64.powi(-24), true, 1),
            (2f64.powi(-25), true, 0),
            (2f64.powi(-14), true, 0x0400),
            (1.0 + 2f64.powi(-11), true, 0x3c00),
            (1.0 + 2f64.powi(-11) + 2f64.powi(-40), true, 0x3c01),
            (-1.5, false, 0xbfc0),
            (1.0 + 2f64.powi(-8) + 2f64.powi(-40), false, 0x3f81),
            (f64::NEG_INFINITY, false, 0xff80),
            (1e300, false, 0x7f80),
        ] {
            assert_eq!(half(value, ieee), expected, "{value}");
        }
    }

    #[test]
    fn numbers_of_every_type() {
        let of = |number, element| literal(number, element, Language::C).ok();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(of(Number::Int(3), ElementType::F32), text("3.0f"));
        assert_eq!(of(Number::Float(0.1), ElementType::F64), text("0.1"));
        let low = Number::Float(f64::NEG_INFINITY);
        assert_eq!(of(low, ElementType::F32), text("-INFINITY"));
        assert_eq!(of(low, ElementType::I8), None);
        assert_eq!(of(Number::Int(-129), ElementType::I8), None);
        assert_eq!(of(Number::Float(2.0), ElementType::U8), text("2"));
        assert_eq!(of(Number::Int(1 << 63), ElementType::I64), None);
        assert_eq!(of(Number::Float(1e39), ElementType::F32), None);
        assert_eq!(of(Number::Int(1), ElementType::F16), text("0x3c00"));
    }
}
