//! The symbols of a converter and everything that is known about them.
//!
//! A symbol is a free size, the quotient of such, or a value that no polynomial expresses (`min(H, W)`). What is known
//! are lower bounds of symbols and facts: polynomials that are never negative.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::nest::Scalar;
use crate::sema::model::SizeId;

use super::points::Points;
use super::poly::{Checked, Monomial, Poly, SymbolId, TooLarge, gcd};
use super::prove::{self, Fact};

#[derive(Clone, Debug)]
struct Symbol {
    /// How to compute it.
    value: Scalar,
    /// How many operations and operands that takes.
    weight: usize,
    /// The smallest value it can have, if that is known.
    lower: Option<i128>,
    /// The numerator and the divisor, if it is a quotient.
    quotient: Option<(Poly, Poly)>,
    /// The size and the factor, if it is the size divided exactly.
    part_of: Option<(SizeId, i64)>,
}

/// The table of symbols, with facts. Copies share what they have in common.
#[derive(Clone, Debug)]
pub(crate) struct Symbols {
    list: Vec<Rc<Symbol>>,
    facts: Vec<Fact>,
    sizes: Vec<Poly>,
    /// Sizes at which the facts hold.
    points: Points,
    /// What was asked, and the answers.
    known: RefCell<FxHashMap<Poly, Answer>>,
    /// A number that only this table and its copies have, until something is added.
    state: u64,
    /// How much work proofs may still be.
    work: Cell<u64>,
}

/// Whether something is never negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Proved,
    /// Not proved in this state.
    Open(u64),
}

/// Steps of elimination for one converter: some tenths of a second. What is not proved by then stays open.
const WORK: u64 = 1 << 24;

thread_local! {
    static STATES: Cell<u64> = const { Cell::new(0) };
}

/// A number that no table had before.
fn new_state() -> u64 {
    let state = STATES.get() + 1;
    STATES.set(state);
    state
}

/// The most operations and operands of one symbol's value. Values hold those of the symbols that they are made of, so
/// that `a1 = min(a0, a0/2 + 1), a2 = min(a1, a1/2 + 1), …` would double at every step.
const MAX_WEIGHT: usize = 1 << 12;

impl Default for Symbols {
    fn default() -> Self {
        Symbols {
            list: Vec::new(),
            facts: Vec::new(),
            sizes: Vec::new(),
            points: Points::default(),
            known: RefCell::default(),
            state: 0,
            work: Cell::new(WORK),
        }
    }
}

impl Symbols {
    fn add(&mut self, value: Scalar, lower: Option<i128>) -> SymbolId {
        let id = SymbolId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.state = new_state();
        self.list.push(Rc::new(Symbol {
            weight: weight(&value),
            value,
            lower,
            quotient: None,
            part_of: None,
        }));
        id
    }

    fn symbol(&self, id: SymbolId) -> &Symbol {
        &self.list[id.0 as usize]
    }

    fn symbol_mut(&mut self, id: SymbolId) -> &mut Symbol {
        Rc::make_mut(&mut self.list[id.0 as usize])
    }

    /// The smallest value that a symbol can have, if that is known.
    fn lower(&self, id: SymbolId) -> Option<i128> {
        self.symbol(id).lower
    }

    /// The same table, with as much work left as another one has.
    pub(crate) fn worked_like(&self, other: &Symbols) -> Symbols {
        let mut symbols = self.clone();
        symbols.work = other.work.clone();
        symbols
    }

    /// Declares the next size as free, a multiple of `factor` (1 if nothing is known).
    pub(crate) fn free_size(&mut self, factor: i64) {
        let id = SizeId(u32::try_from(self.sizes.len()).unwrap_or(u32::MAX));
        let size = Scalar::Size(id);
        self.points.free();
        let poly = if factor == 1 {
            Poly::symbol(self.add(size, Some(0)))
        } else {
            let part = self.add(size.over(Scalar::Const(factor)), Some(0));
            self.symbol_mut(part).part_of = Some((id, factor));
            let product = Poly::symbol(part).times(&Poly::constant(factor));
            product.unwrap_or_else(|_| Poly::symbol(part))
        };
        self.sizes.push(poly);
    }

