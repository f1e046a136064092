//! Digits of iterators and of values that are kept whole, and these values themselves.

use std::sync::Arc;

use crate::index::linear::{Atom, Linear, Opaque, Piece};
use crate::index::poly::{Checked, Poly, TooLarge};
use crate::sema::model::{Expr, ExprKind};

use super::Writer;

impl Writer<'_> {
    /// `(atom / lo) % radix`; the remainder is left out where the value stays below the radix anyway. Beside it what has
    /// to be added: whole turns of a sum, `(w - 3) % N` for `(w - 3 + N*(3/N)) % N`.
    pub(super) fn piece(&mut self, piece: &Piece) -> Checked<(Expr, Poly)> {
        let atom = match piece.atom {
            Atom::Iter(id) => (self.iterators)(id),
            Atom::Opaque(id) => {
                let opaque = self.space.opaque(id).clone();
                if let Opaque::Sum(form) = &opaque
                    && let Some((turned, turns)) = self.turns(form, piece)?
                {
                    let value = self.opaque(&Opaque::Sum(turned))?;
                    let make = self.make;
                    let high = make.over(value, self.poly(&piece.lo));
                    return Ok(match piece.radix() {
                        Some(radix) => (make.modulo(high, self.poly(&radix)), Poly::zero()),
                        None => (high, turns),
                    });
                }
                self.opaque(&opaque)?
            }
        };
        Ok((self.digit(atom, piece)?, Poly::zero()))
    }

    /// A sum without the multiples of a divisor that no number is, and which multiple that was. None if there is none.
    fn turns(&self, form: &Linear, piece: &Piece) -> Checked<Option<(Linear, Poly)>> {
        let divisor = match (&piece.hi, piece.lo.is_one()) {
            (Some(hi), _) => hi,
            (None, false) => &piece.lo,
            (None, true) => return Ok(None),
        };
        let (mut constant, mut turns) = (Poly::zero(), Poly::zero());
        for (monomial, c) in form.constant.terms() {
            let part = Poly::term(monomial.clone(), c);
            let whole = part.over(divisor);
            match whole.filter(|_| self.space.symbols.has_quotient(&part)) {
                Some(whole) => turns = turns.plus(&whole)?,
                None => constant = constant.plus(&part)?,
            }
        }
        if turns.is_zero() {
            return Ok(None);
        }
        let terms = form.terms.clone();
        Ok(Some((Linear { constant, terms }, turns)))
    }

    /// The digit of a value.
    pub(in crate::transform) fn digit(&mut self, value: Expr, piece: &Piece) -> Checked<Expr> {
        let high = self.make.over(value, self.poly(&piece.lo));
        let Some(radix) = piece.radix() else {
            return Ok(high);
        };
        let top = Piece {
            hi: None,
            ..piece.clone()
        };
        let range = self.space.piece_range(&top)?;
        let symbols = &self.space.symbols;
        let small = range.min.is_some_and(|min| symbols.nonneg(&min))
            && range.max.is_some_and(|max| symbols.lt(&max, &radix));
        Ok(match small {
            true => high,
            false => self.make.modulo(high, self.poly(&radix)),
        })
    }

    /// A value that is kept whole.
    pub(in crate::transform) fn opaque(&mut self, opaque: &Opaque) -> Checked<Expr> {
        self.budget = self
            .budget
            .checked_sub(
                1 + opaque
                    .operands()
                    .iter()
                    .map(|f| f.terms.len())
                    .sum::<usize>(),
            )
            .ok_or(TooLarge::Formula)?;
        let make = self.make;
        let mut all = |forms: &[Linear]| -> Checked<Vec<Expr>> {
            forms.iter().map(|form| self.linear(form)).collect()
        };
        Ok(match opaque {
            Opaque::Sum(form) => self.linear(form)?,
            Opaque::Abs(form) => make.of(ExprKind::Abs(Arc::new(self.linear(form)?))),
            Opaque::Min(forms) => make.of(ExprKind::Min(all(forms)?)),
            Opaque::Max(forms) => make.of(ExprKind::Max(all(forms)?)),
            Opaque::Binary(op, a, b) => {
                let (a, b) = (self.linear(a)?, self.linear(b)?);
                make.of(ExprKind::Binary(*op, Arc::new(a), Arc::new(b)))
            }
        })
    }
}
