//! Eighth pass: loops of one iteration, which are none.

use crate::nest::walk::{map, map_children, offsets};
use crate::nest::{Node, Scalar, VarId};

/// The node without loops of one iteration.
pub(super) fn once(node: Node) -> Node {
    match node {
        Node::Loop {
            var,
            from: Scalar::Const(from),
            to: Scalar::Const(to),
            step: Scalar::Const(step),
            body,
        } if from < to && to.checked_sub(from).is_some_and(|span| span <= step) => {
            once(with_value(&body, var, from))
        }
        other => map_children(other, &mut once),
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
