//! What the languages say differently.

use super::Unfit;
use super::about::About;
use super::scalar::Text;
use crate::sema::model::Number;

/// Why a function gives up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal<'a> {
    /// A size is negative, or indices might not fit 64 bits.
    Sizes,
    /// What is decided by trying takes too many trials, or too much memory.
    Trials,
    /// An obligation does not hold: its number among all of them, and its text.
    Obligation(usize, &'a str),
}

/// The smaller or the larger of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Extreme {
    /// The smaller one.
    Min,
    /// The larger one.
    Max,
}

/// A language. Scalars are integers of 64 bits, places index tensors, code is without its indentation.
pub(super) trait Target {
    /// The whole function.
    fn assemble(&self, parts: &Parts) -> Result<String, Unfit>;

    /// Whether a word cannot be the name of a variable or a parameter.
    fn reserved(&self, word: &str) -> bool;
    /// The smallest integer, which no literal is.
    fn smallest(&self) -> Text;
    /// `floor(a/b)` where `a` may be negative.
    fn floor_div(&self, a: Text, b: Text) -> Text;
    /// The remainder that is never negative, where `a` may be.
    fn floor_mod(&self, a: Text, b: Text) -> Text;
    /// The smallest or the largest of several.
    fn extreme(&self, which: Extreme, all: Vec<Text>) -> Text;
    /// The absolute value.
    fn abs(&self, a: Text) -> Text;
    /// `2^b`, for `b` from 0 to 62.
    fn power(&self, b: Text) -> Text;

    /// A double that is larger than a size, and at least 1.
    fn magnitude(&self, size: &str) -> String;
    /// A double that is at least `2^exponent`.
    fn magnitude_power(&self, exponent: &str) -> String;
    /// A name for a double.
    fn bind_double(&self, name: &str, value: &str) -> String;

    /// A name for a value.
    fn bind(&self, name: &str, value: &str) -> String;
    /// The head of a loop.
    fn repeat(&self, counter: &str, from: &str, to: &str, step: &str) -> String;
    /// The head of a condition.
    fn when(&self, condition: &str) -> String;
    /// Gives up.
    fn refuse(&self, why: Refusal) -> String;

    /// An element of a tensor.
    fn element(&self, tensor: &str, place: &Text) -> String;
    /// Copies a run of elements that are neighbours on both sides; their number is not negative.
    fn copy(&self, to: (&str, &Text), from: (&str, &Text), count: &Text) -> String;
    /// What is written for an element that is read.
    fn converted(&self, from: &str) -> String;
    /// Adds an element to another one.
    fn add(&self, to: &str, from: &str) -> String;
    /// Writes a value to neighbours, if there is more than a loop for it; their number is not negative.
    fn fill(&self, to: (&str, &Text), count: &Text, value: &str) -> Option<String>;

    /// A name for a number that is counted up from 0.
    fn bind_counter(&self, name: &str) -> String;
    /// A set of so many flags, none of them raised.
    fn flags(&self, name: &str, total: &Text) -> Flags;
    /// Whether a flag is raised.
    fn flag(&self, name: &str, at: &Text) -> String;
    /// Raises a flag.
    fn raise(&self, name: &str, at: &Text) -> String;
}

/// How a set of flags is made and given back.
#[derive(Clone, Debug)]
pub(super) struct Flags {
    /// Makes it.
    pub(super) make: String,
    /// Whether there was no memory for it.
    pub(super) failed: String,
    /// Makes it ready, if there was.
    pub(super) ready: Option<String>,
    /// Gives it back.
    pub(super) release: Option<String>,
}

/// The whole text of a function, from its parts.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    /// What it is, for the comment above it.
    pub(super) about: &'a About,
    /// What is read and what is written.
    pub(super) tensors: [&'a str; 2],
    /// The sizes that it takes.
    pub(super) sizes: Vec<&'a str>,
    /// The names and values of the numbers that are written.
    pub(super) numbers: Vec<(&'a str, Number)>,
    /// Whether elements are added up.
    pub(super) adds: bool,
    /// How many elements the tensors have.
    pub(super) elements: [String; 2],
    /// The conditions under which the output is empty.
    pub(super) empty: Vec<String>,
    /// The checks of sizes, the checks of accesses, the loops.
    pub(super) code: [String; 3],
}
