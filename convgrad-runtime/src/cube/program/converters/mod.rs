//! The paper's converters on the device: through UB, by moves, vector copies and 16 x 16 transpositions.
//!
//! Each is a loop over pieces that fit a half of UB: in, work, out, on three pipes side by side.

mod exchange;
mod flip_rot;
mod strided;

pub(super) use exchange::{t_nc, t_ncf};
pub(super) use flip_rot::flip_rot;
pub(super) use strided::strided;

use super::Issue;
use super::ring::{Channel, Pair};
use crate::cube::machine::{Buffer, Core, FRACTAL, Pipe, Place};
use crate::cube::profile::Knob;

/// The two halves of UB, each with room for what comes in and what goes out.
struct Pieces {
    incoming: Channel,
    outgoing: Channel,
    /// Bytes of a buffer, of which there are four.
    bytes: usize,
}

impl Pieces {
    /// All of UB but some bytes at its end.
    fn new(core: &Core<'_>, reserved: usize) -> Self {
        let pair = |from, to| Pair { from, to, id: 0 };
        let free = core.profile().count(Knob::UbBytes).saturating_sub(reserved);
        Self {
            incoming: Channel::new(pair(Pipe::Mte2, Pipe::Vector), 2),
            outgoing: Channel::new(pair(Pipe::Vector, Pipe::Mte3), 2),
            bytes: free / 4 / FRACTAL * FRACTAL,
        }
    }

    /// Runs one piece: `bring` into a buffer, `work` from it into another, `put` that one away.
    fn run(
        &mut self,
        core: &mut Core<'_>,
        bring: impl FnOnce(&mut Core<'_>, Place) -> Issue,
        work: impl FnOnce(&mut Core<'_>, usize, usize) -> Issue,
        put: impl FnOnce(&mut Core<'_>, Place) -> Issue,
    ) -> Issue {
        let place = |at| Place::new(Buffer::Ub, at);
        let slot = self.incoming.acquire(core)?;
        let from = slot * self.bytes;
        bring(core, place(from))?;
        self.incoming.publish(core, slot)?;
        let out = self.outgoing.acquire(core)?;
        let to = (2 + out) * self.bytes;
        work(core, from, to)?;
        self.incoming.release(core, slot)?;
        self.outgoing.publish(core, out)?;
        put(core, place(to))?;
        self.outgoing.release(core, out)
    }

    fn close(mut self, core: &mut Core<'_>) -> Issue {
        self.incoming.close(core)?;
        self.outgoing.close(core)
    }
}

fn global(at: usize) -> Place {
    Place::new(Buffer::Gm, at)
}
