//! What came of a program.

use std::fmt;

use super::tiling::Tiling;
use crate::cube::machine::Fault;
use crate::cube::time::{Event, Report};
use crate::error::Error;

/// How closely a program is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// Whether what happens is kept, instruction by instruction.
    pub traced: bool,
    /// How many tiles of sums are computed, spread evenly; None for all. Cycles are those of the whole program all the same.
    pub tiles: Option<usize>,
}

/// Of how many tiles of sums the numbers were computed and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Those that were.
    pub tiles: usize,
    /// All of them.
    pub of: usize,
}

/// A program that ran, and whose numbers are right.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Where the time went.
    pub report: Report,
    /// How the product was cut.
    pub tiling: Tiling,
    /// Whether every result has the bits of the definition; every one that was computed, if that is a sample.
    pub exact: bool,
    /// What was computed, if not everything.
    pub sample: Option<Sample>,
    /// The largest difference from the f32 sums of the definition, relative to the largest of these: what rounding to halves costs.
    pub max_rel_error: f64,
    /// What happened, if it was asked for.
    pub trace: Vec<Event>,
}

/// Why there is no result.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Refusal {
    /// This core cannot do it that way.
    Unavailable(String),
    /// The program is wrong: never the user's fault.
    Fault(Box<Fault>),
    /// There was no memory, or a size was too large.
    Error(Error),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Unavailable(reason) => f.write_str(reason),
            Refusal::Fault(fault) => fault.fmt(f),
            Refusal::Error(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Refusal {}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Refusal::Fault(Box::new(fault))
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Refusal::Error(error)
    }
}
