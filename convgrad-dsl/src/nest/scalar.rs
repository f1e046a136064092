//! Numbers that a nest computes: of sizes, evaluated once a call, and of loop variables.

use crate::sema::model::{Comparison, SizeId};

/// A variable of a nest: a loop counter or a `Let`. An index of [`Nest::variables`](super::Nest::variables).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VarId(pub u32);

/// An integer expression. Division rounds down, the remainder is Euclidean; divisors are positive.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scalar {
    /// A number.
    Const(i64),
    /// A size of the converter.
    Size(SizeId),
    /// A variable of the nest.
    Var(VarId),
    /// The sum of at least two.
    Sum(Vec<Scalar>),
    /// The product of at least two.
    Product(Vec<Scalar>),
    /// Floor division.
    Div(Box<Scalar>, Box<Scalar>),
    /// Euclidean remainder.
    Rem(Box<Scalar>, Box<Scalar>),
    /// The smallest of at least one.
    Min(Vec<Scalar>),
    /// The largest of at least one.
    Max(Vec<Scalar>),
    /// The absolute value.
    Abs(Box<Scalar>),
    /// Bitwise exclusive or.
    Xor(Box<Scalar>, Box<Scalar>),
    /// Bitwise and.
    And(Box<Scalar>, Box<Scalar>),
    /// Bitwise or.
    Or(Box<Scalar>, Box<Scalar>),
    /// `a << b`, that is `a * 2^b`, for b >= 0.
    Shl(Box<Scalar>, Box<Scalar>),
    /// `a >> b`, that is `floor(a / 2^b)`, for b >= 0.
    Shr(Box<Scalar>, Box<Scalar>),
}

/// A truth value of scalars.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Condition {
    /// A comparison.
    Compare(Comparison, Scalar, Scalar),
    /// All of them hold; true if there is none.
    All(Vec<Condition>),
    /// One of them holds; false if there is none.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
}
