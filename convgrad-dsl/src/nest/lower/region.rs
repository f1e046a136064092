//! First pass: every iterator becomes loops over its digits.
//!
//! Where the extent is no multiple of the cuts, the space falls into regions: one in which all digits are full, and
//! smaller ones for what is left over. Values that are kept whole but cross few blocks of their divisor (rotations, clamps)
//! split it too, so that they become linear on each side; an iterator that is only shifted is replaced by the digits of the sum.

use crate::index::linear::{Atom, Linear, Opaque, Piece, Term};
use crate::index::poly::{Checked, Poly};
use crate::index::space::Space;
use crate::sema::model::IterId;

use super::order;

/// More regions than this are not worth their code: what is left is bounded by conditions instead.
pub(super) const MAX_REGIONS: usize = 16;
const MAX_BLOCKS: i128 = 4;

/// A loop: one digit of an iterator.
#[derive(Clone, Debug)]
pub(crate) struct Digit {
    pub(crate) piece: Piece,
    /// How many values it takes; never provably 0 or 1.
    pub(crate) extent: Poly,
}

/// A part of the index space in which every digit ranges over an interval of its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Region {
    pub(crate) digits: Vec<Digit>,
    /// Digits with one value.
    pub(crate) fixed: Vec<(Piece, Poly)>,
    /// Pieces of whole values that are linear here.
    pub(crate) known: Vec<(Piece, Linear)>,
    /// What holds here and nowhere else: forms that are at least 0.
    pub(crate) domain: Vec<Linear>,
}

/// Splits the space. The regions are disjoint and together make up all of it. `used` are the forms that are lowered.
///
/// Regions run one after the other, so that only the first of the iterators that are `kept` in order may be split, into parts
/// that are in order too.
pub(crate) fn split(space: &mut Space, used: &[&Linear], kept: &[IterId]) -> Checked<Vec<Region>> {
    let mut regions = vec![Region::default()];
    for at in 0..space.axes.len() {
        let id = IterId(u32::try_from(at).unwrap_or(u32::MAX));
        let parts = parts(space, id)?;
        let inside = kept.iter().skip(1).any(|other| *other == id);
        let parts = if inside || regions.len() * parts.len() > MAX_REGIONS {
            vec![bounded(space, id)?]
        } else {
            parts
        };
        regions = product(&regions, &parts);
    }
    let mut blocks = Vec::new();
    for form in used {
        collect(space, form, &mut blocks);
    }
    for piece in blocks {
        if let Some(shift) = shift(space, &piece)? {
            regions.iter_mut().for_each(|region| shift.apply(region));
            continue;
        }
        if order::stays(space, &piece, kept) {
            continue;
        }
        let choices = choices(space, &piece)?;
        if !choices.is_empty() && regions.len() * choices.len() <= 2 * MAX_REGIONS {
            regions = product(&regions, &choices);
        }
    }
    Ok(regions)
}

fn product(all: &[Region], parts: &[Region]) -> Vec<Region> {
    let mut joined = Vec::new();
    for region in all {
        for part in parts {
            let mut both = region.clone();
            both.digits.extend(part.digits.iter().cloned());
            both.fixed.extend(part.fixed.iter().cloned());
            both.known.extend(part.known.iter().cloned());
            both.domain.extend(part.domain.iter().cloned());
            joined.push(both);
        }
    }
    joined
}

/// The pieces of an iterator, high to low.
pub(crate) fn pieces(space: &Space, id: IterId) -> Vec<Piece> {
    let terms = space.digits(id).terms;
    terms.into_iter().rev().map(|term| term.piece).collect()
}

fn push(region: &mut Region, piece: Piece, extent: Poly) {
    if extent.is_one() {
        region.fixed.push((piece, Poly::zero()));
    } else {
        region.digits.push(Digit { piece, extent });
    }
}

