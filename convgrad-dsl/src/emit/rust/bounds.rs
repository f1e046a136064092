//! Which numbers of a nest need a bound, so that plain arithmetic is safe in the loops.
//!
//! The constructor checks once, with the sizes known, that none of them can leave 64 bits.

use crate::nest::walk::{children, visit_condition};
use crate::nest::{Nest, Node, Offset, Run, Scalar, VarId};

/// The numbers to bound.
#[derive(Default)]
pub(super) struct Bounds {
    /// Sums and products, each of which also bounds what it is made of.
    pub(super) scalars: Vec<Scalar>,
    /// The values between which each variable lies, outer ones first: bounds of its absolute value.
    pub(super) variables: Vec<(VarId, Vec<Scalar>)>,
    /// What has a name, which is bounded.
    named: Vec<Scalar>,
}

impl Bounds {
    pub(super) fn of(nest: &Nest) -> Self {
        let mut bounds = Bounds::default();
        bounds.node(&nest.body);
        bounds
    }

    /// Leaves out sums that are parts of other ones.
    pub(super) fn reduce(&mut self) {
        let all = std::mem::take(&mut self.scalars);
        let is_part = |part: &Scalar, whole: &Scalar| match (part, whole) {
            (Scalar::Sum(part), Scalar::Sum(whole)) => part.iter().all(|term| whole.contains(term)),
            (part, Scalar::Sum(whole)) => whole.contains(part),
            _ => false,
        };
        let kept = all.iter().filter(|part| {
            let mut others = all.iter().filter(|whole| whole != part);
            !others.any(|whole| is_part(part, whole))
        });
        self.scalars = kept.cloned().collect();
    }

    /// Takes a number and everything inside it.
    pub(super) fn scalar(&mut self, scalar: &Scalar) {
        if matches!(
            scalar,
            Scalar::Sum(_) | Scalar::Product(_) | Scalar::Shl(..)
        ) && !self.named.contains(scalar)
        {
            let scalar = unsigned(scalar);
            if !self.scalars.contains(&scalar) {
                self.scalars.push(scalar);
            }
        }
        self.inside(scalar);
    }

    /// Sums inside sums and products have the bound of the whole; operands of other operations need their own.
    fn inside(&mut self, scalar: &Scalar) {
        for child in scalar.children() {
            match (scalar, child) {
                (Scalar::Sum(_) | Scalar::Product(_), Scalar::Sum(_) | Scalar::Product(_)) => {
                    self.inside(child)
                }
                _ => self.scalar(child),
            }
        }
    }

    fn offset(&mut self, offset: &Offset) {
        let mut terms = vec![offset.base.clone()];
        terms.extend(
            offset
                .terms
                .iter()
                .map(|(var, stride)| Scalar::Product(vec![Scalar::Var(*var), stride.clone()])),
        );
        terms.retain(|term| *term != Scalar::Const(0));
        match terms.len() {
            0 => {}
            1 => self.scalar(&terms.remove(0)),
            _ => self.scalar(&Scalar::Sum(terms)),
        }
    }

    fn run(&mut self, run: &Run) {
        self.offset(&run.start);
        self.scalar(&run.stride);
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Let { var, value, .. } => {
                match value {
                    // The name stands for its value, and for what that is made of.
                    Scalar::Sum(_) | Scalar::Product(_) | Scalar::Shl(..) => {
                        self.scalars.push(Scalar::Var(*var));
                        self.named.push(value.clone());
                        self.inside(value);
                    }
                    _ => self.scalar(value),
                }
                self.variables.push((*var, vec![value.clone()]));
            }
            Node::Loop {
                var,
                from,
                to,
                step,
                ..
            } => {
                for limit in [from, to, step] {
                    self.scalar(limit);
                }
                let mut limits = vec![to.clone()];
                if *from != Scalar::Const(0) {
                    limits.push(from.clone());
                }
                self.variables.push((*var, limits));
            }
            Node::When { condition, .. } => {
                visit_condition(condition, &mut |scalar| self.scalar(scalar));
            }
            Node::Copy {
                count,
                output,
                input,
                ..
            } => {
                self.scalar(count);
                self.run(output);
                self.run(input);
            }
            Node::Fill { count, output, .. } => {
                self.scalar(count);
                self.run(output);
            }
            Node::Seq(_) | Node::Block(_) => {}
        }
        let inside = children(node).into_iter();
        inside.for_each(|child| self.node(child));
    }
}

/// A sum or a product without the signs, which a bound does not see.
fn unsigned(scalar: &Scalar) -> Scalar {
    match scalar {
        Scalar::Const(n) => Scalar::Const(n.saturating_abs()),
        Scalar::Sum(terms) => Scalar::Sum(terms.iter().map(unsigned).collect()),
        Scalar::Product(factors) => {
            let mut factors: Vec<Scalar> = factors.iter().map(unsigned).collect();
            factors.retain(|factor| *factor != Scalar::Const(1));
            match factors.len() {
                0 => Scalar::Const(1),
                1 => factors.remove(0),
                _ => Scalar::Product(factors),
            }
        }
        other => other.clone(),
    }
}

/// The bound of a scalar that holds no sizes; None if it holds one, or if it passes 128 bits.
pub(super) fn constant(scalar: &Scalar, variable: &dyn Fn(VarId) -> Option<u128>) -> Option<u128> {
    let of = |scalar: &Scalar| constant(scalar, variable);
    let largest = |all: &[Scalar]| {
        all.iter()
            .map(of)
            .try_fold(0, |largest, bound| Some(largest.max(bound?)))
    };
    match scalar {
        Scalar::Const(n) => Some(n.unsigned_abs().into()),
        Scalar::Size(_) => None,
        Scalar::Var(id) => variable(*id),
        Scalar::Sum(all) => all
            .iter()
            .map(of)
            .try_fold(0u128, |sum, bound| sum.checked_add(bound?)),
        Scalar::Product(all) => all
            .iter()
            .map(of)
            .try_fold(1u128, |product, bound| product.checked_mul(bound?.max(1))),
        Scalar::Div(a, b) => {
            of(b)?;
            of(a)
        }
        Scalar::Rem(a, b) => {
            of(a)?;
            of(b)
        }
        Scalar::Min(all) | Scalar::Max(all) => largest(all),
        Scalar::Abs(a) | Scalar::Shr(a, _) => of(a),
        Scalar::Xor(a, b) | Scalar::And(a, b) | Scalar::Or(a, b) => of(a)?
            .max(of(b)?)
            .checked_add(1)?
            .checked_next_power_of_two(),
        Scalar::Shl(a, b) => {
            let by = u32::try_from(of(b)?).ok().filter(|by| *by < 64)?;
            of(a)?.max(1).checked_mul(1 << by)
        }
    }
}
