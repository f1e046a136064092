//! col2img: adds windows back to where img2col would have read them.

use super::vector::Lanes;
use super::window::{FeatureMap, Filter};
use super::{Operation, aligned, field};
use crate::cube::machine::{
    Access, BLOCK, Buffer, Memories, Mistake, Pipe, Place, from_halves, from_singles, halves,
    singles,
};
use crate::cube::profile::{Knob, Profile};
use crate::cube::time::Report;
use half::f16;

/// Row `i` of repeat `t`, sixteen channels of window `first + i + 16 t` at one kernel point, is added to the pixel of the map that this
/// point of this window reads; what would read padding is dropped. The adjoint of [`Load3d`](super::Load3d) in mode 1, in UB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Col2img {
    /// The map in UB, one block of channels.
    pub map: FeatureMap,
    /// How windows slide.
    pub filter: Filter,
    /// The address of the first window's row.
    pub from: usize,
    /// The address of the map.
    pub to: usize,
    /// The kernel point: row, column.
    pub fetch: [usize; 2],
    /// The number of the first window.
    pub first: usize,
    /// How many times 16 windows, 1 to 255.
    pub repeat: usize,
    /// What is added, of either type.
    pub lanes: Lanes,
}

impl Col2img {
    /// The most repeats.
    pub const MOST: usize = 255;
    /// More windows than the largest map has.
    const LAST: usize = 1 << 30;

    /// The bytes of sixteen channels.
    fn width(&self) -> usize {
        match self.lanes {
            Lanes::F16 => BLOCK,
            Lanes::F32 => 2 * BLOCK,
        }
    }

    /// Where each row that counts comes from and goes.
    fn rows(&self) -> impl Iterator<Item = (usize, usize)> {
        let columns = self.map.columns(&self.filter);
        let width = self.width();
        (0..16 * self.repeat).filter_map(move |i| {
            let pixel = self
                .map
                .pixel(&self.filter, columns, self.first + i, self.fetch)?;
            Some((self.from + i * width, self.to + pixel * width))
        })
    }

    pub(super) fn mnemonic(&self) -> &'static str {
        "col2img"
    }

    pub(super) fn pipe(&self, _: &Profile) -> Result<Pipe, Mistake> {
        Ok(Pipe::Vector)
    }

    pub(super) fn cycles(&self, profile: &Profile, _: bool) -> u64 {
        let blocks = (self.repeat * self.width() / BLOCK) as u64;
        profile.cycles(Knob::VectorStartup) + blocks * profile.cycles(Knob::Col2imgRepeat)
    }

    pub(super) fn account(&self, report: &mut Report) {
        report.moved(Buffer::Ub, Buffer::Ub, self.repeat * 16 * self.width());
    }
}

impl Operation for Col2img {
    fn check(&self, _: &Profile) -> Result<(), Mistake> {
        aligned(Place::new(Buffer::Ub, self.from))?;
        aligned(Place::new(Buffer::Ub, self.to))?;
        self.filter.check(&self.map, 255)?;
        for (fetch, size) in self.fetch.into_iter().zip(self.filter.size) {
            field("fetch", fetch, (0, size - 1), "a point of the filter")?;
        }
        field("first", self.first, (0, Self::LAST), "0 to 2^30")?;
        field("repeat", self.repeat, (1, Self::MOST), "1 to 255")
    }

    fn touches(&self, visit: &mut dyn FnMut(Access, Place, usize)) {
        let width = self.width();
        visit(
            Access::Read,
            Place::new(Buffer::Ub, self.from),
            self.repeat * 16 * width,
        );
        for (_, to) in self.rows() {
            visit(Access::Read, Place::new(Buffer::Ub, to), width);
            visit(Access::Write, Place::new(Buffer::Ub, to), width);
        }
    }

    fn run(&self, memories: &mut Memories) {
        for (from, to) in self.rows() {
            for half in (0..self.width()).step_by(BLOCK) {
                let [a, b] = [to, from].map(|at| memories.block(Buffer::Ub, at + half));
                let sum = match self.lanes {
                    Lanes::F16 => {
                        let (a, b) = (halves(&a), halves(&b));
                        from_halves(std::array::from_fn(|i| {
                            f16::from_f32(a[i].to_f32() + b[i].to_f32())
                        }))
                    }
                    Lanes::F32 => {
                        let (a, b) = (singles(&a), singles(&b));
                        from_singles(std::array::from_fn(|i| a[i] + b[i]))
                    }
                };
                memories.put(Buffer::Ub, to + half, &sum);
            }
        }
    }
}
