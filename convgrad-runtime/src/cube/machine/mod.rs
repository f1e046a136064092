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

use super::isa::{Instruction, Operation};
use super::profile::{Knob, Profile};
use super::time::{Event, Report};
use crate::error::Result;
use pipe::{Clock, join};
use sync::Flags;
use watch::{Toucher, Watch};

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

    /// Hands out the next instruction.
    ///
    /// # Errors
    /// What the instruction, or one that it lets go on, does wrong.
    pub fn issue(&mut self, instruction: impl Into<Instruction>) -> std::result::Result<(), Fault> {
        let instruction = instruction.into();
        let number = self.issued;
        self.issued += 1;
        self.now += self.profile.cycles(Knob::Issue);
        let fault = |instruction: &Instruction, mistake| Fault {
            instruction: number,
            text: instruction.to_string(),
            mistake,
        };
        if let Instruction::Barrier = instruction {
            self.settle()?;
            self.meet();
            return Ok(());
        }
        let pipe = match instruction.pipe(self.profile) {
            Ok(pipe) => pipe,
            Err(mistake) => return Err(fault(&instruction, mistake)),
        };
        if let Some(operation) = instruction.operation()
            && let Err(mistake) = operation.check(self.profile)
        {
            return Err(fault(&instruction, mistake));
        }
        self.workers[pipe as usize].queue.push_back(Issued {
            instruction,
            number,
            at: self.now,
        });
        self.advance(pipe)
    }

    /// Ends the program: all pipes must come to their ends, and no flag may stay set.
    ///
    /// # Errors
    /// [`Mistake::Deadlock`] or [`Mistake::LeftSet`].
    pub fn finish(&mut self) -> std::result::Result<Report, Fault> {
        self.settle()?;
        if let Some(Signal { from, to, id }) = self.flags.left_set() {
            return Err(Fault {
                instruction: self.issued,
                text: "the end".into(),
                mistake: Mistake::LeftSet { from, to, id },
            });
        }
        let mut report = self.report.clone();
        report.cycles = self.elapsed();
        report.instructions = self.issued;
        Ok(report)
    }

    /// What happened, in the order in which it started on each pipe; empty unless [`Core::traced`].
    pub fn trace(&self) -> &[Event] {
        self.trace.as_deref().unwrap_or(&[])
    }

    /// Refuses queues that cannot come to their ends.
    fn settle(&self) -> std::result::Result<(), Fault> {
        let stuck = self.workers.iter().filter_map(|w| w.queue.front());
        match stuck.min_by_key(|issued| issued.number) {
            None => Ok(()),
            Some(issued) => Err(Fault {
                instruction: issued.number,
                text: issued.instruction.to_string(),
                mistake: match issued.instruction {
                    Instruction::WaitFlag(Signal { from, to, id }) => {
                        Mistake::Deadlock { from, to, id }
                    }
                    // Only waits block.
                    _ => Mistake::NoInstruction { what: "such wait" },
                },
            }),
        }
    }

    /// A barrier: everybody waits for everybody.
    fn meet(&mut self) {
        let mut clock = Clock::default();
        self.workers.iter().for_each(|w| join(&mut clock, &w.clock));
        let latest = self.elapsed().max(self.now);
        for worker in &mut self.workers {
            (worker.clock, worker.free) = (clock, latest);
        }
        self.now = latest;
    }

    /// Runs what can run, from a pipe on.
    fn advance(&mut self, pipe: Pipe) -> std::result::Result<(), Fault> {
        let mut ready = vec![pipe];
        while let Some(pipe) = ready.pop() {
            while let Some(issued) = self.workers[pipe as usize].queue.pop_front() {
                let done = self.run(pipe, &issued, &mut ready);
                match done {
                    Ok(true) => {}
                    Ok(false) => {
                        self.workers[pipe as usize].queue.push_front(issued);
                        break;
                    }
                    Err(mistake) => {
                        return Err(Fault {
                            instruction: issued.number,
                            text: issued.instruction.to_string(),
                            mistake,
                        });
                    }
                }
            }
        }
        Ok(())
    }

    /// Runs an instruction at the head of its queue; false if it has to wait.
    fn run(
        &mut self,
        pipe: Pipe,
        issued: &Issued,
        ready: &mut Vec<Pipe>,
    ) -> std::result::Result<bool, Mistake> {
        let worker = &mut self.workers[pipe as usize];
        let free = worker.free;
        match &issued.instruction {
            Instruction::SetFlag(signal) => {
                let time = free.max(issued.at) + self.profile.cycles(Knob::Flag);
                self.flags.set(*signal, time, worker.clock)?;
                ready.push(signal.to);
            }
            Instruction::WaitFlag(signal) => {
                let Some((time, clock)) = self.flags.take(*signal, worker.clock[pipe as usize] + 1)
                else {
                    return Ok(false);
                };
                join(&mut worker.clock, &clock);
                worker.clock[pipe as usize] += 1;
                worker.free = free.max(time).max(issued.at);
                let stalls = &mut self.report.pipes[pipe as usize];
                stalls.waits[signal.from as usize] += time.saturating_sub(free.max(issued.at));
                stalls.issue += issued.at.saturating_sub(free);
            }
            Instruction::Barrier => {}
            instruction => {
                worker.clock[pipe as usize] += 1;
                if let (Some(numbers), Some(operation)) =
                    (&mut self.numbers, instruction.operation())
                {
                    let by = Toucher {
                        pipe,
                        clock: &worker.clock,
                    };
                    compute(numbers, &by, operation)?;
                }
                let start = free.max(issued.at);
                // An idle cube has a head that a busy one hides.
                let cycles = instruction.cycles(self.profile, start > worker.worked);
                worker.free = start + cycles;
                worker.worked = worker.free;
                let stats = &mut self.report.pipes[pipe as usize];
                stats.busy += cycles;
                stats.issue += start - free;
                stats.instructions += 1;
                instruction.account(&mut self.report);
                if let Some(trace) = &mut self.trace {
                    trace.push(Event::new(pipe, instruction, issued.number, start, cycles));
                }
            }
        }
        Ok(true)
    }
}

/// Checks where an operation reads and writes, and does it.
fn compute(
    numbers: &mut Numbers,
    by: &Toucher<'_>,
    operation: &dyn Operation,
) -> std::result::Result<(), Mistake> {
    let Numbers { memories, watch } = numbers;
    let mut result = Ok(());
    operation.touches(&mut |access, place, bytes| {
        if result.is_err() || bytes == 0 {
            return;
        }
        let Place { buffer, at } = place;
        let size = memories.bytes(buffer).len();
        result = if at.checked_add(bytes).is_none_or(|end| end > size) {
            Err(Mistake::OutOfRange {
                buffer,
                at,
                bytes,
                size,
            })
        } else {
            watch.touch(by, access, buffer, at, bytes)
        };
    });
    result?;
    operation.run(memories);
    Ok(())
}