/// The full part of an iterator and its remainders. Parts that are provably empty are left out.
fn parts(space: &mut Space, id: IterId) -> Checked<Vec<Region>> {
    let pieces = pieces(space, id);
    let extent = space.axis(id).extent.clone();
    if let Some(cut) = space
        .axis(id)
        .cuts
        .last()
        .filter(|_| !space.axis(id).whole)
        .cloned()
    {
        // `(P-1)*s + 1` rounded up is `P` times `s`, rounded down it is nothing simple.
        let floor = space.symbols.quotient(&extent, &cut)?;
        let up = extent.plus(&cut)?.plus_constant(-1)?;
        let ceil = space.symbols.quotient(&up, &cut)?;
        if space.symbols.has_quotient(&floor) && !space.symbols.has_quotient(&ceil) {
            return Ok(vec![bounded(space, id)?]);
        }
    }
    let mut parts = Vec::new();
    let mut fixed = Vec::new();
    let mut left = extent;
    for (at, top) in pieces.iter().enumerate() {
        // Digits above are at their last value; this one has all its full values, those below are full.
        let full = space.symbols.quotient(&left, &top.lo)?;
        if !full.is_zero() {
            let mut part = Region {
                fixed: fixed.clone(),
                ..Region::default()
            };
            push(&mut part, top.clone(), full.clone());
            for piece in &pieces[at + 1..] {
                push(&mut part, piece.clone(), piece.radix().unwrap_or_default());
            }
            parts.push(part);
        }
        left = left.minus(&full.times(&top.lo)?)?;
        if left.is_zero() {
            break;
        }
        fixed.push((top.clone(), full));
    }
    Ok(parts)
}

/// All of an iterator in one region, with a condition that keeps it inside its extent.
fn bounded(space: &mut Space, id: IterId) -> Checked<Region> {
    let extent = space.axis(id).extent.clone();
    let mut region = Region::default();
    for piece in pieces(space, id) {
        let count = match piece.radix() {
            Some(radix) => radix,
            None => {
                let up = extent.plus(&piece.lo)?.plus_constant(-1)?;
                space.symbols.quotient(&up, &piece.lo)?
            }
        };
        push(&mut region, piece, count);
    }
    let last = Linear::constant(extent.plus_constant(-1)?);
    region.domain.push(last.minus(&space.digits(id))?);
    Ok(region)
}

/// The whole values that may become linear in parts of the space: sums with their lowest cut as the divisor, and
/// `min`, `max` and `abs` themselves.
fn collect(space: &Space, form: &Linear, found: &mut Vec<Piece>) {
    for term in &form.terms {
        let Atom::Opaque(id) = term.piece.atom else {
            continue;
        };
        let key = match space.opaque(id) {
            Opaque::Sum(_) if term.piece.hi.is_none() || term.piece.lo.is_one() => Some(Piece {
                atom: term.piece.atom,
                lo: Poly::one(),
                hi: Some(
                    term.piece
                        .hi
                        .clone()
                        .unwrap_or_else(|| term.piece.lo.clone()),
                ),
            }),
            Opaque::Min(_) | Opaque::Max(_) | Opaque::Abs(_) => Some(Piece::whole(term.piece.atom)),
            Opaque::Sum(_) | Opaque::Binary(..) => None,
        };
        if let Some(key) = key.filter(|key| !found.contains(key)) {
            found.push(key);
        }
        for operand in space.opaque(id).operands() {
            collect(space, operand, found);
        }
    }
}

/// The parts of the space in which a whole value is linear; none if they are too many or unknown.
fn choices(space: &mut Space, piece: &Piece) -> Checked<Vec<Region>> {
    let Atom::Opaque(id) = piece.atom else {
        return Ok(Vec::new());
    };
    match space.opaque(id).clone() {
        Opaque::Sum(sum) => blocks(space, piece, &sum),
        Opaque::Min(forms) => extremes(piece, &forms, |best, other| other.minus(best)),
        Opaque::Max(forms) => extremes(piece, &forms, Linear::minus),
        Opaque::Abs(form) => {
            let negated = form.times(&Poly::constant(-1))?;
            extremes(piece, &[form, negated], Linear::minus)
        }
        Opaque::Binary(..) => Ok(Vec::new()),
    }
}

/// An iterator that is only shifted, `i + c` with `c` in `[0, d)`, and crosses many blocks of `d`: its loops run over the digits
/// of the sum instead, with limits that keep `i` in its range.
struct Shift {
    iterator: Piece,
    digits: [Digit; 2],
    /// The iterator in terms of the digits.
    value: Linear,
    domain: [Linear; 2],
}

