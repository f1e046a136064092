//! Quotient and remainder of a form, found together so that they stay consistent.

use super::linear::{Atom, Linear, Opaque, Piece, Term};
use super::poly::{Checked, Poly};
use super::space::Space;

const MAX_DEPTH: usize = 24;

impl Space {
    /// `(form / divisor, form % divisor)` for a divisor that is at least 1.
    pub(crate) fn divmod(&mut self, form: &Linear, divisor: &Poly) -> Checked<(Linear, Linear)> {
        self.divmod_at(form, divisor, 0)
    }

    fn divmod_at(&mut self, form: &Linear, d: &Poly, depth: usize) -> Checked<(Linear, Linear)> {
        if d.is_one() {
            return Ok((form.clone(), Linear::default()));
        }
        let (mut quotient, mut rest) = self.whole_part(form, d)?;
        if let Some(block) = self.block(&rest, d)? {
            quotient.constant = quotient.constant.plus(&block)?;
            rest.constant = rest.constant.minus(&block.times(d)?)?;
            return Ok((quotient, rest));
        }
        let found = match self.split_carry_free(&rest, d, depth)? {
            Some(found) => Some(found),
            None => self.cut_single(&rest, d)?,
        };
        let (more, remainder) = match found {
            Some(found) => found,
            None => self.keep_sum(rest, d)?,
        };
        Ok((quotient.plus(&more)?, remainder))
    }

    /// Moves what the divisor divides exactly to the quotient.
    fn whole_part(&mut self, form: &Linear, d: &Poly) -> Checked<(Linear, Linear)> {
        let (mut quotient, mut rest) = (Linear::default(), Linear::default());
        for term in &form.terms {
            let whole = match (term.scale.as_constant(), d.as_constant()) {
                // Truncation keeps the sign of what is left: `-x` must not become `15x - 16x`.
                (Some(s), Some(d)) => Some(Poly::zero().plus_constant(s / d)?),
                _ => term.scale.over(d),
            };
            let whole = whole.unwrap_or_default();
            let left = term.scale.minus(&whole.times(d)?)?;
            for (target, scale) in [(&mut quotient, whole), (&mut rest, left)] {
                if !scale.is_zero() {
                    target.add(&Term {
                        piece: term.piece.clone(),
                        scale,
                    })?;
                }
            }
        }
        (quotient.constant, rest.constant) = self.symbols.divide_terms(&form.constant, d)?;
        Ok((quotient, rest))
    }

    /// The k for which the whole range lies in `[k d, (k+1) d)`, if it is 0 or -1 or a number.
    fn block(&mut self, rest: &Linear, d: &Poly) -> Checked<Option<Poly>> {
        let range = self.range(rest)?;
        let Some((min, max)) = range.min.zip(range.max) else {
            return Ok(None);
        };
        let mut candidates = vec![Poly::zero(), Poly::constant(-1)];
        if let (Some(min), Some(d)) = (min.as_constant(), d.as_constant()) {
            candidates.push(Poly::zero().plus_constant(min.div_euclid(d))?);
        }
        for k in candidates {
            let start = k.times(d)?;
            if self.symbols.le(&start, &min) && self.symbols.lt(&max, &start.plus(d)?) {
                return Ok(Some(k));
            }
        }
        Ok(None)
    }

