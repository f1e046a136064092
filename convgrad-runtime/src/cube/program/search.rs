//! The search for a tiling: every legal one by a bound, the best of these by the clock of the machine itself.

use super::tiling::{Cuts, Tiles, Tiling};
use crate::cube::profile::{Knob, Profile};

/// How many tilings are tried on the clock.
pub(super) const TRIED: usize = 10;

/// Powers of two, three of them a doubling apart, up to a limit and at least 1.
fn sizes(limit: usize) -> Vec<usize> {
    let mut sizes: Vec<usize> = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64]
        .into_iter()
        .filter(|&size| size < limit)
        .collect();
    sizes.push(limit.clamp(1, 64));
    sizes
}

/// Every step with every number of steps that a chunk may have; the largest number stands for all of K.
fn pairs(steps: &[usize]) -> impl Iterator<Item = (usize, usize)> {
    let chunks = [1, 2, 4, 8, 16, usize::MAX];
    steps
        .iter()
        .flat_map(move |&step| chunks.map(|chunks| (step, chunks)))
}

/// Tilings that L0 and L0C hold, the most promising first.
pub(super) fn candidates(profile: &Profile, cuts: &Cuts) -> Vec<Tiling> {
    let most = |knob: Knob, bytes: usize| profile.count(knob) / bytes;
    let (l0a, l0b) = (most(Knob::L0aBytes, 1024), most(Knob::L0bBytes, 1024));
    let sums = most(Knob::L0cBytes, 1024);
    let total = |tiles: &Tiles| match tiles {
        Tiles::Of(axis) => axis.len(),
        Tiles::Given(given) => given.iter().map(|tile| tile.len()).max().unwrap_or(1),
    };
    let (m1, n1, k1) = (total(&cuts.m), total(&cuts.n), cuts.k.len());
    let mut found: Vec<(f64, Tiling)> = Vec::new();
    for m in sizes(m1.min(l0a)) {
        for n in sizes(n1.min(l0b).min(sums / m)) {
            for halves in [2, 1] {
                if halves * m * n > sums || (halves == 1 && 2 * m * n <= sums) {
                    continue;
                }
                let largest = (l0a / m).min(l0b / n).min(k1).clamp(1, 32);
                let mut steps = vec![largest, largest.div_ceil(4), largest.div_ceil(16)];
                steps.dedup();
                for (step, chunks) in pairs(&steps) {
                    let k = match chunks {
                        usize::MAX => k1,
                        chunks => step * chunks,
                    };
                    if k > k1 || (chunks != usize::MAX && k == k1) {
                        continue;
                    }
                    let pieces = k1.div_ceil(k);
                    // A factor whose chunks all stay in L1 is the one that the outer loop goes through.
                    let resident = pieces.max(2);
                    for (slots, m_inside) in [
                        ([2, resident], true),
                        ([resident, 2], false),
                        ([2, 2], true),
                        ([2, 2], false),
                    ] {
                        // Given tiles of M are bands that are finished one after the other.
                        if m_inside && matches!(cuts.m, Tiles::Given(_)) {
                            continue;
                        }
                        let tiling = Tiling {
                            m,
                            n,
                            k,
                            step,
                            slots,
                            m_inside,
                            sums: halves,
                        };
                        let cost = bound(profile, [m1, n1, k1], &tiling);
                        found.push((cost, tiling));
                    }
                }
            }
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.dedup_by(|a, b| a.1 == b.1);
    found.into_iter().map(|(_, tiling)| tiling).collect()
}

/// About the cycles of a tiling: those of the busiest pipe, and something for starting up.
fn bound(profile: &Profile, [m1, n1, k1]: [usize; 3], tiling: &Tiling) -> f64 {
    let tiles = |extent: usize, tile: usize| extent.div_ceil(tile) as f64;
    let (mt, nt) = (tiles(m1, tiling.m), tiles(n1, tiling.n));
    let (steps, chunks) = (tiles(k1, tiling.step), tiles(k1, tiling.k));
    let [m, n, k] = [m1, n1, k1].map(|extent| extent as f64);
    let get = |knob| profile.get(knob);
    let startup = get(Knob::LocalStartup);
    let cube = m * n * k * get(Knob::MadTile);
    let pairs = mt * nt * steps;
    let loads = m * k * nt * 512.0 / get(Knob::L1ToL0a)
        + n * k * mt * 512.0 / get(Knob::L1ToL0b)
        + pairs * startup * 2.0;
    // The inner loop brings its factor again for each tile of the outer one; that one's factor stays if L1 holds all its chunks.
    let stays = |side: usize| tiling.slots[side] as f64 >= chunks;
    let (left, right) = if tiling.m_inside {
        let again = if stays(1) { 1.0 } else { mt };
        (
            m * k * if mt == 1.0 && stays(0) { 1.0 } else { nt },
            n * k * again,
        )
    } else {
        let again = if stays(0) { 1.0 } else { nt };
        (
            m * k * again,
            n * k * if nt == 1.0 && stays(1) { 1.0 } else { mt },
        )
    };
    let moves =
        (left + right) * 512.0 / get(Knob::GmToL1) + mt * nt * chunks * get(Knob::GmStartup) * 2.0;
    let drain = m * n * 1024.0 / get(Knob::L0cToUb).max(get(Knob::L0cToGm)).max(1.0);
    let overlap = if tiling.sums == 2 { 0.0 } else { drain };
    cube.max(loads).max(moves).max(drain) + overlap + moves / (mt * nt * chunks) + drain / (mt * nt)
}
