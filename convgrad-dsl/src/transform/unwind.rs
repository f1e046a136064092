//! What goes round twice comes back: `((w - 3) % N + 3) % N` is `w % N`, `(w ^ v) ^ v` is `w`.
//!
//! Normal forms keep a sum that carries whole, so that a turn inside another one stays hidden in it. Solved formulas are full
//! of turns and their opposites.

use crate::index::linear::{Atom, Linear, Opaque, Piece, Term, Test};
use crate::index::normal::Forms;
use crate::index::poly::{Checked, Poly};
use crate::index::space::Space;
use crate::sema::model::BinaryOp;

/// Turns inside turns deeper than this stay.
const MAX_DEPTH: usize = 4;

/// The forms with turns undone where they meet their opposites.
pub(super) fn unwound(space: &mut Space, forms: &Forms) -> Checked<Forms> {
    let mut all = |forms: &[Linear]| -> Checked<Vec<Linear>> {
        forms.iter().map(|form| linear(space, form, 0)).collect()
    };
    Ok(Forms {
        left: all(&forms.left)?,
        source: all(&forms.source)?,
        guard: match &forms.guard {
            Some(guard) => Some(test(space, guard)?),
            None => None,
        },
    })
}

fn test(space: &mut Space, of: &Test) -> Checked<Test> {
    let mut all = |tests: &[Test]| -> Checked<Vec<Test>> {
        tests.iter().map(|part| test(space, part)).collect()
    };
    Ok(match of {
        Test::All(tests) => Test::All(all(tests)?),
        Test::Any(tests) => Test::Any(all(tests)?),
        Test::AtLeast0(form) => Test::AtLeast0(linear(space, form, 0)?),
        Test::Is0(form) => Test::Is0(linear(space, form, 0)?),
        Test::Not0(form) => Test::Not0(linear(space, form, 0)?),
    })
}

fn linear(space: &mut Space, form: &Linear, depth: usize) -> Checked<Linear> {
    let form = space.merge(form)?;
    let mut sum = Linear::constant(form.constant.clone());
    for term in &form.terms {
        let found = match term.piece.atom {
            Atom::Opaque(id) if depth < MAX_DEPTH => {
                let opaque = space.opaque(id).clone();
                piece(space, &term.piece, &opaque, depth)?
            }
            _ => None,
        };
        match found {
            Some(value) => sum = sum.plus(&value.times(&term.scale)?)?,
            None => sum.add(term)?,
        }
    }
    Ok(sum)
}

/// The piece of a whole value, if that is something simpler.
fn piece(
    space: &mut Space,
    piece: &Piece,
    opaque: &Opaque,
    depth: usize,
) -> Checked<Option<Linear>> {
    match opaque {
        Opaque::Sum(form) => turned(space, piece, form, depth),
        Opaque::Binary(BinaryOp::Xor, a, b) if *piece == Piece::whole(piece.atom) => {
            for (one, other) in [(a, b), (b, a)] {
                let [only] = one.terms.as_slice() else {
                    continue;
                };
                let Atom::Opaque(id) = only.piece.atom else {
                    continue;
                };
                if *one != Linear::piece(Piece::whole(only.piece.atom)) {
                    continue;
                }
                if let Opaque::Binary(BinaryOp::Xor, x, y) = space.opaque(id) {
                    if x == other {
                        return Ok(Some(y.clone()));
                    }
                    if y == other {
                        return Ok(Some(x.clone()));
                    }
                }
            }
            Ok(None)
        }
        _ => Ok(None),
    }
}

/// A digit of a sum, looked at once more: the sum may have been cut as a whole, and remainders of other sums may be in it.
///
/// With `p = f % h = f - h*(f/h)` and a scale `s` of it for which `s*h = d*k`, the sum `s*p + r` is `s*f + r` less `d*k*(f/h)`:
/// its remainder by `d` is the same, its quotient differs by `k*(f/h)`.
fn turned(
    space: &mut Space,
    piece: &Piece,
    form: &Linear,
    depth: usize,
) -> Checked<Option<Linear>> {
    let divisor = piece.hi.as_ref().unwrap_or(&piece.lo);
    let mut straight = Linear::constant(form.constant.clone());
    let mut turns = Linear::default();
    let mut found = false;
    for term in &space.merge(form)?.terms {
        match inside(space, term, divisor)? {
            Some((inner, quotient)) => {
                straight = straight.plus(&inner)?;
                turns = turns.plus(&quotient)?;
                found = true;
            }
            None => straight.add(term)?,
        }
    }
    let value = match &piece.hi {
        Some(hi) => {
            let rest = space.divmod(&straight, hi)?.1;
            space.divmod(&rest, &piece.lo)?.0
        }
        None => space.divmod(&straight, &piece.lo)?.0.minus(&turns)?,
    };
    // Without a sum inside, only what needs no sum any more is simpler.
    let sums = |term: &Term| matches!(term.piece.atom, Atom::Opaque(_));
    if !found && value.terms.iter().any(sums) {
        return Ok(None);
    }
    linear(space, &value, depth + 1).map(Some)
}

/// The sum `s*f` and the quotient `k*(f/h)` of a term `s*(f % h)`; of a term `s*f` the sum and nothing.
fn inside(space: &Space, term: &Term, divisor: &Poly) -> Checked<Option<(Linear, Linear)>> {
    let Atom::Opaque(id) = term.piece.atom else {
        return Ok(None);
    };
    let (Opaque::Sum(inner), true) = (space.opaque(id), term.piece.lo.is_one()) else {
        return Ok(None);
    };
    let quotient = match &term.piece.hi {
        None => Linear::default(),
        Some(hi) => {
            let Some(count) = term.scale.times(hi)?.over(divisor) else {
                return Ok(None);
            };
            let quotient = Piece {
                atom: term.piece.atom,
                lo: hi.clone(),
                hi: None,
            };
            Linear::piece(quotient).times(&count)?
        }
    };
    Ok(Some((inner.times(&term.scale)?, quotient)))
}
