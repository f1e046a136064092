//! A sum of digits with a value: quotients and remainders by the scales tell the digits apart.

use crate::index::linear::{Linear, Piece};
use crate::index::poly::{Checked, Poly};
use crate::sema::model::Expr;

use super::Solver;

/// A digit of an equation with a positive scale, counted from 0.
struct Unit {
    piece: Piece,
    scale: Poly,
    /// Its largest value.
    top: Poly,
    /// What it counts from: `piece = base + digit`, or `piece = base - digit`.
    base: Poly,
    down: bool,
}

impl Solver<'_> {
    /// Tells the digits of `form == value` apart.
    pub(super) fn digits(&mut self, form: &Linear, value: Expr) -> Checked<bool> {
        if form.terms.is_empty() {
            return Ok(true);
        }
        let Some((units, low)) = self.units(form)? else {
            return Ok(false);
        };
        let mut reach = Poly::zero();
        for unit in &units {
            if !self.space.symbols.lt(&reach, &unit.scale) {
                return Ok(false);
            }
            reach = reach.plus(&unit.scale.times(&unit.top)?)?;
        }
        let mut rest = self.make.minus(value, self.poly(&low));
        for unit in units.iter().rev() {
            let scale = self.poly(&unit.scale);
            let digit = self.make.over(rest.clone(), scale.clone());
            rest = self.make.modulo(rest, scale);
            let base = self.poly(&unit.base);
            let found = match unit.down {
                true => self.make.minus(base, digit),
                false => self.make.plus(digit, base),
            };
            self.learn(&unit.piece, found);
        }
        Ok(true)
    }

    /// The terms of a form as digits that are counted up from 0, by rising scale, and the smallest value of the form.
    fn units(&mut self, form: &Linear) -> Checked<Option<(Vec<Unit>, Poly)>> {
        let merged = self.space.merge(form)?;
        let mut low = merged.constant.clone();
        let mut units: Vec<Unit> = Vec::new();
        for term in &merged.terms {
            let range = self.space.piece_range(&term.piece)?;
            let (Some(min), Some(max)) = (range.min, range.max) else {
                return Ok(None);
            };
            let symbols = &self.space.symbols;
            let down = if symbols.positive(&term.scale) {
                false
            } else if symbols.positive(&term.scale.negated()) {
                true
            } else {
                return Ok(None);
            };
            let (base, scale) = match down {
                true => (max.clone(), term.scale.negated()),
                false => (min.clone(), term.scale.clone()),
            };
            low = low.plus(&base.times(&term.scale)?)?;
            units.push(Unit {
                piece: term.piece.clone(),
                scale,
                top: max.minus(&min)?,
                base,
                down,
            });
        }
        // By scale, as far as the scales compare.
        for at in 1..units.len() {
            let mut place = at;
            while place > 0
                && units[place].scale != units[place - 1].scale
                && self
                    .space
                    .symbols
                    .le(&units[place].scale, &units[place - 1].scale)
            {
                units.swap(place, place - 1);
                place -= 1;
            }
        }
        Ok(Some((units, low)))
    }
}
