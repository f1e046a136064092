//! End to end: formulas compiled by the macro and at run time, and what they compute; convolutions and their gradients.

#[path = "../../convgrad-dsl/tests/it/annotations.rs"]
#[allow(
    dead_code,
    reason = "the compiler's own tests read these formulas too, and use the rest of it"
)]
mod annotations;
mod conversions;
mod device;
mod docs;
mod editor;
mod formulas;
mod gradients;
mod held;
mod library;
mod paper;
mod random;
mod scratch;
