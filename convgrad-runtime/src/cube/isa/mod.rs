//! The instructions: a file each, with its fields, what it reads and writes, what it computes, and how long it takes.
//!
//! Addresses and strides are in bytes unless a field says otherwise; strides go from start to start.
//!
//! | instruction | pipe | what it does |
//! |---|---|---|
//! | [`Move`] | MTE1, MTE2, MTE3 by its path | bursts of bytes with strides |
//! | [`Load2d`] | MTE1, MTE2 | fractals into L0A or L0B, each transposed if wished |
//! | [`Load3d`] | MTE1 | img2col by kernel points, into L0A, L0B or UB |
//! | [`Img2col`] | MTE1 | img2col by rectangles of the matrix |
//! | [`Mad`] | M | fractals times fractals, into sums |
//! | [`Drain`] | V, FIXP | sums out of L0C, converted |
//! | [`Vector`] | V | eight blocks a repeat: add, multiply, copy, fill |
//! | [`Convert`] | V | f32 to f16 and back |
//! | [`Transpose`] | V | 16 x 16 halves: rows from sixteen addresses become columns at sixteen others |
//! | [`Col2img`] | V | adds windows back to where they were read |
//! | `SetFlag`, `WaitFlag` | of the [`Signal`] | order two pipes |
//! | `Barrier` | all | orders all |

mod col2img;
mod convert;
mod drain;
mod img2col;
mod load2d;
mod load3d;
mod mad;
mod moves;
#[cfg(test)]
mod tests;
mod transpose;
mod vector;
mod window;

pub use col2img::Col2img;
pub use convert::Convert;
pub use drain::{Drain, Rounding};
pub use img2col::Img2col;
pub use load2d::Load2d;
pub use load3d::{Load3d, Repeat};
pub use mad::{Kind, Mad};
pub use moves::Move;
pub use transpose::Transpose;
pub use vector::{Lanes, Operand, Vector, VectorOp};
pub use window::{FeatureMap, Filter};

use std::fmt;

use super::machine::{Access, Buffer, Memories, Mistake, Pipe, Place, Signal};
use super::profile::Profile;
use super::time::Report;

/// What an instruction does to memory: everything but flags.
pub(crate) trait Operation {
    /// Refuses fields that cannot be.
    fn check(&self, profile: &Profile) -> Result<(), Mistake>;

    /// Calls with every run of bytes that it reads and writes.
    fn touches(&self, visit: &mut dyn FnMut(Access, Place, usize));

    /// Does it. All touched bytes are inside their memories.
    fn run(&self, memories: &mut Memories);
}

macro_rules! instructions {
    ($($name:ident,)*) => {
        /// An instruction.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Instruction {
            $(
                #[doc = concat!("See [`", stringify!($name), "`].")]
                $name(Box<$name>),
            )*
            /// Sets a flag when its sender has come so far.
            SetFlag(Signal),
            /// Holds its receiver until the flag is set, and clears it.
            WaitFlag(Signal),
            /// Holds all pipes until all have come so far.
            Barrier,
        }

        $(
            impl From<$name> for Instruction {
                fn from(operation: $name) -> Self {
                    Instruction::$name(Box::new(operation))
                }
            }
        )*

        impl Instruction {
            /// What it does to memory; None for flags and barriers.
            pub(crate) fn operation(&self) -> Option<&dyn Operation> {
                match self {
                    $(Instruction::$name(operation) => Some(operation.as_ref()),)*
                    _ => None,
                }
            }

            /// Its name.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Instruction::$name(operation) => operation.mnemonic(),)*
                    Instruction::SetFlag(_) => "set_flag",
                    Instruction::WaitFlag(_) => "wait_flag",
                    Instruction::Barrier => "barrier",
                }
            }

            /// The pipe that runs it; for a barrier any.
            pub(crate) fn pipe(&self, profile: &Profile) -> Result<Pipe, Mistake> {
                match self {
                    $(Instruction::$name(operation) => operation.pipe(profile),)*
                    Instruction::SetFlag(signal) => flagged(signal, signal.from, profile),
                    Instruction::WaitFlag(signal) => flagged(signal, signal.to, profile),
                    Instruction::Barrier => Ok(Pipe::Cube),
                }
            }

            /// How long it takes, on a pipe that was `idle` just before or was not.
            pub(crate) fn cycles(&self, profile: &Profile, idle: bool) -> u64 {
                match self {
                    $(Instruction::$name(operation) => operation.cycles(profile, idle),)*
                    _ => 0,
                }
            }

            /// Adds what it moves and multiplies to a report.
            pub(crate) fn account(&self, report: &mut Report) {
                match self {
                    $(Instruction::$name(operation) => operation.account(report),)*
                    _ => {}
                }
            }
        }

        impl fmt::Display for Instruction {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Instruction::$name(operation) => write!(f, "{operation:?}"),)*
                    Instruction::SetFlag(Signal { from, to, id }) => {
                        write!(f, "set_flag({}, {}, {id})", from.name(), to.name())
                    }
                    Instruction::WaitFlag(Signal { from, to, id }) => {
                        write!(f, "wait_flag({}, {}, {id})", from.name(), to.name())
                    }
                    Instruction::Barrier => f.write_str("barrier"),
                }
            }
        }
    };
}

instructions! {
    Move, Load2d, Load3d, Img2col, Mad, Drain, Vector, Convert, Transpose, Col2img,
}

fn flagged(signal: &Signal, pipe: Pipe, profile: &Profile) -> Result<Pipe, Mistake> {
    let ids = profile.count(super::profile::Knob::FlagIds);
    if usize::from(signal.id) >= ids {
        return Err(Mistake::Field {
            field: "id",
            value: signal.id.into(),
            allowed: "one of the flags that the core has",
        });
    }
    Ok(pipe)
}

/// Refuses a field outside of a range.
fn field(
    field: &'static str,
    value: usize,
    (low, high): (usize, usize),
    allowed: &'static str,
) -> Result<(), Mistake> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        Err(Mistake::Field {
            field,
            value,
            allowed,
        })
    }
}

/// Addresses, and strides that no field limits: what lies beyond is in no memory, and sums of them stay far from overflowing.
const LARGEST: usize = 1 << 40;

/// Refuses an address that its memory does not take.
fn aligned(place: Place) -> Result<(), Mistake> {
    aligned_to(place, place.buffer.alignment())
}

/// Refuses an address that is not a multiple of an alignment.
fn aligned_to(place: Place, alignment: usize) -> Result<(), Mistake> {
    let Place { buffer, at } = place;
    field("address", at, (0, LARGEST), "at most 2^40")?;
    if at.is_multiple_of(alignment) {
        Ok(())
    } else {
        Err(Mistake::Misaligned {
            buffer,
            at,
            alignment,
        })
    }
}

/// Refuses a path that the instruction or the core does not have.
fn no_path<T>(from: Buffer, to: Buffer) -> Result<T, Mistake> {
    Err(Mistake::NoPath { from, to })
}
