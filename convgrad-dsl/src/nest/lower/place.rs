//! Second pass: what the forms are in one region: linear in the loops' digits, plus values that are kept whole.

use crate::index::linear::{Atom, Linear, Opaque, Piece};
use crate::index::poly::{Checked, Poly};
use crate::index::space::Space;
use crate::nest::{Scalar, VarId};
use crate::sema::model::BinaryOp;

use super::region::Region;

/// A form in a region.
#[derive(Clone, Debug, Default)]
pub(crate) struct Placed {
    pub(crate) constant: Poly,
    /// Digits of the region, by index, none twice.
    pub(crate) digits: Vec<(usize, Poly)>,
    /// Pieces that stay whole.
    pub(crate) whole: Vec<(Piece, Poly)>,
}

impl Placed {
    /// The factor of a digit; 0 if it does not occur.
    pub(crate) fn factor(&self, digit: usize) -> Poly {
        let found = self.digits.iter().find(|(d, _)| *d == digit);
        found.map(|(_, factor)| factor.clone()).unwrap_or_default()
    }

    fn add(&mut self, other: &Placed, factor: &Poly) -> Checked<()> {
        self.constant = self.constant.plus(&other.constant.times(factor)?)?;
        for (digit, scale) in &other.digits {
            let scale = scale.times(factor)?;
            match self.digits.iter_mut().find(|(d, _)| d == digit) {
                Some((_, known)) => *known = known.plus(&scale)?,
                None => self.digits.push((*digit, scale)),
            }
        }
        for (piece, scale) in &other.whole {
            let scale = scale.times(factor)?;
            match self.whole.iter_mut().find(|(p, _)| p == piece) {
                Some((_, known)) => *known = known.plus(&scale)?,
                None => self.whole.push((piece.clone(), scale)),
            }
        }
        self.digits.retain(|(_, scale)| !scale.is_zero());
        self.whole.retain(|(_, scale)| !scale.is_zero());
        Ok(())
    }
}

impl Region {
    /// The form as it is in this region.
    pub(crate) fn place(&self, form: &Linear) -> Checked<Placed> {
        let mut placed = Placed {
            constant: form.constant.clone(),
            ..Placed::default()
        };
        for term in &form.terms {
            placed.add(&self.place_piece(&term.piece)?, &term.scale)?;
        }
        Ok(placed)
    }

    fn place_piece(&self, piece: &Piece) -> Checked<Placed> {
        if let Some((_, value)) = self.fixed.iter().find(|(p, _)| p == piece) {
            return Ok(Placed {
                constant: value.clone(),
                ..Placed::default()
            });
        }
        if let Some(digit) = self.digits.iter().position(|d| d.piece == *piece) {
            return Ok(Placed {
                digits: vec![(digit, Poly::one())],
                ..Placed::default()
            });
        }
        if let Some((_, form)) = self.known.iter().find(|(p, _)| p == piece) {
            return self.place(form);
        }
        Ok(Placed {
            whole: vec![(piece.clone(), Poly::one())],
            ..Placed::default()
        })
    }

    /// The digits that a form changes with, also inside values that are kept whole.
    pub(crate) fn support(&self, space: &Space, placed: &Placed) -> Checked<Vec<usize>> {
        let mut support: Vec<usize> = placed.digits.iter().map(|(digit, _)| *digit).collect();
        for (piece, _) in &placed.whole {
            support.extend(self.piece_support(space, piece)?);
        }
        support.sort_unstable();
        support.dedup();
        Ok(support)
    }

    /// The digits that a piece of a whole value changes with.
    pub(crate) fn piece_support(&self, space: &Space, piece: &Piece) -> Checked<Vec<usize>> {
        let Atom::Opaque(id) = piece.atom else {
            return Ok(Vec::new());
        };
        let mut support = Vec::new();
        for operand in space.opaque(id).operands() {
            support.extend(self.support(space, &self.place(operand)?)?);
        }
        Ok(support)
    }

