//! The constructor: evaluates sizes and extents, and checks once what the loops rely on.

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::quote;

use super::bounds::{self, Bounds};
use super::names::{Names, derived_sizes, free_sizes};
use super::scalar::{Kind, Printer};
use crate::compile::CompiledConverter;
use crate::nest::{Condition, Scalar, VarId};
use crate::proof::{Check, Counts, Obligation, ScanLoop};

/// The body of `new`, up to the value it returns.
pub(super) fn checks(compiled: &CompiledConverter, names: &Names) -> TokenStream {
    let free = free_sizes(compiled).into_iter().map(|id| {
        let (ident, text) = (
            names.size(id),
            &compiled.converter.sizes[id.index()].name.text,
        );
        quote!(let #ident = check.given(#text, #ident)?;)
    });
    let exact = printer(Kind::Exact, compiled, names);
    let derived = derived_sizes(compiled).into_iter().map(|(id, value)| {
        let (ident, text) = (
            names.size(id),
            &compiled.converter.sizes[id.index()].name.text,
        );
        let value = exact.scalar(value);
        quote!(let #ident = check.derived(#text, #value);)
    });
    let natural = derived_sizes(compiled).into_iter().map(|(id, _)| {
        let (ident, text) = (
            names.size(id),
            &compiled.converter.sizes[id.index()].name.text,
        );
        quote!(check.natural(#text, #ident)?;)
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
    not_empty.extend(bounded(compiled, names));
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
        (None, _) => not_empty,
    };
    if free.len() == 0 && always.is_empty() && input.is_none() && rest.is_empty() {
        return TokenStream::new();
    }
    quote! {
        let mut check = cg::Check::new(#name);
        #(#free)*
        #(#derived)*
        #always
        #(#natural)*
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
    let exact = printer(Kind::Exact, compiled, names);
    let extents = extents.iter().map(|extent| exact.scalar(extent));
    Some(quote!(check.shape(#tensor, &[#(#extents),*])))
}

fn obligation_check(
    compiled: &CompiledConverter,
    names: &Names,
    obligation: &Obligation,
) -> TokenStream {
    let text = &obligation.text;
    match &obligation.check {
        Check::Holds(condition) => {
            let condition = printer(Kind::Exact, compiled, names).condition(condition);
            quote!(check.require(#text, #condition)?;)
        }
        Check::ForAll {
            loops,
            guard,
            holds,
        } => {
            let scan = Scan::new(compiled, names, loops, text);
            let holds = scan.condition(holds);
            let at = scan.values();
            scan.nest(
                guard.as_ref(),
                quote!(check.require_at(#text, #holds, &[#at])?;),
            )
        }
        Check::Places {
            loops,
            guard,
            place,
            total,
            all,
        } => {
            let scan = Scan::new(compiled, names, loops, text);
            let (place, at) = (scan.scalar(place), scan.values());
            let nest = scan.nest(
                guard.as_ref(),
                quote! {
                    if !places.visit(#place) {
                        return Err(check.violated(#text, &[#at]));
                    }
                },
            );
            let total = scan.scalar(total);
            let all = all.then(|| {
                quote! {
                    if !places.all() {
                        return Err(check.violated(#text, &[]));
                    }
                }
            });
            quote! {
                let mut places = cg::Places::new(#total)?;
                #nest
                #all
            }
        }
    }
}

/// The loops of an obligation that only trying all values can decide.
struct Scan<'a> {
    compiled: &'a CompiledConverter,
    names: &'a Names,
    loops: &'a [ScanLoop],
    idents: HashMap<VarId, TokenStream>,
    text: &'a str,
}

impl<'a> Scan<'a> {
    fn new(
        compiled: &'a CompiledConverter,
        names: &'a Names,
        loops: &'a [ScanLoop],
        text: &'a str,
    ) -> Self {
        let mut scan_names = names.clone();
        let idents = loops
            .iter()
            .map(|scan| {
                let ident = scan_names.fresh(&scan.name);
                (scan.var, quote!(#ident))
            })
            .collect();
        Scan {
            compiled,
            names,
            loops,
            idents,
            text,
        }
    }

    fn print<R>(&self, print: impl FnOnce(&Printer) -> R) -> R {
        print(&Printer {
            kind: Kind::Exact,
            names: self.names,
            sizes: &self.compiled.analysis.sizes,
            variables: &|id| self.idents.get(&id).cloned(),
            natural: &|_| false,
        })
    }

    fn scalar(&self, scalar: &Scalar) -> TokenStream {
        self.print(|printer| printer.scalar(scalar))
    }

    fn condition(&self, condition: &Condition) -> TokenStream {
        self.print(|printer| printer.condition(condition))
    }

    /// The iterators with their values, for the error.
    fn values(&self) -> TokenStream {
        let values = self.loops.iter().map(|scan| {
            let (name, ident) = (&scan.name, &self.idents[&scan.var]);
            quote!((#name, #ident))
        });
        quote!(#(#values),*)
    }

    fn nest(&self, guard: Option<&Condition>, body: TokenStream) -> TokenStream {
        let text = self.text;
        let body = match guard {
            None => body,
            Some(guard) => {
                let guard = self.condition(guard);
                quote!(if check.concerns(#text, #guard)? { #body })
            }
        };
        self.loops.iter().rev().fold(body, |body, scan| {
            let (ident, extent) = (&self.idents[&scan.var], self.scalar(&scan.extent));
            quote!(for #ident in cg::range(#extent)? { #body })
        })
    }
}

/// The check that what the loops compute stays inside 64 bits; nothing if that shows without the sizes.
fn bounded(compiled: &CompiledConverter, names: &Names) -> TokenStream {
    let mut bounds = Bounds::of(&compiled.analysis.nest);
    for (_, value) in derived_sizes(compiled) {
        bounds.scalar(value);
    }
    let shapes = [
        &compiled.analysis.input_shape,
        &compiled.analysis.output_shape,
    ];
    shapes
        .into_iter()
        .flatten()
        .for_each(|extent| bounds.scalar(extent));

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
        check.bounded(&[#(#scalars),*])?;
    }
}

/// The sizes without a number that some scalars name, in the order of declaration.
fn sizes_in(scalars: &[&Scalar], compiled: &CompiledConverter) -> Vec<crate::sema::model::SizeId> {
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

fn printer<'a>(kind: Kind, compiled: &'a CompiledConverter, names: &'a Names) -> Printer<'a> {
    Printer {
        kind,
        names,
        sizes: &compiled.analysis.sizes,
        variables: &|_| None,
        natural: &|_| false,
    }
}
