//! The core: instructions go to the queues of its pipes, which run side by side and wait for each other by flags.
//!
//! ```text
//!            MTE2 ┌────┐ MTE1 ┌─────┐
//!        ┌───────▶│ L1 │─────▶│ L0A │──┐     M     ┌─────┐
//!   ┌────┐        └────┘─────▶│ L0B │──┴──────────▶│ L0C │
//!   │ GM │ MTE2 ┌────┐        └─────┘              └─────┘
//!   └────┘─────▶│ UB │◀───────────────────────────────┘ V (or FIXP, straight to GM)
//!        ◀──────└────┘ MTE3      V works on UB
//! ```
//!
//! [`Core::issue`] takes instructions in program order, as the scalar unit hands them out. An instruction starts when its pipe is done
//! with the one before and, after a `wait_flag`, when the flag is set; what it computes is there when it starts, and
//! the checker sees to it that nobody can tell: two pipes that meet in memory without a flag between them are a [`Fault`], whatever
//! the timing, and so is a read of what nothing has written.

mod fault;
mod issue;
mod memory;
mod pipe;
mod sync;
#[cfg(test)]
mod tests;
mod watch;

pub use fault::{Access, Fault, Mistake};
pub(crate) use memory::{
    BLOCK, FRACTAL, Memories, SUMS, from_halves, from_singles, halves, singles,
};
pub use memory::{Buffer, Place};
pub use pipe::Pipe;
pub use sync::Signal;

use std::collections::VecDeque;

use super::isa::Instruction;
use super::profile::Profile;
use super::time::{Event, Report};
use crate::error::Result;
use pipe::Clock;
use sync::Flags;
use watch::Watch;

/// An instruction that has been issued.
#[derive(Debug)]
struct Issued {
    instruction: Instruction,
    number: u64,
    at: u64,
}

/// A pipe at work.
#[derive(Debug, Default)]
struct Worker {
    queue: VecDeque<Issued>,
    /// When it is done with what it has started and has waited for.
    free: u64,
    /// When it last worked.
    worked: u64,
    clock: Clock,
}

/// What only a core has that computes: what stands in the memories, and who touched it.
#[derive(Debug)]
struct Numbers {
    memories: Memories,
    watch: Watch,
}

/// An emulated core.
#[derive(Debug)]
pub struct Core<'p> {
    profile: &'p Profile,
    numbers: Option<Numbers>,
    workers: [Worker; Pipe::COUNT],
    flags: Flags,
    issued: u64,
    /// When the scalar unit hands out the next instruction.
    now: u64,
    report: Report,
    trace: Option<Vec<Event>>,
}

impl<'p> Core<'p> {
    /// A core with so many bytes of global memory, which are 0.
    ///
    /// # Errors
    /// [`Error::Memory`](crate::Error::Memory) if they cannot be had.
    pub fn new(profile: &'p Profile, global: usize) -> Result<Self> {
        let numbers = Numbers {
            memories: Memories::new(profile, global)?,
            watch: Watch::new(profile, global)?,
        };
        Ok(Self {
            numbers: Some(numbers),
            ..Self::timing(profile)
        })
    }

    /// A core that only tells the time: it has no memories and checks flags and fields, but no address.
    pub fn timing(profile: &'p Profile) -> Self {
        Self {
            profile,
            numbers: None,
            workers: Default::default(),
            flags: Flags::new(),
            issued: 0,
            now: 0,
            report: Report::default(),
            trace: None,
        }
    }

    /// Keeps what happens, instruction by instruction, for [`Core::trace`].
    pub fn traced(mut self) -> Self {
        self.trace = Some(Vec::new());
        self
    }

    /// What it is.
    pub fn profile(&self) -> &'p Profile {
        self.profile
    }

    /// The bytes of global memory; none on a core that only tells the time.
    pub fn global(&self) -> &[u8] {
        let numbers = self.numbers.as_ref();
        numbers.map_or(&[], |numbers| numbers.memories.bytes(Buffer::Gm))
    }

    /// The bytes of global memory, for the host to write before a program starts.
    pub fn global_mut(&mut self) -> &mut [u8] {
        match &mut self.numbers {
            Some(numbers) => numbers.memories.bytes_mut(Buffer::Gm),
            None => &mut [],
        }
    }

    /// The cycles that have passed: until all pipes are done with what they have started.
    pub fn elapsed(&self) -> u64 {
        self.workers.iter().map(|w| w.free).max().unwrap_or(0)
    }

    /// What happened, in the order in which it started on each pipe; empty unless [`Core::traced`].
    pub fn trace(&self) -> &[Event] {
        self.trace.as_deref().unwrap_or(&[])
    }
}
