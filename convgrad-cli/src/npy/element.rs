//! What an array file may hold: the element types and their bytes.

use std::fmt;

use half::{bf16, f16};

/// A type whose values stand in array files.
pub(crate) trait Stored: convgrad::Element + Default {
    /// Its name in a header.
    const DTYPE: DType;
    /// How many bytes a value takes.
    const BYTES: usize = size_of::<Self>();

    /// The value of `BYTES` little-endian bytes; None if there are more or fewer.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;

    /// Writes the value as `BYTES` little-endian bytes.
    fn to_bytes(self, bytes: &mut [u8]);
}

macro_rules! elements {
    ($($type:ident $variant:ident $code:literal $name:literal;)*) => {
        /// The type of an element, as the header of a file names it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum DType {
            $(#[doc = $name] $variant,)*
        }

        impl DType {
            /// All of them.
            pub(crate) const ALL: &[DType] = &[$(DType::$variant),*];

            /// NumPy's code without the byte order: `f4`.
            pub(crate) fn code(self) -> &'static str {
                match self { $(DType::$variant => $code,)* }
            }

            /// NumPy's name: `float32`.
            pub(crate) fn name(self) -> &'static str {
                match self { $(DType::$variant => $name,)* }
            }

            /// The name that formulas have for it: `f32`.
            pub(crate) fn in_formulas(self) -> &'static str {
                match self { $(DType::$variant => stringify!($type),)* }
            }

            /// How many bytes an element takes.
            pub(crate) fn bytes(self) -> usize {
                match self { $(DType::$variant => size_of::<$type>(),)* }
            }
        }
    };
}

elements! {
    f16 F16 "f2" "float16";
    // NumPy has no such type: this is how arrays of `ml_dtypes`' are written, and read as two bytes without a meaning.
    bf16 Bf16 "V2" "bfloat16";
    f32 F32 "f4" "float32";
    f64 F64 "f8" "float64";
    i8 I8 "i1" "int8";
    i16 I16 "i2" "int16";
    i32 I32 "i4" "int32";
    i64 I64 "i8" "int64";
    u8 U8 "u1" "uint8";
    u16 U16 "u2" "uint16";
    u32 U32 "u4" "uint32";
    u64 U64 "u8" "uint64";
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

macro_rules! numbers {
    ($($type:ident $variant:ident,)*) => {$(
        impl Stored for $type {
            const DTYPE: DType = DType::$variant;

            fn from_bytes(bytes: &[u8]) -> Option<Self> {
                Some($type::from_le_bytes(bytes.try_into().ok()?))
            }

            fn to_bytes(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.to_le_bytes());
            }
        }
    )*};
}

numbers! { f16 F16, bf16 Bf16, f32 F32, f64 F64, i8 I8, i16 I16, i32 I32, i64 I64, u8 U8, u16 U16, u32 U32, u64 U64, }

/// Runs an expression with a name standing for the Rust type of a [`DType`].
macro_rules! with_element {
    ($dtype:expr, $T:ident => $body:expr) => {{
        macro_rules! run {
            ($type:ty) => {{
                type $T = $type;
                $body
            }};
        }
        use $crate::npy::DType::*;
        match $dtype {
            F16 => run!(half::f16),
            Bf16 => run!(half::bf16),
            F32 => run!(f32),
            F64 => run!(f64),
            I8 => run!(i8),
            I16 => run!(i16),
            I32 => run!(i32),
            I64 => run!(i64),
            U8 => run!(u8),
            U16 => run!(u16),
            U32 => run!(u32),
            U64 => run!(u64),
        }
    }};
}
pub(crate) use with_element;
