//! Flags: one bit for each sender, receiver and number.

use super::Pipe;
use super::fault::Mistake;
use super::pipe::Clock;

/// A flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Signal {
    /// Who sets it.
    pub from: Pipe,
    /// Who waits for it, and clears it.
    pub to: Pipe,
    /// Its number.
    pub id: u8,
}

/// The most flags that a pair of pipes can have.
const MOST: usize = 64;

#[derive(Clone, Copy, Debug, Default)]
struct Flag {
    /// When it was set, and what its sender knew.
    set: Option<(u64, Clock)>,
    /// The number, on the receiving pipe, of the wait that cleared it last.
    cleared: u32,
}

/// All flags of a core.
#[derive(Debug)]
pub(super) struct Flags(Vec<Flag>);

impl Flags {
    pub(super) fn new() -> Self {
        Self(vec![Flag::default(); Pipe::COUNT * Pipe::COUNT * MOST])
    }

    fn index(signal: Signal) -> usize {
        let Signal { from, to, id } = signal;
        (from as usize * Pipe::COUNT + to as usize) * MOST + usize::from(id) % MOST
    }

    /// Sets a flag, which its sender must know to have been cleared.
    pub(super) fn set(&mut self, signal: Signal, time: u64, clock: Clock) -> Result<(), Mistake> {
        let flag = &mut self.0[Self::index(signal)];
        if flag.set.is_some() || flag.cleared > clock[signal.to as usize] {
            let Signal { from, to, id } = signal;
            return Err(Mistake::DoubleSet { from, to, id });
        }
        flag.set = Some((time, clock));
        Ok(())
    }

    /// Clears a flag by the wait of a number; None if it is not set.
    pub(super) fn take(&mut self, signal: Signal, number: u32) -> Option<(u64, Clock)> {
        let flag = &mut self.0[Self::index(signal)];
        let set = flag.set.take()?;
        flag.cleared = number;
        Some(set)
    }

    /// A flag that is still set.
    pub(super) fn left_set(&self) -> Option<Signal> {
        let i = self.0.iter().position(|flag| flag.set.is_some())?;
        let (pair, id) = (i / MOST, i % MOST);
        Some(Signal {
            from: Pipe::ALL[pair / Pipe::COUNT],
            to: Pipe::ALL[pair % Pipe::COUNT],
            id: id as u8,
        })
    }
}
