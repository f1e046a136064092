//! Seventh pass: takes out what never runs: loops around nothing, conditions that numbers decide, values that nobody reads.
//!
//! Splitting a formula into parts leaves some of them empty at constant sizes.

use crate::nest::walk::uses;
use crate::nest::{Condition, Node, Scalar};
use crate::sema::model::Comparison;

use super::build::seq;

/// The node without what does nothing; None if nothing is left.
pub(super) fn pruned(node: Node) -> Option<Node> {
    let boxed = |node: Box<Node>| pruned(*node).map(Box::new);
    match node {
        Node::Seq(nodes) => {
            let mut left: Vec<Node> = nodes.into_iter().filter_map(pruned).collect();
            match left.len() {
                0 => None,
                1 => left.pop(),
                _ => Some(seq(left)),
            }
        }
        Node::Let { var, value, body } => {
            let body = boxed(body)?;
            Some(match uses(&body, var) {
                true => Node::Let { var, value, body },
                false => *body,
            })
        }
        Node::Loop {
            from: Scalar::Const(from),
            to: Scalar::Const(to),
            ..
        } if from >= to => None,
        Node::Loop {
            var,
            from,
            to,
            step,
            body,
        } => Some(Node::Loop {
            var,
            from,
            to,
            step,
            body: boxed(body)?,
        }),
        Node::When {
            condition,
            then,
            otherwise,
        } => match decided(&condition) {
            Some(true) => pruned(*then),
            Some(false) => otherwise.and_then(|node| pruned(*node)),
            None => {
                let (then, otherwise) = (boxed(then), otherwise.and_then(boxed));
                match (then, otherwise) {
                    (None, None) => None,
                    (Some(then), otherwise) => Some(Node::When {
                        condition,
                        then,
                        otherwise,
                    }),
                    (None, Some(otherwise)) => Some(Node::When {
                        condition: Condition::Not(Box::new(condition)),
                        then: otherwise,
                        otherwise: None,
                    }),
                }
            }
        },
        Node::Copy {
            count: Scalar::Const(count),
            ..
        }
        | Node::Fill {
            count: Scalar::Const(count),
            ..
        } if count <= 0 => None,
        other => Some(other),
    }
}

/// What numbers decide.
fn decided(condition: &Condition) -> Option<bool> {
    match condition {
        Condition::Compare(comparison, Scalar::Const(a), Scalar::Const(b)) => {
            Some(match comparison {
                Comparison::Eq => a == b,
                Comparison::Ne => a != b,
                Comparison::Lt => a < b,
                Comparison::Le => a <= b,
                Comparison::Gt => a > b,
                Comparison::Ge => a >= b,
            })
        }
        Condition::Compare(..) => None,
        Condition::All(all) => {
            let all: Vec<Option<bool>> = all.iter().map(decided).collect();
            match all.contains(&Some(false)) {
                true => Some(false),
                false => all.iter().all(|one| *one == Some(true)).then_some(true),
            }
        }
        Condition::Any(any) => {
            let any: Vec<Option<bool>> = any.iter().map(decided).collect();
            match any.contains(&Some(true)) {
                true => Some(true),
                false => any.iter().all(|one| *one == Some(false)).then_some(false),
            }
        }
        Condition::Not(inner) => decided(inner).map(|holds| !holds),
    }
}
