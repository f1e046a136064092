//! What goes round twice comes back: `((w - 3) % N + 3) % N` is `w % N`, `(w ^ v) ^ v` is `w`.
//!
//! Normal forms keep a sum that carries whole, so that a turn inside another one stays hidden in it. Solved formulas are full
//! of turns and their opposites.

use crate::index::linear::{Atom, Linear, Opaque, Piece, Test};
use crate::index::normal::Forms;
use crate::index::poly::Checked;
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

/// A digit of a sum in which remainders of sums are.
///
/// With `p = f % h = f - h*(f/h)` and a scale `s` of it for which `s*h = d*k`, the sum `s*p + r` is `s*f + r` less `d*k*(f/h)`:
/// its remainder by `d` is the same, its quotient differs by `k*(f/h)`.
fn turned(
    space: &mut Space,
    piece: &Piece,
    form: &Linear,
    depth: usize,
) -> Checked<Option<Linear>> {
    let (divisor, remainder) = match (&piece.hi, piece.lo.is_one()) {
        (Some(hi), _) => (hi, true),
        (None, false) => (&piece.lo, false),
        (None, true) => return Ok(None),
    };
    let mut straight = Linear::constant(form.constant.clone());
    let mut turns = Linear::default();
    let mut found = false;
    for term in &form.terms {
        let (Atom::Opaque(id), Some(hi), true) =
            (term.piece.atom, &term.piece.hi, term.piece.lo.is_one())
        else {
            straight.add(term)?;
            continue;
        };
        let count = term.scale.times(hi)?.over(divisor);
        let (Opaque::Sum(inner), Some(count)) = (space.opaque(id).clone(), count) else {
            straight.add(term)?;
            continue;
        };
        found = true;
        straight = straight.plus(&inner.times(&term.scale)?)?;
        let quotient = Linear::piece(Piece {
            atom: term.piece.atom,
            lo: hi.clone(),
            hi: None,
        });
        turns = turns.plus(&quotient.times(&count)?)?;
    }
    if !found {
        return Ok(None);
    }
    let (quotient, rest) = space.divmod(&straight, divisor)?;
    let value = match remainder {
        true => space.divmod(&rest, &piece.lo)?.0,
        false => quotient.minus(&turns)?,
    };
    linear(space, &value, depth + 1).map(Some)
}
