//! What stands in for an item with errors: the same names and signatures, so that its users do not add errors of their own.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::elements::Signature;
use super::item::wrap;
use super::names::{identifier, type_name};
use super::shape;
use crate::sema::model::{Stub, StubKind};

/// The stub of an item with errors. It is never run: the errors stand beside it.
pub fn stub(stub: &Stub, krate: &TokenStream) -> TokenStream {
    let name = &stub.name.text;
    match &stub.kind {
        StubKind::Convolution => super::convolution::stub(name, stub.public, krate),
        StubKind::Converter {
            sizes,
            input_rank,
            output_rank,
            elements,
        } => {
            let sizes: Vec<Ident> = sizes.iter().map(|size| identifier(&size.text)).collect();
            wrap(
                name,
                stub.public,
                krate,
                converter(
                    &type_name(name),
                    &sizes,
                    (*input_rank, *output_rank),
                    Signature::new(*elements),
                ),
            )
        }
    }
}

fn converter(
    name: &Ident,
    sizes: &[Ident],
    (input_rank, output_rank): (Option<usize>, Option<usize>),
    signature: Signature,
) -> TokenStream {
    let Signature {
        implements,
        generics,
        input: from,
        output: to,
        associated,
    } = signature;
    let shape = |rank: Option<usize>| match rank {
        Some(rank) => {
            let rank = Literal::usize_unsuffixed(rank);
            quote!([usize; #rank])
        }
        None => quote!(Vec<usize>),
    };
    let (input_shape, output_shape) = (shape(input_rank), shape(output_rank));
    let dimension = |rank: Option<usize>| rank.map_or(quote!(cg::IxDyn), shape::dimension);
    let (input, output) = (dimension(input_rank), dimension(output_rank));
    quote! {
        /// A converter with errors.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum #name {}

        impl #name {
            /// Not available.
            pub fn new(#(#sizes: usize),*) -> Result<Self, cg::Error> {
                unreachable!()
            }

            /// Not available.
            pub fn input_shape(&self) -> #input_shape {
                match *self {}
            }

            /// Not available.
            pub fn output_shape(&self) -> #output_shape {
                match *self {}
            }

            /// Not available.
            pub fn convert #generics(&self, x: &[#from], y: &mut [#to]) -> Result<(), cg::Error> {
                match *self {}
            }

            /// Not available.
            pub fn convert_array #generics(
                &self,
                x: &cg::ArrayRef<#from, #input>,
            ) -> Result<cg::Array<#to, #output>, cg::Error> {
                match *self {}
            }

            /// Not available.
            pub fn convert_array_into #generics(
                &self,
                x: &cg::ArrayRef<#from, #input>,
                y: &mut cg::ArrayRef<#to, #output>,
            ) -> Result<(), cg::Error> {
                match *self {}
            }
        }

        impl #implements for #name {
            #associated
            type InputDim = #input;
            type OutputDim = #output;

            fn name(&self) -> &str {
                match *self {}
            }

            fn input_name(&self) -> &str {
                match *self {}
            }

            fn output_name(&self) -> &str {
                match *self {}
            }

            fn input_dim(&self) -> Self::InputDim {
                match *self {}
            }

            fn output_dim(&self) -> Self::OutputDim {
                match *self {}
            }

            fn convert #generics(&self, x: &[#from], y: &mut [#to]) -> Result<(), cg::Error> {
                match *self {}
            }
        }
    }
}
