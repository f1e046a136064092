//! Blocks: calls of the kernel that runs their loops.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::elements::conversion;
use super::super::names::Own;
use super::Loops;
use crate::nest::{Node, Offset, Run, Scalar, VarId};
use crate::sema::model::Writes;

/// The call; None for what no kernel does at once: sums, whose order counts.
pub(super) fn block(loops: &Loops<'_>, inside: &Node) -> Option<TokenStream> {
    let (mut counters, mut node) = (Vec::new(), inside);
    while let Node::Loop {
        var,
        from,
        to,
        body,
        ..
    } = node
    {
        counters.push((*var, from, to));
        node = body;
    }
    let Own {
        x,
        y,
        numbers,
        conversion: by,
        ..
    } = &loops.names.own;
    let still = Scalar::Const(0);
    let turns = |count: &Scalar, output: &Run, input: Option<&Run>| {
        let mut turns: Vec<TokenStream> = counters
            .iter()
            .map(|(var, from, to)| {
                let count = match from {
                    Scalar::Const(0) => loops.argument(to),
                    from => loops.argument(&(*to).clone().minus((*from).clone())),
                };
                let output = loops.argument(stride(output, *var));
                let input = loops.argument(input.map_or(&still, |run| stride(run, *var)));
                quote!(cg::Loop::new(#count, #output, #input))
            })
            .collect();
        if *count != Scalar::Const(1) {
            let count = loops.argument(count);
            let output = loops.argument(&output.stride);
            let input = loops.argument(input.map_or(&still, |run| &run.stride));
            turns.push(quote!(cg::Loop::new(#count, #output, #input)));
        }
        turns
    };
    let first = |run: &Run| {
        let zero = |var: &VarId| {
            let mut own = counters.iter();
            own.any(|(id, from, _)| id == var && **from == Scalar::Const(0))
        };
        let terms = run.start.terms.iter();
        loops.offset(&Offset {
            base: run.start.base.clone(),
            terms: terms.filter(|(var, _)| !zero(var)).cloned().collect(),
        })
    };
    let call = match node {
        Node::Copy {
            count,
            output,
            input,
            writes: Writes::Once,
        } => {
            let (to, from) = (first(output), first(input));
            let turns = turns(count, output, Some(input));
            match conversion(loops.compiled.converter.elements) {
                None => quote!(cg::block(#y, #to, #x, #from, &[#(#turns),*])?;),
                Some(_) => {
                    quote!(cg::convert_block(#by, (#y, #to), (#x, #from), &[#(#turns),*])?;)
                }
            }
        }
        Node::Fill {
            number,
            count,
            output,
        } => {
            let (number, to) = (&numbers[*number], first(output));
            let turns = turns(count, output, None);
            quote!(cg::fill_block(#y, #to, &[#(#turns),*], #number)?;)
        }
        _ => return None,
    };
    let starts = counters
        .iter()
        .filter(|(_, from, _)| **from != Scalar::Const(0));
    let starts: Vec<TokenStream> = starts
        .map(|(var, from, _)| {
            let (var, from) = (loops.names.variable(*var), loops.scalar(from));
            quote!(let #var = #from;)
        })
        .collect();
    Some(match starts.is_empty() {
        true => call,
        false => quote!({ #(#starts)* #call }),
    })
}

/// By how much a loop moves a run.
fn stride(run: &Run, var: VarId) -> &Scalar {
    let mut terms = run.start.terms.iter();
    let own = terms.find(|(id, _)| *id == var);
    own.map_or(&Scalar::Const(0), |(_, stride)| stride)
}
