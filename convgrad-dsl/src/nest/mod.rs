//! The loop nest of a converter: what the executor runs and the emitters print.
//!
//! A nest leaves nothing of the output as it was. Where a rule reads or fills every place by itself, each is written once;
//! otherwise all of the output is filled first. Offsets count elements of the flat, C-ordered tensors.
//!
//! A nest that adds begins with a fill of all of the output, and gives every place its elements in the order of the rule's
//! iterators, the last one running fastest: however the loops are arranged, sums of floats have the same bits.

mod kernel;
pub(crate) mod lower;
pub mod scalar;
pub mod traffic;
mod value;
pub(crate) mod walk;

pub use kernel::Kernel;
pub use scalar::{Condition, Scalar, VarId};

use crate::sema::model::Writes;

/// A place in a flat tensor as a function of the variables in scope:
/// `base + sum of stride * variable`.
///
/// Where the formula is linear in its loop variables, `base` and the strides hold sizes only, so that whoever runs the
/// nest may advance by strides. Otherwise `base` also holds variables and is evaluated where the offset is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offset {
    /// What does not change with the linear variables.
    pub base: Scalar,
    /// The linear part: a stride of sizes only for each variable it moves with.
    pub terms: Vec<(VarId, Scalar)>,
}

/// A run of elements: `count` of them, `stride` apart, from `start`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The first element.
    pub start: Offset,
    /// From one element to the next, of sizes only; may be negative or 0 on the input's side.
    pub stride: Scalar,
}

/// A node of the tree of loops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// One after the other.
    Seq(Vec<Node>),
    /// Names a value for the body.
    Let {
        /// The name.
        var: VarId,
        /// The value, of variables in scope.
        value: Scalar,
        /// Where it holds.
        body: Box<Node>,
    },
    /// `for var in (from..to).step_by(step)`; empty if `to <= from`.
    Loop {
        /// The counter.
        var: VarId,
        /// The first value.
        from: Scalar,
        /// The end, exclusive.
        to: Scalar,
        /// At least 1; of sizes only.
        step: Scalar,
        /// What is repeated.
        body: Box<Node>,
    },
    /// Loops of step 1 around one copy or fill, which move its places by strides and change nothing else: their limits, its
    /// length and what its places begin with are known where the block is entered. One that replaces what is there meets no
    /// place twice, so that a kernel may run its loops in any order.
    Block(Box<Node>),
    /// A condition that could be turned neither into a limit nor into a step.
    When {
        /// The condition.
        condition: Condition,
        /// Where it holds.
        then: Box<Node>,
        /// Where it does not; None for nothing.
        otherwise: Option<Box<Node>>,
    },
    /// Copies a run of elements, or adds them: the innermost loop; nothing if `count <= 0`.
    Copy {
        /// How many.
        count: Scalar,
        /// Where they go.
        output: Run,
        /// Where they come from.
        input: Run,
        /// Whether they replace what is there or are added to it, one after the other.
        writes: Writes,
    },
    /// Writes a number to a run of elements; nothing if `count <= 0`.
    Fill {
        /// Which of [the rule's numbers](crate::sema::model::Rule::numbers).
        number: usize,
        /// How many.
        count: Scalar,
        /// Where they go.
        output: Run,
    },
}

/// A variable of a nest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// A name for readers, unique in the nest and a valid Rust and C identifier that no size of the converter has: `j0`, `j0_1`, …
    pub name: String,
}

/// The loops of one converter, with free sizes or at constant ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nest {
    /// Loop counters and named values.
    pub variables: Vec<Variable>,
    /// The loops; they may assume that no output extent is 0.
    pub body: Node,
}
