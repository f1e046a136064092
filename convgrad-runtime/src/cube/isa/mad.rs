//! mad: the cube unit. Fractals of L0A times fractals of L0B, into the sums of L0C.

use super::{Operation, aligned, aligned_to, field, no_path};
use crate::cube::machine::{Access, Buffer, FRACTAL, Memories, Mistake, Pipe, Place, SUMS};
use crate::cube::profile::{Knob, Profile};
use crate::cube::tile::{Fractal, Mode, Multiplier};
use crate::cube::time::Report;
use half::f16;

/// What is multiplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Halves, summed in f32 by the tile's [contract](crate::cube::tile).
    F16,
    /// Signed bytes, summed in i32, which wraps around. A fractal has 32 columns of `k`.
    I8,
}

impl Kind {
    /// The columns of `k` in a fractal.
    pub fn depth(self) -> usize {
        match self {
            Kind::F16 => 16,
            Kind::I8 => 32,
        }
    }
}

/// `sums[n][m] (+)= left[m][k] * right[k][n]`, in fractals: L0A holds ZZ, L0B ZN, L0C NZ.
///
/// Whole fractals are multiplied, but nothing beyond `k`: rows beyond `m` and columns beyond `n` are sums like the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mad {
    /// The left factor, in L0A.
    pub left: Place,
    /// The right factor, in L0B.
    pub right: Place,
    /// The sums, in L0C; a multiple of 1024.
    pub sums: Place,
    /// Rows, 1 to 4095.
    pub m: usize,
    /// Depth, 1 to 4095.
    pub k: usize,
    /// Columns, 1 to 4095.
    pub n: usize,
    /// Whether it adds to what the sums hold, rather than to 0.
    pub accumulate: bool,
    /// What is multiplied.
    pub kind: Kind,
}

impl Mad {
    /// The extents in fractals.
    fn fractals(&self) -> [usize; 3] {
        [
            self.m.div_ceil(16),
            self.k.div_ceil(self.kind.depth()),
            self.n.div_ceil(16),
        ]
    }

    /// How many tiles it multiplies.
    pub fn tiles(&self) -> u64 {
        self.fractals()
            .iter()
            .map(|&extent| extent as u64)
            .product()
    }

    pub(super) fn mnemonic(&self) -> &'static str {
        "mad"
    }

    pub(super) fn pipe(&self, _: &Profile) -> Result<Pipe, Mistake> {
        for (place, expected) in [
            (self.left, Buffer::L0a),
            (self.right, Buffer::L0b),
            (self.sums, Buffer::L0c),
        ] {
            if place.buffer != expected {
                return no_path(place.buffer, expected);
            }
        }
        Ok(Pipe::Cube)
    }

    pub(super) fn cycles(&self, profile: &Profile, idle: bool) -> u64 {
        let head = if idle {
            profile.cycles(Knob::MadStartup)
        } else {
            0
        };
        head + self.tiles() * profile.cycles(Knob::MadTile)
    }

    pub(super) fn account(&self, report: &mut Report) {
        report.tiles += self.tiles();
    }
}

impl Operation for Mad {
    fn check(&self, _: &Profile) -> Result<(), Mistake> {
        aligned(self.left)?;
        aligned(self.right)?;
        aligned_to(self.sums, SUMS)?;
        for (name, value) in [("m", self.m), ("k", self.k), ("n", self.n)] {
            field(name, value, (1, 4095), "1 to 4095")?;
        }
        Ok(())
    }

    fn touches(&self, visit: &mut dyn FnMut(Access, Place, usize)) {
        let [m1, k1, n1] = self.fractals();
        visit(Access::Read, self.left, m1 * k1 * FRACTAL);
        visit(Access::Read, self.right, k1 * n1 * FRACTAL);
        if self.accumulate {
            visit(Access::Read, self.sums, m1 * n1 * SUMS);
        }
        visit(Access::Write, self.sums, m1 * n1 * SUMS);
    }

