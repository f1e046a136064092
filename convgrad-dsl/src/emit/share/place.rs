//! Where the names stand: as far outside as their variables allow.

use super::uses;
use crate::nest::walk::visit;
use crate::nest::{Node, Scalar, VarId};

/// Puts the names that are possible with the variables in `bound` around a node, and the others inside it.
pub(super) fn place(node: Node, open: Vec<(VarId, Scalar)>, bound: &mut Vec<VarId>) -> Node {
    let (mut here, mut later) = (Vec::new(), Vec::new());
    for (var, value) in open {
        let unbound = value.any(&mut |inner| match inner {
            Scalar::Var(id) => !bound.contains(id),
            _ => false,
        });
        if unbound {
            later.push((var, value));
        } else {
            bound.push(var);
            here.push((var, value));
        }
    }
    let depth = bound.len();
    let mut inside = |node: Box<Node>, var: Option<VarId>| {
        bound.extend(var);
        let node = place(*node, later.clone(), bound);
        bound.truncate(depth);
        Box::new(node)
    };
    let node = match node {
        Node::Loop {
            var,
            from,
            to,
            step,
            body,
        } => Node::Loop {
            var,
            from,
            to,
            step,
            body: inside(body, Some(var)),
        },
        Node::Let { var, value, body } => Node::Let {
            var,
            value,
            body: inside(body, Some(var)),
        },
        Node::Seq(nodes) => Node::Seq(
            nodes
                .into_iter()
                .map(|node| *inside(Box::new(node), None))
                .collect(),
        ),
        Node::When {
            condition,
            then,
            otherwise,
        } => Node::When {
            condition,
            then: inside(then, None),
            otherwise: otherwise.map(|node| inside(node, None)),
        },
        leaf => leaf,
    };
    // Only what is used below.
    let mut wrapped = node;
    for (var, value) in here.into_iter().rev() {
        let mut used = false;
        visit(&wrapped, &mut |scalar| used |= uses(scalar, var));
        if used {
            wrapped = Node::Let {
                var,
                value,
                body: Box::new(wrapped),
            };
        }
    }
    wrapped
}
