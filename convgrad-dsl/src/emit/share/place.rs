//! Where the names stand: as far outside as their variables allow.

use super::uses;
use crate::nest::walk::{map_children, visit};
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
    let own = match &node {
        Node::Loop { var, .. } | Node::Let { var, .. } => Some(*var),
        _ => None,
    };
    let node = match node {
        // Nothing changes inside of a block but its places.
        block @ Node::Block(_) => block,
        other => map_children(other, &mut |child| {
            bound.extend(own);
            let child = place(child, later.clone(), bound);
            bound.truncate(depth);
            child
        }),
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
