//! A converter: the type, its constructor, its shapes and `convert`.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::elements::{Signature, conversion};
use super::names::{self, Names, Own};
use super::{checks, docs, loops, shape};
use crate::compile::CompiledConverter;
use crate::emit::formula;
use crate::emit::names::free_sizes;
use crate::emit::share::{Tensor, share};
use crate::sema::model::{Number, Writes};

/// The expansion of a converter. `krate` is the path of the crate whose `__private` it names: `::convgrad`.
pub fn item(compiled: &CompiledConverter, krate: &TokenStream) -> TokenStream {
    let mut names = Names::of(compiled);
    let compiled = &named(compiled, &mut names);
    let converter = &compiled.converter;
    let type_name = names::type_name(&converter.name.text);
    let docs = docs::attributes(&docs::converter(compiled));
    let fields: Vec<Ident> = free_sizes(compiled)
        .into_iter()
        .map(|id| names.size(id).clone())
        .collect();
    let new = constructor(compiled, &names, &fields);
    let shapes = shapes(compiled, &names);
    let convert = convert(compiled, &names);
    let arrays = arrays(compiled);
    let implementation = implementation(compiled, &type_name);
    wrap(
        &converter.name.text,
        converter.public,
        krate,
        quote! {
            #docs
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            pub struct #type_name {
                #(#fields: i64),*
            }

            impl #type_name {
                #new
                #shapes
                #convert
                #arrays
            }

            #implementation
        },
    )
}

/// The converter with names for what its loops use more than once.
fn named(compiled: &CompiledConverter, names: &mut Names) -> CompiledConverter {
    let analysis = &compiled.analysis;
    let tensor = |name, shape| Tensor { name, shape };
    let (x, y) = (names.own.x.to_string(), names.own.y.to_string());
    let nest = share(
        &analysis.nest,
        &tensor(&x, &analysis.input_shape),
        &tensor(&y, &analysis.output_shape),
        |name| names.is_taken(name),
    );
    names.add_variables(&nest);
    let mut compiled = compiled.clone();
    compiled.analysis.nest = nest;
    compiled
}

/// The module around a converter's code, and the name it exports.
pub(super) fn wrap(
    name: &str,
    public: bool,
    krate: &TokenStream,
    content: TokenStream,
) -> TokenStream {
    let (module, type_name) = (names::module_name(name), names::type_name(name));
    let export = match public {
        true => quote!(pub use #module::#type_name;),
        false => quote! {
            #[allow(unused_imports)]
            use #module::#type_name;
        },
    };
    quote! {
        #export

        #[allow(non_snake_case, non_camel_case_types, unused, unreachable_pub, clippy::all)]
        mod #module {
            use #krate::__private as cg;

            #content
        }
    }
}

