//! What the machine can do and how long things take on it.

mod clock;
mod fma;
mod machine;
mod random;

pub(crate) use clock::{Budget, Timing, alternate, time};
pub(crate) use machine::{Machine, copy, cores};
pub(crate) use random::Random;
