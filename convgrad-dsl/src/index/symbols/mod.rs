//! The symbols of a converter and everything that is known about them.
//!
//! A symbol is a free size, the quotient of such, or a value that no polynomial expresses (`min(H, W)`). What is known
//! are lower bounds of symbols and facts: polynomials that are never negative.
//!
//! The table itself is here. [`facts`] takes in what is known and answers from it; [`quotient`] and [`extreme`] make
//! symbols where polynomials do not suffice; [`value`] says how symbols and polynomials of them are computed.

mod extreme;
mod facts;
mod quotient;
mod value;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::nest::Scalar;
use crate::sema::model::SizeId;

use super::points::Points;
use super::poly::{Poly, SymbolId};
use super::prove::Fact;

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
    /// A number that only this table and its copies have, until more is known of what they have.
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
    /// A table of sizes of which something is required.
    pub(crate) fn restricted() -> Self {
        Symbols {
            points: Points::many(),
            ..Symbols::default()
        }
    }

    /// All that is required of the sizes is known.
    pub(crate) fn settle(&mut self) {
        self.points.settle();
    }

    fn add(&mut self, value: Scalar, lower: Option<i128>) -> SymbolId {
        let id = SymbolId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(Rc::new(Symbol {
            weight: value::weight(&value),
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

    /// What the table knows, as a number: the same as before as long as there are no more facts. What only says what a new
    /// symbol is says nothing of others.
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

    /// The first symbol of a kind.
    fn find(&self, is: impl Fn(&Symbol) -> bool) -> Option<Poly> {
        let at = self.list.iter().position(|symbol| is(symbol))?;
        let id = SymbolId(u32::try_from(at).unwrap_or(u32::MAX));
        Some(Poly::symbol(id))
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
