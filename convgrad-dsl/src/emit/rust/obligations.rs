//! Obligations, checked in the constructor.

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::quote;

use super::checks::printer;
use super::names::{Names, Own};
use super::scalar::{Kind, Printer};
use crate::compile::CompiledConverter;
use crate::nest::{Condition, Scalar, VarId};
use crate::proof::{Check, Obligation, ScanLoop};

/// The check of one obligation.
pub(super) fn obligation_check(
    compiled: &CompiledConverter,
    names: &Names,
    obligation: &Obligation,
) -> TokenStream {
    let Own { check, places, .. } = &names.own;
    let text = &obligation.text;
    match &obligation.check {
        Check::Holds(condition) => {
            let condition = printer(Kind::Exact, compiled, names).condition(condition);
            quote!(#check.require(#text, #condition)?;)
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
                quote!(#check.require_at(#text, #holds, &[#at])?;),
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
                    if !#places.visit(#place) {
                        return Err(#check.violated(#text, &[#at]));
                    }
                },
            );
            let total = scan.scalar(total);
            let all = all.then(|| {
                quote! {
                    if !#places.all() {
                        return Err(#check.violated(#text, &[]));
                    }
                }
            });
            quote! {
                #check.budget(#text, &[#total])?;
                let mut #places = cg::Places::new(#total)?;
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
            natural: None,
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
        let (check, text) = (&self.names.own.check, self.text);
        let body = match guard {
            None => body,
            Some(guard) => {
                let guard = self.condition(guard);
                quote!(if #check.concerns(#text, #guard)? { #body })
            }
        };
        let extents = self.loops.iter().map(|scan| self.scalar(&scan.extent));
        let body = self.loops.iter().rev().fold(body, |body, scan| {
            let (ident, extent) = (&self.idents[&scan.var], self.scalar(&scan.extent));
            quote!(for #ident in cg::range(#extent)? { #body })
        });
        quote! {
            #check.budget(#text, &[#(#extents),*])?;
            #body
        }
    }
}
