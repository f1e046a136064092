//! FlipRot: a kernel turned by 180 degrees, its inputs and outputs exchanged, from FRACTAL_Z to FRACTAL_Z.

use super::{Pieces, global};
use crate::cube::isa::{Move, Transpose};
use crate::cube::machine::{BLOCK, Core, FRACTAL};
use crate::cube::program::axis::Axis;
use crate::cube::program::{Issue, Zone, burst};

/// FlipRot: a kernel in FRACTAL_Z of (`c1` by taps) rows and `k1` columns, turned, inputs and outputs exchanged.
pub(in crate::cube::program) fn flip_rot(
    core: &mut Core<'_>,
    group: usize,
    from: Zone,
    to: Zone,
    [c1, taps, k1]: [usize; 3],
) -> Issue {
    let mut pieces = Pieces::new(core, 0);
    let most = (pieces.bytes / FRACTAL).max(1);
    let all = Axis {
        outer: c1 * taps,
        inner: k1,
        unit: 1,
    };
    for range in all.tiles(most) {
        let count = range.len();
        let source = from.at(group) + range.start * FRACTAL;
        pieces.run(
            core,
            |core, at| core.issue(Move::run(global(source), at, count * FRACTAL)),
            |core, at, out| {
                for start in (0..count).step_by(Transpose::MOST) {
                    let first = start * FRACTAL;
                    core.issue(Transpose {
                        from: std::array::from_fn(|i| at + first + i * BLOCK),
                        to: std::array::from_fn(|j| out + first + j * BLOCK),
                        repeat: Transpose::MOST.min(count - start),
                        from_stride: 16,
                        to_stride: 16,
                    })?;
                }
                Ok(())
            },
            |core, out| {
                let target = |row: usize, k: usize| {
                    let (c, tap) = (row / taps, row % taps);
                    global(to.at(group) + ((k * taps + taps - 1 - tap) * c1 + c) * FRACTAL)
                };
                let rows = range.start / k1..range.end.div_ceil(k1);
                if taps == 1 && rows.len() > k1 {
                    // Whole rows: those of a column stand together.
                    for k in 0..k1 {
                        burst(
                            core,
                            rows.len(),
                            Move {
                                from_stride: k1 * FRACTAL,
                                to_stride: FRACTAL,
                                ..Move::run(out.plus(k * FRACTAL), target(rows.start, k), FRACTAL)
                            },
                        )?;
                    }
                    return Ok(());
                }
                for row in rows {
                    let start = range.start.max(row * k1);
                    let end = range.end.min((row + 1) * k1);
                    burst(
                        core,
                        end - start,
                        Move {
                            from_stride: FRACTAL,
                            to_stride: taps * c1 * FRACTAL,
                            ..Move::run(
                                out.plus((start - range.start) * FRACTAL),
                                target(row, start - row * k1),
                                FRACTAL,
                            )
                        },
                    )?;
                }
                Ok(())
            },
        )?;
    }
    pieces.close(core)
}
