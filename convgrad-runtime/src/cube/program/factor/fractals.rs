//! A kernel in FRACTAL_Z as a right factor, as it stands or transposed.

use std::ops::Range;

use super::{Factor, Part, grid, load_fractals};
use crate::cube::machine::{Core, FRACTAL, Place};
use crate::cube::program::{Issue, Zone};

/// Rows of `columns` fractals in global memory.
#[derive(Debug)]
pub(in crate::cube::program) struct Fractals {
    pub(in crate::cube::program) zone: Zone,
    pub(in crate::cube::program) columns: usize,
    /// Whether a row is one of N, whose fractals are transposed on loading, rather than one of K.
    pub(in crate::cube::program) transposed: bool,
}

impl Factor for Fractals {
    fn load(
        &mut self,
        core: &mut Core<'_>,
        group: usize,
        part: &Part,
        to: Place,
        clear: &mut dyn FnMut(&mut Core<'_>) -> Issue,
    ) -> Issue {
        clear(core)?;
        let rows_and_columns = part.ranges(!self.transposed);
        let base = self.zone.at(group);
        load_fractals(core, base, self.columns, rows_and_columns, to)
    }

    fn feed(
        &self,
        core: &mut Core<'_>,
        part: &Part,
        k: &Range<usize>,
        from: Place,
        to: Place,
    ) -> Issue {
        let (n, start) = (part.outer.len(), k.start - part.k.start);
        let (first, strides) = if self.transposed {
            (start, [1, part.k.len()])
        } else {
            (start * n, [n, 1])
        };
        let places = (from.plus(first * FRACTAL), to);
        grid(
            core,
            places,
            [k.len(), n],
            (strides, [n, 1]),
            self.transposed,
        )
    }
}
