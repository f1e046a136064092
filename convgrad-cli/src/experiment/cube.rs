//! Tile operations of the emulated Cube: counted, not timed.

use convgrad::conv::Conv2d;
use convgrad::cube::{Scheme, counts};
use serde::Serialize;

use crate::failure::{Failure, Result};

/// 16 x 16 x 16 multiply-accumulates for one shape, and sums of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Tiles {
    /// The forward convolution.
    pub(crate) forward: u64,
    /// The gradient of the input, as a forward convolution.
    pub(crate) dx: u64,
    /// The gradient of the kernel as the paper has it: a forward convolution, each "image" by itself.
    pub(crate) dk_literal: u64,
    /// The same with the images of all channels folded into one matrix.
    pub(crate) dk_folded: u64,
    /// The gradient of the kernel without converters: dY transposed on its way to the Cube, im2col on the other side.
    pub(crate) dk_direct: u64,
}

impl Tiles {
    /// The counts of a convolution.
    pub(crate) fn of(conv: &Conv2d) -> Result<Tiles> {
        let tiles = |counts: Result<convgrad::cube::Counts, convgrad::Error>| {
            counts.map(|counts| counts.tiles).map_err(Failure::runtime)
        };
        Ok(Tiles {
            forward: tiles(counts::forward(conv))?,
            dx: tiles(counts::backward_input(conv))?,
            dk_literal: tiles(counts::backward_kernel(conv, Scheme::Literal))?,
            dk_folded: tiles(counts::backward_kernel(conv, Scheme::Folded))?,
            dk_direct: tiles(counts::backward_kernel(conv, Scheme::Direct))?,
        })
    }

    /// The names of the columns, in the order of [`Tiles::columns`].
    pub(crate) const NAMES: [&str; 5] = ["forward", "dX", "dK literal", "dK folded", "dK direct"];

    /// All counts.
    pub(crate) fn columns(&self) -> [u64; 5] {
        [
            self.forward,
            self.dx,
            self.dk_literal,
            self.dk_folded,
            self.dk_direct,
        ]
    }
}

impl std::iter::Sum for Tiles {
    fn sum<I: Iterator<Item = Tiles>>(tiles: I) -> Tiles {
        tiles.fold(Tiles::default(), |sum, tiles| Tiles {
            forward: sum.forward.saturating_add(tiles.forward),
            dx: sum.dx.saturating_add(tiles.dx),
            dk_literal: sum.dk_literal.saturating_add(tiles.dk_literal),
            dk_folded: sum.dk_folded.saturating_add(tiles.dk_folded),
            dk_direct: sum.dk_direct.saturating_add(tiles.dk_direct),
        })
    }
}
