//! What is known of symbols: taking it in, and answering from it.

use crate::index::poly::{Poly, SymbolId};
use crate::index::prove::{self, Fact};

use super::{Answer, Symbol, Symbols, new_state};

impl Symbols {
    /// Whether `p >= 0` for all sizes; false is "not proved".
    pub(crate) fn nonneg(&self, p: &Poly) -> bool {
        if let Some(value) = p.as_constant() {
            return value >= 0;
        }
        let lower = |id: SymbolId| self.lower(id);
        if prove::evident(p, lower) {
            return true;
        }
        match self.known.borrow().get(p) {
            Some(Answer::Proved) => return true,
            Some(Answer::Open(state)) if *state == self.state => return false,
            _ => {}
        }
        let proved = !self.points.refute(p) && prove::nonneg(p, &self.facts, lower, &self.work);
        let answer = match proved {
            true => Answer::Proved,
            false => Answer::Open(self.state),
        };
        self.known.borrow_mut().insert(p.clone(), answer);
        proved
    }

    /// Whether `p >= 1`.
    pub(crate) fn positive(&self, p: &Poly) -> bool {
        p.plus_constant(-1).is_ok_and(|p| self.nonneg(&p))
    }

    /// Whether `a <= b`.
    pub(crate) fn le(&self, a: &Poly, b: &Poly) -> bool {
        b.minus(a).is_ok_and(|p| self.nonneg(&p))
    }

    /// Whether `a < b`.
    pub(crate) fn lt(&self, a: &Poly, b: &Poly) -> bool {
        b.minus(a).is_ok_and(|p| self.positive(&p))
    }

    /// Notes that `p >= 0`, and what follows from it for the lower bounds of symbols.
    pub(crate) fn assume(&mut self, p: Poly) {
        if p.as_constant().is_some() || self.facts.iter().any(|fact| fact.is(&p)) {
            return;
        }
        // The symbols of the fact, and those of the quotients among them.
        let mut near = symbols_of(&p);
        for at in 0..near.len() {
            if let Some((a, b)) = &self.symbol(near[at]).quotient {
                near.extend(symbols_of(a));
                near.extend(symbols_of(b));
            }
        }
        near.sort_unstable();
        near.dedup();
        self.state = new_state();
        self.points.keep(&p);
        let alone = p.as_bound();
        self.note(p);
        if let Some((symbol, bound)) = alone
            && self.lower(symbol).is_none_or(|known| known < bound.min(1))
        {
            self.raise(symbol, bound.min(1));
        }
        self.raise_all(&near);
    }

    /// Notes what says what a new symbol is: that these are at least 0. At its points they are. Nothing follows from that for
    /// what was known before.
    pub(super) fn define(&mut self, symbol: SymbolId, facts: [Poly; 2]) {
        let state = self.state;
        facts.into_iter().for_each(|fact| self.note(fact));
        self.raise_all(&[symbol]);
        self.state = state;
    }

    fn note(&mut self, p: Poly) {
        let fact = Fact::new(p, |id| self.lower(id));
        self.facts.push(fact);
    }

    /// Raises the lower bounds of symbols as far as that can be shown.
    fn raise_all(&mut self, near: &[SymbolId]) {
        for _ in 0..2 {
            let mut changed = false;
            for &symbol in near {
                let bound = self.lower(symbol).unwrap_or(-1);
                let above = Poly::symbol(symbol).plus_constant(-bound - 1);
                if bound < 1 && above.is_ok_and(|p| self.nonneg(&p)) {
                    self.raise(symbol, bound + 1);
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
    }

    /// Raises the lower bound of a symbol.
    fn raise(&mut self, symbol: SymbolId, bound: i128) {
        self.symbol_mut(symbol).lower = Some(bound);
        let list = &self.list;
        let lower = |id: SymbolId| list[id.0 as usize].lower;
        for fact in &mut self.facts {
            fact.bounded(symbol, lower);
        }
        self.state = new_state();
    }

    /// Notes that `p >= 1`, and so every factor of it that cannot be negative.
    pub(crate) fn assume_positive(&mut self, p: &Poly) {
        // The factors first: with them, the product is evident.
        let factors = p.common_factor(p);
        for symbol in symbols_of(&factors) {
            let Symbol {
                lower, quotient, ..
            } = self.symbol(symbol);
            let quotient = quotient.clone();
            if *lower == Some(0) {
                self.assume(Poly::symbol(symbol).plus_constant(-1).unwrap_or_default());
            }
            // A quotient of at least 1 has a numerator that is not less than the divisor: `ceil(H*W/4)` says `H*W >= 1`.
            let gap = quotient.and_then(|(a, b)| a.minus(&b).ok());
            let constant = gap.as_ref().map_or(0, Poly::constant_part);
            if let Some(Ok(part)) = gap.map(|gap| gap.plus_constant(-constant))
                && constant < 0
                && part.as_constant().is_none()
            {
                self.assume_positive(&part);
            }
        }
        if let Ok(less) = p.plus_constant(-1) {
            self.assume(less);
        }
    }
}

/// The symbols of a polynomial, each as often as it occurs.
fn symbols_of(p: &Poly) -> Vec<SymbolId> {
    p.terms().flat_map(|(m, _)| m.symbols()).collect()
}
