//! The constructor's check that plain arithmetic is safe in the loops.

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::quote;

use super::bounds::{self, Bounds};
use super::checks::printer;
use super::names::Names;
use super::scalar::Kind;
use crate::compile::CompiledConverter;
use crate::emit::names::{derived_sizes, free_sizes};
use crate::nest::{Scalar, VarId};
use crate::sema::model::SizeId;

/// The check of what the shapes are computed from; nothing if that shows without the sizes.
pub(super) fn shapes(compiled: &CompiledConverter, names: &Names) -> TokenStream {
    let check = section(of_shapes(compiled), compiled, names);
    match check.is_empty() {
        true => check,
        // Inside, the sizes are bounds.
        false => quote!({ #check }),
    }
}

/// The check of what the loops compute; nothing if that shows without the sizes.
pub(super) fn loops(compiled: &CompiledConverter, names: &Names) -> TokenStream {
    let mut bounds = Bounds::of(&compiled.analysis.nest);
    let shapes = of_shapes(compiled);
    bounds
        .scalars
        .retain(|scalar| !shapes.scalars.contains(scalar));
    section(bounds, compiled, names)
}

fn of_shapes(compiled: &CompiledConverter) -> Bounds {
    let mut bounds = Bounds::default();
    let derived = derived_sizes(compiled).into_iter().map(|(_, value)| value);
    derived
        .chain(&compiled.analysis.input_shape)
        .chain(&compiled.analysis.output_shape)
        .for_each(|scalar| bounds.scalar(scalar));
    bounds
}

fn section(mut bounds: Bounds, compiled: &CompiledConverter, names: &Names) -> TokenStream {
    let check = &names.own.check;
    // One variable may count several loops, one after the other; its bound is that of all of them.
    let mut constants: HashMap<VarId, Option<u128>> = HashMap::new();
    for (var, limits) in &bounds.variables {
        let of = |limit| bounds::constant(limit, &|id| constants.get(&id).copied().flatten());
        let largest = limits
            .iter()
            .map(of)
            .try_fold(0, |largest, bound| Some(largest.max(bound?)));
        let before = constants.get(var).copied().unwrap_or(Some(0));
        constants.insert(*var, before.zip(largest).map(|(a, b)| a.max(b)));
    }
    let fits = |scalar: &Scalar| {
        bounds::constant(scalar, &|id| constants.get(&id).copied().flatten())
            .is_some_and(|bound| i64::try_from(bound).is_ok())
    };
    bounds.scalars.retain(|scalar| !fits(scalar));
    bounds.reduce();
    if bounds.scalars.is_empty() {
        return TokenStream::new();
    }

    // The variables that the bounds name, and those that these name, from the inside out.
    let mut needed: Vec<&Scalar> = bounds.scalars.iter().collect();
    let mut variables = Vec::new();
    for (var, limits) in bounds.variables.iter().rev() {
        if needed
            .iter()
            .any(|scalar| scalar.any(&mut |inner| *inner == Scalar::Var(*var)))
        {
            needed.extend(limits);
            variables.push((*var, limits));
        }
    }
    let printer = printer(Kind::Bound, compiled, names);
    let mut known = HashMap::new();
    let variables = variables.into_iter().rev().map(|(var, limits)| {
        let ident = names.variable(var);
        let bound = match &limits[..] {
            [limit] => printer.scalar(limit),
            limits => printer.scalar(&Scalar::Max(limits.to_vec())),
        };
        match known.insert(var, limits) {
            None => quote!(let #ident = #bound;),
            Some(before) if before == limits && !limits.iter().any(Scalar::has_variables) => {
                TokenStream::new()
            }
            Some(_) => quote!(let #ident = #ident.or(#bound);),
        }
    });
    let sizes = sizes_in(&needed, compiled).into_iter().map(|id| {
        let ident = names.size(id);
        quote!(let #ident = #ident.bound();)
    });
    let scalars = bounds.scalars.iter().map(|scalar| printer.scalar(scalar));
    quote! {
        #(#sizes)*
        #(#variables)*
        #check.bounded(&[#(#scalars),*])?;
    }
}

/// The sizes without a number that some scalars name, in the order of declaration.
fn sizes_in(scalars: &[&Scalar], compiled: &CompiledConverter) -> Vec<SizeId> {
    let free = free_sizes(compiled).into_iter();
    let mut ids: Vec<_> = free
        .chain(derived_sizes(compiled).into_iter().map(|(id, _)| id))
        .collect();
    ids.sort();
    ids.retain(|id| {
        scalars
            .iter()
            .any(|scalar| scalar.any(&mut |inner| *inner == Scalar::Size(*id)))
    });
    ids
}
