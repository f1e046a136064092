//! The clock and the queues: instructions are handed out, wait for flags, and run.

use super::pipe::{Clock, join};
use super::watch::Toucher;
use super::{Core, Fault, Instruction, Issued, Mistake, Numbers, Pipe, Place, Signal};
use crate::cube::isa::Operation;
use crate::cube::profile::Knob;
use crate::cube::time::{Event, Report};

impl Core<'_> {
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
