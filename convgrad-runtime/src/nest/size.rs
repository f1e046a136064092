//! Scalars and conditions whose variables have values: what a constructor of generated code computes.

use convgrad_dsl::nest::{Condition, Scalar, VarId};
use convgrad_dsl::sema::model::Comparison;

use crate::__private::{Int, Truth};

/// The values of sizes and variables.
pub(super) struct Values<'a> {
    /// By size.
    pub(super) sizes: &'a [i64],
    /// Of the variables in scope, the innermost last.
    pub(super) variables: &'a [(VarId, Int)],
}

impl Values<'_> {
    pub(super) fn scalar(&self, scalar: &Scalar) -> Int {
        let of = |scalar: &Scalar| self.scalar(scalar);
        let all = |values: &[Scalar], join: fn(Int, Int) -> Int| {
            values.iter().map(of).reduce(join).unwrap_or(unknown())
        };
        match scalar {
            Scalar::Const(n) => Int::of(*n),
            Scalar::Size(id) => self
                .sizes
                .get(id.index())
                .copied()
                .map_or(unknown(), Int::of),
            Scalar::Var(id) => {
                let found = self.variables.iter().rev().find(|(var, _)| var == id);
                found.map_or(unknown(), |(_, value)| *value)
            }
            Scalar::Sum(terms) => all(terms, |a, b| a + b),
            Scalar::Product(factors) => all(factors, |a, b| a * b),
            Scalar::Min(values) => all(values, |a, b| a.min(b)),
            Scalar::Max(values) => all(values, |a, b| a.max(b)),
            Scalar::Div(a, b) => of(a) / of(b),
            Scalar::Rem(a, b) => of(a) % of(b),
            Scalar::Abs(a) => of(a).abs(),
            Scalar::Xor(a, b) => of(a) ^ of(b),
            Scalar::And(a, b) => of(a) & of(b),
            Scalar::Or(a, b) => of(a) | of(b),
            Scalar::Shl(a, b) => of(a) << of(b),
            Scalar::Shr(a, b) => of(a) >> of(b),
        }
    }

    pub(super) fn condition(&self, condition: &Condition) -> Truth {
        let of = |condition: &Condition| self.condition(condition);
        match condition {
            Condition::Compare(comparison, a, b) => {
                compare(*comparison, self.scalar(a), self.scalar(b))
            }
            Condition::All(all) => all.iter().map(of).fold(Truth::of(true), |a, b| a & b),
            Condition::Any(any) => any.iter().map(of).fold(Truth::of(false), |a, b| a | b),
            Condition::Not(inner) => !of(inner),
        }
    }
}

fn compare(comparison: Comparison, a: Int, b: Int) -> Truth {
    match comparison {
        Comparison::Eq => a.eq(b),
        Comparison::Ne => a.ne(b),
        Comparison::Lt => a.lt(b),
        Comparison::Le => a.le(b),
        Comparison::Gt => a.gt(b),
        Comparison::Ge => a.ge(b),
    }
}

/// What cannot be computed.
fn unknown() -> Int {
    Int::of(0) / 0
}
