//! Windows that stand in global memory as fractals, where a converter has put them: `[column][windows / 16]`.

use std::ops::Range;

use super::{Factor, Part, Side, feed_columns, load_fractals};
use crate::cube::machine::{Core, Place};
use crate::cube::program::relayout::Origin;
use crate::cube::program::view::View;
use crate::cube::program::{Issue, Zone};

/// The columns of all windows, and of some in L1.
#[derive(Debug)]
pub(in crate::cube::program) struct Columns {
    pub(in crate::cube::program) zone: Zone,
    /// All windows, in fractals.
    pub(in crate::cube::program) windows: usize,
    pub(in crate::cube::program) side: Side,
}

impl Factor for Columns {
    fn load(
        &mut self,
        core: &mut Core<'_>,
        group: usize,
        part: &Part,
        to: Place,
        clear: &mut dyn FnMut(&mut Core<'_>) -> Issue,
    ) -> Issue {
        clear(core)?;
        let (windows, points) = part.ranges(self.side == Side::Right);
        let base = self.zone.at(group);
        load_fractals(core, base, self.windows, (points, windows), to)
    }

    fn feed(
        &self,
        core: &mut Core<'_>,
        part: &Part,
        k: &Range<usize>,
        from: Place,
        to: Place,
    ) -> Issue {
        feed_columns(core, self.side, part, k, (from, to))
    }
}

/// Where the elements of all columns come from, of a map of one group.
pub(in crate::cube::program) fn columns(view: &View) -> Vec<Origin> {
    let (map, taps) = (&view.map, view.taps());
    let [vertical, horizontal] = &view.axes;
    let rows = view.rows.axis().len() * 16;
    let mut origins = Vec::with_capacity(map.c1 * taps * rows * 16);
    for point in 0..map.c1 * taps {
        let (c1, tap) = (point / taps, point % taps);
        let [kh, kw] = [tap / horizontal.taps, tap % horizontal.taps];
        for row in 0..rows {
            let pixel = view.rows.window(row).and_then(|(image, window)| {
                let (p, q) = (window / view.columns, window % view.columns);
                let h = vertical.source_inside(p, kh)?;
                let w = horizontal.source_inside(q, kw)?;
                Some(((image * map.c1 + c1) * map.height + h) * map.width + w)
            });
            origins.extend((0..16).map(|lane| match pixel {
                Some(pixel) => Origin::element(pixel * 16 + lane),
                None => Origin::default(),
            }));
        }
    }
    origins
}
