//! Blocks of the output by what makes them: lanes that stay, rows that are turned, lanes that are gathered, numbers.
//!
//! The vector unit works on blocks of sixteen halves and moves none of them to another lane, but for transpositions: these make a row of
//! one lane of sixteen blocks. A block of an output whose elements come from one lane is such a row, and those of the other
//! lanes of the same blocks come with it.

use std::collections::HashMap;

use super::origin::{Content, Origin};
use crate::cube::program::Refusal;

/// Halves of a block.
pub(super) const LANES: usize = 16;

/// What a lane is read from: a block of the input, or one that holds a number in all lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Row {
    Block(u32),
    Number(u16),
}

/// Some blocks of the output, made together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Atom {
    Stay(Stay),
    Turn(Box<Turn>),
    Gather(Box<Gather>),
}

/// A block of which some lanes are those of one block of the input, and the others numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stay {
    pub(super) to: u32,
    /// The block, and the lanes that stay.
    pub(super) from: Option<(u32, u16)>,
    /// Numbers, and their lanes.
    pub(super) numbers: Box<[(u16, u16)]>,
}

/// Lane `l` of sixteen rows, in their order, becomes a block, for some `l`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) rows: [Row; LANES],
    pub(super) to: [Option<u32>; LANES],
}

/// A block whose lane `i` is lane `lanes[i]` of row `i`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gather {
    pub(super) lanes: [u8; LANES],
    pub(super) rows: [Row; LANES],
    pub(super) to: u32,
}

impl Atom {
    /// Whether it is a block of the input as it stands.
    pub(super) fn whole(&self) -> Option<(u32, u32)> {
        match self {
            Atom::Stay(Stay {
                to,
                from: Some((from, u16::MAX)),
                ..
            }) => Some((*from, *to)),
            _ => None,
        }
    }

    /// The rows whose numbers have to stand in UB as blocks.
    pub(super) fn rows(&self) -> &[Row] {
        match self {
            Atom::Stay(_) => &[],
            Atom::Turn(turn) => &turn.rows,
            Atom::Gather(gather) => &gather.rows,
        }
    }

    /// Calls with each block that it reads.
    pub(super) fn sources(&self, mut visit: impl FnMut(u32)) {
        if let Atom::Stay(Stay {
            from: Some((from, _)),
            ..
        }) = self
        {
            visit(*from);
        }
        for row in self.rows() {
            if let Row::Block(block) = row {
                visit(*block);
            }
        }
    }

    /// Calls with each block that it writes.
    pub(super) fn targets(&self, mut visit: impl FnMut(u32)) {
        match self {
            Atom::Stay(stay) => visit(stay.to),
            Atom::Turn(turn) => turn.to.iter().flatten().for_each(|&to| visit(to)),
            Atom::Gather(gather) => visit(gather.to),
        }
    }
}

/// What makes the blocks of an output.
///
/// # Errors
/// [`Refusal::Unavailable`] if elements are added.
pub(super) fn atoms(origins: &[Origin]) -> Result<Vec<Atom>, Refusal> {
    let mut atoms = Vec::new();
    // The last one of each choice of rows: it takes the lanes that it does not have yet.
    let mut turns: HashMap<[Row; LANES], usize> = HashMap::new();
    for (to, lanes) in (0..).zip(origins.chunks(LANES)) {
        let block = Block::of(lanes)?;
        match block.lane() {
            Some(lane) if !block.stays() => {
                let known = turns.get(&block.rows).copied();
                let free = known.filter(|&number| match &atoms[number] {
                    Atom::Turn(turn) => turn.to[lane].is_none(),
                    _ => false,
                });
                let number = free.unwrap_or(atoms.len());
                if free.is_none() {
                    turns.insert(block.rows, number);
                    let (rows, to) = (block.rows, [None; LANES]);
                    atoms.push(Atom::Turn(Box::new(Turn { rows, to })));
                }
                if let Atom::Turn(turn) = &mut atoms[number] {
                    turn.to[lane] = Some(to);
                }
            }
            _ if block.stays() => atoms.push(Atom::Stay(block.stay(to))),
            _ => atoms.push(Atom::Gather(Box::new(Gather {
                lanes: block.lanes.map(|lane| lane.unwrap_or(0)),
                rows: block.rows,
                to,
            }))),
        }
    }
    Ok(atoms)
}

/// A block of the output.
struct Block {
    rows: [Row; LANES],
    /// The lane of each element; None for a number.
    lanes: [Option<u8>; LANES],
}

impl Block {
    /// Lanes beyond the end of the output become 0.
    fn of(origins: &[Origin]) -> Result<Self, Refusal> {
        let mut block = Block {
            rows: [Row::Number(0); LANES],
            lanes: [None; LANES],
        };
        for (i, origin) in origins.iter().enumerate() {
            block.rows[i] = match origin.content() {
                Content::Element(address) => {
                    block.lanes[i] = Some((address % LANES) as u8);
                    Row::Block((address / LANES) as u32)
                }
                Content::Number(bits) => Row::Number(bits),
                Content::Sum => {
                    return Err(Refusal::Unavailable(
                        "it adds elements up, and programs for the device only move them".into(),
                    ));
                }
            };
        }
        Ok(block)
    }

    /// The lane of all its elements, if that is one.
    fn lane(&self) -> Option<usize> {
        let mut lanes = self.lanes.iter().flatten();
        let first = lanes.next()?;
        lanes.all(|lane| lane == first).then_some((*first).into())
    }

    /// Whether all its elements stay in their lanes and come from one block.
    fn stays(&self) -> bool {
        let mut blocks = self.rows.iter().filter(|row| matches!(row, Row::Block(_)));
        let first = blocks.next();
        blocks.all(|block| Some(block) == first)
            && (0..)
                .zip(self.lanes)
                .all(|(i, lane)| lane.is_none_or(|lane| lane == i))
    }

    fn stay(&self, to: u32) -> Stay {
        let mut from: Option<(u32, u16)> = None;
        let mut numbers: Vec<(u16, u16)> = Vec::new();
        for (i, row) in self.rows.iter().enumerate() {
            let lane = 1 << i;
            match row {
                Row::Block(block) => from.get_or_insert((*block, 0)).1 |= lane,
                Row::Number(bits) => match numbers.iter_mut().find(|(known, _)| known == bits) {
                    Some((_, lanes)) => *lanes |= lane,
                    None => numbers.push((*bits, lane)),
                },
            }
        }
        Stay {
            to,
            from,
            numbers: numbers.into(),
        }
    }
}
