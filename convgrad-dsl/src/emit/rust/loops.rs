//! The loops of `convert`, printed from the nest.

mod block;

use proc_macro2::TokenStream;
use quote::quote;

use super::elements::conversion;
use super::names::{Names, Own};
use super::scalar::{Kind, Printer};
use super::shape;
use crate::compile::CompiledConverter;
use crate::emit::natural::Natural;
use crate::nest::walk::visit;
use crate::nest::{Node, Offset, Run, Scalar};
use crate::sema::model::Writes;

/// The loops, with what they need: sizes, and strides that are computed once.
pub(super) fn loops(compiled: &CompiledConverter, names: &Names) -> TokenStream {
    let nest = &compiled.analysis.nest;
    let loops = Loops {
        compiled,
        names,
        natural: Natural::of_nest(&compiled.analysis.sizes, nest),
    };
    let body = loops.node(&nest.body);
    let mut used = Vec::new();
    visit(&nest.body, &mut |scalar| used.push(scalar));
    let sizes = shape::sizes(compiled, names, &used);
    quote! {
        #sizes
        #body
    }
}

struct Loops<'a> {
    compiled: &'a CompiledConverter,
    names: &'a Names,
    natural: Natural<'a>,
}

impl Loops<'_> {
    fn printer<R>(&self, print: impl FnOnce(&Printer) -> R) -> R {
        print(&Printer {
            kind: Kind::Plain,
            names: self.names,
            sizes: &self.compiled.analysis.sizes,
            variables: &|_| None,
            natural: Some(&self.natural),
        })
    }

    fn scalar(&self, scalar: &Scalar) -> TokenStream {
        self.printer(|printer| printer.scalar(scalar))
    }

    /// A number as an argument, whose type is known there.
    fn argument(&self, scalar: &Scalar) -> TokenStream {
        self.printer(|printer| printer.operand(scalar))
    }

    fn node(&self, node: &Node) -> TokenStream {
        match node {
            Node::Seq(nodes) => nodes.iter().map(|node| self.node(node)).collect(),
            Node::Let { var, value, body } => {
                let value = self.scalar(value);
                let body = self.node(body);
                let var = self.names.variable(*var);
                quote! { let #var = #value; #body }
            }
            Node::Loop {
                var,
                from,
                to,
                step,
                body,
            } => {
                let body = self.node(body);
                let range = self.range(from, to, step);
                let var = self.names.variable(*var);
                quote!(for #var in #range { #body })
            }
            Node::Block(inside) => block::block(self, inside).unwrap_or_else(|| self.node(inside)),
            Node::When {
                condition,
                then,
                otherwise,
            } => {
                let condition = self.printer(|printer| printer.condition(condition));
                let then = self.node(then);
                let otherwise = otherwise.as_ref().map(|node| {
                    let node = self.node(node);
                    quote!(else { #node })
                });
                quote!(if #condition { #then } #otherwise)
            }
            Node::Copy {
                count,
                output,
                input,
                writes: Writes::Once,
            } => self.copy(count, output, input),
            Node::Copy {
                count,
                output,
                input,
                writes: Writes::Add,
            } => self.add(count, output, input),
            Node::Fill {
                number,
                count: count_of,
                output,
            } => {
                let Own { y, numbers, .. } = &self.names.own;
                let fill = &numbers[*number];
                let (count, at) = (self.argument(count_of), self.offset(&output.start));
                match stride(output, count_of) {
                    Scalar::Const(1) => quote!(cg::fill_run(#y, #at, #count, #fill)?;),
                    stride => {
                        let stride = self.argument(stride);
                        quote!(cg::fill_strided(#y, #at, #stride, #count, #fill)?;)
                    }
                }
            }
        }
    }

    fn range(&self, from: &Scalar, to: &Scalar, step: &Scalar) -> TokenStream {
        // One of the two limits tells the type of the counter.
        let range = match from {
            Scalar::Const(_) => {
                let (from, to) = (self.argument(from), self.scalar(to));
                quote!(#from..#to)
            }
            _ => {
                let (from, to) = (self.scalar(from), self.argument(to));
                quote!(#from..#to)
            }
        };
        match step {
            Scalar::Const(1) => range,
            step => {
                let step = self.printer(|printer| printer.as_usize(step));
                quote!((#range).step_by(#step))
            }
        }
    }

    fn copy(&self, count_of: &Scalar, output: &Run, input: &Run) -> TokenStream {
        let Own {
            x, y, conversion, ..
        } = &self.names.own;
        let to = self.offset(&output.start);
        let from = self.offset(&input.start);
        let count = self.argument(count_of);
        if self::conversion(self.compiled.converter.elements).is_some() {
            let to_stride = self.argument(stride(output, count_of));
            let from_stride = self.argument(stride(input, count_of));
            return quote!(cg::convert(#conversion, (#y, #to, #to_stride), (#x, #from, #from_stride), #count)?;);
        }
        match (stride(output, count_of), stride(input, count_of)) {
            (Scalar::Const(1), Scalar::Const(1)) => quote!(cg::copy(#y, #to, #x, #from, #count)?;),
            (Scalar::Const(1), Scalar::Const(-1)) => {
                quote!(cg::reverse(#y, #to, #x, #from, #count)?;)
            }
            (Scalar::Const(1), Scalar::Const(0)) => quote!(cg::splat(#y, #to, #x, #from, #count)?;),
            (Scalar::Const(1), stride) => {
                let stride = self.argument(stride);
                quote!(cg::gather(#y, #to, #x, #from, #stride, #count)?;)
            }
            (stride, Scalar::Const(1)) => {
                let stride = self.argument(stride);
                quote!(cg::scatter(#y, #to, #stride, #x, #from, #count)?;)
            }
            (to_stride, from_stride) => {
                let to_stride = self.argument(to_stride);
                let from_stride = self.argument(from_stride);
                quote!(cg::strided(#y, #to, #to_stride, #x, #from, #from_stride, #count)?;)
            }
        }
    }

    fn add(&self, count_of: &Scalar, output: &Run, input: &Run) -> TokenStream {
        let Own { x, y, .. } = &self.names.own;
        let to = self.offset(&output.start);
        let from = self.offset(&input.start);
        let count = self.argument(count_of);
        match (stride(output, count_of), stride(input, count_of)) {
            (Scalar::Const(1), Scalar::Const(1)) => quote!(cg::add(#y, #to, #x, #from, #count)?;),
            (to_stride, from_stride) => {
                let to_stride = self.argument(to_stride);
                let from_stride = self.argument(from_stride);
                quote!(cg::add_strided(#y, #to, #to_stride, #x, #from, #from_stride, #count)?;)
            }
        }
    }

    /// A place: what is known before the loops, plus a stride for each variable.
    fn offset(&self, offset: &Offset) -> TokenStream {
        let (mut positive, mut negative) = (Vec::new(), Vec::new());
        let mut number = 0;
        match &offset.base {
            Scalar::Const(n) => number = *n,
            base => positive.push(self.printer(|p| p.term(base))),
        }
        for (var, stride) in &offset.terms {
            let var = self.names.variable(*var).clone();
            match stride {
                Scalar::Const(0) => {}
                Scalar::Const(1) => positive.push(quote!(#var)),
                Scalar::Const(-1) => negative.push(quote!(#var)),
                Scalar::Const(n) if *n < 0 && *n != i64::MIN => {
                    let n = self.argument(&Scalar::Const(-n));
                    negative.push(quote!(#var * #n));
                }
                stride => {
                    let stride = self.argument(stride);
                    positive.push(quote!(#var * #stride));
                }
            }
        }
        match number {
            0 if !(positive.is_empty() && negative.is_empty()) => {}
            n if n < 0 && n != i64::MIN && !positive.is_empty() => {
                negative.insert(0, self.argument(&Scalar::Const(-n)));
            }
            n => positive.push(self.argument(&Scalar::Const(n))),
        }
        match positive.is_empty() {
            true => quote!(#(-#negative)*),
            false => quote!(#(#positive)+* #(-#negative)*),
        }
    }
}

/// The stride of a run; that of a single element does not matter.
fn stride<'n>(run: &'n Run, count: &Scalar) -> &'n Scalar {
    match count {
        Scalar::Const(1) => &Scalar::Const(1),
        _ => &run.stride,
    }
}
