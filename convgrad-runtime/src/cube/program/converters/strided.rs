//! Strided: zeros between the pixels of an output's gradient.

use super::{Pieces, global};
use crate::cube::isa::Move;
use crate::cube::machine::{BLOCK, Core};
use crate::cube::program::Issue;
use crate::cube::program::runs::{Run, Runs, zero_blocks};
use crate::cube::program::view::Map;

/// Strided: zeros between the rows and the columns of a map.
pub(in crate::cube::program) fn strided(
    core: &mut Core<'_>,
    group: usize,
    from: &Map,
    to: &Map,
    stride: [usize; 2],
) -> Issue {
    let mut pieces = Pieces::new(core, 0);
    let row = to.width * BLOCK;
    let rows = (pieces.bytes / (stride[0] * row)).min(from.height).max(1);
    // The zeros stay where they are from piece to piece.
    for out in 0..2 {
        zero_blocks(core, (2 + out) * pieces.bytes, rows * stride[0] * to.width)?;
    }
    for plane in 0..from.images * from.c1 {
        for p in (0..from.height).step_by(rows) {
            let count = rows.min(from.height - p);
            let source = from.zone.at(group) + plane * from.plane() + p * from.width * BLOCK;
            let target = to.zone.at(group) + plane * to.plane() + p * stride[0] * row;
            let bytes = count * from.width * BLOCK;
            // The last row of the map has no zeros below it.
            let height = (count * stride[0]).min(to.height - p * stride[0]);
            pieces.run(
                core,
                |core, at| core.issue(Move::run(global(source), at, bytes)),
                |core, at, out| {
                    let mut runs = Runs::default();
                    for i in 0..count {
                        let run = Run {
                            from: at + i * from.width * BLOCK,
                            to: out + i * stride[0] * row,
                            count: from.width,
                            strides: [1, stride[1]],
                        };
                        runs.push(core, run)?;
                    }
                    runs.flush(core)
                },
                |core, out| core.issue(Move::run(out, global(target), height * row)),
            )?;
        }
    }
    pieces.close(core)
}