    /// The smallest and the largest value, where it is linear in the digits.
    pub(crate) fn bounds(&self, space: &Space, placed: &Placed) -> Checked<Option<(Poly, Poly)>> {
        if !placed.whole.is_empty() {
            return Ok(None);
        }
        let (mut min, mut max) = (placed.constant.clone(), placed.constant.clone());
        for (digit, factor) in &placed.digits {
            let top = self.digits[*digit]
                .extent
                .plus_constant(-1)?
                .times(factor)?;
            if space.symbols.nonneg(factor) {
                max = max.plus(&top)?;
            } else if space.symbols.nonneg(&factor.negated()) {
                min = min.plus(&top)?;
            } else {
                return Ok(None);
            }
        }
        Ok(Some((min, max)))
    }
}

/// Turns placed forms into scalars, given the variables of the digits and of the values that are named already.
pub(crate) struct Naming<'n> {
    pub(crate) space: &'n Space,
    pub(crate) region: &'n Region,
    /// The variable of each digit.
    pub(crate) variables: &'n [VarId],
    /// The names of whole values in scope.
    pub(crate) named: &'n [(Piece, VarId)],
}

impl Naming<'_> {
    /// The value of a placed form.
    pub(crate) fn scalar(&self, placed: &Placed) -> Checked<Scalar> {
        let mut terms = Vec::new();
        for (digit, factor) in &placed.digits {
            let factor = self.space.symbols.scalar(factor);
            terms.push(factor.times(Scalar::Var(self.variables[*digit])));
        }
        for (piece, factor) in &placed.whole {
            let factor = self.space.symbols.scalar(factor);
            terms.push(factor.times(self.whole(piece)?));
        }
        terms.push(self.space.symbols.scalar(&placed.constant));
        Ok(Scalar::sum(terms))
    }

    fn whole(&self, piece: &Piece) -> Checked<Scalar> {
        match self.named.iter().find(|(p, _)| p == piece) {
            Some((_, var)) => Ok(Scalar::Var(*var)),
            None => self.compute(piece),
        }
    }

    /// The computation of a piece of a whole value.
    pub(crate) fn compute(&self, piece: &Piece) -> Checked<Scalar> {
        let Atom::Opaque(id) = piece.atom else {
            return Ok(Scalar::Const(0));
        };
        let form = |form: &Linear| self.scalar(&self.region.place(form)?);
        let boxed = |f: &Linear| form(f).map(Box::new);
        let all = |forms: &[Linear]| forms.iter().map(form).collect::<Checked<Vec<_>>>();
        let value = match self.space.opaque(id) {
            Opaque::Sum(sum) => form(sum)?,
            Opaque::Min(forms) => Scalar::min(all(forms)?),
            Opaque::Max(forms) => Scalar::max(all(forms)?),
            Opaque::Abs(a) => Scalar::Abs(boxed(a)?),
            Opaque::Binary(op, a, b) => match op {
                BinaryOp::Mul => form(a)?.times(form(b)?),
                BinaryOp::Rem => form(a)?.modulo(form(b)?),
                BinaryOp::Xor => Scalar::Xor(boxed(a)?, boxed(b)?),
                BinaryOp::And => Scalar::And(boxed(a)?, boxed(b)?),
                BinaryOp::Or => Scalar::Or(boxed(a)?, boxed(b)?),
                BinaryOp::Shl => Scalar::Shl(boxed(a)?, boxed(b)?),
                BinaryOp::Shr => Scalar::Shr(boxed(a)?, boxed(b)?),
                BinaryOp::Add => form(a)?.plus(form(b)?),
                BinaryOp::Sub => form(a)?.minus(form(b)?),
                // A division that rounds up was turned into one that rounds down.
                BinaryOp::Div | BinaryOp::CeilDiv => form(a)?.over(form(b)?),
            },
        };
        let value = value.over(self.space.symbols.scalar(&piece.lo));
        Ok(match piece.radix() {
            Some(radix) => value.modulo(self.space.symbols.scalar(&radix)),
            None => value,
        })
    }
}
