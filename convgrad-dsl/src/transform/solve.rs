//! Digit inversion: which iteration an index belongs to.
//!
//! An equation says that a sum of digits is a value: `16*c1 + c0 == w`. As long as the smaller digits together stay below
//! the scale of the next larger one, quotient and remainder tell the digits apart: `c1 = w/16`, `c0 = w % 16`. A digit that
//! is counted down is told by its complement; what is already known of a sum moves to the other side. Sums that were
//! taken modulo something are equations modulo that, and give their digits if these do not go round.
//!
//! What is found holds for every iteration that has these indices. Which indices there are is not asked here.

use crate::index::linear::{Atom, Linear, Opaque, OpaqueId, Piece};
use crate::index::poly::{Checked, Poly, gcd};
use crate::index::space::Space;
use crate::sema::model::{BinaryOp, Expr, ExprKind};
use crate::sema::written::written;

use super::expr::{Maker, iter_id};
use super::express::Writer;

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
                        ExprKind::Binary(BinaryOp::Xor, Box::new(value.clone()), Box::new(known));
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

    /// The value of a piece, if it is known.
    fn value(&mut self, piece: &Piece) -> Checked<Option<Expr>> {
        if let Some((_, value)) = self.known.iter().find(|(known, _)| known == piece) {
            return Ok(Some(value.clone()));
        }
        match piece.atom {
            Atom::Iter(_) => self.of_digits(piece),
            Atom::Opaque(id) => self.of_operands(id, piece),
        }
    }

    /// A piece of an iterator from its digits.
    fn of_digits(&mut self, piece: &Piece) -> Checked<Option<Expr>> {
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

    fn poly(&self, p: &Poly) -> Expr {
        written(&self.space.symbols.scalar(p), self.make.span)
    }

    /// Tells the digits of `form == value` apart.
    fn digits(&mut self, form: &Linear, value: Expr) -> Checked<bool> {
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

    /// Tells the digits of `form == value (mod modulus)` apart, if the form does not go round.
    fn residue(&mut self, form: &Linear, modulus: &Poly, value: Expr) -> Checked<bool> {
        if form.terms.is_empty() {
            return Ok(true);
        }
        let make = self.make;
        let value = make.minus(value, self.poly(&form.constant));
        let mut open = Linear {
            constant: Poly::zero(),
            terms: form.terms.clone(),
        };
        let mut factor = make.int(1);
        // A stride that is coprime to the modulus can be undone.
        let strides: Option<Vec<i128>> = form.terms.iter().map(|t| t.scale.as_constant()).collect();
        if let (Some(strides), Some(d)) = (strides, modulus.as_constant()) {
            let stride = strides.into_iter().fold(0, gcd);
            match inverse_modulo(stride, d) {
                Some(inverse) if stride > 1 => {
                    let stride = Poly::zero().plus_constant(stride)?;
                    for term in &mut open.terms {
                        term.scale = term.scale.over(&stride).unwrap_or_default();
                    }
                    factor = make.int(inverse);
                }
                _ => {}
            }
        }
        let range = self.space.range(&open)?;
        let (Some(min), Some(max)) = (range.min, range.max) else {
            return Ok(false);
        };
        if !self.space.symbols.lt(&max.minus(&min)?, modulus) {
            return self.carried(form, modulus, value);
        }
        let min = self.poly(&min);
        let from_min = make.minus(make.times(value, factor), min.clone());
        let value = make.plus(make.modulo(from_min, self.poly(modulus)), min);
        self.open.push(Equation::Is(open, value));
        Ok(true)
    }

    /// The upper part of a sum modulo something, where the lower part is known: then the sum is known modulo the product.
    /// `value` is without the constant of the form.
    fn carried(&mut self, form: &Linear, modulus: &Poly, value: Expr) -> Checked<bool> {
        let [term] = form.terms.as_slice() else {
            return Ok(false);
        };
        let Atom::Opaque(id) = term.piece.atom else {
            return Ok(false);
        };
        let low = self.lowest(term.piece.atom);
        let (Opaque::Sum(sum), Some((low, Some(below)))) = (self.space.opaque(id).clone(), low)
        else {
            return Ok(false);
        };
        if !term.scale.is_one() || term.piece.hi.is_some() || term.piece.lo != below {
            return Ok(false);
        }
        let high = self.make.times(value, self.poly(&below));
        let value = self.make.plus(high, low);
        self.open
            .push(Equation::Modulo(sum, below.times(modulus)?, value));
        Ok(true)
    }

    /// Notes the value of a piece, and what follows from it.
    fn learn(&mut self, piece: &Piece, value: Expr) {
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
    fn lowest(&self, atom: Atom) -> Option<(Expr, Option<Poly>)> {
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
}

/// The number in `0..d` whose product with `a` is 1 modulo `d`; None if they have a common factor.
fn inverse_modulo(a: i128, d: i128) -> Option<i64> {
    let (mut r, mut next_r) = (d, a.rem_euclid(d.max(1)));
    let (mut t, mut next_t) = (0i128, 1i128);
    while next_r != 0 {
        let q = r / next_r;
        (r, next_r) = (next_r, r - q * next_r);
        (t, next_t) = (next_t, t - q * next_t);
    }
    (r == 1)
        .then(|| i64::try_from(t.rem_euclid(d)).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::inverse_modulo;

    #[test]
    fn inverses() {
        for d in 1..40 {
            for a in 1..40 {
                let found = inverse_modulo(a, d);
                assert_eq!(found.is_some(), gcd(a, d) == 1, "{a} mod {d}");
                if let Some(b) = found {
                    assert_eq!(a * i128::from(b) % d, 1 % d);
                }
            }
        }
    }

    fn gcd(a: i128, b: i128) -> i128 {
        if b == 0 { a } else { gcd(b, a % b) }
    }
}
