//! A loop nest as text for people:
//!
//! ```text
//! for j0_1 in 0..C/16 {
//!     copy H*W elements from X[j0_1*H*W] to Y[16*j0_1], 16 apart
//! }
//! ```

use crate::nest::{Kernel, Nest, Node, Offset, Run, Scalar, VarId};
use crate::proof::text::{self, Names};
use crate::sema::model::{Conversion, Converter, Writes};

use super::formula;

/// What moves elements takes one line if that is not longer than this.
const WIDTH: usize = 100;

/// The loops of a converter, a line each, inner ones indented. `sizes` holds the values of all sizes.
pub fn nest(nest: &Nest, converter: &Converter, sizes: &[Scalar]) -> String {
    let mut printer = Printer {
        names: Names::from(converter).of_nest(nest).of_sizes(sizes),
        converter,
        lines: Vec::new(),
    };
    printer.node(&nest.body, 0);
    if printer.lines.is_empty() {
        return "nothing to do".to_owned();
    }
    printer.lines.join("\n")
}

struct Printer<'p> {
    names: Names<'p>,
    converter: &'p Converter,
    lines: Vec<String>,
}

impl Printer<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        self.lines.push(format!("{}{text}", "    ".repeat(depth)));
    }

    /// In one line, or in several if that would be long.
    fn parts(&mut self, depth: usize, parts: &[String]) {
        let line = parts.join(" ");
        if 4 * depth + line.chars().count() <= WIDTH {
            self.line(depth, &line);
            return;
        }
        for (at, part) in parts.iter().enumerate() {
            self.line(depth + usize::from(at > 0), part);
        }
    }

    fn scalar(&self, scalar: &Scalar) -> String {
        text::scalar(scalar, self.names)
    }

    fn name(&self, var: VarId) -> String {
        self.scalar(&Scalar::Var(var))
    }

    fn node(&mut self, node: &Node, depth: usize) {
        match node {
            Node::Seq(nodes) => nodes.iter().for_each(|node| self.node(node, depth)),
            Node::Let { var, value, body } => {
                let line = format!("let {} = {};", self.name(*var), self.scalar(value));
                self.line(depth, &line);
                self.node(body, depth);
            }
            Node::Loop {
                var,
                from,
                to,
                step,
                body,
            } => {
                let step = match step {
                    Scalar::Const(1) => String::new(),
                    step => format!(" by {}", self.scalar(step)),
                };
                let (from, to) = (self.scalar(from), self.scalar(to));
                let line = format!("for {} in {from}..{to}{step} {{", self.name(*var));
                self.line(depth, &line);
                self.node(body, depth + 1);
                self.line(depth, "}");
            }
            Node::Block(inside) => {
                let elements = self.converter.elements;
                let kernel = Kernel::of(node).map(|kernel| kernel.describe(elements));
                let kernel = kernel.unwrap_or_default();
                self.line(depth, &format!("at once, {kernel} {{"));
                self.node(inside, depth + 1);
                self.line(depth, "}");
            }
            Node::When {
                condition,
                then,
                otherwise,
            } => {
                let line = format!("if {} {{", text::condition(condition, self.names));
                self.line(depth, &line);
                self.node(then, depth + 1);
                if let Some(otherwise) = otherwise {
                    self.line(depth, "} else {");
                    self.node(otherwise, depth + 1);
                }
                self.line(depth, "}");
            }
            Node::Copy {
                count,
                output,
                input,
                writes,
            } => {
                let from = self.run(&self.converter.input.name.text, input, count);
                let to = self.run(&self.converter.output.name.text, output, count);
                let elements = self.converter.elements;
                let verb = match (writes, elements.map(|elements| elements.conversion)) {
                    (Writes::Add, _) => "add",
                    (Writes::Once, None | Some(Conversion::Same)) => "copy",
                    (Writes::Once, Some(Conversion::Cast)) => "cast",
                    (Writes::Once, Some(Conversion::Quantize { .. })) => "quantize",
                    (Writes::Once, Some(Conversion::Dequantize { .. })) => "dequantize",
                };
                let what = format!("{verb} {}", self.elements(count));
                self.parts(depth, &[what, format!("from {from}"), format!("to {to}")]);
            }
            Node::Fill {
                number,
                count,
                output,
            } => {
                let to = self.run(&self.converter.output.name.text, output, count);
                let numbers = self.converter.rule.numbers();
                let number = numbers.get(*number).copied();
                let number = number.map_or_else(|| "0".to_owned(), formula::number);
                let what = format!("fill {}", self.elements(count));
                self.parts(depth, &[what, format!("of {to}"), format!("with {number}")]);
            }
        }
    }

    fn elements(&self, count: &Scalar) -> String {
        match count {
            Scalar::Const(1) => "1 element".to_owned(),
            count => format!("{} elements", self.scalar(count)),
        }
    }

    /// `X[16*j0 + j1], 48 apart`
    fn run(&self, tensor: &str, run: &Run, count: &Scalar) -> String {
        let place = format!("{tensor}[{}]", self.scalar(&place(&run.start)));
        match (&run.stride, count) {
            (Scalar::Const(1), _) | (_, Scalar::Const(1)) => place,
            (Scalar::Const(0), _) => format!("{place}, again and again"),
            (Scalar::Const(-1), _) => format!("{place} backwards"),
            (stride, _) => format!("{place} ({} apart)", self.scalar(stride)),
        }
    }
}

/// A place as one sum.
fn place(offset: &Offset) -> Scalar {
    let terms = offset.terms.iter();
    let moved = terms.map(|(var, stride)| stride.clone().times(Scalar::Var(*var)));
    Scalar::sum(moved.chain([offset.base.clone()]).collect())
}