    /// Finds an `m` that divides the divisor and the scales of some terms, while all the others together stay in
    /// `[0, m)`: then these cannot carry, and the rest is divided by `d / m`.
    fn split_carry_free(
        &mut self,
        rest: &Linear,
        d: &Poly,
        depth: usize,
    ) -> Checked<Option<(Linear, Linear)>> {
        if depth > MAX_DEPTH {
            return Ok(None);
        }
        let mut candidates: Vec<Poly> = Vec::new();
        let scales: Vec<Poly> = rest.terms.iter().map(|t| t.scale.clone()).collect();
        for (at, a) in scales.iter().enumerate() {
            let first = a.common_factor(d);
            candidates.push(first.clone());
            candidates.extend(scales[at + 1..].iter().map(|b| first.common_factor(b)));
        }
        candidates.retain(|m| !m.is_one() && d.over(m).is_some() && self.symbols.positive(m));
        candidates.sort_unstable();
        candidates.dedup();
        for m in candidates {
            let (mut high, mut low) = (Linear::default(), Linear::default());
            for term in &rest.terms {
                let part = if term.scale.over(&m).is_some() {
                    &mut high
                } else {
                    &mut low
                };
                part.add(term)?;
            }
            let (carried, left) = self.symbols.divide_terms(&rest.constant, &m)?;
            low.constant = left;
            let range = self.range(&low)?;
            let fits = range.min.is_some_and(|min| self.symbols.nonneg(&min))
                && range.max.is_some_and(|max| self.symbols.lt(&max, &m));
            if !fits {
                self.expose(&low, &m)?;
                continue;
            }
            let mut scaled = Linear::constant(carried);
            for term in &high.terms {
                scaled.add(&Term {
                    piece: term.piece.clone(),
                    scale: term.scale.over(&m).unwrap_or_default(),
                })?;
            }
            let Some(smaller) = d.over(&m) else { continue };
            let (quotient, remainder) = self.divmod_at(&scaled, &smaller, depth + 1)?;
            return Ok(Some((quotient, remainder.times(&m)?.plus(&low)?)));
        }
        Ok(None)
    }

    /// Cuts a digit that is too large not to carry, so that the next pass finds its low part apart.
    fn expose(&mut self, low: &Linear, m: &Poly) -> Checked<()> {
        let [term] = low.terms.as_slice() else {
            return Ok(());
        };
        let Atom::Iter(id) = term.piece.atom else {
            return Ok(());
        };
        let at = term.piece.lo.times(m)?;
        let nests = term
            .piece
            .hi
            .as_ref()
            .is_none_or(|hi| hi.over(&at).is_some());
        if term.scale.is_one() && low.constant.is_zero() && nests && !self.axis(id).whole {
            self.cut(id, &at);
        }
        Ok(())
    }

    /// One term of scale 1 is cut; one of scale -1 too, if the constant makes it the exact reversal.
    fn cut_single(&mut self, rest: &Linear, d: &Poly) -> Checked<Option<(Linear, Linear)>> {
        let [term] = rest.terms.as_slice() else {
            return Ok(None);
        };
        let piece = &term.piece;
        let at = piece.lo.times(d)?;
        let nests = piece.hi.as_ref().is_none_or(|hi| hi.over(&at).is_some());
        let forward = term.scale.is_one() && rest.constant.is_zero();
        let last = rest.constant.plus_constant(1)?;
        let backward = term.scale.as_constant() == Some(-1) && last.over(d).is_some();
        if !nests || !(forward || backward) {
            if let (Atom::Iter(id), true) = (piece.atom, forward || backward) {
                self.cut(id, &at);
            }
            return Ok(None);
        }
        if let Atom::Iter(id) = piece.atom {
            if self.axis(id).whole {
                return Ok(None);
            }
            self.cut(id, &at);
        }
        let high = Linear::piece(Piece {
            lo: at.clone(),
            ..piece.clone()
        });
        let low = Linear::piece(Piece {
            hi: Some(at),
            ..piece.clone()
        });
        if forward {
            return Ok(Some((high, low)));
        }
        // c - p with c = d (k + 1) - 1 is d (k - high) + (d - 1 - low).
        let k = last.over(d).unwrap_or_default().plus_constant(-1)?;
        let top = d.plus_constant(-1)?;
        let quotient = Linear::constant(k).minus(&high)?;
        Ok(Some((quotient, Linear::constant(top).minus(&low)?)))
    }

    /// Keeps the sum whole; quotient and remainder are pieces of it. Its constant is brought into `[0, d)`, so that a
    /// rotation by any amount crosses two blocks at most.
    fn keep_sum(&mut self, mut rest: Linear, d: &Poly) -> Checked<(Linear, Linear)> {
        let whole = self.symbols.quotient(&rest.constant, d)?;
        rest.constant = rest.constant.minus(&whole.times(d)?)?;
        let range = self.range(&rest)?;
        let sum = self.keep(Opaque::Sum(rest), range)?;
        let high = Piece {
            lo: d.clone(),
            ..sum.clone()
        };
        let low = Piece {
            hi: Some(d.clone()),
            ..sum
        };
        let quotient = Linear::piece(high).plus(&Linear::constant(whole))?;
        Ok((quotient, Linear::piece(low)))
    }
}
