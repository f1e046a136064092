//! Seventh pass: loops of one iteration, which are none.

use crate::nest::walk::{map, offsets};
use crate::nest::{Node, Scalar, VarId};

/// The node without loops of one iteration.
pub(super) fn once(node: &Node) -> Node {
    match node {
        Node::Loop {
            var,
            from: Scalar::Const(from),
            to: Scalar::Const(to),
            step: Scalar::Const(step),
            body,
        } if from < to && to.checked_sub(*from).is_some_and(|span| span <= *step) => {
            once(&with_value(body, *var, *from))
        }
        Node::Loop {
            var,
            from,
            to,
            step,
            body,
        } => Node::Loop {
            var: *var,
            from: from.clone(),
            to: to.clone(),
            step: step.clone(),
            body: Box::new(once(body)),
        },
        Node::Seq(nodes) => Node::Seq(nodes.iter().map(once).collect()),
        Node::Let { var, value, body } => Node::Let {
            var: *var,
            value: value.clone(),
            body: Box::new(once(body)),
        },
        Node::When {
            condition,
            then,
            otherwise,
        } => Node::When {
            condition: condition.clone(),
            then: Box::new(once(then)),
            otherwise: otherwise.as_ref().map(|node| Box::new(once(node))),
        },
        leaf => leaf.clone(),
    }
}

/// The node with a number in place of a variable.
fn with_value(node: &Node, var: VarId, value: i64) -> Node {
    let number = |id| (id == var).then_some(Scalar::Const(value));
    let mut node = map(node, &mut |scalar| scalar.replace(&number));
    offsets(&mut node, &mut |offset| {
        for (_, stride) in offset.terms.extract_if(.., |(id, _)| *id == var) {
            let base = std::mem::replace(&mut offset.base, Scalar::Const(0));
            offset.base = base.plus(stride.times(Scalar::Const(value)));
        }
    });
    node
}
