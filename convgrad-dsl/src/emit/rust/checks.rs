//! The constructor: evaluates sizes and extents, and checks once what the loops rely on.

use proc_macro2::TokenStream;
use quote::quote;

use super::bounded;
use super::names::Names;
use super::obligations::obligation_check;
use super::scalar::{Kind, Printer};
use crate::compile::CompiledConverter;
use crate::emit::names::{derived_sizes, free_sizes};
use crate::nest::Scalar;
use crate::proof::Counts;

/// The body of `new`, up to the value it returns.
pub(super) fn checks(compiled: &CompiledConverter, names: &Names) -> TokenStream {
    let check = &names.own.check;
    let free = free_sizes(compiled).into_iter().map(|id| {
        let (ident, text) = (
            names.size(id),
            &compiled.converter.sizes[id.index()].name.text,
        );
        quote!(let #ident = #check.given(#text, #ident)?;)
    });
    let exact = printer(Kind::Exact, compiled, names);
    let derived = derived_sizes(compiled).into_iter().map(|(id, value)| {
        let (ident, text) = (
            names.size(id),
            &compiled.converter.sizes[id.index()].name.text,
        );
        let value = exact.scalar(value);
        quote!(let #ident = #check.derived(#text, #value);)
    });
    let natural = derived_sizes(compiled).into_iter().map(|(id, _)| {
        let (ident, text) = (
            names.size(id),
            &compiled.converter.sizes[id.index()].name.text,
        );
        quote!(#check.natural(#text, #ident)?;)
    });
    let obligations = |counts: Counts| {
        let all = compiled.analysis.obligations.iter();
        let tokens: TokenStream = all
            .filter(|obligation| obligation.counts == counts)
            .map(|obligation| obligation_check(compiled, names, obligation))
            .collect();
        tokens
    };
    let always = obligations(Counts::Always);
    let mut not_empty = obligations(Counts::OutputNotEmpty);
    not_empty.extend(bounded::loops(compiled, names));
    let shapes = bounded::shapes(compiled, names);
    let input = shape(
        compiled,
        names,
        &compiled.converter.input.name.text,
        &compiled.analysis.input_shape,
    );
    let output = shape(
        compiled,
        names,
        &compiled.converter.output.name.text,
        &compiled.analysis.output_shape,
    );
    let name = &compiled.converter.name.text;
    let input = input.map(|input| quote!(#input?;));
    let rest = match (output, not_empty.is_empty()) {
        (Some(output), false) => quote!(if #output? { #not_empty }),
        (Some(output), true) => quote!(#output?;),
        (None, true) => TokenStream::new(),
        (None, false) => quote!({ #not_empty }),
    };
    if free.len() == 0
        && always.is_empty()
        && shapes.is_empty()
        && input.is_none()
        && rest.is_empty()
    {
        return TokenStream::new();
    }
    quote! {
        let mut #check = cg::Check::new(#name);
        #(#free)*
        #(#derived)*
        #always
        #(#natural)*
        #shapes
        #input
        #rest
    }
}

/// The check of a shape; None if it is constant and small, with at least one element.
fn shape(
    compiled: &CompiledConverter,
    names: &Names,
    tensor: &str,
    extents: &[Scalar],
) -> Option<TokenStream> {
    let constant = extents
        .iter()
        .try_fold(1i64, |product, extent| match extent {
            Scalar::Const(n @ 1..) => product.checked_mul(*n),
            _ => None,
        });
    if constant.is_some_and(|elements| elements <= i64::from(i32::MAX)) {
        return None;
    }
    let check = &names.own.check;
    let exact = printer(Kind::Exact, compiled, names);
    let extents = extents.iter().map(|extent| exact.scalar(extent));
    Some(quote!(#check.shape(#tensor, &[#(#extents),*])))
}

/// Prints scalars of sizes.
pub(super) fn printer<'a>(
    kind: Kind,
    compiled: &'a CompiledConverter,
    names: &'a Names,
) -> Printer<'a> {
    Printer {
        kind,
        names,
        sizes: &compiled.analysis.sizes,
        variables: &|_| None,
        natural: None,
    }
}
