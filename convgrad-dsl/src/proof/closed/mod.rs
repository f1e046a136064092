//! Closed forms for free sizes: whether a sum of digits visits each place at most once, and whether it visits all.

mod turns;

use crate::index::linear::{Atom, Linear, Piece, Test};
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

/// A digit of an iterator that the guard gives one value.
#[derive(Clone, Debug)]
pub(crate) struct Fixed {
    piece: Piece,
    /// 0, or some other number below its extent.
    zero: bool,
}

/// The digits that conjuncts of a guard fix, and the conjuncts that do more than that.
pub(crate) fn fixed<'t>(
    space: &mut Space,
    conjuncts: &'t [Test],
) -> Checked<(Vec<Fixed>, Vec<&'t Test>)> {
    let (mut fixed, mut others) = (Vec::new(), Vec::new());
    for test in conjuncts {
        let found = match test {
            Test::Is0(form) => {
                let form = space.merge(form)?;
                one_value(space, &form)?
            }
            _ => None,
        };
        match found {
            // Of two values of one digit there may be none.
            Some(digit)
                if !fixed
                    .iter()
                    .any(|f: &Fixed| overlaps(&f.piece, &digit.piece)) =>
            {
                fixed.push(digit);
            }
            _ => others.push(test),
        }
    }
    Ok((fixed, others))
}

/// The digit that is fixed where a form is 0.
fn one_value(space: &mut Space, form: &Linear) -> Checked<Option<Fixed>> {
    let [term] = form.terms.as_slice() else {
        return Ok(None);
    };
    let value = match term.scale.as_constant() {
        Some(1) => form.constant.negated(),
        Some(-1) => form.constant.clone(),
        Some(_) if form.constant.is_zero() => Poly::zero(),
        _ => return Ok(None),
    };
    let Atom::Iter(id) = term.piece.atom else {
        return Ok(None);
    };
    // A ragged iterator has the value 0 of every digit for certain, others perhaps not.
    let zero = value.is_zero();
    let taken = match term.piece.radix() {
        Some(radix) if space.is_clean(id) => {
            space.symbols.nonneg(&value) && space.symbols.lt(&value, &radix)
        }
        _ => zero,
    };
    Ok(taken.then(|| Fixed {
        piece: term.piece.clone(),
        zero,
    }))
}

/// Whether no two iterations share a place, of those in which some digits are fixed.
pub(crate) fn injective(space: &mut Space, axes: &[&Linear], fixed: &[Fixed]) -> Checked<bool> {
    let all = (0..space.axes.len()).map(|at| IterId(u32::try_from(at).unwrap_or(u32::MAX)));
    let straight = turns::straightened(space, axes)?;
    let digits: Vec<Linear> = fixed
        .iter()
        .map(|f| Linear::piece(f.piece.clone()))
        .collect();
    let places: Vec<&Linear> = straight.iter().chain(&digits).collect();
    tells(space, &places, &all.collect::<Vec<_>>())
}

/// An iterator that may be 0 or some other number without that an index moves, so that two iterations certainly read one
/// element where all of them read: a digit changes that no axis looks at. The iterators are not empty.
pub(crate) fn repeats(space: &mut Space, axes: &[&Linear]) -> Option<(IterId, Poly)> {
    let mut seen = Vec::new();
    for term in axes.iter().flat_map(|form| &form.terms) {
        turns::pieces(space, &term.piece, &mut seen);
    }
    (0..space.axes.len()).find_map(|at| {
        let id = IterId(u32::try_from(at).unwrap_or(u32::MAX));
        let extent = space.axis(id).extent.clone();
        let digits = space.digits(id).terms.into_iter();
        let mut unseen = digits.filter(|term| {
            // From 0 to the scale of the digit, in which nothing else changes.
            let unseen = !seen.iter().any(|p| overlaps(p, &term.piece));
            let moves = term.piece.radix().is_none_or(|radix| {
                let one = Poly::one();
                space.symbols.lt(&one, &radix)
            });
            unseen && moves && space.symbols.lt(&term.scale, &extent)
        });
        unseen.next().map(|term| (id, term.scale))
    })
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

/// Whether every place is visited where some digits are fixed, even if of ragged iterators of which several digits count
/// only the full part does. Digits that leave an axis do no harm if what stays inside covers it.
pub(crate) fn covers(
    space: &mut Space,
    axes: &[(&Linear, &Poly)],
    fixed: &[Fixed],
) -> Checked<bool> {
    let forms: Vec<&Linear> = axes.iter().map(|(form, _)| *form).collect();
    let straight = turns::straightened(space, &forms)?;
    let mut used = Vec::new();
    for term in straight.iter().flat_map(|form| &form.terms) {
        turns::pieces(space, &term.piece, &mut used);
    }
    if fixed
        .iter()
        .any(|f| used.iter().any(|p| overlaps(p, &f.piece)))
    {
        return Ok(false);
    }
    // Digits below the top may all be 0 where nothing looks at them.
    let alone = |piece: &Piece| {
        let below = |p: &Piece| p.atom == piece.atom && p != piece;
        !used.iter().any(below) && !fixed.iter().any(|f| below(&f.piece) && !f.zero)
    };
    let mut seen: Vec<Piece> = Vec::new();
    for (form, (_, extent)) in straight.iter().zip(axes) {
        let Some(digits) = digits(space, form)? else {
            return Ok(false);
        };
        let negative = |space: &Space, scale: &Poly| space.symbols.positive(&scale.negated());
        let mut low = form.constant.clone();
        for term in &space.merge(form)?.terms {
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
            let full = match piece.hi.is_none() && alone(piece) {
                true => digit_extent.clone(),
                false => full_extent(space, piece, digit_extent)?,
            };
            let once = !seen.iter().any(|p| overlaps(p, piece));
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

/// Whether two pieces may have to do with each other.
fn overlaps(a: &Piece, b: &Piece) -> bool {
    let apart =
        |low: &Piece, high: &Piece| low.hi.as_ref().is_some_and(|hi| high.lo.over(hi).is_some());
    a.atom == b.atom && !apart(a, b) && !apart(b, a)
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
