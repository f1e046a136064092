//! What can be said of a formula before it runs, and what has to be checked when the sizes are known.

mod assertion;
mod claim;
pub(crate) mod closed;
mod contradiction;
pub(crate) mod denied;
pub(crate) mod enumerate;
mod equal;
pub(crate) mod guard;
mod named;
pub(crate) mod patches;
pub(crate) mod point;
pub(crate) mod property;
pub(crate) mod reads;
mod sample;
mod scan;
pub(crate) mod setup;
pub(crate) mod stages;
pub(crate) mod text;
mod tries;
pub(crate) mod verdict;
pub(crate) mod writes;

use crate::diagnostic::Code;
use crate::nest::walk::visit_condition;
use crate::nest::{Condition, Scalar, VarId};
use crate::source::Span;

pub use assertion::{decide, report};
pub use equal::equal;

/// How an answer was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Closed form: ranges, digits and inequalities.
    Symbolic,
    /// All positions of a component were tried.
    Enumeration,
    /// Not found: it depends on sizes that are not given, or the budget did not suffice.
    Undecided,
}

/// The answer to an assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether it holds at all sizes that are accepted; None is undecided.
    pub holds: Option<bool>,
    /// How that was found.
    pub decided_by: Decision,
    /// Of what does not hold, the code that says why.
    pub code: Option<Code>,
    /// Of what does not hold, the counterexample: sizes, place, and what stands there.
    pub notes: Vec<String>,
}

impl Answer {
    fn proved(decided_by: Decision) -> Self {
        Answer {
            holds: Some(true),
            decided_by,
            code: None,
            notes: Vec::new(),
        }
    }

    fn refuted(decided_by: Decision, code: Code, notes: Vec<String>) -> Self {
        Answer {
            holds: Some(false),
            decided_by,
            code: Some(code),
            notes,
        }
    }

    fn open() -> Self {
        Answer {
            holds: None,
            decided_by: Decision::Undecided,
            code: None,
            notes: Vec::new(),
        }
    }
}

/// The answers about one converter; None is undecided.
///
/// With free sizes, true means at all sizes that are accepted, and false at all of them that give the output elements;
/// what holds at some sizes only is None.
///
/// "Positions that read" are the output positions that take an input element rather than the fill value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdicts {
    /// Every position that passes the `if` reads inside the input.
    pub in_bounds: Option<bool>,
    /// No input element is read twice.
    pub injective: Option<bool>,
    /// Every input element is read.
    pub surjective: Option<bool>,
    /// Both, and every output position reads.
    pub bijective: Option<bool>,
    /// How the answers were found, the weakest of the ways used.
    pub decided_by: Decision,
}

/// Something about the sizes that every call checks once, before it touches memory.
#[derive(Clone, Debug)]
pub struct Obligation {
    /// What must hold, in the user's names: `axis 1 of X: (C - 1)/16 < C/16`.
    pub text: String,
    /// The expression or condition that asks for it.
    pub span: Span,
    /// Whether it counts for empty outputs too.
    pub counts: Counts,
    /// How to check it.
    pub check: Check,
}

/// For which sizes an obligation counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counts {
    /// For all: requirements and extents.
    Always,
    /// For those that give the output elements: reads and writes.
    OutputNotEmpty,
}

/// How to check an obligation. Everything in it is of sizes, except what stands inside the loops of a scan.
#[derive(Clone, Debug)]
pub enum Check {
    /// A condition on the sizes.
    Holds(Condition),
    /// For all values of the loop variables (each over `0..extent`, later extents of sizes only too) that pass the guard, `holds`.
    ForAll {
        /// The loops: variable, its name, its extent.
        loops: Vec<ScanLoop>,
        /// Only these values count; None for all.
        guard: Option<Condition>,
        /// What must hold for them.
        holds: Condition,
    },
    /// Of the flat output places that the loops visit, none is visited twice (and, if `all`, none is left out).
    Places {
        /// The loops.
        loops: Vec<ScanLoop>,
        /// Only these values count; None for all.
        guard: Option<Condition>,
        /// The flat place, inside `0..total` by other obligations.
        place: Scalar,
        /// How many places there are.
        total: Scalar,
        /// Whether every place must be visited.
        all: bool,
    },
}

impl Check {
    /// Visits every scalar of it.
    pub(crate) fn visit<'c>(&'c self, f: &mut impl FnMut(&'c Scalar)) {
        let (loops, guard): (&[ScanLoop], _) = match self {
            Check::Holds(condition) => return visit_condition(condition, f),
            Check::ForAll { loops, guard, .. } | Check::Places { loops, guard, .. } => {
                (loops, guard)
            }
        };
        loops.iter().for_each(|scan| f(&scan.extent));
        guard.iter().for_each(|guard| visit_condition(guard, f));
        match self {
            Check::ForAll { holds, .. } => visit_condition(holds, f),
            Check::Places { place, total, .. } => [place, total].into_iter().for_each(f),
            Check::Holds(_) => {}
        }
    }
}

/// A loop of a scan.
#[derive(Clone, Debug)]
pub struct ScanLoop {
    /// Its variable.
    pub var: VarId,
    /// Its name: the iterator's.
    pub name: String,
    /// How many values it takes, of sizes only.
    pub extent: Scalar,
}
