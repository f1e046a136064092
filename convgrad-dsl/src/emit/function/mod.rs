//! Stand-alone functions: a converter as code that needs nothing of ours, to be read and pasted.
//!
//! Both languages get the same function: it checks once what the loops rely on, then runs them with plain 64-bit
//! arithmetic. What they say differently stands in `target`, what they say alike is written once.

mod about;
mod c;
mod checks;
mod element;
mod helper;
mod lines;
mod loops;
mod magnitude;
mod names;
mod rust;
mod scalar;
mod target;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt;

use self::about::About;
use self::lines::Lines;
use self::names::Names;
use self::target::{Parts, Target};
use crate::compile::CompiledConverter;
use crate::emit::names::free_sizes;
use crate::emit::natural::Natural;
use crate::emit::share::{Tensor, share};
use crate::nest::{Node, Scalar};
use crate::sema::model::{Conversion, ElementType, Elements, Writes};

/// The language of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// Rust, edition 2024.
    Rust,
    /// C11.
    C,
}

/// Why there is no function of a converter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit(String);

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unfit {}

/// The text of a function that does what a converter does, at the sizes that its analysis binds; the others are parameters.
///
/// Without an element type, those of the formula count; if it has none either, C gets `float` in a `typedef`, and Rust any
/// type that can be copied.
///
/// # Errors
/// A number that the element type cannot hold; another type than the formula's.
pub fn function(
    compiled: &CompiledConverter,
    language: Language,
    element: Option<ElementType>,
) -> Result<String, Unfit> {
    let name = &compiled.converter.name.text;
    let types = Types::of(compiled.converter.elements, element)?;
    match language {
        Language::C => write(compiled, types, &c::C::new(name, types)),
        Language::Rust => write(compiled, types, &rust::Rust::new(name, types)),
    }
}

/// What is read, what is written, and what happens between.
#[derive(Clone, Copy, Debug)]
struct Types {
    /// None for any type.
    input: Option<ElementType>,
    /// None for the same type.
    output: Option<ElementType>,
    conversion: Conversion,
}

impl Types {
    /// Those of a formula, if it has any, or one that was asked for.
    fn of(elements: Option<Elements>, wanted: Option<ElementType>) -> Result<Types, Unfit> {
        let Some(elements) = elements else {
            return Ok(Types {
                input: wanted,
                output: wanted,
                conversion: Conversion::Same,
            });
        };
        let Elements { input, output, .. } = elements;
        match wanted {
            Some(wanted) if (wanted, wanted) != (input, output) => {
                Err(Unfit(match input == output {
                    true => format!("its elements are declared as {output}, not {wanted}"),
                    false => {
                        format!("its elements are declared as {input} and {output}, not {wanted}")
                    }
                }))
            }
            _ => Ok(Types {
                input: Some(input),
                output: Some(output),
                conversion: elements.conversion,
            }),
        }
    }

    /// Whether elements stay what they are.
    fn same(self) -> bool {
        match self.conversion {
            Conversion::Same => true,
            Conversion::Cast => self.input == self.output,
            Conversion::Quantize { .. } | Conversion::Dequantize { .. } => false,
        }
    }
}

/// What everything is written with.
struct Writer<'a> {
    target: &'a dyn Target,
    compiled: &'a CompiledConverter,
    types: Types,
    names: Names,
    natural: Natural<'a>,
    lines: Lines,
}

fn write(compiled: &CompiledConverter, types: Types, target: &dyn Target) -> Result<String, Unfit> {
    let analysis = &compiled.analysis;
    let mut names = Names::of(compiled, target);
    let tensor = |name, shape| Tensor { name, shape };
    let nest = share(
        &analysis.nest,
        &tensor(&names.x, &analysis.input_shape),
        &tensor(&names.y, &analysis.output_shape),
        |name| names.is_taken(name),
    );
    names.add_variables(&nest, target);
    let mut compiled = compiled.clone();
    compiled.analysis.nest = nest;
    let analysis = &compiled.analysis;
    let mut writer = Writer {
        target,
        compiled: &compiled,
        types,
        names,
        natural: Natural::of_nest(&analysis.sizes, &analysis.nest),
        lines: Lines::inside(1),
    };
    writer.check_sizes();
    let sizes = writer.take_lines();
    writer.check_accesses();
    let accesses = writer.take_lines();
    writer.node(&analysis.nest.body, &mut HashSet::new());
    let loops = writer.take_lines();

    let text = |scalar: &Scalar| writer.scalar(scalar).text;
    let elements = |shape: &[Scalar]| text(&Scalar::product(shape.to_vec()));
    let extents = analysis.output_shape.iter();
    let open = extents.filter(|extent| !matches!(extent, Scalar::Const(1..)));
    let rule = &compiled.converter.rule;
    let numbers = writer.names.numbers.iter().zip(rule.numbers());
    target.assemble(&Parts {
        about: &About::of(&compiled),
        tensors: [&writer.names.x, &writer.names.y],
        sizes: free_sizes(&compiled)
            .into_iter()
            .map(|id| writer.names.size(id))
            .collect(),
        numbers: numbers
            .enumerate()
            .filter(|(at, _)| writes(&analysis.nest.body, *at))
            .map(|(_, (name, number))| (name.as_str(), number))
            .collect(),
        adds: rule.writes == Writes::Add,
        elements: [
            elements(&analysis.input_shape),
            elements(&analysis.output_shape),
        ],
        empty: open
            .map(|extent| format!("{} == 0", writer.scalar(extent).comparand()))
            .collect(),
        code: [sizes, accesses, loops],
    })
}

impl Writer<'_> {
    /// What is written so far; an empty page is left.
    fn take_lines(&mut self) -> String {
        std::mem::replace(&mut self.lines, Lines::inside(1)).finish()
    }
}

/// Whether one of the rule's numbers is written anywhere.
fn writes(node: &Node, wanted: usize) -> bool {
    let inside = || crate::nest::walk::children(node).into_iter();
    matches!(node, Node::Fill { number, .. } if *number == wanted)
        || inside().any(|node| writes(node, wanted))
}
