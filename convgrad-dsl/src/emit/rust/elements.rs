//! Element types in signatures: any type, or those that the formula says, with the conversion between them.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

use crate::sema::model::{Conversion, ElementType, Elements};

/// How the methods of a converter name the elements.
pub(super) struct Signature {
    /// The trait that it implements.
    pub(super) implements: TokenStream,
    /// What stands behind the name of a method: `<T: cg::Element>`, or nothing.
    pub(super) generics: TokenStream,
    /// The type of the elements that are read.
    pub(super) input: TokenStream,
    /// The type of the elements that are written.
    pub(super) output: TokenStream,
    /// The associated types of the trait.
    pub(super) associated: TokenStream,
}

impl Signature {
    pub(super) fn new(types: Option<(ElementType, ElementType)>) -> Self {
        let Some((input, output)) = types else {
            return Signature {
                implements: quote!(cg::Converter),
                generics: quote!(<T: cg::Element>),
                input: quote!(T),
                output: quote!(T),
                associated: quote!(),
            };
        };
        let (input, output) = (element(input), element(output));
        Signature {
            implements: quote!(cg::TypedConverter),
            generics: quote!(),
            associated: quote! {
                type Input = #input;
                type Output = #output;
            },
            input,
            output,
        }
    }

    /// That of a converter.
    pub(super) fn of(elements: Option<Elements>) -> Self {
        Signature::new(elements.map(Elements::types))
    }
}

/// A type as the expansion names it.
fn element(ty: ElementType) -> TokenStream {
    let name = Ident::new(ty.name(), Span::call_site());
    match ty {
        ElementType::F16 | ElementType::Bf16 => quote!(cg::#name),
        _ => quote!(#name),
    }
}

/// The value that converts elements; None where they are only moved.
pub(super) fn conversion(elements: Option<Elements>) -> Option<TokenStream> {
    let numbers = |scale: f64, zero: i64| {
        let (scale, digits) = (
            Literal::f64_unsuffixed(scale),
            Literal::u64_unsuffixed(zero.unsigned_abs()),
        );
        let sign = (zero < 0).then(|| quote!(-));
        quote!({ scale: #scale, zero: #sign #digits })
    };
    match elements?.conversion {
        Conversion::Same => None,
        Conversion::Cast => Some(quote!(cg::Cast)),
        Conversion::Quantize { scale, zero } => {
            let numbers = numbers(scale, zero);
            Some(quote!(cg::Quantize #numbers))
        }
        Conversion::Dequantize { scale, zero } => {
            let numbers = numbers(scale, zero);
            Some(quote!(cg::Dequantize #numbers))
        }
    }
}