    /// Declares the next size as having a value.
    pub(crate) fn valued_size(&mut self, value: Poly) {
        self.sizes.push(value);
    }

    /// Gives a declared size a value.
    pub(crate) fn set_size(&mut self, id: SizeId, value: Poly) {
        self.sizes[id.index()] = value;
    }

    /// What the table knows, as a number: the same as before as long as there are no more symbols and facts.
    pub(crate) fn state(&self) -> u64 {
        self.state
    }

    /// How many sizes are declared.
    pub(crate) fn count(&self) -> usize {
        self.sizes.len()
    }

    /// The value of a size.
    pub(crate) fn size(&self, id: SizeId) -> Poly {
        self.sizes[id.index()].clone()
    }

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
        self.learn(p, &near);
    }

    /// Notes that `p >= 0`, and what follows from it for the lower bounds of these symbols. What defines a new symbol says
    /// nothing of others.
    fn learn(&mut self, p: Poly, near: &[SymbolId]) {
        let alone = p.as_bound();
        self.points.keep(&p);
        let fact = Fact::new(p, |id| self.lower(id));
        self.facts.push(fact);
        self.state = new_state();
        if let Some((symbol, bound)) = alone
            && self.lower(symbol).is_none_or(|known| known < bound.min(1))
        {
            self.raise(symbol, bound.min(1));
        }
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

    /// The part of `a` that `b` divides term by term, and what is left: `a = whole * b + rest`.
    pub(crate) fn divide_terms(&self, a: &Poly, b: &Poly) -> Checked<(Poly, Poly)> {
        if let Some(exact) = a.over(b) {
            return Ok((exact, Poly::zero()));
        }
        let (mut whole, mut rest) = (Poly::zero(), Poly::zero());
        // No term is a multiple of several.
        let (alone, together) = match b.terms().count() {
            1 => (a.clone(), Poly::zero()),
            _ => (Poly::zero(), a.clone()),
        };
        for (monomial, c) in alone.terms() {
            let term = Poly::term(monomial.clone(), c);
            let (part, left) = match (b.as_constant(), term.over(b)) {
                (Some(d), _) => {
                    // Truncation keeps the sign of a symbol's part; a number's rest is never negative.
                    let whole = if monomial.is_one() {
                        c.div_euclid(d)
                    } else {
                        c / d
                    };
                    (
                        Poly::term(monomial.clone(), whole),
                        Poly::term(monomial.clone(), c - whole * d),
                    )
                }
                (None, Some(part)) => (part, Poly::zero()),
                (None, None) => (Poly::zero(), term),
            };
            whole = whole.plus(&part)?;
            rest = rest.plus(&left)?;
        }
        rest = rest.plus(&together)?;
        for shift in [0, -1] {
            let base = rest.plus(&Poly::constant(-shift).times(b)?)?;
            if self.nonneg(&base) && self.lt(&base, b) {
                return Ok((whole.plus_constant(i128::from(shift))?, base));
            }
        }
        Ok((whole, rest))
    }

    /// `floor(a / b)` for `b >= 1`.
    pub(crate) fn quotient(&mut self, a: &Poly, b: &Poly) -> Checked<Poly> {
        if b.is_one() {
            return Ok(a.clone());
        }
        let (whole, rest) = self.divide_terms(a, b)?;
        if self.nonneg(&rest) && self.lt(&rest, b) {
            return Ok(whole);
        }
        let (rest, divisor) = reduce(rest, b);
        whole.plus(&self.quotient_symbol(rest, divisor)?)
    }

    fn quotient_symbol(&mut self, a: Poly, b: Poly) -> Checked<Poly> {
        let is = |symbol: &Symbol| {
            symbol
                .quotient
                .as_ref()
                .is_some_and(|(x, y)| *x == a && *y == b)
        };
        if let Some(known) = self.find(is) {
            return Ok(known);
        }
        self.within_weight(&[&a, &b])?;
        let lower = match self.nonneg(&a) {
            true => Some(0),
            // `ceil(H/S)` is one more than `(H - 1)/S`.
            false => self.nonneg(&a.plus(&b)?).then_some(-1),
        };
        let value = self.scalar(&a).over(self.scalar(&b));
        let id = self.add(value, lower);
        self.points
            .made([&a, &b], |[a, b]| (b > 0).then(|| a.div_euclid(b)));
        let q = Poly::symbol(id);
        let below = a.minus(&b.times(&q)?)?;
        let above = b.minus(&below)?.plus_constant(-1)?;
        self.symbol_mut(id).quotient = Some((a, b));
        self.learn(below, &[id]);
        self.learn(above, &[id]);
        Ok(q)
    }

    /// Whether a quotient that is no polynomial is in it.
    pub(crate) fn has_quotient(&self, p: &Poly) -> bool {
        let quotient = |id: SymbolId| self.symbol(id).quotient.is_some();
        p.terms().any(|(m, _)| m.symbols().any(quotient))
    }

    /// `a mod b` for `b >= 1`.
    pub(crate) fn remainder(&mut self, a: &Poly, b: &Poly) -> Checked<Poly> {
        let quotient = self.quotient(a, b)?;
        a.minus(&quotient.times(b)?)
    }

    /// The smaller of two.
    pub(crate) fn min(&mut self, a: &Poly, b: &Poly) -> Checked<Poly> {
        if self.le(a, b) {
            return Ok(a.clone());
        }
        if self.le(b, a) {
            return Ok(b.clone());
        }
        self.within_weight(&[a, b])?;
        let value = Scalar::min(vec![self.scalar(a), self.scalar(b)]);
        let lower = (self.nonneg(a) && self.nonneg(b)).then_some(0);
        let m = self.extreme(value, lower, [a, b], i64::min);
        self.assume(a.minus(&m)?);
        self.assume(b.minus(&m)?);
        Ok(m)
    }

    /// The larger of two.
    pub(crate) fn max(&mut self, a: &Poly, b: &Poly) -> Checked<Poly> {
        if self.le(a, b) {
            return Ok(b.clone());
        }
        if self.le(b, a) {
            return Ok(a.clone());
        }
        self.within_weight(&[a, b])?;
        let value = Scalar::max(vec![self.scalar(a), self.scalar(b)]);
        let lower = (self.nonneg(a) || self.nonneg(b)).then_some(0);
        let m = self.extreme(value, lower, [a, b], i64::max);
        self.assume(m.minus(a)?);
        self.assume(m.minus(b)?);
        Ok(m)
    }

    /// The symbol for the one of two that `pick` takes.
    fn extreme(
        &mut self,
        value: Scalar,
        lower: Option<i128>,
        of: [&Poly; 2],
        pick: fn(i64, i64) -> i64,
    ) -> Poly {
        if let Some(known) = self.known_value(&value) {
            return known;
        }
        self.points.made(of, |[a, b]| Some(pick(a, b)));
        Poly::symbol(self.add(value, lower))
    }

    /// The symbol for a value of sizes that no polynomial expresses.
    pub(crate) fn opaque(&mut self, value: Scalar, lower: Option<i128>) -> Poly {
        if let Some(known) = self.known_value(&value) {
            return known;
        }
        self.points.unknown();
        Poly::symbol(self.add(value, lower))
    }

    /// The symbol that has a value already.
    fn known_value(&self, value: &Scalar) -> Option<Poly> {
        self.find(|symbol| symbol.value == *value)
    }

    /// The first symbol of a kind.
    fn find(&self, is: impl Fn(&Symbol) -> bool) -> Option<Poly> {
        let at = self.list.iter().position(|symbol| is(symbol))?;
        let id = SymbolId(u32::try_from(at).unwrap_or(u32::MAX));
        Some(Poly::symbol(id))
    }

    /// Refuses to make one more symbol of these polynomials if its value would be too long.
    pub(crate) fn within_weight(&self, polys: &[&Poly]) -> Checked<()> {
        let terms = polys.iter().flat_map(|p| p.terms());
        let weight: usize = terms
            .map(|(monomial, _)| {
                let symbols = monomial.symbols();
                1 + symbols.map(|id| self.symbol(id).weight).sum::<usize>()
            })
            .sum();
        if weight > MAX_WEIGHT {
            return Err(TooLarge::Formula);
        }
        Ok(())
    }

    /// The polynomial as something to compute.
    pub(crate) fn scalar(&self, p: &Poly) -> Scalar {
        let mut terms: Vec<Scalar> = p.terms().map(|(m, c)| self.product(m, c)).collect();
        if let [term] = terms.as_mut_slice() {
            return std::mem::replace(term, Scalar::Const(0));
        }
        // Numbers read better behind names: `C - 1`.
        terms.rotate_left(usize::from(p.constant_part() != 0));
        Scalar::sum(terms)
    }

    fn product(&self, monomial: &Monomial, mut c: i128) -> Scalar {
        let mut factors = Vec::with_capacity(1 + monomial.degree());
        factors.push(Scalar::Const(1));
        for id in monomial.symbols() {
            let symbol = self.symbol(id);
            match symbol.part_of {
                Some((size, factor)) if c % i128::from(factor) == 0 => {
                    c /= i128::from(factor);
                    factors.push(Scalar::Size(size));
                }
                _ => factors.push(symbol.value.clone()),
            }
        }
        // Coefficients beyond 64 bits cannot occur in anything that is computed: see `Checked`.
        let c = i64::try_from(c).unwrap_or(if c < 0 { i64::MIN } else { i64::MAX });
        factors[0] = Scalar::Const(c);
        Scalar::product(factors)
    }
}

