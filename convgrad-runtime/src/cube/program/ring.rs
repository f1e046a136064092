//! Double buffering: slots that one pipe fills and another empties, and the flags between them.

use super::Issue;
use crate::cube::isa::Instruction;
use crate::cube::machine::{Core, Pipe, Signal};

/// The flags of one buffer, in both directions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) from: Pipe,
    pub(super) to: Pipe,
    /// The first of two numbers.
    pub(super) id: u8,
}

impl Pair {
    /// `to` may read what `from` has written; both know it from here on.
    fn hand_over(self, core: &mut Core<'_>, parity: usize) -> Issue {
        let Pair { from, to, id } = self;
        let id = id + parity as u8;
        core.issue(Instruction::SetFlag(Signal { from, to, id }))?;
        core.issue(Instruction::WaitFlag(Signal { from, to, id }))
    }

    fn give_back(self, core: &mut Core<'_>, parity: usize) -> Issue {
        let id = self.id + parity as u8;
        core.issue(Instruction::SetFlag(Signal {
            from: self.to,
            to: self.from,
            id,
        }))
    }

    fn take_back(self, core: &mut Core<'_>, parity: usize) -> Issue {
        let id = self.id + parity as u8;
        core.issue(Instruction::WaitFlag(Signal {
            from: self.to,
            to: self.from,
            id,
        }))
    }
}

/// One or two slots, filled and emptied in turn.
#[derive(Debug)]
pub(super) struct Channel {
    pair: Pair,
    slots: usize,
    filled: usize,
}

impl Channel {
    pub(super) fn new(pair: Pair, slots: usize) -> Self {
        Self {
            pair,
            slots,
            filled: 0,
        }
    }

    /// Waits until the next slot is empty, and says which one that is.
    pub(super) fn acquire(&mut self, core: &mut Core<'_>) -> Result<usize, crate::cube::Fault> {
        let slot = self.filled % self.slots;
        if self.filled >= self.slots {
            self.pair.take_back(core, slot)?;
        }
        self.filled += 1;
        Ok(slot)
    }

    /// Hands a slot that has been filled to who empties it.
    pub(super) fn publish(&self, core: &mut Core<'_>, slot: usize) -> Issue {
        self.pair.hand_over(core, slot)
    }

    /// Gives a slot that has been emptied back.
    pub(super) fn release(&self, core: &mut Core<'_>, slot: usize) -> Issue {
        self.pair.give_back(core, slot)
    }

    /// Clears the flags that are still set.
    pub(super) fn close(&mut self, core: &mut Core<'_>) -> Issue {
        let open = self.filled.min(self.slots);
        for i in self.filled - open..self.filled {
            self.pair.take_back(core, i % self.slots)?;
        }
        self.filled = 0;
        Ok(())
    }
}

/// What happens to a ring at a visit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit {
    /// The slot that holds what the visit needs.
    pub(super) slot: usize,
    /// The number of the load that brings it; None if it is still there.
    pub(super) load: Option<usize>,
}

/// Any number of slots that keep what they hold until they are needed for something else: the flags for a known sequence of visits.
///
/// Loads fill the slots in turn. Before load `j + w` (`w` being 2, or 1 for a single slot) its pipe waits for the *credit* of load `j`, which the
/// reader gives once it has begun to read load `j` and has finished with what load `j + w` overwrites. Two numbers are enough for any number of slots.
#[derive(Debug)]
pub(super) struct Ring {
    pair: Pair,
    window: usize,
    visits: Vec<Visit>,
    /// The visit after which the credit of each load is given.
    credits: Vec<usize>,
    loads: usize,
    given: usize,
}

impl Ring {
    /// A ring of so many slots for the keys that will be asked for.
    pub(super) fn new(pair: Pair, slots: usize, keys: &[(usize, usize)]) -> Self {
        let mut held: Vec<Option<((usize, usize), usize)>> = vec![None; slots];
        let (mut first, mut last) = (Vec::new(), Vec::new());
        let mut visits = Vec::with_capacity(keys.len());
        for (i, key) in keys.iter().enumerate() {
            let found = held
                .iter()
                .position(|slot| slot.is_some_and(|(k, _)| k == *key));
            let slot = found.unwrap_or(first.len() % slots);
            let load = if found.is_none() {
                held[slot] = Some((*key, first.len()));
                first.push(i);
                last.push(i);
                Some(first.len() - 1)
            } else {
                None
            };
            if let Some((_, load)) = held[slot] {
                last[load] = i;
            }
            visits.push(Visit { slot, load });
        }
        let window = slots.min(2);
        let mut credits: Vec<usize> = Vec::new();
        // Nobody waits for the credits of the last loads.
        let awaited = first.len().saturating_sub(window);
        for (j, begun) in first.iter().take(awaited).enumerate() {
            let overwritten = (j + window).checked_sub(slots).map_or(0, |load| last[load]);
            let before = credits.last().copied().unwrap_or(0);
            credits.push(overwritten.max(*begun).max(before));
        }
        Self {
            pair,
            window,
            visits,
            credits,
            loads: first.len(),
            given: 0,
        }
    }

    /// What a visit does.
    pub(super) fn visit(&self, i: usize) -> Visit {
        self.visits[i]
    }

    /// Waits until a load may overwrite its slot.
    pub(super) fn acquire(&self, core: &mut Core<'_>, load: usize) -> Issue {
        debug_assert!(load < self.loads);
        match load >= self.window {
            true => self.pair.take_back(core, load % self.window),
            false => Ok(()),
        }
    }

    /// Hands over what a load has brought.
    pub(super) fn publish(&self, core: &mut Core<'_>, load: usize) -> Issue {
        self.pair.hand_over(core, load % self.window)
    }

    /// Gives the credits that are due after a visit.
    pub(super) fn release(&mut self, core: &mut Core<'_>, visit: usize) -> Issue {
        while self.credits.get(self.given).is_some_and(|&at| at <= visit) {
            self.pair.give_back(core, self.given % self.window)?;
            self.given += 1;
        }
        Ok(())
    }
}
