//! The loops, printed from the nest.

use std::collections::HashSet;

use super::Writer;
use super::scalar::Text;
use crate::nest::walk::uses;
use crate::nest::{Condition, Node, Offset, Run, Scalar};
use crate::sema::model::{Comparison, Writes};

/// Longer expressions of places and lengths get a name.
const LONGEST: usize = 16;

impl Writer<'_> {
    /// A node and all inside it. `bound` are the names that stand in this block already.
    pub(super) fn node(&mut self, node: &Node, bound: &mut HashSet<String>) {
        match node {
            Node::Seq(nodes) => nodes.iter().for_each(|node| self.node(node, bound)),
            Node::Let { var, value, body } => {
                let name = self.names.variable(*var).to_owned();
                let line = self.target.bind(&name, &self.scalar(value).text);
                // Not all languages let a name be bound twice.
                if bound.insert(name.clone()) {
                    self.lines.line(&line);
                    return self.node(body, bound);
                }
                self.lines.open("");
                self.lines.line(&line);
                self.node(body, &mut HashSet::from([name]));
                self.lines.close();
            }
            Node::Loop {
                var,
                from,
                to,
                step,
                body,
            } => {
                let counter = counter(self.names.variable(*var), uses(body, *var));
                let text = |scalar| self.scalar(scalar).text;
                let head = self
                    .target
                    .repeat(&counter, &text(from), &text(to), &text(step));
                self.block(&head, body);
            }
            Node::Block(inside) => self.node(inside, bound),
            Node::When {
                condition,
                then,
                otherwise,
            } => {
                self.lines
                    .open(&self.target.when(&self.condition(condition)));
                self.node(then, &mut HashSet::new());
                if let Some(otherwise) = otherwise {
                    self.lines.next("else");
                    self.node(otherwise, &mut HashSet::new());
                }
                self.lines.close();
            }
            Node::Copy {
                count,
                output,
                input,
                writes,
            } => self.copy(count, (output, *writes), input, bound),
            Node::Fill {
                number,
                count,
                output,
            } => self.fill(*number, count, output, bound),
        }
    }

    fn block(&mut self, head: &str, body: &Node) {
        self.lines.open(head);
        self.node(body, &mut HashSet::new());
        self.lines.close();
    }

    fn copy(
        &mut self,
        count: &Scalar,
        (output, writes): (&Run, Writes),
        input: &Run,
        bound: &mut HashSet<String>,
    ) {
        let one = Scalar::Const(1);
        let count = self.count(count, bound);
        let to = self.place(&output.start, "to", bound);
        let from = self.place(&input.start, "from", bound);
        let copies = writes == Writes::Once && self.types.same();
        if copies && output.stride == one && input.stride == one && !count.one {
            let (x, y) = (self.names.x.as_str(), self.names.y.as_str());
            let line = self.target.copy((y, &to), (x, &from), &count.text);
            return self.where_positive(&count, &line);
        }
        self.each(&count, &[&output.stride, &input.stride], |writer, k| {
            let to = writer.element(&writer.names.y, &to, &output.stride, k);
            let from = writer.element(&writer.names.x, &from, &input.stride, k);
            let from = writer.target.converted(&from);
            match writes {
                Writes::Once => format!("{to} = {from};"),
                Writes::Add => writer.target.add(&to, &from),
            }
        });
    }

    fn fill(&mut self, number: usize, count: &Scalar, output: &Run, bound: &mut HashSet<String>) {
        let count = self.count(count, bound);
        let to = self.place(&output.start, "to", bound);
        let fill = self.names.numbers[number].clone();
        if output.stride == Scalar::Const(1)
            && !count.one
            && let y = (self.names.y.as_str(), &to)
            && let Some(line) = self.target.fill(y, &count.text, &fill)
        {
            return self.where_positive(&count, &line);
        }
        self.each(&count, &[&output.stride], |writer, k| {
            let to = writer.element(&writer.names.y, &to, &output.stride, k);
            format!("{to} = {fill};")
        });
    }

    /// Writes a line that needs a number of elements that is not negative.
    fn where_positive(&mut self, count: &Count, line: &str) {
        match &count.positive {
            None => self.lines.line(line),
            Some(positive) => {
                self.lines.open(&self.target.when(positive));
                self.lines.line(line);
                self.lines.close();
            }
        }
    }

    /// Writes a loop over a run, or its only element: a line, given the counter. The counter moves by these strides.
    fn each(
        &mut self,
        count: &Count,
        strides: &[&Scalar],
        line: impl FnOnce(&Self, Option<&str>) -> String,
    ) {
        if count.one {
            return self.lines.line(&line(self, None));
        }
        let moves = strides.iter().any(|stride| **stride != Scalar::Const(0));
        let k = counter(&self.names.clone().fresh("k", self.target), moves);
        let head = self.target.repeat(&k, "0", &count.text.text, "1");
        self.lines.open(&head);
        self.lines.line(&line(self, Some(&k)));
        self.lines.close();
    }

    /// An element of a run, by the counter of the loop over it.
    fn element(&self, tensor: &str, start: &Text, stride: &Scalar, k: Option<&str>) -> String {
        let place = match k {
            None => start.clone(),
            Some(k) => start.clone().moved(k, &self.scalar(stride)),
        };
        self.target.element(tensor, &place)
    }

    /// The length of a run.
    fn count(&mut self, count: &Scalar, bound: &mut HashSet<String>) -> Count {
        let text = self.scalar(count);
        let named = self.named(text.clone(), "count", bound);
        let positive = match named.text == text.text {
            true => {
                let positive = Condition::Compare(Comparison::Gt, count.clone(), Scalar::Const(0));
                self.condition(&positive)
            }
            false => format!("{} > 0", named.text),
        };
        // A count that changes from run to run may be 0 for one that begins beyond the end of its tensor.
        let changes = count.has_variables();
        Count {
            text: named,
            one: *count == Scalar::Const(1),
            positive: (changes || !self.natural.is(count)).then_some(positive),
        }
    }

    /// Where a run begins.
    fn place(&mut self, offset: &Offset, name: &str, bound: &mut HashSet<String>) -> Text {
        let product = |(var, stride): &(_, Scalar)| Scalar::Var(*var).times(stride.clone());
        let mut terms: Vec<Scalar> = offset.terms.iter().map(product).collect();
        terms.push(offset.base.clone());
        let place = self.scalar(&Scalar::sum(terms));
        self.named(place, name, bound)
    }

    /// The same expression; a long one gets a name that is not `bound` in this block.
    fn named(&mut self, value: Text, name: &str, bound: &mut HashSet<String>) -> Text {
        if value.text.len() <= LONGEST {
            return value;
        }
        let mut names = self.names.clone();
        let name = loop {
            let name = names.fresh(name, self.target);
            if bound.insert(name.clone()) {
                break name;
            }
        };
        self.lines.line(&self.target.bind(&name, &value.text));
        Text::atom(name)
    }
}

/// The name of a counter; that of one that nothing uses says so.
fn counter(name: &str, used: bool) -> String {
    match used {
        true => name.to_owned(),
        false => format!("_{name}"),
    }
}

/// The length of a run.
struct Count {
    text: Text,
    /// Whether it is a single element.
    one: bool,
    /// The condition that there is something, where the length may be negative.
    positive: Option<String>,
}
