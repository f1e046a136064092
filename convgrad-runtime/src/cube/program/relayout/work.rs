//! What the vector unit does to a tile: copies and fills, lane by lane, and transpositions.

use std::collections::BTreeMap;

use super::atom::{Atom, Gather, LANES, Row, Stay, Turn};
use super::room::Room;
use super::tile::Tile;
use super::turns::{Rows, Turns};
use crate::cube::isa::VectorOp;
use crate::cube::machine::{BLOCK, Core};
use crate::cube::program::Issue;
use crate::cube::program::runs::{Run, Runs, Stamp, fill_blocks};

/// A tile in UB: where its blocks come from, and where they go.
pub(super) struct Work<'a> {
    pub(super) tile: &'a Tile,
    pub(super) room: &'a Room,
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Work<'_> {
    /// Issues everything for the atoms of the tile.
    pub(super) fn issue(&self, core: &mut Core<'_>, atoms: &[Atom]) -> Issue {
        let (mut stays, mut turns, mut gathers) = (Vec::new(), Vec::new(), Vec::new());
        for &number in &self.tile.atoms {
            match &atoms[number as usize] {
                Atom::Stay(stay) => stays.push(stay),
                Atom::Turn(turn) => turns.push(&**turn),
                Atom::Gather(gather) => gathers.push(&**gather),
            }
        }
        self.stay(core, &stays)?;
        self.turn(core, &turns)?;
        self.gather(core, gathers)
    }

    fn source(&self, block: u32) -> usize {
        self.from + self.tile.source(block) * BLOCK
    }

    fn target(&self, block: u32) -> usize {
        self.to + self.tile.target(block) * BLOCK
    }

    fn row(&self, row: Row) -> usize {
        match row {
            Row::Block(block) => self.source(block),
            Row::Number(bits) => self.room.number(bits),
        }
    }

    /// Numbers first, so that what is copied may lie between them.
    fn stay(&self, core: &mut Core<'_>, stays: &[&Stay]) -> Issue {
        let mut fills: BTreeMap<(u16, u16), Vec<(usize, usize)>> = BTreeMap::new();
        let mut copies: BTreeMap<u16, Vec<(usize, usize)>> = BTreeMap::new();
        for stay in stays {
            let to = self.target(stay.to);
            for &(bits, lanes) in &stay.numbers {
                fills.entry((lanes, bits)).or_default().push((to, to));
            }
            if let Some((from, lanes)) = stay.from {
                let pair = (self.source(from), to);
                copies.entry(lanes).or_default().push(pair);
            }
        }
        let kinds = fills.range((u16::MAX, 0)..).count();
        for ((lanes, bits), mut places) in fills {
            places.sort_unstable();
            let stamp = Stamp {
                op: VectorOp::Fill(bits.into()),
                lanes,
            };
            let runs = runs(&places);
            // Many small gaps between blocks of one number are filled too, and written over.
            let (first, last) = (places[0].1, places[places.len() - 1].1);
            let span = (last - first) / BLOCK + 1;
            if lanes == u16::MAX && kinds == 1 && span - places.len() < runs.len() * STARTS {
                fill_blocks(core, first, span, bits)?;
            } else {
                stamped(core, stamp, &runs)?;
            }
        }
        for (lanes, mut places) in copies {
            places.sort_unstable_by_key(|&(_, to)| to);
            let op = VectorOp::Copy;
            stamped(core, Stamp { op, lanes }, &runs(&places))?;
        }
        Ok(())
    }

    fn turn(&self, core: &mut Core<'_>, turns: &[&Turn]) -> Issue {
        let mut places: Vec<(Rows, Rows)> = turns
            .iter()
            .map(|turn| {
                let from = Rows {
                    at: turn.rows.map(|row| self.row(row)),
                    free: turn.rows.map(|row| matches!(row, Row::Block(_))),
                };
                let to = Rows {
                    at: turn
                        .to
                        .map(|to| to.map_or(self.room.dump, |to| self.target(to))),
                    free: turn.to.map(|to| to.is_some()),
                };
                (from, to)
            })
            .collect();
        places.sort_by_cached_key(|(from, to)| (from.form(), from.start(), to.start()));
        let mut joined = Turns::new(self.room.repeats());
        for (from, to) in places {
            joined.push(core, from, to)?;
        }
        joined.flush(core)
    }

    /// Gathers blocks of equal lanes together: a transposition makes a row of each lane, and copies pick from these.
    fn gather(&self, core: &mut Core<'_>, gathers: Vec<&Gather>) -> Issue {
        let mut groups: BTreeMap<[u8; LANES], Vec<(Rows, usize)>> = BTreeMap::new();
        for gather in gathers {
            let from = Rows {
                at: gather.rows.map(|row| self.row(row)),
                free: gather.rows.map(|row| matches!(row, Row::Block(_))),
            };
            let places = groups.entry(gather.lanes).or_default();
            places.push((from, self.target(gather.to)));
        }
        for (lanes, mut places) in groups {
            places.sort_by_cached_key(|(from, to)| (from.form(), from.start(), *to));
            for places in places.chunks(Room::GATHERED) {
                self.pick(core, lanes, places)?;
            }
        }
        Ok(())
    }

    fn pick(&self, core: &mut Core<'_>, lanes: [u8; LANES], places: &[(Rows, usize)]) -> Issue {
        let wanted: [bool; LANES] =
            std::array::from_fn(|lane| lanes.iter().any(|&own| usize::from(own) == lane));
        let scratch =
            |lane: usize, i: usize| self.room.scratch + (lane * Room::GATHERED + i) * BLOCK;
        let mut joined = Turns::new(self.room.repeats());
        for (i, (from, _)) in places.iter().enumerate() {
            let to = Rows {
                at: std::array::from_fn(|lane| match wanted[lane] {
                    true => scratch(lane, i),
                    false => self.room.dump,
                }),
                free: wanted,
            };
            joined.push(core, from.clone(), to)?;
        }
        joined.flush(core)?;
        for lane in (0..LANES).filter(|&lane| wanted[lane]) {
            let mask = (0..LANES).fold(0, |mask, i| {
                mask | u16::from(usize::from(lanes[i]) == lane) << i
            });
            let pairs: Vec<_> = places
                .iter()
                .enumerate()
                .map(|(i, &(_, to))| (scratch(lane, i), to))
                .collect();
            let op = VectorOp::Copy;
            stamped(core, Stamp { op, lanes: mask }, &runs(&pairs))?;
        }
        Ok(())
    }
}

/// Blocks that are filled while the two instructions of a run start.
const STARTS: usize = 96;

fn stamped(core: &mut Core<'_>, stamp: Stamp, all: &[Run]) -> Issue {
    let mut runs = Runs::new(stamp);
    for run in all {
        runs.push(core, *run)?;
    }
    runs.flush(core)
}

/// The largest stride of a vector instruction, in blocks.
const STRIDE: usize = 65_535 / 8;

/// Places of blocks, as runs of equal strides.
fn runs(pairs: &[(usize, usize)]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for &(from, to) in pairs {
        if let Some(last) = runs.last_mut() {
            let [back, front] = last.strides.map(|stride| (last.count - 1) * stride * BLOCK);
            let step = |at: usize, start: usize| Some(at.checked_sub(start)? / BLOCK);
            if let (Some(one), Some(other)) =
                (step(from, last.from + back), step(to, last.to + front))
                && one.max(other) <= STRIDE
                && (last.count == 1 || last.strides == [one, other])
            {
                last.strides = [one, other];
                last.count += 1;
                continue;
            }
        }
        runs.push(Run {
            from,
            to,
            count: 1,
            strides: [1, 1],
        });
    }
    runs
}
