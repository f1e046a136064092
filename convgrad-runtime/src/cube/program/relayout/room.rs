//! How UB is shared out: two halves of tiles, and at its end what transpositions need beside them.

use std::collections::BTreeSet;

use super::atom::{Atom, Row};
use super::turns::Reach;
use crate::cube::machine::{BLOCK, Core, FRACTAL};
use crate::cube::profile::{Knob, Profile};
use crate::cube::program::runs::fill_blocks;
use crate::cube::program::{Issue, Refusal};

/// The end of UB.
#[derive(Clone, Debug)]
pub(super) struct Room {
    /// The bytes before it, for tiles.
    pub(super) free: usize,
    /// Where lanes go that nobody wants.
    pub(super) dump: usize,
    /// A row of blocks for each lane, from which gathered blocks are picked.
    pub(super) scratch: usize,
    /// Where the numbers stand, each in as many blocks.
    numbers: Vec<u16>,
    constants: usize,
    each: usize,
}

/// Blocks of all numbers together, and of what nobody wants.
const SPARE: usize = 256;

impl Room {
    /// Blocks that are gathered at once.
    pub(super) const GATHERED: usize = 16;

    pub(super) fn new(profile: &Profile, atoms: &[Atom]) -> Result<Self, Refusal> {
        let (mut numbers, mut spills, mut gathers) = (BTreeSet::new(), false, false);
        for atom in atoms {
            for row in atom.rows() {
                if let Row::Number(bits) = row {
                    numbers.insert(*bits);
                }
            }
            match atom {
                Atom::Stay(_) => {}
                Atom::Turn(turn) => spills |= turn.to.iter().any(Option::is_none),
                Atom::Gather(_) => gathers = true,
            }
        }
        if numbers.len() > SPARE {
            let what = "more different numbers than there is room for in UB";
            return Err(Refusal::Unavailable(what.into()));
        }
        let mut free = profile.count(Knob::UbBytes);
        let mut take = |wanted: bool, blocks: usize| {
            free = free.saturating_sub(if wanted { blocks * BLOCK } else { 0 });
            free
        };
        let scratch = take(gathers, 16 * Self::GATHERED);
        let dump = take(spills || gathers, SPARE);
        let constants = take(!numbers.is_empty(), SPARE);
        Ok(Self {
            free: free / FRACTAL * FRACTAL,
            dump,
            scratch,
            each: SPARE / numbers.len().max(1),
            numbers: numbers.into_iter().collect(),
            constants,
        })
    }

    /// Where a number stands.
    pub(super) fn number(&self, bits: u16) -> usize {
        let place = self.numbers.partition_point(|&own| own < bits);
        self.constants + place * self.each * BLOCK
    }

    /// How far repeats may go from a number, and from what nobody wants.
    pub(super) fn repeats(&self) -> Reach {
        Reach {
            from: self.each,
            to: SPARE,
        }
    }

    /// Writes the numbers.
    pub(super) fn prepare(&self, core: &mut Core<'_>) -> Issue {
        for &bits in &self.numbers {
            fill_blocks(core, self.number(bits), self.each, bits)?;
        }
        Ok(())
    }
}