fn constructor(compiled: &CompiledConverter, names: &Names, fields: &[Ident]) -> TokenStream {
    let checks = checks::checks(compiled, names);
    let (doc, errors) = match fields {
        [] => (
            " The converter; all its sizes are constants.",
            " Sizes that violate a requirement; they are known when this is compiled.",
        ),
        _ => (
            " Fixes the sizes, and checks once what every conversion relies on.",
            " Sizes that violate a requirement, and sizes for which index arithmetic leaves 64 bits.",
        ),
    };
    quote! {
        #[doc = #doc]
        ///
        /// # Errors
        #[doc = #errors]
        pub fn new(#(#fields: usize),*) -> Result<Self, cg::Error> {
            #checks
            Ok(Self { #(#fields: #fields.value()),* })
        }
    }
}

fn shapes(compiled: &CompiledConverter, names: &Names) -> TokenStream {
    let converter = &compiled.converter;
    let shape = |method: TokenStream, what: &str, operand, extents: &[_]| {
        let doc = format!(
            " The shape of what it {what}: `{}`.",
            formula::operand(converter, operand)
        );
        let rank = Literal::usize_unsuffixed(extents.len());
        let extents = shape::extents(compiled, names, extents);
        quote! {
            #[doc = #doc]
            pub fn #method(&self) -> [usize; #rank] {
                #extents
            }
        }
    };
    let input = shape(
        quote!(input_shape),
        "reads",
        &converter.input,
        &compiled.analysis.input_shape,
    );
    let output = shape(
        quote!(output_shape),
        "writes",
        &converter.output,
        &compiled.analysis.output_shape,
    );
    quote!(#input #output)
}

fn convert(compiled: &CompiledConverter, names: &Names) -> TokenStream {
    let Own {
        x,
        y,
        numbers,
        conversion: by,
        ..
    } = &names.own;
    let converter = &compiled.converter;
    let elements = converter.elements;
    let signature = Signature::of(elements);
    let (generics, from, to) = (&signature.generics, &signature.input, &signature.output);
    let (name, input, output) = (
        &converter.name.text,
        &converter.input.name.text,
        &converter.output.name.text,
    );
    let filled = numbers.iter().zip(converter.rule.numbers());
    let filled = filled.map(|(ident, value)| {
        let number = number(value);
        match elements {
            // It was seen to that the type holds the number.
            Some(_) => quote!(let #ident: #to = cg::constant(#number);),
            None => quote!(let #ident: #to = cg::fill(#name, #number)?;),
        }
    });
    let conversion = conversion(elements).map(|value| quote!(let #by = #value;));
    let loops = loops::loops(compiled, names);
    let doc = match converter.rule.writes {
        Writes::Once => format!(
            " Writes every element of `{output}` from the elements of `{input}`; both slices are in C order."
        ),
        Writes::Add => format!(
            " Writes sums of elements of `{input}` to every element of `{output}`; both slices are in C order."
        ),
    };
    let errors = match elements {
        Some(_) => " A slice whose length is not that of its shape.",
        None => {
            " A slice whose length is not that of its shape; an element type that cannot hold the value after `else`."
        }
    };
    quote! {
        #[doc = #doc]
        ///
        /// # Errors
        #[doc = #errors]
        /// Nothing is written then.
        pub fn convert #generics(&self, #x: &[#from], #y: &mut [#to]) -> Result<(), cg::Error> {
            cg::check_length(#input, &self.input_shape(), #x.len())?;
            cg::check_length(#output, &self.output_shape(), #y.len())?;
            #(#filled)*
            if #y.is_empty() {
                return Ok(());
            }
            #conversion
            #loops
            Ok(())
        }
    }
}

fn number(number: Number) -> TokenStream {
    match number {
        Number::Int(value) => {
            let digits = Literal::u128_unsuffixed(value.unsigned_abs());
            let sign = (value < 0).then(|| quote!(-));
            quote!(cg::Number::Int(#sign #digits))
        }
        Number::Float(value) => {
            let sign = value.is_sign_negative().then(|| quote!(-));
            let value = match value.abs() {
                value if value.is_finite() => {
                    let literal = Literal::f64_unsuffixed(value);
                    quote!(#literal)
                }
                _ => quote!(f64::INFINITY),
            };
            quote!(cg::Number::Float(#sign #value))
        }
    }
}

fn arrays(compiled: &CompiledConverter) -> TokenStream {
    let (input, output) = ranks(compiled);
    let (input, output) = (shape::dimension(input), shape::dimension(output));
    let Signature {
        implements,
        generics,
        input: from,
        output: to,
        ..
    } = Signature::of(compiled.converter.elements);
    quote! {
        /// Converts an array, of any strides, into a new one in C order.
        ///
        /// # Errors
        /// An array of another shape, and what [`convert`](Self::convert) says.
        pub fn convert_array #generics(
            &self,
            x: &cg::ArrayRef<#from, #input>,
        ) -> Result<cg::Array<#to, #output>, cg::Error> {
            #implements::convert_array(self, x)
        }

        /// Converts an array into an existing one, both of any strides.
        ///
        /// # Errors
        /// An array of another shape, and what [`convert`](Self::convert) says.
        pub fn convert_array_into #generics(
            &self,
            x: &cg::ArrayRef<#from, #input>,
            y: &mut cg::ArrayRef<#to, #output>,
        ) -> Result<(), cg::Error> {
            #implements::convert_array_into(self, x, y)
        }
    }
}

fn implementation(compiled: &CompiledConverter, type_name: &Ident) -> TokenStream {
    let converter = &compiled.converter;
    let (name, input, output) = (
        &converter.name.text,
        &converter.input.name.text,
        &converter.output.name.text,
    );
    let (input_rank, output_rank) = ranks(compiled);
    let (input_dim, output_dim) = (shape::dimension(input_rank), shape::dimension(output_rank));
    let input_value = shape::into_dimension(input_rank, quote!(self.input_shape()));
    let output_value = shape::into_dimension(output_rank, quote!(self.output_shape()));
    let Signature {
        implements,
        generics,
        input: from,
        output: to,
        associated,
    } = Signature::of(converter.elements);
    quote! {
        impl #implements for #type_name {
            #associated
            type InputDim = #input_dim;
            type OutputDim = #output_dim;

            fn name(&self) -> &str {
                #name
            }

            fn input_name(&self) -> &str {
                #input
            }

            fn output_name(&self) -> &str {
                #output
            }

            fn input_dim(&self) -> Self::InputDim {
                #input_value
            }

            fn output_dim(&self) -> Self::OutputDim {
                #output_value
            }

            fn convert #generics(&self, x: &[#from], y: &mut [#to]) -> Result<(), cg::Error> {
                self.convert(x, y)
            }
        }
    }
}

fn ranks(compiled: &CompiledConverter) -> (usize, usize) {
    (
        compiled.analysis.input_shape.len(),
        compiled.analysis.output_shape.len(),
    )
}
