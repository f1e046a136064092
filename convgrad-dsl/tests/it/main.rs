//! Tests of the compiler from the outside, by the formulas in `tests/formulas` and by texts that nobody would write.

mod annotations;
mod corpus;
mod equal;
mod explain;
mod fixtures;
mod functions;
mod helps;
mod hostile;
mod library;
mod nests;
mod pages;
mod patches;
mod random;
mod sizes;
mod spans;
mod transform;
mod values;
