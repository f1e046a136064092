//! Turns: `(j + i) % N` goes through all of `0..N` with `j`, whatever `i` is, and so does `j ^ i` through a power of two.
//!
//! Which places are visited, and how often, stays the same if the turn is undone, as long as nothing else looks at `j`.

use crate::index::linear::{Atom, Linear, Opaque, Piece, Term};
use crate::index::poly::{Checked, Poly};
use crate::index::space::Space;
use crate::sema::model::BinaryOp;

use super::overlaps;

/// The axes with turns undone: visited as often, in another order.
pub(super) fn straightened(space: &mut Space, axes: &[&Linear]) -> Checked<Vec<Linear>> {
    let mut forms = Vec::new();
    for axis in axes {
        forms.push(space.merge(axis)?.into_owned());
    }
    while let Some((at, form)) = next(space, &forms)? {
        forms[at] = form;
    }
    Ok(forms)
}

/// The first axis with a turn that can be undone, and what it is then. It has one value fewer that is kept whole.
fn next(space: &mut Space, forms: &[Linear]) -> Checked<Option<(usize, Linear)>> {
    for (at, form) in forms.iter().enumerate() {
        for (of, term) in form.terms.iter().enumerate() {
            let Atom::Opaque(id) = term.piece.atom else {
                continue;
            };
            let mut elsewhere = Vec::new();
            for (a, other) in forms.iter().enumerate() {
                for (t, term) in other.terms.iter().enumerate() {
                    if (a, t) != (at, of) {
                        pieces(space, &term.piece, &mut elsewhere);
                    }
                }
            }
            let opaque = space.opaque(id).clone();
            if let Some(straight) = undone(space, &term.piece, &opaque, &elsewhere)? {
                let mut rest = form.clone();
                rest.terms.remove(of);
                let form = rest.plus(&straight.times(&term.scale)?)?;
                return Ok(Some((at, space.merge(&form)?.into_owned())));
            }
        }
    }
    Ok(None)
}

/// All pieces of iterators that a piece changes with.
pub(super) fn pieces(space: &Space, piece: &Piece, found: &mut Vec<Piece>) {
    match piece.atom {
        Atom::Iter(_) => found.push(piece.clone()),
        Atom::Opaque(id) => {
            let operands = space.opaque(id).operands().into_iter();
            for term in operands.flat_map(|form| &form.terms) {
                pieces(space, &term.piece, found);
            }
        }
    }
}

/// The digits that a turned value goes through, if nothing else looks at them.
fn undone(
    space: &mut Space,
    piece: &Piece,
    opaque: &Opaque,
    elsewhere: &[Piece],
) -> Checked<Option<Linear>> {
    match (opaque, &piece.hi) {
        (Opaque::Sum(sum), Some(radix)) if piece.lo.is_one() => {
            let sum = space.merge(sum)?;
            Ok(all_values(space, &sum.terms, radix, elsewhere)?.map(|(own, _)| own))
        }
        (Opaque::Binary(BinaryOp::Xor, a, b), None) if piece.lo.is_one() => {
            for (one, other) in [(a, b), (b, a)] {
                let Some(power) = power_above(space, one)? else {
                    continue;
                };
                let mut looked_at = elsewhere.to_vec();
                for term in &other.terms {
                    pieces(space, &term.piece, &mut looked_at);
                }
                let one = space.merge(one)?;
                let found = all_values(space, &one.terms, &power, &looked_at)?;
                let range = space.range(other)?;
                let below = range.min.is_some_and(|min| space.symbols.nonneg(&min))
                    && range.max.is_some_and(|max| space.symbols.lt(&max, &power));
                if let (Some((own, 0)), true, true) = (found, one.constant.is_zero(), below) {
                    return Ok(Some(own));
                }
            }
            Ok(None)
        }
        _ => Ok(None),
    }
}

/// The power of two that follows the largest value of a form.
fn power_above(space: &mut Space, form: &Linear) -> Checked<Option<Poly>> {
    let max = space.range(form)?.max.and_then(|max| max.as_constant());
    match max {
        Some(max) if max > 0 && max < 1 << 62 && (max & (max + 1)) == 0 => {
            Poly::zero().plus_constant(max + 1).map(Some)
        }
        _ => Ok(None),
    }
}

/// Terms that go through all of `0..radix` together, each value once, and how many terms are left over.
fn all_values(
    space: &mut Space,
    terms: &[Term],
    radix: &Poly,
    elsewhere: &[Piece],
) -> Checked<Option<(Linear, usize)>> {
    let mut own = Linear::default();
    let mut reached = Poly::one();
    while reached != *radix {
        let mut extended = false;
        for (at, term) in terms.iter().enumerate() {
            let mut others = elsewhere.to_vec();
            for (_, other) in terms.iter().enumerate().filter(|(k, _)| *k != at) {
                pieces(space, &other.piece, &mut others);
            }
            let alone = others.iter().all(|p| !overlaps(p, &term.piece));
            let extent = match term.scale == reached && alone {
                true => free_extent(space, &term.piece)?,
                false => None,
            };
            if let Some(extent) = extent.filter(|extent| !extent.is_one()) {
                own.add(term)?;
                reached = reached.times(&extent)?;
                extended = true;
                break;
            }
        }
        if !extended || own.terms.len() > terms.len() {
            return Ok(None);
        }
    }
    let left = terms.len() - own.terms.len();
    Ok(Some((own, left)))
}

/// How many values a digit takes whatever the other digits are; None if that depends on them.
fn free_extent(space: &mut Space, piece: &Piece) -> Checked<Option<Poly>> {
    let Atom::Iter(id) = piece.atom else {
        return Ok(None);
    };
    let whole = piece.lo.is_one() && piece.hi.is_none();
    if !whole && !space.is_clean(id) {
        return Ok(None);
    }
    Ok(match piece.radix() {
        Some(radix) => Some(radix),
        None => space.axis(id).extent.over(&piece.lo),
    })
}
