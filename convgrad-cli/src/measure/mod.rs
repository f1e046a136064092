//! What the machine can do and how long things take on it.

mod clock;
mod fma;
mod machine;
mod random;

pub(crate) use clock::{Budget, Timing, time};
pub(crate) use machine::{Machine, cores};
pub(crate) use random::Random;
