//! What a program does wrong.

use std::fmt;

use super::{Buffer, Pipe};

/// A mistake, and the instruction that makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The number of the instruction, from 0, in the order in which they were issued.
    pub instruction: u64,
    /// The instruction.
    pub text: String,
    /// What is wrong with it.
    pub mistake: Mistake,
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mistake {
    /// A field has a value that its bits cannot hold, or that makes no sense.
    Field {
        /// The field.
        field: &'static str,
        /// Its value.
        value: i64,
        /// What it can be.
        allowed: &'static str,
    },
    /// An address is not a multiple of what its memory demands.
    Misaligned {
        /// The memory.
        buffer: Buffer,
        /// The address.
        at: usize,
        /// What it must be a multiple of.
        alignment: usize,
    },
    /// An access ends beyond its memory.
    OutOfRange {
        /// The memory.
        buffer: Buffer,
        /// The first byte of the access.
        at: usize,
        /// How long it is.
        bytes: usize,
        /// How large the memory is.
        size: usize,
    },
    /// There is no path between two memories.
    NoPath {
        /// From where.
        from: Buffer,
        /// To where.
        to: Buffer,
    },
    /// The core has no such instruction.
    NoInstruction {
        /// What it lacks.
        what: &'static str,
    },
    /// A read of what no instruction has written.
    Unwritten {
        /// The memory.
        buffer: Buffer,
        /// The address.
        at: usize,
    },
    /// Two pipes meet at an address, and no flag orders them.
    Hazard {
        /// The memory.
        buffer: Buffer,
        /// The address.
        at: usize,
        /// What the instruction does there.
        this: Access,
        /// The other pipe.
        other: Pipe,
        /// What that pipe does there.
        that: Access,
    },
    /// A flag is set again before whoever waits for it has seen it.
    DoubleSet {
        /// The pipe that sets it.
        from: Pipe,
        /// The pipe that waits for it.
        to: Pipe,
        /// Its number.
        id: u8,
    },
    /// Nobody sets the flag that a pipe waits for.
    Deadlock {
        /// The pipe that should set it.
        from: Pipe,
        /// The pipe that waits for ever.
        to: Pipe,
        /// Its number.
        id: u8,
    },
    /// The program ends while a flag is set, which the next program would see.
    LeftSet {
        /// The pipe that set it.
        from: Pipe,
        /// The pipe that should have waited for it.
        to: Pipe,
        /// Its number.
        id: u8,
    },
}

/// What an instruction does at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It reads.
    Read,
    /// It writes.
    Write,
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Access::Read => "reads",
            Access::Write => "writes",
        })
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mistake::Field {
                field,
                value,
                allowed,
            } => write!(f, "`{field}` is {value}, and must be {allowed}"),
            Mistake::Misaligned {
                buffer,
                at,
                alignment,
            } => write!(
                f,
                "address {at} of {} is not a multiple of {alignment}",
                buffer.name()
            ),
            Mistake::OutOfRange {
                buffer,
                at,
                bytes,
                size,
            } => write!(
                f,
                "{bytes} bytes at {at} end beyond {}, which has {size}",
                buffer.name()
            ),
            Mistake::NoPath { from, to } => write!(
                f,
                "this core has no path from {} to {}",
                from.name(),
                to.name()
            ),
            Mistake::NoInstruction { what } => write!(f, "this core has no {what}"),
            Mistake::Unwritten { buffer, at } => write!(
                f,
                "it reads address {at} of {}, which nothing has written",
                buffer.name()
            ),
            Mistake::Hazard {
                buffer,
                at,
                this,
                other,
                that,
            } => write!(
                f,
                "it {this} address {at} of {}, which {} {that}, and no flag orders the two",
                buffer.name(),
                other.name()
            ),
            Mistake::DoubleSet { from, to, id } => write!(
                f,
                "flag {id} from {} to {} may still be set",
                from.name(),
                to.name()
            ),
            Mistake::Deadlock { from, to, id } => write!(
                f,
                "{} waits for ever: {} does not set flag {id}",
                to.name(),
                from.name()
            ),
            Mistake::LeftSet { from, to, id } => write!(
                f,
                "the program ends with flag {id} from {} to {} set",
                from.name(),
                to.name()
            ),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "instruction {}, {}: {}",
            self.instruction, self.text, self.mistake
        )
    }
}

impl std::error::Error for Fault {}
