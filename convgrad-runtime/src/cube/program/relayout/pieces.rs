//! The two halves of UB: a tile comes into one while another leaves the other.

use crate::cube::machine::{Core, Pipe};
use crate::cube::program::Issue;
use crate::cube::program::ring::{Channel, Pair};

/// Two places for what comes in, and two for what goes out.
pub(super) struct Pieces {
    incoming: Channel,
    /// None where tiles leave as they came.
    outgoing: Option<Channel>,
    sizes: [usize; 2],
}

impl Pieces {
    /// Places of so many bytes for what comes in and what goes out.
    pub(super) fn new(sizes: [usize; 2], straight: bool) -> Self {
        let channel = |from, to| Channel::new(Pair { from, to, id: 0 }, 2);
        if straight {
            return Self {
                incoming: channel(Pipe::Mte2, Pipe::Mte3),
                outgoing: None,
                sizes,
            };
        }
        Self {
            incoming: channel(Pipe::Mte2, Pipe::Vector),
            outgoing: Some(channel(Pipe::Vector, Pipe::Mte3)),
            sizes,
        }
    }

    /// Runs one tile: `bring` to an address, `work` from it to another, `put` that one away.
    pub(super) fn run(
        &mut self,
        core: &mut Core<'_>,
        bring: impl FnOnce(&mut Core<'_>, usize) -> Issue,
        work: impl FnOnce(&mut Core<'_>, usize, usize) -> Issue,
        put: impl FnOnce(&mut Core<'_>, usize) -> Issue,
    ) -> Issue {
        let [incoming, outgoing] = self.sizes;
        let slot = self.incoming.acquire(core)?;
        let Some(leaving) = &mut self.outgoing else {
            bring(core, slot * outgoing)?;
            self.incoming.publish(core, slot)?;
            put(core, slot * outgoing)?;
            return self.incoming.release(core, slot);
        };
        let from = slot * incoming;
        bring(core, from)?;
        self.incoming.publish(core, slot)?;
        let out = leaving.acquire(core)?;
        let to = 2 * incoming + out * outgoing;
        work(core, from, to)?;
        self.incoming.release(core, slot)?;
        leaving.publish(core, out)?;
        put(core, to)?;
        leaving.release(core, out)
    }

    /// Clears the flags that are left.
    pub(super) fn close(mut self, core: &mut Core<'_>) -> Issue {
        self.incoming.close(core)?;
        match &mut self.outgoing {
            Some(outgoing) => outgoing.close(core),
            None => Ok(()),
        }
    }
}
