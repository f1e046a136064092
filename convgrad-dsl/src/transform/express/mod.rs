//! From normal forms back to expressions that a person would have written.
//!
//! Sums are here; [`polynomial`] writes what is made of sizes, [`piece`] digits and whole values, [`condition`] tests.

mod condition;
mod piece;
mod polynomial;

pub(super) use condition::condition;

use std::cmp::Reverse;

use crate::index::linear::Linear;
use crate::index::poly::{Checked, Poly};
use crate::index::space::Space;
use crate::sema::model::{Expr, IterId};

use super::expr::Maker;

/// The most operations of one expression: values that are kept whole are written out wherever they are used.
const MAX_OPERATIONS: usize = 1 << 12;

/// What iterators stand for: themselves, or expressions of other ones.
pub(super) type Meaning<'m> = &'m dyn Fn(IterId) -> Expr;

/// Writes normal forms over a space.
pub(super) struct Writer<'s> {
    pub(super) space: &'s mut Space,
    pub(super) make: Maker,
    pub(super) iterators: Meaning<'s>,
    /// How many operations may still be written.
    budget: usize,
}

/// An expression, and whether it is to be subtracted.
type Signed = (bool, Expr);

impl<'s> Writer<'s> {
    pub(super) fn new(space: &'s mut Space, make: Maker, iterators: Meaning<'s>) -> Self {
        Self {
            space,
            make,
            iterators,
            budget: MAX_OPERATIONS,
        }
    }

    /// A form: what is added before what is subtracted, large scales before small ones, the constant between or behind.
    pub(super) fn linear(&mut self, form: &Linear) -> Checked<Expr> {
        let merged = self.space.merge(form)?;
        let (mut parts, constant) = self.parts(&merged)?;
        let constant = self.constant(&constant);
        // `H - 1 - h`, but `i - j - 1`.
        let leads = constant.iter().any(|(negative, _)| !negative);
        if leads {
            let at = parts.iter().take_while(|(negative, _)| !negative).count();
            let rest = parts.split_off(at);
            parts.extend(constant);
            parts.extend(rest);
        } else {
            parts.extend(constant);
        }
        Ok(self.sum(parts))
    }

    /// The scaled pieces, by falling scale, and the constant beside them.
    fn parts(&mut self, form: &Linear) -> Checked<(Vec<Signed>, Poly)> {
        let mut terms = form.terms.clone();
        terms.sort_by_key(|term| (is_negative(&term.scale), Reverse(weight(&term.scale))));
        let (mut parts, mut constant) = (Vec::new(), form.constant.clone());
        for term in &terms {
            let negative = is_negative(&term.scale);
            let scale = if negative {
                term.scale.negated()
            } else {
                term.scale.clone()
            };
            let (piece, beside) = self.piece(&term.piece)?;
            constant = constant.plus(&beside.times(&term.scale)?)?;
            parts.push((negative, self.scaled(piece, &scale)));
        }
        Ok((parts, constant))
    }

    fn sum(&self, parts: Vec<Signed>) -> Expr {
        let mut sum = None;
        for (negative, part) in parts {
            sum = Some(match (sum, negative) {
                (None, false) => part,
                (None, true) => self.make.negated(part),
                (Some(sum), false) => self.make.plus(sum, part),
                (Some(sum), true) => self.make.minus(sum, part),
            });
        }
        sum.unwrap_or_else(|| self.make.int(0))
    }

    /// `piece*H*W`: a product of sizes factor by factor.
    fn scaled(&self, piece: Expr, scale: &Poly) -> Expr {
        let factors = self.factors(scale).into_iter();
        factors.fold(piece, |product, factor| self.make.times(product, factor))
    }
}

/// Whether every coefficient is negative.
fn is_negative(p: &Poly) -> bool {
    p.terms().all(|(_, c)| c < 0)
}

/// By which scales are put in order: products of sizes before numbers, large numbers before small ones.
fn weight(p: &Poly) -> (usize, i128) {
    let degree = p.terms().map(|(m, _)| m.degree()).max();
    let size = p.terms().map(|(_, c)| c.abs()).max();
    (degree.unwrap_or(0), size.unwrap_or(0))
}
