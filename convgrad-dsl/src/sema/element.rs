//! Element types, and how elements of one become elements of another.

use std::fmt;

use super::model::Number;

macro_rules! element_types {
    ($($(#[$doc:meta])* $variant:ident $name:literal $kind:expr;)*) => {
        /// What the elements of a tensor are.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ElementType {
            $($(#[$doc])* $variant,)*
        }

        impl ElementType {
            /// All of them.
            pub const ALL: &'static [ElementType] = &[$(ElementType::$variant),*];

            /// Its name, in formulas as in Rust: `f32`.
            pub fn name(self) -> &'static str {
                match self { $(ElementType::$variant => $name,)* }
            }

            /// The bytes of an element: its name ends with its bits.
            pub fn bytes(self) -> i64 {
                let bits = self.name().trim_start_matches(char::is_alphabetic);
                bits.parse().map_or(0, |bits: i64| bits / 8)
            }

            fn kind(self) -> Kind {
                match self { $(ElementType::$variant => $kind,)* }
            }
        }
    };
}

/// What tells element types apart.
enum Kind {
    /// Floats: numbers from here on, on both sides of 0, round to an infinity.
    Float { overflow: f64 },
    /// Integers, all from the smallest to the largest.
    Int { smallest: i128, largest: i128 },
}

macro_rules! int {
    ($type:ty) => {
        Kind::Int {
            smallest: <$type>::MIN as i128,
            largest: <$type>::MAX as i128,
        }
    };
}

/// Of a float whose significand has `bits` bits and whose powers of 2 end before `exponent`: half a step above the largest.
fn overflow(bits: i32, exponent: i32) -> Kind {
    let overflow = 2f64.powi(exponent) - 2f64.powi(exponent - bits - 1);
    Kind::Float { overflow }
}

element_types! {
    /// IEEE half precision.
    F16 "f16" overflow(11, 16);
    /// The upper half of an `f32`.
    Bf16 "bf16" overflow(8, 128);
    /// IEEE single precision.
    F32 "f32" overflow(24, 128);
    /// IEEE double precision.
    F64 "f64" Kind::Float { overflow: f64::INFINITY };
    /// Signed, 8 bits.
    I8 "i8" int!(i8);
    /// Unsigned, 8 bits.
    U8 "u8" int!(u8);
    /// Signed, 16 bits.
    I16 "i16" int!(i16);
    /// Unsigned, 16 bits.
    U16 "u16" int!(u16);
    /// Signed, 32 bits.
    I32 "i32" int!(i32);
    /// Unsigned, 32 bits.
    U32 "u32" int!(u32);
    /// Signed, 64 bits.
    I64 "i64" int!(i64);
    /// Unsigned, 64 bits.
    U64 "u64" int!(u64);
}

impl ElementType {
    /// The type of a name.
    pub fn named(name: &str) -> Option<ElementType> {
        Self::ALL.iter().copied().find(|ty| ty.name() == name)
    }

    /// Whether it is one of floats; it is one of integers otherwise.
    pub fn is_float(self) -> bool {
        matches!(self.kind(), Kind::Float { .. })
    }

    /// The smallest and the largest integer of it; None for floats.
    pub fn range(self) -> Option<(i128, i128)> {
        match self.kind() {
            Kind::Float { .. } => None,
            Kind::Int { smallest, largest } => Some((smallest, largest)),
        }
    }

    /// Whether an element can stand for a number: floats for what does not round to an infinity, and for infinities;
    /// integers for what they hold exactly, also where it is written as a float.
    pub fn holds(self, number: Number) -> bool {
        match (self.kind(), number) {
            (Kind::Float { overflow }, Number::Int(int)) => (int as f64).abs() < overflow,
            (Kind::Float { overflow }, Number::Float(float)) => {
                float.abs() < overflow || float.is_infinite()
            }
            (Kind::Int { smallest, largest }, Number::Int(int)) => {
                (smallest..=largest).contains(&int)
            }
            (Kind::Int { smallest, largest }, Number::Float(float)) => {
                Number::Int(float as i128).same(number)
                    && (smallest..=largest).contains(&(float as i128))
            }
        }
    }

    /// Whether `cast` takes elements of this type to the other: floats and integers to any float, integers to integers
    /// that hold all of them.
    pub fn casts_to(self, other: ElementType) -> bool {
        match (self.range(), other.range()) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some((smallest, largest)), Some((low, high))) => low <= smallest && largest <= high,
        }
    }
}

impl fmt::Display for ElementType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How an element is converted on its way.
///
/// Quantised numbers are computed in `f32`, or in `f64` where the float is an `f64`; the scale is the nearest number of
/// that type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Conversion {
    /// Not at all: both types are one.
    Same,
    /// `cast(x)`: to the nearest value, ties to even.
    Cast,
    /// `quantize(x, scale, zero)`: `round(x / scale) + zero`, ties to even, saturating; `zero` for what is not a number.
    Quantize {
        /// As it was written; positive and finite, also as the nearest `f32`.
        scale: f64,
        /// The number that stands for 0, of the output's type.
        zero: i64,
    },
    /// `dequantize(x, scale, zero)`: `(x - zero) * scale`.
    Dequantize {
        /// As it was written; positive and finite, also as the nearest `f32`.
        scale: f64,
        /// The number that stands for 0, of the input's type.
        zero: i64,
    },
}

impl fmt::Display for Conversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Conversion::Same => f.write_str("none"),
            Conversion::Cast => f.write_str("cast"),
            Conversion::Quantize { scale, zero } => write!(f, "quantize({scale:?}, {zero})"),
            Conversion::Dequantize { scale, zero } => write!(f, "dequantize({scale:?}, {zero})"),
        }
    }
}

/// The element types that a converter is written for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Elements {
    /// What it reads.
    pub input: ElementType,
    /// What it writes; the fill is a number of this type.
    pub output: ElementType,
    /// From the one to the other.
    pub conversion: Conversion,
}

impl Elements {
    /// What it reads and what it writes.
    pub fn types(self) -> (ElementType, ElementType) {
        (self.input, self.output)
    }
}

#[cfg(test)]
mod tests {
    use super::ElementType::*;
    use super::Number::{Float, Int};

    #[test]
    fn types_hold_what_does_not_overflow() {
        assert!(
            F16.holds(Float(65519.99)) && !F16.holds(Float(65520.0)) && !F16.holds(Int(-65520))
        );
        assert!(F16.holds(Float(f64::INFINITY)) && F16.holds(Float(1e-30)));
        assert!(F32.holds(Float(f32::MAX.into())) && !F32.holds(Float(3.402_823_6e38)));
        let (largest, middle) = (3.389_531_389_251_535_5e38, 2f64.powi(128) - 2f64.powi(119));
        assert!(Bf16.holds(Float(largest)) && !Bf16.holds(Float(middle)));
        assert!(F64.holds(Float(-1e308)) && F64.holds(Int(i128::MAX)));
        assert!(I8.holds(Int(-128)) && !I8.holds(Int(128)) && !U8.holds(Int(-1)));
        assert!(U64.holds(Float(2f64.powi(63))) && !U64.holds(Float(2f64.powi(64))));
        assert!(!I32.holds(Float(0.5)) && !I32.holds(Float(f64::INFINITY)));
    }

    #[test]
    fn casts_lose_no_integer() {
        assert!(F64.casts_to(F16) && I64.casts_to(Bf16) && U8.casts_to(I16) && I8.casts_to(I8));
        assert!(!I16.casts_to(I8) && !I8.casts_to(U64) && !U64.casts_to(I64) && !F32.casts_to(I64));
    }
}
