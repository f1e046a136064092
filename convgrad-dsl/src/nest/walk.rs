//! Walks over the scalars of a nest.

use super::{Condition, Node, Offset, Run, Scalar, VarId};

/// Visits every scalar of a node: values, limits, conditions, counts, bases and strides.
pub(crate) fn visit<'n>(node: &'n Node, f: &mut impl FnMut(&'n Scalar)) {
    match node {
        Node::Seq(nodes) => nodes.iter().for_each(|node| visit(node, f)),
        Node::Let { value, body, .. } => {
            f(value);
            visit(body, f);
        }
        Node::Loop {
            from,
            to,
            step,
            body,
            ..
        } => {
            [from, to, step].into_iter().for_each(&mut *f);
            visit(body, f);
        }
        Node::Block(inside) => visit(inside, f),
        Node::When {
            condition,
            then,
            otherwise,
        } => {
            visit_condition(condition, f);
            visit(then, f);
            if let Some(otherwise) = otherwise {
                visit(otherwise, f);
            }
        }
        Node::Copy {
            count,
            output,
            input,
            ..
        } => {
            f(count);
            visit_run(output, f);
            visit_run(input, f);
        }
        Node::Fill { count, output, .. } => {
            f(count);
            visit_run(output, f);
        }
    }
}

fn visit_run<'n>(run: &'n Run, f: &mut impl FnMut(&'n Scalar)) {
    f(&run.stride);
    f(&run.start.base);
    run.start.terms.iter().for_each(|(_, stride)| f(stride));
}

/// Visits every scalar of a condition.
pub(crate) fn visit_condition<'n>(condition: &'n Condition, f: &mut impl FnMut(&'n Scalar)) {
    match condition {
        Condition::Compare(_, a, b) => [a, b].into_iter().for_each(f),
        Condition::All(all) | Condition::Any(all) => {
            all.iter().for_each(|inner| visit_condition(inner, f));
        }
        Condition::Not(inner) => visit_condition(inner, f),
    }
}

/// Whether something in a node changes with a variable.
pub(crate) fn uses(node: &Node, var: VarId) -> bool {
    let mut named = false;
    visit(node, &mut |scalar| {
        named |= scalar.any(&mut |inner| *inner == Scalar::Var(var));
    });
    named || moves(node, var)
}

/// Whether a run in a node begins elsewhere for other values of a variable.
fn moves(node: &Node, var: VarId) -> bool {
    let begins = |run: &Run| {
        let mut terms = run.start.terms.iter();
        terms.any(|(id, stride)| *id == var && *stride != Scalar::Const(0))
    };
    match node {
        Node::Copy { output, input, .. } => begins(output) || begins(input),
        Node::Fill { output, .. } => begins(output),
        other => children(other).into_iter().any(|child| moves(child, var)),
    }
}

/// The nodes directly inside a node.
pub(crate) fn children(node: &Node) -> Vec<&Node> {
    match node {
        Node::Seq(nodes) => nodes.iter().collect(),
        Node::Let { body, .. } | Node::Loop { body, .. } => vec![body],
        Node::Block(inside) => vec![inside],
        Node::When {
            then, otherwise, ..
        } => std::iter::once(&**then)
            .chain(otherwise.as_deref())
            .collect(),
        Node::Copy { .. } | Node::Fill { .. } => Vec::new(),
    }
}

/// The nodes directly inside a node, to be changed.
fn children_mut(node: &mut Node) -> Vec<&mut Node> {
    match node {
        Node::Seq(nodes) => nodes.iter_mut().collect(),
        Node::Let { body, .. } | Node::Loop { body, .. } => vec![body],
        Node::Block(inside) => vec![inside],
        Node::When {
            then, otherwise, ..
        } => std::iter::once(&mut **then)
            .chain(otherwise.as_deref_mut())
            .collect(),
        Node::Copy { .. } | Node::Fill { .. } => Vec::new(),
    }
}

/// The node with each of those directly inside of it replaced.
pub(crate) fn map_children(mut node: Node, f: &mut impl FnMut(Node) -> Node) -> Node {
    for child in children_mut(&mut node) {
        let taken = std::mem::replace(child, Node::Seq(Vec::new()));
        *child = f(taken);
    }
    node
}

/// The node with every scalar replaced.
pub(crate) fn map(node: &Node, f: &mut impl FnMut(&Scalar) -> Scalar) -> Node {
    match node {
        Node::Seq(nodes) => Node::Seq(nodes.iter().map(|node| map(node, f)).collect()),
        Node::Let { var, value, body } => Node::Let {
            var: *var,
            value: f(value),
            body: Box::new(map(body, f)),
        },
        Node::Loop {
            var,
            from,
            to,
            step,
            body,
        } => Node::Loop {
            var: *var,
            from: f(from),
            to: f(to),
            step: f(step),
            body: Box::new(map(body, f)),
        },
        Node::Block(inside) => Node::Block(Box::new(map(inside, f))),
        Node::When {
            condition,
            then,
            otherwise,
        } => Node::When {
            condition: map_condition(condition, f),
            then: Box::new(map(then, f)),
            otherwise: otherwise.as_ref().map(|node| Box::new(map(node, f))),
        },
        Node::Copy {
            count,
            output,
            input,
            writes,
        } => Node::Copy {
            count: f(count),
            output: map_run(output, f),
            input: map_run(input, f),
            writes: *writes,
        },
        Node::Fill {
            number,
            count,
            output,
        } => Node::Fill {
            number: *number,
            count: f(count),
            output: map_run(output, f),
        },
    }
}

/// Changes every offset of a node.
pub(crate) fn offsets(node: &mut Node, f: &mut impl FnMut(&mut Offset)) {
    match node {
        Node::Copy { output, input, .. } => {
            f(&mut output.start);
            f(&mut input.start);
        }
        Node::Fill { output, .. } => f(&mut output.start),
        other => {
            let inside = children_mut(other).into_iter();
            inside.for_each(|child| offsets(child, f));
        }
    }
}

fn map_run(run: &Run, f: &mut impl FnMut(&Scalar) -> Scalar) -> Run {
    let terms = run.start.terms.iter();
    Run {
        start: Offset {
            base: f(&run.start.base),
            terms: terms
                .map(|(var, stride)| (*var, f(stride)))
                .collect::<Vec<(VarId, Scalar)>>(),
        },
        stride: f(&run.stride),
    }
}

fn map_condition(condition: &Condition, f: &mut impl FnMut(&Scalar) -> Scalar) -> Condition {
    match condition {
        Condition::Compare(comparison, a, b) => Condition::Compare(*comparison, f(a), f(b)),
        Condition::All(all) => {
            Condition::All(all.iter().map(|inner| map_condition(inner, f)).collect())
        }
        Condition::Any(any) => {
            Condition::Any(any.iter().map(|inner| map_condition(inner, f)).collect())
        }
        Condition::Not(inner) => Condition::Not(Box::new(map_condition(inner, f))),
    }
}
