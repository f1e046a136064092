//! The shapes of a converter: dimension types, and the methods that return them.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::names::Names;
use super::scalar::{Kind, Printer};
use crate::compile::CompiledConverter;
use crate::emit::names::{derived_sizes, free_sizes};
use crate::nest::Scalar;
use crate::sema::model::SizeId;

/// The type of an array's dimension with this many axes.
pub(super) fn dimension(rank: usize) -> TokenStream {
    // Beyond six axes ndarray has one type for all.
    if rank > 6 {
        return quote!(cg::IxDyn);
    }
    let rank = Literal::usize_unsuffixed(rank);
    quote!(cg::Dim<[usize; #rank]>)
}

/// The dimension of an array from its shape, as [`dimension`] types it.
pub(super) fn into_dimension(rank: usize, shape: TokenStream) -> TokenStream {
    match rank {
        0..=6 => quote!(cg::Dim(#shape)),
        _ => quote!(cg::IxDyn(&#shape)),
    }
}

/// The extents as an array of `usize`.
pub(super) fn extents(
    compiled: &CompiledConverter,
    names: &Names,
    extents: &[Scalar],
) -> TokenStream {
    let printer = plain(compiled, names);
    let sizes = sizes(compiled, names, &extents.iter().collect::<Vec<_>>());
    let extents = extents.iter().map(|extent| printer.as_usize(extent));
    quote! {
        #sizes
        [#(#extents),*]
    }
}

/// Brings the sizes that some scalars name into scope as `i64`.
pub(super) fn sizes(
    compiled: &CompiledConverter,
    names: &Names,
    scalars: &[&Scalar],
) -> TokenStream {
    let derived = derived_sizes(compiled);
    let mut needed: Vec<&Scalar> = scalars.to_vec();
    let names_size = |needed: &[&Scalar], id: SizeId| {
        needed
            .iter()
            .any(|scalar| scalar.any(&mut |inner| *inner == Scalar::Size(id)))
    };
    // The value of a derived size is a scalar of free ones.
    let mut values = Vec::new();
    for (id, value) in derived {
        if names_size(&needed, id) {
            values.push((id, value));
        }
    }
    needed.extend(values.iter().map(|(_, value)| *value));
    let free: Vec<_> = free_sizes(compiled)
        .into_iter()
        .filter(|id| names_size(&needed, *id))
        .map(|id| names.size(id))
        .collect();
    let printer = plain(compiled, names);
    let values = values.into_iter().map(|(id, value)| {
        let (ident, value) = (names.size(id), printer.scalar(value));
        quote!(let #ident = #value;)
    });
    let rest = (free.len() < free_sizes(compiled).len()).then(|| quote!(..));
    let free = (!free.is_empty()).then(|| quote!(let Self { #(#free,)* #rest } = *self;));
    quote! {
        #free
        #(#values)*
    }
}

fn plain<'a>(compiled: &'a CompiledConverter, names: &'a Names) -> Printer<'a> {
    Printer {
        kind: Kind::Plain,
        names,
        sizes: &compiled.analysis.sizes,
        variables: &|_| None,
        natural: None,
    }
}
