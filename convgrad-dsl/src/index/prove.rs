//! Proves `p >= 0` for polynomials: by signs after shifting every symbol to its lower bound, then by Fourier-Motzkin
//! elimination over the facts, with every monomial as a variable of its own.

use std::cell::Cell;
use std::rc::Rc;

use super::eliminate::{contradictory, spend};
use super::poly::{Monomial, Poly, SymbolId};

/// The most facts taken from all, and the most products of them.
const MAX_FACTS: usize = 40;

/// A polynomial that is never negative, as proofs use it.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    poly: Poly,
    /// The same with every symbol shifted to its lower bound; None if a number leaves its range.
    shifted: Option<Poly>,
    /// Its symbols in order, each once.
    symbols: Rc<[SymbolId]>,
}

impl Fact {
    /// The fact `poly >= 0`.
    pub(super) fn new(poly: Poly, lower: impl Fn(SymbolId) -> Option<i128>) -> Self {
        Fact {
            shifted: shifted(&poly, lower),
            symbols: symbols_of(&poly).into(),
            poly,
        }
    }

    /// Whether it says `poly >= 0`.
    pub(super) fn is(&self, poly: &Poly) -> bool {
        self.poly == *poly
    }

    /// Takes note of a new lower bound.
    pub(super) fn bounded(&mut self, symbol: SymbolId, lower: impl Fn(SymbolId) -> Option<i128>) {
        if self.symbols.binary_search(&symbol).is_ok() {
            self.shifted = shifted(&self.poly, lower);
        }
    }
}

/// The symbols of a polynomial in order, each once.
fn symbols_of(p: &Poly) -> Vec<SymbolId> {
    let mut symbols: Vec<SymbolId> = Vec::new();
    for (monomial, _) in p.terms() {
        symbols.extend(monomial.symbols());
    }
    symbols.sort_unstable();
    symbols.dedup();
    symbols
}

/// The polynomial with every symbol counted from its lower bound.
fn shifted(p: &Poly, lower: impl Fn(SymbolId) -> Option<i128>) -> Option<Poly> {
    let bound = |symbol: SymbolId| lower(symbol).unwrap_or(0);
    let moves = |(monomial, _): (&Monomial, i128)| monomial.symbols().any(|s| bound(s) != 0);
    match p.terms().any(moves) {
        true => p.shifted(bound).ok(),
        false => Some(p.clone()),
    }
}

/// Whether nothing in `goal` can be negative.
pub(super) fn evident(goal: &Poly, lower: impl Fn(SymbolId) -> Option<i128>) -> bool {
    let nonneg = |symbol: SymbolId| lower(symbol).is_some_and(|bound| bound >= 0);
    goal.terms()
        .all(|(monomial, c)| c >= 0 && monomial.symbols().all(nonneg))
}

/// Whether `goal >= 0` follows from the lower bounds of the symbols and from `facts`.
/// False means "not proved". `work` is how many steps may still be taken, here and in later proofs.
pub(super) fn nonneg(
    goal: &Poly,
    facts: &[Fact],
    lower: impl Fn(SymbolId) -> Option<i128> + Copy,
    work: &Cell<u64>,
) -> bool {
    if let Some(value) = goal.as_constant() {
        return value >= 0;
    }
    let bounded = |m: &Monomial| m.symbols().all(|s| lower(s).is_some());
    let Some(goal) = shifted(goal, lower) else {
        return false;
    };
    let by_signs = |p: &Poly| p.terms().all(|(m, c)| c >= 0 && bounded(m));
    if by_signs(&goal) {
        return true;
    }
    if work.get() == 0 {
        return false;
    }
    let near = relevant(&goal, facts);
    // What a single fact says needs no elimination, which gives up where symbols are many.
    if (near.iter()).any(|fact| goal.minus(fact).is_ok_and(|rest| by_signs(&rest))) {
        return true;
    }
    spend(
        work,
        near.iter().map(|fact| 16 * fact.terms().count()).sum(),
    );
    let mut rows = with_products(&goal, near.into_iter().cloned().collect(), bounded);
    let Ok(negated) = goal.negated().plus_constant(-1) else {
        return false;
    };
    rows.push(negated);
    contradictory(&rows, bounded, work)
}