fn shift(space: &mut Space, piece: &Piece) -> Checked<Option<Shift>> {
    let (Atom::Opaque(id), Some(d)) = (piece.atom, piece.hi.clone()) else {
        return Ok(None);
    };
    let Opaque::Sum(sum) = space.opaque(id).clone() else {
        return Ok(None);
    };
    let [
        Term {
            piece: iterator,
            scale,
        },
    ] = sum.terms.as_slice()
    else {
        return Ok(None);
    };
    let Atom::Iter(of) = iterator.atom else {
        return Ok(None);
    };
    let uncut = space.digits(of).terms.len() == 1;
    if !uncut || !scale.is_one() || !blocks(space, piece, &sum)?.is_empty() {
        return Ok(None);
    }
    let extent = space.axis(of).extent.clone();
    let up = extent.plus(&sum.constant)?.plus(&d)?.plus_constant(-1)?;
    let high = Digit {
        piece: Piece {
            lo: d.clone(),
            hi: None,
            ..piece.clone()
        },
        extent: space.symbols.quotient(&up, &d)?,
    };
    let low = Digit {
        piece: piece.clone(),
        extent: d.clone(),
    };
    let whole = Linear::piece(high.piece.clone()).times(&d)?;
    let value = whole.plus(&Linear::piece(low.piece.clone()))?;
    let value = value.minus(&Linear::constant(sum.constant.clone()))?;
    let last = Linear::constant(extent.plus_constant(-1)?);
    Ok(Some(Shift {
        iterator: iterator.clone(),
        digits: [high, low],
        domain: [value.clone(), last.minus(&value)?],
        value,
    }))
}

impl Shift {
    fn apply(&self, region: &mut Region) {
        let found = region.digits.iter().position(|d| d.piece == self.iterator);
        if let Some(at) = found {
            region.digits.splice(at..=at, self.digits.iter().cloned());
            region
                .known
                .push((self.iterator.clone(), self.value.clone()));
            region.domain.extend(self.domain.iter().cloned());
        }
    }
}

/// One part for each form that may be the extreme; of equal ones the first.
fn extremes(
    piece: &Piece,
    forms: &[Linear],
    margin: impl Fn(&Linear, &Linear) -> Checked<Linear>,
) -> Checked<Vec<Region>> {
    let mut regions = Vec::new();
    for (at, best) in forms.iter().enumerate() {
        let mut region = Region {
            known: vec![(piece.clone(), best.clone())],
            ..Region::default()
        };
        for (other_at, other) in forms.iter().enumerate() {
            let strict = Poly::constant(-i64::from(other_at < at));
            if other_at != at {
                let margin = margin(best, other)?.plus(&Linear::constant(strict))?;
                region.domain.push(margin);
            }
        }
        regions.push(region);
    }
    Ok(regions)
}

/// The blocks of the divisor that a sum crosses.
fn blocks(space: &mut Space, piece: &Piece, sum: &Linear) -> Checked<Vec<Region>> {
    let Some(d) = piece.hi.clone() else {
        return Ok(Vec::new());
    };
    let range = space.range(sum)?;
    let Some((min, max)) = range.min.zip(range.max) else {
        return Ok(Vec::new());
    };
    let constants = [&min, &max, &d].map(Poly::as_constant);
    let blocks = if let [Some(min), Some(max), Some(d)] = constants {
        (min.div_euclid(d), max.div_euclid(d))
    } else {
        let within = |low: i64, high: i64| -> Checked<bool> {
            let (start, end) = (
                Poly::constant(low).times(&d)?,
                Poly::constant(high).times(&d)?,
            );
            Ok(space.symbols.le(&start, &min) && space.symbols.lt(&max, &end))
        };
        match (within(0, 2)?, within(-1, 1)?) {
            (true, _) => (0, 1),
            (_, true) => (-1, 0),
            _ => return Ok(Vec::new()),
        }
    };
    if blocks.1 - blocks.0 >= MAX_BLOCKS {
        return Ok(Vec::new());
    }
    let mut regions = Vec::new();
    for block in blocks.0..=blocks.1 {
        let start = Linear::constant(d.times(&Poly::zero().plus_constant(block)?)?);
        let inside = sum.minus(&start)?;
        let last = Linear::constant(d.plus_constant(-1)?);
        let high = Piece {
            lo: d.clone(),
            hi: None,
            ..piece.clone()
        };
        let quotient = Linear::constant(Poly::zero().plus_constant(block)?);
        regions.push(Region {
            known: vec![(piece.clone(), inside.clone()), (high, quotient)],
            domain: vec![inside.clone(), last.minus(&inside)?],
            ..Region::default()
        });
    }
    Ok(regions)
}
