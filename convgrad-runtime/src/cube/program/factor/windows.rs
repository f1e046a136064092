//! Windows of a feature map, by the img2col of the load unit.

use std::ops::Range;

use half::f16;

use super::{Factor, Part, Side};
use crate::cube::isa::{Img2col, Load3d, Repeat};
use crate::cube::machine::{Core, FRACTAL, Place};
use crate::cube::profile::Knob;
use crate::cube::program::Issue;
use crate::cube::program::view::{Band, Segment, View};

/// On the left, rows are windows and columns (block of channels, tap); on the right it is the other way round, transposed.
#[derive(Debug)]
pub(in crate::cube::program) struct Windows {
    pub(in crate::cube::program) view: View,
    pub(in crate::cube::program) side: Side,
}

impl Windows {
    fn band(&self, part: &Part) -> Band {
        let (windows, points) = part.ranges(self.side == Side::Right);
        self.view.band(&windows, &points)
    }
}

impl Factor for Windows {
    fn bytes(&self, part: &Part) -> usize {
        self.band(part).bytes()
    }

    fn load(
        &mut self,
        core: &mut Core<'_>,
        group: usize,
        part: &Part,
        to: Place,
        clear: &mut dyn FnMut(&mut Core<'_>) -> Issue,
    ) -> Issue {
        clear(core)?;
        self.band(part).load(core, &self.view.map, group, to)
    }

    fn feed(
        &self,
        core: &mut Core<'_>,
        part: &Part,
        k: &Range<usize>,
        from: Place,
        to: Place,
    ) -> Issue {
        let band = self.band(part);
        let (windows, points) = match self.side {
            Side::Left => (part.outer.clone(), k.clone()),
            Side::Right => (k.clone(), part.outer.clone()),
        };
        for segment in self.view.rows.segments(&windows) {
            let from = from.plus((segment.image - band.images.start) * band.image());
            let to = to.plus(segment.row / 16 * points.len() * FRACTAL);
            fractals(core, &self.view, &band, &segment, &points, (from, to))?;
        }
        Ok(())
    }
}

/// The first kernel point of some columns, on a band: block of channels, row, column.
pub(super) fn fetch(view: &View, band: &Band, point: usize) -> (usize, [usize; 2]) {
    let (c1, tap) = (point / view.taps(), point % view.taps());
    let width = view.axes[1].taps;
    (c1 - band.c1.start, [tap / width - band.kh, tap % width])
}

/// The fractals of one image's windows at some columns, window by window, each through the columns.
fn fractals(
    core: &mut Core<'_>,
    view: &View,
    band: &Band,
    segment: &Segment,
    points: &Range<usize>,
    (from, to): (Place, Place),
) -> Issue {
    let (count, width) = (segment.windows.len().div_ceil(16), points.len());
    let (c1, point) = fetch(view, band, points.start);
    if core.profile().count(Knob::Img2col) == 2 {
        let tap = point[0] * band.filter.size[1] + point[1];
        let taps = band.filter.size[0] * band.filter.size[1];
        return core.issue(Img2col {
            map: band.map,
            filter: band.filter,
            from,
            to,
            m: segment.windows.start - band.p * view.columns,
            k: (c1 * taps + tap) * 16,
            rows: count * 16,
            columns: width * 16,
            pad: f16::ZERO,
            transpose: false,
        });
    }
    let load = |window: usize, (c1, fetch), at: usize, mode, repeat, jump| Load3d {
        map: band.map,
        filter: band.filter,
        from,
        to: to.plus(at * FRACTAL),
        c1,
        fetch,
        left_top: view.left_top(band, window),
        mode,
        repeat,
        jump,
        pad: f16::ZERO,
        small: false,
    };
    let by_windows = count > width && width <= Load3d::FARTHEST;
    let (outer, inner) = if by_windows {
        (width, count)
    } else {
        (count, width)
    };
    for i in 0..outer {
        for j in (0..inner).step_by(Load3d::MOST) {
            let repeat = Load3d::MOST.min(inner - j);
            core.issue(if by_windows {
                let point = fetch(view, band, points.start + i);
                let window = segment.windows.start + j * 16;
                load(window, point, j * width + i, Repeat::Windows, repeat, width)
            } else {
                let point = fetch(view, band, points.start + j);
                let window = segment.windows.start + i * 16;
                load(window, point, i * width + j, Repeat::Taps, repeat, 1)
            })?;
        }
    }
    Ok(())
}
