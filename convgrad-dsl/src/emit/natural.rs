//! What is never negative, as far as that shows: its division and remainder need no care.

use std::collections::HashSet;

use crate::nest::walk::children;
use crate::nest::{Nest, Node, Scalar, VarId};

/// Knows the sizes and some variables.
pub(super) struct Natural<'a> {
    /// The value of every size, as a scalar of the free ones, which are never negative.
    sizes: &'a [Scalar],
    variables: HashSet<VarId>,
}

impl<'a> Natural<'a> {
    /// Knows the sizes only.
    pub(super) fn of_sizes(sizes: &'a [Scalar]) -> Self {
        Natural {
            sizes,
            variables: HashSet::new(),
        }
    }

    /// Knows the variables of a nest too.
    pub(super) fn of_nest(sizes: &'a [Scalar], nest: &Nest) -> Self {
        let mut starts = Vec::new();
        starts_of(&nest.body, &mut starts);
        let mut known = Natural::of_sizes(sizes);
        // One variable may count several loops.
        let mut refuted: HashSet<VarId> = HashSet::new();
        for (var, start) in starts {
            if !known.is(start) {
                refuted.insert(var);
                known.variables.remove(&var);
            } else if !refuted.contains(&var) {
                known.variables.insert(var);
            }
        }
        known
    }

    /// Adds variables that are never negative.
    pub(super) fn and(mut self, variables: impl IntoIterator<Item = VarId>) -> Self {
        self.variables.extend(variables);
        self
    }

    /// Whether a scalar is never negative.
    pub(super) fn is(&self, scalar: &Scalar) -> bool {
        let all = |list: &[Scalar]| list.iter().all(|value| self.is(value));
        match scalar {
            Scalar::Const(n) => *n >= 0,
            Scalar::Size(id) => match &self.sizes[id.index()] {
                Scalar::Size(own) if own == id => true,
                value => self.is(value),
            },
            Scalar::Var(id) => self.variables.contains(id),
            Scalar::Sum(list) | Scalar::Product(list) | Scalar::Min(list) => all(list),
            Scalar::Max(list) => list.iter().any(|value| self.is(value)),
            Scalar::Div(a, _) | Scalar::Shl(a, _) | Scalar::Shr(a, _) => self.is(a),
            Scalar::Rem(..) | Scalar::Abs(_) => true,
            Scalar::Xor(a, b) | Scalar::Or(a, b) => self.is(a) && self.is(b),
            Scalar::And(a, b) => self.is(a) || self.is(b),
        }
    }
}

/// The smallest value of each loop variable and the value of each name, outer ones first.
fn starts_of<'n>(node: &'n Node, starts: &mut Vec<(VarId, &'n Scalar)>) {
    match node {
        Node::Let { var, value, .. } => starts.push((*var, value)),
        Node::Loop { var, from, .. } => starts.push((*var, from)),
        _ => {}
    }
    children(node)
        .into_iter()
        .for_each(|child| starts_of(child, starts));
}
