//! Tiles: atoms whose blocks fit a half of UB, in an order that keeps what stands together in global memory together.

use super::atom::Atom;

/// In which order atoms become tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Of what they write.
    Output,
    /// Of what they read.
    Input,
}

/// Some atoms, and the blocks that they read and write, in order. A block's place in its list is its place in UB.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tile {
    pub(super) atoms: Vec<u32>,
    pub(super) sources: Vec<u32>,
    pub(super) targets: Vec<u32>,
}

impl Tile {
    /// The place in UB of a block of the input, in blocks.
    pub(super) fn source(&self, block: u32) -> usize {
        self.sources.partition_point(|&own| own < block)
    }

    /// The place in UB of a block of the output.
    pub(super) fn target(&self, block: u32) -> usize {
        self.targets.partition_point(|&own| own < block)
    }
}

/// The numbers of all atoms in an order.
pub(super) fn sorted(atoms: &[Atom], order: Order) -> Vec<u32> {
    let key = |atom: &Atom| {
        let (mut source, mut target) = (u32::MAX, u32::MAX);
        atom.sources(|block| source = source.min(block));
        atom.targets(|block| target = target.min(block));
        match order {
            Order::Output => (target, source),
            Order::Input => (source, target),
        }
    };
    let mut all: Vec<u32> = (0..).take(atoms.len()).collect();
    all.sort_by_cached_key(|&number| key(&atoms[number as usize]));
    all
}

/// Cuts atoms in an order into tiles of at most so many blocks of the input and of the output.
pub(super) fn tiles(
    atoms: &[Atom],
    order: &[u32],
    [most_sources, most_targets]: [usize; 2],
) -> Vec<Tile> {
    let mut tiles: Vec<Tile> = Vec::new();
    let mut open = Tile::default();
    // The tile that has last asked for a block of the input, counted from 1.
    let mut asked: Vec<u32> = Vec::new();
    for &number in order {
        let (mut sources, mut targets) = (Vec::new(), Vec::new());
        let atom = &atoms[number as usize];
        atom.sources(|block| sources.push(block));
        atom.targets(|block| targets.push(block));
        sources.sort_unstable();
        sources.dedup();
        let mut fresh = |tile: u32| {
            let largest = sources.last().map_or(0, |&block| block as usize + 1);
            if asked.len() < largest {
                asked.resize(largest, 0);
            }
            let (mut new, asked) = (sources.clone(), &asked);
            new.retain(|&block| asked[block as usize] != tile);
            new
        };
        let mut own = tiles.len() as u32 + 1;
        let mut new = fresh(own);
        if open.sources.len() + new.len() > most_sources
            || open.targets.len() + targets.len() > most_targets
        {
            tiles.push(std::mem::take(&mut open));
            own += 1;
            new = fresh(own);
        }
        new.iter().for_each(|&block| asked[block as usize] = own);
        open.atoms.push(number);
        open.sources.extend(new);
        open.targets.extend(targets);
    }
    if !open.atoms.is_empty() {
        tiles.push(open);
    }
    for tile in &mut tiles {
        tile.sources.sort_unstable();
        tile.targets.sort_unstable();
    }
    tiles
}
