//! What the innermost loops of a nest do, and how often.

use crate::analysis::Analysis;
use crate::nest::walk::children;
use crate::nest::{Node, Run, Scalar, traffic};
use crate::proof::text::{self, Names};
use crate::sema::model::{Converter, Form, Writes};

use super::digits::Step;

/// How a run of elements is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Neighbours to neighbours.
    Copy,
    /// Neighbours to neighbours in the opposite order.
    Reverse,
    /// From places apart to neighbours.
    Gather,
    /// From neighbours to places apart.
    Scatter,
    /// From places apart to places apart.
    Strided,
    /// One element to many places.
    Repeat,
    /// One element to one place.
    Single,
    /// Elements are added to what is there.
    Add,
    /// One of the rule's numbers to places.
    Fill,
}

/// A run that an innermost loop moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// How.
    pub kind: Kind,
    /// How many elements, of sizes and loop variables.
    pub count: String,
    /// From one place in the output to the next.
    pub output: Step,
    /// From one place in the input to the next; None for a fill.
    pub input: Option<Step>,
}

/// What is seen of a nest without numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Leaves {
    /// All different ones, in the order of the loops.
    pub(super) leaves: Vec<Leaf>,
    /// The counts of the runs whose elements are neighbours on both sides.
    pub(super) together: Vec<Scalar>,
    /// Something stands under a condition inside a loop.
    pub(super) tested: bool,
    /// A value is computed in the loops.
    pub(super) named: bool,
    /// What is filled before elements are written to it.
    pub(super) filled_first: Option<Part>,
}

/// How much of the output is filled before elements are written to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it: the rule says where elements go.
    All,
    /// All of it: elements are added up.
    Sums,
    /// All of it, and then the places that hold another number.
    Patches,
    /// The rows of which only every so many-th place reads.
    Rows,
}

/// Looks at all runs of a nest.
pub(super) fn leaves(analysis: &Analysis, converter: &Converter) -> Leaves {
    let nest = &analysis.nest;
    let names = Names::from(converter)
        .of_nest(nest)
        .of_sizes(&analysis.sizes);
    let mut found = Leaves::default();
    look(&nest.body, names, false, &mut found);
    let fills = found.leaves.iter().any(|leaf| leaf.kind == Kind::Fill);
    let apart = |leaf: &Leaf| matches!(leaf.kind, Kind::Scatter | Kind::Strided | Kind::Repeat);
    let thin = |leaf: &Leaf| apart(leaf) && !leaf.output.is(1);
    found.filled_first = match converter.rule.form {
        _ if !fills => None,
        _ if converter.rule.writes == Writes::Add => Some(Part::Sums),
        _ if !converter.rule.patches.is_empty() => Some(Part::Patches),
        Form::Relational => Some(Part::All),
        Form::Gather => found.leaves.iter().any(thin).then_some(Part::Rows),
    };
    found
}

/// `looped` says whether the node stands inside of a loop.
fn look(node: &Node, names: Names<'_>, looped: bool, found: &mut Leaves) {
    let step = |run: &Run| Step::new(&run.stride, names);
    match node {
        Node::Seq(_) | Node::Loop { .. } | Node::Block(_) => {}
        Node::Let { .. } => found.named = true,
        Node::When { .. } => found.tested |= looped,
        Node::Copy {
            count,
            output,
            input,
            writes,
        } => {
            if traffic::contiguous(output, input) && !found.together.contains(count) {
                found.together.push(count.clone());
            }
            let leaf = Leaf {
                kind: match writes {
                    Writes::Once => kind(count, output, input),
                    Writes::Add => Kind::Add,
                },
                count: text::scalar(count, names),
                output: step(output),
                input: Some(step(input)),
            };
            push(found, leaf);
        }
        Node::Fill { count, output, .. } => {
            let leaf = Leaf {
                kind: Kind::Fill,
                count: text::scalar(count, names),
                output: step(output),
                input: None,
            };
            push(found, leaf);
        }
    }
    let looped = looped || matches!(node, Node::Loop { .. });
    for child in children(node) {
        look(child, names, looped, found);
    }
}

fn push(found: &mut Leaves, leaf: Leaf) {
    if !found.leaves.contains(&leaf) {
        found.leaves.push(leaf);
    }
}

fn kind(count: &Scalar, output: &Run, input: &Run) -> Kind {
    match (&output.stride, &input.stride) {
        _ if *count == Scalar::Const(1) => Kind::Single,
        (_, Scalar::Const(0)) => Kind::Repeat,
        (Scalar::Const(1), Scalar::Const(1)) => Kind::Copy,
        (Scalar::Const(1), Scalar::Const(-1)) | (Scalar::Const(-1), Scalar::Const(1)) => {
            Kind::Reverse
        }
        (Scalar::Const(1), _) => Kind::Gather,
        (_, Scalar::Const(1)) => Kind::Scatter,
        _ => Kind::Strided,
    }
}
