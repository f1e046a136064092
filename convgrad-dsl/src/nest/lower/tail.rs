//! The last block of an iterator, where a guard cuts it off: a region of its own.
//!
//! Of `C` channels in blocks of 16, `C/16` blocks are whole: in them the guard `16*c1 + c0 < C` holds everywhere, no loop has a limit
//! that changes with the block, and all of them are one block of loops with nothing to fill. What is left over is a single block.

use crate::index::linear::{Linear, Test};
use crate::index::poly::{Checked, Poly};
use crate::index::space::Space;
use crate::sema::model::IterId;

use super::order;
use super::region::{MAX_REGIONS, Region};

/// The regions with the blocks that guards cut off apart. Only where the number of blocks is not known: others are bounded by numbers.
/// Iterators that are `kept` in order are left alone.
pub(super) fn split(
    space: &mut Space,
    mut regions: Vec<Region>,
    guards: &[Test],
    kept: &[IterId],
) -> Checked<Vec<Region>> {
    for guard in guards {
        let Test::AtLeast0(form) = guard else {
            continue;
        };
        let mut parts = Vec::new();
        for region in &regions {
            let both = match reads(space, region, guards)? {
                true => split_one(space, region, form, kept)?,
                false => None,
            };
            match both {
                Some(both) => parts.extend(both),
                None => parts.push(region.clone()),
            }
        }
        if parts.len() <= MAX_REGIONS {
            regions = parts;
        }
    }
    Ok(regions)
}

/// Whether the guards may hold in a region.
fn reads(space: &Space, region: &Region, guards: &[Test]) -> Checked<bool> {
    for guard in guards {
        let Test::AtLeast0(form) = guard else {
            continue;
        };
        let bounds = region.bounds(space, &region.place(form)?)?;
        if bounds.is_some_and(|(_, max)| space.symbols.positive(&max.negated())) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The whole blocks of a region, and the one behind them, where a guard is of the kind `blocks*k + inside <= constant` with
/// `inside` from 0 to `k - 1`.
fn split_one(
    space: &mut Space,
    region: &Region,
    guard: &Linear,
    kept: &[IterId],
) -> Checked<Option<[Region; 2]>> {
    let placed = region.place(guard)?;
    let symbols = &space.symbols;
    let falls = placed
        .digits
        .iter()
        .all(|(_, f)| symbols.positive(&f.negated()));
    if !placed.whole.is_empty() || !falls || !symbols.nonneg(&placed.constant) {
        return Ok(None);
    }
    for &(at, ref factor) in &placed.digits {
        let (digit, block) = (&region.digits[at], factor.negated());
        if digit.extent.as_constant().is_some() || order::stays(space, &digit.piece, kept) {
            continue;
        }
        // The highest that all other digits come to.
        let mut inside = Poly::zero();
        for (other, factor) in placed.digits.iter().filter(|(other, _)| *other != at) {
            let last = region.digits[*other].extent.plus_constant(-1)?;
            inside = inside.plus(&last.times(&factor.negated())?)?;
        }
        if block.is_one() || inside != block.plus_constant(-1)? {
            continue;
        }
        let whole = space
            .symbols
            .quotient(&placed.constant.plus_constant(1)?, &block)?;
        let left = digit.extent.minus(&whole)?;
        let one_at_most = Poly::one().minus(&left)?;
        if !(space.symbols.nonneg(&left) && space.symbols.nonneg(&one_at_most)) {
            continue;
        }
        let mut full = region.clone();
        full.digits[at].extent = whole.clone();
        let mut tail = region.clone();
        let piece = tail.digits.remove(at).piece;
        tail.fixed.push((piece, whole));
        tail.domain.push(Linear::constant(left.plus_constant(-1)?));
        return Ok(Some([full, tail]));
    }
    Ok(None)
}
