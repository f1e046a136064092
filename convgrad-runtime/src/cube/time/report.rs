//! What a program did to the machine.

use std::collections::BTreeMap;

use crate::cube::machine::{Buffer, Pipe};

/// What one pipe did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PipeReport {
    /// Cycles that it worked.
    pub busy: u64,
    /// Instructions that it ran, flags not counted.
    pub instructions: u64,
    /// Cycles that it waited for a flag of each pipe, in the order of [`Pipe::ALL`].
    pub waits: [u64; Pipe::COUNT],
    /// Cycles that it waited for the scalar unit, which had not handed out its next instruction.
    pub issue: u64,
}

/// What a program did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Cycles from the start until the last pipe is done.
    pub cycles: u64,
    /// Tiles that were multiplied: the cycles of a cube that never waits.
    pub tiles: u64,
    /// Instructions, flags and barriers included.
    pub instructions: u64,
    /// The pipes, in the order of [`Pipe::ALL`].
    pub pipes: [PipeReport; Pipe::COUNT],
    /// Bytes on every path that was used.
    bytes: [[u64; 6]; 6],
}

impl Report {
    /// What a pipe did.
    pub fn pipe(&self, pipe: Pipe) -> &PipeReport {
        &self.pipes[pipe as usize]
    }

    /// The share of all cycles that a pipe worked.
    pub fn utilisation(&self, pipe: Pipe) -> f64 {
        self.pipe(pipe).busy as f64 / (self.cycles as f64).max(1.0)
    }

    /// The bytes from a memory to another, in itself for the vector unit.
    pub fn bytes(&self, from: Buffer, to: Buffer) -> u64 {
        self.bytes[from as usize][to as usize]
    }

    /// The bytes on every path that was used, as `gm_l1`.
    pub fn paths(&self) -> BTreeMap<String, u64> {
        let mut paths = BTreeMap::new();
        for from in Buffer::ALL {
            for to in Buffer::ALL {
                let bytes = self.bytes(from, to);
                if bytes > 0 {
                    let name = format!("{}_{}", from.name(), to.name()).to_lowercase();
                    paths.insert(name, bytes);
                }
            }
        }
        paths
    }

    /// The busiest pipe: no schedule of the same instructions is shorter than its work.
    pub fn busiest(&self) -> Pipe {
        Pipe::ALL
            .into_iter()
            .max_by_key(|&pipe| self.pipe(pipe).busy)
            .unwrap_or(Pipe::Cube)
    }

    pub(crate) fn moved(&mut self, from: Buffer, to: Buffer, bytes: usize) {
        self.bytes[from as usize][to as usize] += bytes as u64;
    }
}