    fn run(&self, memories: &mut Memories) {
        memories.write(Buffer::L0c, |sums, others| {
            let [m1, k1, n1] = self.fractals();
            let left = &others.bytes(Buffer::L0a)[self.left.at..][..m1 * k1 * FRACTAL];
            let right = &others.bytes(Buffer::L0b)[self.right.at..][..k1 * n1 * FRACTAL];
            let sums = &mut sums[self.sums.at..][..m1 * n1 * SUMS];
            match self.kind {
                Kind::F16 => self.halves(left, right, sums),
                Kind::I8 => self.bytes(left, right, sums),
            }
        });
    }
}

impl Mad {
    fn halves(&self, left: &[u8], right: &[u8], sums: &mut [u8]) {
        let [m1, k1, _] = self.fractals();
        let multiplier = Multiplier::new();
        let tail = self.k - (k1 - 1) * 16;
        let fractal = |bytes: &[u8], k: usize| {
            let mut fractal = fractal(bytes);
            if k + 1 == k1 && tail < 16 {
                fractal
                    .iter_mut()
                    .for_each(|row| row[tail..].fill(f16::ZERO));
            }
            fractal
        };
        let lefts: Vec<_> = (left.as_chunks::<FRACTAL>().0.iter().enumerate())
            .map(|(i, bytes)| multiplier.left(&fractal(bytes, i % k1)))
            .collect();
        let (rights, _) = right.as_chunks::<FRACTAL>();
        let n1 = rights.len() / k1;
        let (tiles, _) = sums.as_chunks_mut::<SUMS>();
        for (n, column) in tiles.chunks_mut(m1).enumerate() {
            let mut accumulators: Vec<_> = column.iter().map(load).collect();
            for k in 0..k1 {
                let right = multiplier.right(&fractal(&rights[k * n1 + n], k));
                let mode = if k == 0 && !self.accumulate {
                    Mode::Overwrite
                } else {
                    Mode::Accumulate
                };
                for (m, sums) in accumulators.iter_mut().enumerate() {
                    multiplier.multiply(sums, &lefts[m * k1 + k], &right, mode);
                }
            }
            for (tile, sums) in column.iter_mut().zip(&accumulators) {
                store(tile, sums);
            }
        }
    }

    fn bytes(&self, left: &[u8], right: &[u8], sums: &mut [u8]) {
        let [m1, k1, n1] = self.fractals();
        let (tiles, _) = sums.as_chunks_mut::<SUMS>();
        for (i, tile) in tiles.iter_mut().enumerate() {
            let (n, m) = (i / m1, i % m1);
            for (j, word) in tile.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                let (row, column) = (j / 16, j % 16);
                let start = if self.accumulate {
                    i32::from_le_bytes(*word)
                } else {
                    0
                };
                let sum = (0..self.k).fold(start, |sum, k| {
                    let (k, z) = (k / 32, k % 32);
                    let a = left[(m * k1 + k) * FRACTAL + row * 32 + z] as i8;
                    let b = right[(k * n1 + n) * FRACTAL + column * 32 + z] as i8;
                    sum.wrapping_add(i32::from(a) * i32::from(b))
                });
                *word = sum.to_le_bytes();
            }
        }
    }
}

fn fractal(bytes: &[u8]) -> Fractal {
    let (halves, _) = bytes.as_chunks::<2>();
    std::array::from_fn(|i| std::array::from_fn(|j| f16::from_le_bytes(halves[i * 16 + j])))
}

fn load(tile: &[u8; SUMS]) -> [[f32; 16]; 16] {
    let (words, _) = tile.as_chunks::<4>();
    std::array::from_fn(|i| std::array::from_fn(|j| f32::from_le_bytes(words[i * 16 + j])))
}

fn store(tile: &mut [u8; SUMS], sums: &[[f32; 16]; 16]) {
    let (words, _) = tile.as_chunks_mut::<4>();
    for (word, sum) in words.iter_mut().zip(sums.as_flattened()) {
        *word = sum.to_le_bytes();
    }
}