fn weight(value: &Scalar) -> usize {
    let mut count = 0;
    value.any(&mut |_| {
        count += 1;
        false
    });
    count
}

fn symbols_of(p: &Poly) -> Vec<SymbolId> {
    p.terms().flat_map(|(m, _)| m.symbols()).collect()
}

/// Cancels the common factor of a numerator and a constant divisor: `floor((4C + 2) / 16) = floor(C / 4)`.
fn reduce(a: Poly, b: &Poly) -> (Poly, Poly) {
    let Some(d) = b.as_constant() else {
        return (a, b.clone());
    };
    let constant = a.constant_part();
    let free = a.plus_constant(-constant).unwrap_or_default();
    let g = free.terms().fold(d, |g, (_, c)| gcd(g, c));
    let factor = Poly::zero().plus_constant(g).unwrap_or_default();
    let parts = free.over(&factor).zip(b.over(&factor));
    match parts {
        Some((free, divisor)) if g > 1 => {
            let sum = free.plus_constant(constant.div_euclid(g));
            (sum.unwrap_or_default(), divisor)
        }
        _ => (a, b.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols() -> (Symbols, Poly, Poly) {
        let mut s = Symbols::default();
        s.free_size(1);
        s.free_size(16);
        let (n, c) = (s.size(SizeId(0)), s.size(SizeId(1)));
        (s, n, c)
    }

    #[test]
    fn exact_multiples_divide() {
        let (mut s, _, c) = symbols();
        let sixteen = Poly::constant(16);
        let q = s.quotient(&c, &sixteen).unwrap();
        assert_eq!(q.terms().count(), 1);
        assert_eq!(s.remainder(&c, &sixteen).unwrap(), Poly::zero());
        let last = s.quotient(&c.plus_constant(-1).unwrap(), &sixteen).unwrap();
        assert_eq!(last, q.plus_constant(-1).unwrap());
        assert_eq!(s.scalar(&c), Scalar::Size(SizeId(1)));
    }

    #[test]
    fn output_extents_bound_sizes() {
        let (mut s, n, _) = symbols();
        let ceil = s
            .quotient(&n.plus_constant(15).unwrap(), &Poly::constant(16))
            .unwrap();
        assert!(!s.positive(&n));
        s.assume(ceil.plus_constant(-1).unwrap());
        assert!(s.positive(&n));
        assert!(s.le(&n, &ceil.times(&Poly::constant(16)).unwrap()));
    }
}
