//! Closed forms for free sizes: whether a sum of digits visits each place at most once, and whether it visits all.

use crate::index::linear::{Atom, Linear, Piece};
use crate::index::poly::{Checked, Poly};
use crate::index::space::Space;
use crate::sema::model::IterId;

/// The digits of an axis: scale (made positive), extent, piece. None if something else is in it.
fn digits(space: &mut Space, form: &Linear) -> Checked<Option<Vec<(Poly, Poly, Piece)>>> {
    let merged = space.merge(form)?;
    let mut digits = Vec::new();
    for term in &merged.terms {
        if matches!(term.piece.atom, Atom::Opaque(_)) {
            return Ok(None);
        }
        let scale = if space.symbols.positive(&term.scale) {
            term.scale.clone()
        } else if space.symbols.positive(&term.scale.negated()) {
            term.scale.negated()
        } else {
            return Ok(None);
        };
        let Some(top) = space.piece_range(&term.piece)?.max else {
            return Ok(None);
        };
        digits.push((scale, top.plus_constant(1)?, term.piece.clone()));
    }
    // By scale, as far as the scales compare.
    for at in 1..digits.len() {
        let mut place = at;
        while place > 0
            && digits[place].0 != digits[place - 1].0
            && space.symbols.le(&digits[place].0, &digits[place - 1].0)
        {
            digits.swap(place, place - 1);
            place -= 1;
        }
    }
    Ok(Some(digits))
}

/// Whether no two iterations share a place.
pub(crate) fn injective(space: &mut Space, axes: &[&Linear]) -> Checked<bool> {
    let all = (0..space.axes.len()).map(|at| IterId(u32::try_from(at).unwrap_or(u32::MAX)));
    tells(space, axes, &all.collect::<Vec<_>>())
}

/// Whether a place tells the values of these iterators, of which alone the axes are made. Digits are taken as free of each
/// other, which only adds iterations.
pub(crate) fn tells(space: &mut Space, axes: &[&Linear], ids: &[IterId]) -> Checked<bool> {
    let mut seen: Vec<Piece> = Vec::new();
    for form in axes {
        let Some(digits) = digits(space, form)? else {
            return Ok(false);
        };
        let mut reach = Poly::zero();
        for (scale, extent, piece) in &digits {
            if !space.symbols.lt(&reach, scale) {
                return Ok(false);
            }
            reach = reach.plus(&scale.times(&extent.plus_constant(-1)?)?)?;
            seen.push(piece.clone());
        }
    }
    // Every digit of every iterator must be told by some axis.
    for &id in ids {
        if space.axis(id).extent.is_one() || whole(&seen, id) {
            continue;
        }
        for term in space.digits(id).terms {
            let one = space
                .piece_range(&term.piece)?
                .max
                .is_some_and(|max| max.is_zero());
            if !one && !within(&seen, &term.piece) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn whole(seen: &[Piece], id: IterId) -> bool {
    seen.contains(&Piece::whole(Atom::Iter(id)))
}

/// Whether a digit is one of `seen` or part of one.
fn within(seen: &[Piece], digit: &Piece) -> bool {
    let covers = |p: &Piece| {
        let low = digit.lo.over(&p.lo).is_some();
        let high = match (&p.hi, &digit.hi) {
            (None, _) => true,
            (Some(hi), Some(end)) => hi.over(end).is_some(),
            (Some(_), None) => false,
        };
        p.atom == digit.atom && low && high
    };
    seen.iter().any(covers)
}

/// Whether every place is visited, even if only the full part of ragged iterators counts. No guard is considered.
/// Digits that leave an axis do no harm if what stays inside covers it.
pub(crate) fn covers(space: &mut Space, axes: &[(&Linear, &Poly)]) -> Checked<bool> {
    let mut seen: Vec<Piece> = Vec::new();
    for (form, extent) in axes {
        let Some(digits) = digits(space, form)? else {
            return Ok(false);
        };
        let negative = |space: &Space, scale: &Poly| space.symbols.positive(&scale.negated());
        let mut low = form.constant.clone();
        for term in space.merge(form)?.terms {
            if negative(space, &term.scale) {
                let Some(top) = space.piece_range(&term.piece)?.max else {
                    return Ok(false);
                };
                low = low.plus(&top.times(&term.scale)?)?;
            }
        }
        // As an interval: each scale at most one more than what the smaller digits reach.
        let mut count = Poly::one();
        for (scale, digit_extent, piece) in &digits {
            let full = full_extent(space, piece, digit_extent)?;
            let once = !seen.contains(piece)
                && !seen
                    .iter()
                    .any(|p| p.atom == piece.atom && overlaps(p, piece));
            if !once || !space.symbols.le(scale, &count) {
                return Ok(false);
            }
            count = count.plus(&scale.times(&full.plus_constant(-1)?)?)?;
            seen.push(piece.clone());
        }
        let reaches =
            space.symbols.nonneg(&low.negated()) && space.symbols.le(extent, &low.plus(&count)?);
        if !reaches {
            return Ok(false);
        }
    }
    full_parts(space, &seen)
}

fn overlaps(a: &Piece, b: &Piece) -> bool {
    let apart =
        |low: &Piece, high: &Piece| low.hi.as_ref().is_some_and(|hi| high.lo.over(hi).is_some());
    !apart(a, b) && !apart(b, a)
}

/// How many values a digit takes in the full part of its iterator, where all lower digits are full.
fn full_extent(space: &mut Space, piece: &Piece, extent: &Poly) -> Checked<Poly> {
    let Atom::Iter(id) = piece.atom else {
        return Ok(extent.clone());
    };
    match piece.radix() {
        Some(radix) => Ok(radix),
        None => {
            let whole = space.axis(id).extent.clone();
            space.symbols.quotient(&whole, &piece.lo)
        }
    }
}

/// Whether the full part of every iterator that was looked at has iterations, or covers nothing if it has none.
fn full_parts(space: &mut Space, seen: &[Piece]) -> Checked<bool> {
    for piece in seen {
        let Atom::Iter(id) = piece.atom else { continue };
        let (extent, cut) = {
            let axis = space.axis(id);
            (axis.extent.clone(), axis.cuts.last().cloned())
        };
        let tops = seen.iter().any(|p| p.atom == piece.atom && p.hi.is_none());
        let full = space
            .symbols
            .quotient(&extent, &cut.unwrap_or_else(Poly::one))?;
        if !tops && !space.symbols.positive(&full) {
            return Ok(false);
        }
    }
    Ok(true)
}
