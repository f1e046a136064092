//! The pieces whose values are known, and what they say of other pieces and of whole values.

use crate::index::linear::{Atom, Opaque, OpaqueId, Piece};
use crate::index::poly::{Checked, Poly};
use crate::sema::model::{BinaryOp, Expr};
use crate::transform::express::Writer;

use super::{Equation, Solver};

impl Solver<'_> {
    /// The value of a piece, if it is known.
    pub(super) fn value(&mut self, piece: &Piece) -> Checked<Option<Expr>> {
        if let Some((_, value)) = self.known.iter().find(|(known, _)| known == piece) {
            return Ok(Some(value.clone()));
        }
        match piece.atom {
            Atom::Iter(_) => self.of_digits(piece),
            Atom::Opaque(id) => self.of_operands(id, piece),
        }
    }

    /// A piece of an iterator from its digits.
    pub(super) fn of_digits(&mut self, piece: &Piece) -> Checked<Option<Expr>> {
        let mut sum = self.make.int(0);
        for digit in self.digits_in(piece) {
            let value = self.known.iter().find(|(known, _)| *known == digit);
            let Some((_, value)) = value.cloned() else {
                return Ok(None);
            };
            let Some(scale) = digit.lo.over(&piece.lo) else {
                return Ok(None);
            };
            sum = self
                .make
                .plus(sum, self.make.times(value, self.poly(&scale)));
        }
        Ok(Some(sum))
    }

    /// The digits of the space that a piece of an iterator consists of.
    fn digits_in(&self, piece: &Piece) -> Vec<Piece> {
        let Atom::Iter(id) = piece.atom else {
            return vec![piece.clone()];
        };
        let digits = self.space.digits(id).terms.into_iter().map(|t| t.piece);
        let inside = |digit: &Piece| {
            let above = digit.lo.over(&piece.lo).is_some();
            let below = match (&digit.hi, &piece.hi) {
                (_, None) => true,
                (Some(end), Some(hi)) => hi.over(end).is_some(),
                (None, Some(_)) => false,
            };
            above && below
        };
        digits.filter(inside).collect()
    }

    /// A piece of a whole value all of whose operands are known.
    fn of_operands(&mut self, id: OpaqueId, piece: &Piece) -> Checked<Option<Expr>> {
        let opaque = self.space.opaque(id).clone();
        let mut pending = opaque.operands().into_iter().cloned().collect::<Vec<_>>();
        let mut values = Vec::new();
        while let Some(form) = pending.pop() {
            for term in &form.terms {
                match term.piece.atom {
                    Atom::Iter(id) => {
                        let whole = Piece::whole(Atom::Iter(id));
                        let Some(value) = self.of_digits(&whole)? else {
                            return Ok(None);
                        };
                        values.push((id, value));
                    }
                    Atom::Opaque(inner) => {
                        let inner = self.space.opaque(inner).clone();
                        pending.extend(inner.operands().into_iter().cloned());
                    }
                }
            }
        }
        let zero = self.make.int(0);
        let meaning = |id| {
            let found = values.iter().find(|(known, _)| *known == id);
            found.map_or_else(|| zero.clone(), |(_, value)| value.clone())
        };
        let mut writer = Writer::new(self.space, self.make, &meaning);
        let value = writer.opaque(&opaque)?;
        writer.digit(value, piece).map(Some)
    }

    /// Notes the value of a piece, and what follows from it.
    pub(super) fn learn(&mut self, piece: &Piece, value: Expr) {
        match piece.atom {
            Atom::Iter(_) => {
                for digit in self.digits_in(piece) {
                    let lo = digit.lo.over(&piece.lo).unwrap_or_else(Poly::one);
                    let mut part = self.make.over(value.clone(), self.poly(&lo));
                    if digit.hi != piece.hi
                        && let Some(radix) = digit.radix()
                    {
                        part = self.make.modulo(part, self.poly(&radix));
                    }
                    self.note(digit, part);
                }
            }
            Atom::Opaque(id) => {
                self.note(piece.clone(), value.clone());
                self.open_up(id, piece, value);
            }
        }
    }

    fn note(&mut self, piece: Piece, value: Expr) {
        if !self.known.iter().any(|(known, _)| *known == piece) {
            self.known.push((piece, value));
        }
    }

    /// What a piece of a whole value says about its operands.
    fn open_up(&mut self, id: OpaqueId, piece: &Piece, value: Expr) {
        let equation = match self.space.opaque(id).clone() {
            Opaque::Sum(form) => match self.lowest(piece.atom) {
                Some((value, None)) => Equation::Is(form, value),
                Some((value, Some(modulus))) => Equation::Modulo(form, modulus, value),
                None => return,
            },
            Opaque::Binary(BinaryOp::Xor, a, b) if *piece == Piece::whole(piece.atom) => {
                Equation::Xor(a, b, value)
            }
            _ => return,
        };
        self.open.push(equation);
    }

    /// What the known pieces of an atom say about it from the lowest digit on, up to where one is missing: the atom
    /// modulo a number, or the whole of it.
    pub(super) fn lowest(&self, atom: Atom) -> Option<(Expr, Option<Poly>)> {
        let (mut sum, mut lo) = (None, Poly::one());
        loop {
            let starts = |piece: &Piece| piece.atom == atom && piece.lo == lo;
            // A piece is never empty, so that this ends.
            let next = self
                .known
                .iter()
                .find(|(piece, _)| starts(piece) && piece.hi.as_ref() != Some(&lo));
            let Some((piece, value)) = next else {
                return sum.map(|sum| (sum, Some(lo)));
            };
            let scaled = self.make.times(value.clone(), self.poly(&lo));
            let higher = match sum.take() {
                Some(sum) => self.make.plus(scaled, sum),
                None => scaled,
            };
            match &piece.hi {
                None => return Some((higher, None)),
                Some(hi) => (sum, lo) = (Some(higher), hi.clone()),
            }
        }
    }
}