/// The facts that share symbols with the goal, directly or through other facts.
fn relevant<'f>(goal: &Poly, facts: &'f [Fact]) -> Vec<&'f Poly> {
    let mut symbols = symbols_of(goal);
    let mut taken = vec![false; facts.len()];
    let mut near = Vec::new();
    for _ in 0..3 {
        let known = symbols.clone();
        for (fact, taken) in facts.iter().zip(&mut taken) {
            let mentions = || fact.symbols.iter().any(|s| known.binary_search(s).is_ok());
            if !*taken && near.len() < MAX_FACTS && mentions() {
                *taken = true;
                symbols.extend(&*fact.symbols);
                near.push(fact);
            }
        }
        symbols.sort_unstable();
        symbols.dedup();
    }
    near.into_iter()
        .filter_map(|fact| fact.shifted.as_ref())
        .collect()
}

/// The facts and their products with the other factors of the goal's monomials.
fn with_products(
    goal: &Poly,
    mut rows: Vec<Poly>,
    bounded: impl Fn(&Monomial) -> bool,
) -> Vec<Poly> {
    let mut products: Vec<Poly> = Vec::new();
    for (m, _) in goal.terms().filter(|(m, _)| m.degree() > 1) {
        for fact in &rows {
            for (n, _) in fact.terms().filter(|(n, _)| !n.is_one()) {
                let room = products.len() < MAX_FACTS;
                let factor = m.over(n).filter(|f| room && !f.is_one() && bounded(f));
                let product = factor.and_then(|f| fact.times(&Poly::term(f, 1)).ok());
                products.extend(product.filter(|p| !products.contains(p)));
            }
        }
    }
    rows.extend(products);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORK: u64 = 1 << 20;

    fn s(n: u32) -> Poly {
        Poly::symbol(SymbolId(n))
    }

    fn lin(parts: &[(i64, &Poly)], c: i64) -> Poly {
        parts.iter().fold(Poly::constant(c), |sum, (k, p)| {
            sum.plus(&Poly::constant(*k).times(p).unwrap()).unwrap()
        })
    }

    fn proves(goal: &Poly, facts: &[Poly], lower: fn(SymbolId) -> Option<i128>) -> bool {
        let facts: Vec<Fact> = facts.iter().map(|p| Fact::new(p.clone(), lower)).collect();
        nonneg(goal, &facts, lower, &Cell::new(WORK))
    }

    #[test]
    fn signs_suffice_for_products() {
        let hw = s(0).times(&s(1)).unwrap();
        let goal = lin(&[(1, &hw), (-1, &s(0))], 0);
        assert!(proves(&goal, &[], |_| Some(1)));
        assert!(!proves(&goal, &[], |_| Some(0)));
    }

    /// q = floor(C/16), m = floor((C-1)/15), C >= 1: m >= q always.
    #[test]
    fn quotients_compare() {
        let (c, q, m) = (s(0), s(1), s(2));
        let facts = [
            lin(&[(1, &c), (-16, &q)], 0),
            lin(&[(16, &q), (-1, &c)], 15),
            lin(&[(1, &c), (-15, &m)], -1),
            lin(&[(15, &m), (-1, &c)], 15),
        ];
        let lower = |s: SymbolId| Some(i128::from(s.0 == 0));
        assert!(proves(&lin(&[(1, &m), (-1, &q)], 0), &facts, lower));
        assert!(!proves(&lin(&[(1, &q), (-1, &m)], 0), &facts, lower));
    }

    #[test]
    fn facts_multiply() {
        let (c, q, w) = (s(0), s(1), s(2));
        let facts = [lin(&[(1, &c), (-16, &q)], 0)];
        let goal = lin(
            &[(1, &c.times(&w).unwrap()), (-16, &q.times(&w).unwrap())],
            0,
        );
        assert!(proves(&goal, &facts, |_| Some(0)));
    }
}
