//! Digit inversion: which iteration an index belongs to.
//!
//! An equation says that a sum of digits is a value: `16*c1 + c0 == w`. As long as the smaller digits together stay below
//! the scale of the next larger one, quotient and remainder tell the digits apart: `c1 = w/16`, `c0 = w % 16`. A digit that
//! is counted down is told by its complement; what is already known of a sum moves to the other side. Sums that were
//! taken modulo something are equations modulo that, and give their digits if these do not go round.
//!
//! The equations are here; [`digits`] and [`residue`] take one apart, the one as it is, the other modulo something, and
//! [`known`] keeps what they have told.
//!
//! What is found holds for every iteration that has these indices. Which indices there are is not asked here.

mod digits;
mod known;
mod residue;

use std::sync::Arc;

use crate::index::linear::{Atom, Linear, Piece};
use crate::index::poly::{Checked, Poly};
use crate::index::space::Space;
use crate::sema::model::{BinaryOp, Expr, ExprKind};
use crate::sema::written::written;

use super::expr::{Maker, iter_id};

/// Something that is known of the iterators.
#[derive(Clone, Debug)]
enum Equation {
    /// The form is the value.
    Is(Linear, Expr),
    /// The form is the value modulo the number, which is positive.
    Modulo(Linear, Poly, Expr),
    /// The one, xor the other, is the value.
    Xor(Linear, Linear, Expr),
}

/// The iterators as expressions of the values that the forms have; None if they cannot be told.
pub(super) fn solve(
    space: &Space,
    forms: &[Linear],
    values: &[Expr],
    make: Maker,
) -> Checked<Option<Vec<Expr>>> {
    // Whatever is said of an iteration may rely on there being one.
    let mut space = space.clone();
    for at in 0..space.axes.len() {
        let extent = space.axes[at].extent.clone();
        space.symbols.assume_positive(&extent);
    }
    let equations = forms.iter().cloned().zip(values.iter().cloned());
    let mut solver = Solver {
        space: &mut space,
        make,
        open: equations
            .map(|(form, value)| Equation::Is(form, value))
            .collect(),
        known: Vec::new(),
    };
    while solver.round()? {}
    solver.iterators()
}

struct Solver<'s> {
    space: &'s mut Space,
    make: Maker,
    open: Vec<Equation>,
    /// Pieces and their values. Those of iterators are digits of the space.
    known: Vec<(Piece, Expr)>,
}

impl Solver<'_> {
    /// Tries every open equation once; whether one was solved.
    fn round(&mut self) -> Checked<bool> {
        let mut progress = false;
        for equation in std::mem::take(&mut self.open) {
            if self.step(&equation)? {
                progress = true;
            } else {
                self.open.push(equation);
            }
        }
        Ok(progress)
    }

    /// Whether the equation has told what it can.
    fn step(&mut self, equation: &Equation) -> Checked<bool> {
        match equation {
            Equation::Is(form, value) => {
                let (open, known) = self.split(form)?;
                let value = self.make.minus(value.clone(), known);
                self.digits(&open, value)
            }
            Equation::Modulo(form, modulus, value) => {
                let (open, known) = self.split(form)?;
                let value = self.make.minus(value.clone(), known);
                self.residue(&open, modulus, value)
            }
            Equation::Xor(a, b, value) => {
                for (one, other) in [(a, b), (b, a)] {
                    let (open, known) = self.split(one)?;
                    if !open.terms.is_empty() {
                        continue;
                    }
                    let known = self.make.plus(known, self.poly(&open.constant));
                    let kind =
                        ExprKind::Binary(BinaryOp::Xor, Arc::new(value.clone()), Arc::new(known));
                    self.open
                        .push(Equation::Is(other.clone(), self.make.of(kind)));
                    return Ok(true);
                }
                Ok(false)
            }
        }
    }

    /// The terms that are not known yet with the constant, and the value of the others.
    fn split(&mut self, form: &Linear) -> Checked<(Linear, Expr)> {
        let mut open = Linear::constant(form.constant.clone());
        let mut known = self.make.int(0);
        for term in &form.terms {
            match self.value(&term.piece)? {
                Some(value) => {
                    let scaled = self.make.times(value, self.poly(&term.scale));
                    known = self.make.plus(known, scaled);
                }
                None => open.add(term)?,
            }
        }
        Ok((open, known))
    }

    /// All iterators, if all their digits are known.
    fn iterators(&mut self) -> Checked<Option<Vec<Expr>>> {
        let mut all = Vec::new();
        for at in 0..self.space.axes.len() {
            let id = iter_id(at);
            if self.space.axis(id).extent.is_one() {
                all.push(self.make.int(0));
                continue;
            }
            match self.of_digits(&Piece::whole(Atom::Iter(id)))? {
                Some(value) => all.push(value),
                None => return Ok(None),
            }
        }
        Ok(Some(all))
    }

    fn poly(&self, p: &Poly) -> Expr {
        written(&self.space.symbols.scalar(p), self.make.span)
    }
}
