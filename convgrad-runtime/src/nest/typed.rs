//! Instances for elements of certain types, which may change on the way.

use std::marker::PhantomData;

use convgrad_dsl::sema::model::Conversion;
use half::{bf16, f16};
use ndarray::IxDyn;

use super::Instance;
use super::source::{Converted, Source};
use crate::convert::{Cast, Convert, Dequantize, Quantize};
use crate::converter::{Converter, TypedConverter};
use crate::element::Element;
use crate::error::Error;

/// An element type that formulas may name, beside another one. The trait is sealed.
///
/// All pairs of the types of the language implement it; whether there is a conversion between them is told when one is
/// asked for.
pub trait ConvertTo<Y>: Element + sealed::Sealed {
    /// A tensor of these elements as one to read others from; None if there is no such conversion.
    #[doc(hidden)]
    fn source(x: &[Self], conversion: Conversion) -> Option<Box<dyn Source<Y> + '_>>;
}

mod sealed {
    pub trait Sealed {}
}

/// An [`Instance`] for elements of certain types: [`Instance::typed`] makes it.
#[derive(Debug)]
pub struct Typed<'i, X, Y> {
    instance: &'i Instance,
    conversion: Conversion,
    elements: PhantomData<fn(X) -> Y>,
}

impl Instance {
    /// The same for elements of the types `X` and `Y`.
    ///
    /// # Errors
    /// [`Error::ElementTypes`] if the formula says that they are of other types, or does not say that they are converted.
    pub fn typed<X: ConvertTo<Y>, Y: Element>(&self) -> Result<Typed<'_, X, Y>, Error> {
        let elements = self.elements();
        let names = elements.map(|elements| (elements.input.name(), elements.output.name()));
        let fits = names.map_or(X::NAME == Y::NAME, |names| names == (X::NAME, Y::NAME));
        let conversion = elements.map_or(Conversion::Same, |elements| elements.conversion);
        match fits && X::source(&[], conversion).is_some() {
            true => Ok(Typed {
                instance: self,
                conversion,
                elements: PhantomData,
            }),
            false => Err(self.wrong_types::<X, Y>()),
        }
    }
}

impl<X: ConvertTo<Y>, Y: Element> TypedConverter for Typed<'_, X, Y> {
    type Input = X;
    type Output = Y;
    type InputDim = IxDyn;
    type OutputDim = IxDyn;

    fn name(&self) -> &str {
        self.instance.name()
    }

    fn input_name(&self) -> &str {
        self.instance.input_name()
    }

    fn output_name(&self) -> &str {
        self.instance.output_name()
    }

    fn input_dim(&self) -> IxDyn {
        self.instance.input_dim()
    }

    fn output_dim(&self) -> IxDyn {
        self.instance.output_dim()
    }

    fn convert(&self, x: &[X], y: &mut [Y]) -> Result<(), Error> {
        match X::source(x, self.conversion) {
            Some(source) => self.instance.run(x.len(), &*source, y),
            None => Err(self.instance.wrong_types::<X, Y>()),
        }
    }
}

type Made<'x, Y> = Option<Box<dyn Source<Y> + 'x>>;

fn none<X, Y>(_: &[X], _: Conversion) -> Made<'_, Y> {
    None
}

fn converted<'x, X: Element, Y: Element, C>(x: &'x [X], conversion: C) -> Made<'x, Y>
where
    C: Convert<X, Y> + 'x,
{
    Some(Box::new(Converted { x, conversion }))
}

fn same<T: Element>(x: &[T], conversion: Conversion) -> Made<'_, T> {
    match conversion {
        Conversion::Same => Some(Box::new(x)),
        _ => None,
    }
}

fn cast<X: Element, Y: Element>(x: &[X], conversion: Conversion) -> Made<'_, Y>
where
    Cast: Convert<X, Y>,
{
    match conversion {
        Conversion::Cast => converted(x, Cast),
        _ => None,
    }
}

fn quantize<X: Element, Y: Element>(x: &[X], conversion: Conversion) -> Made<'_, Y>
where
    Quantize: Convert<X, Y>,
{
    match conversion {
        Conversion::Quantize { scale, zero } => converted(x, Quantize { scale, zero }),
        _ => None,
    }
}

fn dequantize<X: Element, Y: Element>(x: &[X], conversion: Conversion) -> Made<'_, Y>
where
    Dequantize: Convert<X, Y>,
{
    match conversion {
        Conversion::Dequantize { scale, zero } => converted(x, Dequantize { scale, zero }),
        _ => None,
    }
}

macro_rules! convert_to {
    ($($x:ident: $([$($y:ident)*] by $kinds:tt)*;)*) => {$(
        impl sealed::Sealed for $x {}

        convert_to!(@ $x [$x] by (same));
        $(convert_to!(@ $x [$($y)*] by $kinds);)*
    )*};
    (@ $x:ident [$($y:ident)*] by $kinds:tt) => {
        $(convert_to!(@@ $x $y $kinds);)*
    };
    (@@ $x:ident $y:ident ($($kind:ident)*)) => {
        impl ConvertTo<$y> for $x {
            fn source(x: &[$x], conversion: Conversion) -> Made<'_, $y> {
                None $(.or_else(|| $kind(x, conversion)))*
            }
        }
    };
}

convert_to! {
    f16: [bf16 f32 f64] by (cast) [i8 u8 i16 u16 i32 u32 i64 u64] by (quantize);
    bf16: [f16 f32 f64] by (cast) [i8 u8 i16 u16 i32 u32 i64 u64] by (quantize);
    f32: [f16 bf16 f64] by (cast) [i8 u8 i16 u16 i32 u32 i64 u64] by (quantize);
    f64: [f16 bf16 f32] by (cast) [i8 u8 i16 u16 i32 u32 i64 u64] by (quantize);
    i8: [f16 bf16 f32 f64] by (cast dequantize) [i16 i32 i64] by (cast) [u8 u16 u32 u64] by (none);
    u8: [f16 bf16 f32 f64] by (cast dequantize) [i16 u16 i32 u32 i64 u64] by (cast) [i8] by (none);
    i16: [f16 bf16 f32 f64] by (cast dequantize) [i32 i64] by (cast) [i8 u8 u16 u32 u64] by (none);
    u16: [f16 bf16 f32 f64] by (cast dequantize) [i32 u32 i64 u64] by (cast) [i8 u8 i16] by (none);
    i32: [f16 bf16 f32 f64] by (cast dequantize) [i64] by (cast) [i8 u8 i16 u16 u32 u64] by (none);
    u32: [f16 bf16 f32 f64] by (cast dequantize) [i64 u64] by (cast) [i8 u8 i16 u16 i32] by (none);
    i64: [f16 bf16 f32 f64] by (cast dequantize) [i8 u8 i16 u16 i32 u32 u64] by (none);
    u64: [f16 bf16 f32 f64] by (cast dequantize) [i8 u8 i16 u16 i32 u32 i64] by (none);
}
