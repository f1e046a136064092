//! Sizes at which everything that is known holds. A claim that fails at one of them needs no attempt at a proof.

use std::cell::RefCell;
use std::rc::Rc;

use smallvec::SmallVec;

use super::poly::{Monomial, Poly, SymbolId};

/// How many there are at first, and how many are kept in the end. What `requires` states leaves few of those that are chosen
/// without a plan, so that more are chosen where there is such.
const MANY: usize = 128;
const ENOUGH: usize = 64;

/// A value for every point.
type Column = Rc<[i64]>;

/// What stands for a value that is not computed here, or too large.
const UNKNOWN: i64 = i64::MIN;

thread_local! {
    /// The columns of free symbols, which are the same in all tables.
    static FREE: RefCell<Vec<Column>> = const { RefCell::new(Vec::new()) };
}

/// Points: a value for every symbol. Those at which a fact fails are left out as facts come.
#[derive(Clone, Debug)]
pub(super) struct Points {
    /// The values of each symbol.
    columns: Vec<Column>,
    /// The points that are left.
    left: Vec<u16>,
    /// The symbols that facts and other symbols look at, a bit each: their values stay as they are.
    used: u64,
}

impl Default for Points {
    fn default() -> Self {
        Points {
            columns: Vec::new(),
            left: (0..ENOUGH as u16).collect(),
            used: 0,
        }
    }
}

impl Points {
    /// Points of which many are to be left out by what is required.
    pub(super) fn many() -> Self {
        Points {
            left: (0..MANY as u16).collect(),
            ..Points::default()
        }
    }

    /// Leaves no more than are enough: all that is required is known.
    pub(super) fn settle(&mut self) {
        if self.left.iter().all(|at| usize::from(*at) < ENOUGH) {
            return;
        }
        self.left.truncate(ENOUGH);
        for column in &mut self.columns {
            *column = self
                .left
                .iter()
                .map(|at| column[usize::from(*at)])
                .collect();
        }
        self.left = (0..self.left.len() as u16).collect();
    }

    /// Values for a symbol that may have any that is not negative.
    pub(super) fn free(&mut self) {
        let symbol = self.columns.len();
        let column = FREE.with_borrow_mut(|free| {
            while free.len() <= symbol {
                let symbol = free.len() as u64;
                free.push(
                    (0..MANY as u64)
                        .map(|point| choose(point, symbol))
                        .collect(),
                );
            }
            free[symbol].clone()
        });
        self.columns.push(column);
    }

    /// The values of a symbol that is made of others; `value` computes it from those of polynomials. Points at which it has
    /// none are left out.
    pub(super) fn made<const N: usize>(
        &mut self,
        parts: [&Poly; N],
        value: impl Fn([i64; N]) -> Option<i64>,
    ) {
        parts.iter().for_each(|part| self.uses(part));
        let mut column = vec![UNKNOWN; self.width()];
        let mut left = std::mem::take(&mut self.left);
        let parts = parts.map(|part| self.values(part));
        left.retain(|&point| {
            let point = usize::from(point);
            let parts = parts.each_ref().map(|part| part.as_ref()?.at(point));
            let known = parts.iter().all(Option::is_some);
            let made = known.then(|| value(parts.map(Option::unwrap_or_default)));
            made.flatten().is_some_and(|made| {
                column[point] = made;
                true
            })
        });
        drop(parts);
        self.left = left;
        self.push_fixed(column);
    }

    /// The values of a symbol of which nothing is known here.
    pub(super) fn unknown(&mut self) {
        self.push_fixed(vec![UNKNOWN; self.width()]);
    }

    /// Values that say what a symbol is, and are not raised.
    fn push_fixed(&mut self, column: Vec<i64>) {
        self.used |= u32::try_from(self.columns.len()).map_or(0, bit);
        self.columns.push(column.into());
    }

    /// Leaves out where a new fact fails. A lower bound of a symbol that nothing else looks at yet is no reason for that: its
    /// values are raised.
    pub(super) fn keep(&mut self, fact: &Poly) {
        let bound = fact.as_bound().filter(|(symbol, _)| !self.is_used(*symbol));
        self.uses(fact);
        if let Some((symbol, bound)) = bound
            && let Ok(bound) = i64::try_from(bound)
            && let Some(column) = self.columns.get_mut(symbol.0 as usize)
        {
            *column = column.iter().map(|value| bound.max(*value)).collect();
        }
        let mut left = std::mem::take(&mut self.left);
        match self.values(fact) {
            Some(values) => left.retain(|&point| {
                let value = values.at(usize::from(point));
                value.is_some_and(|value| value >= 0)
            }),
            None => left.clear(),
        }
        self.left = left;
    }

    /// Whether `goal >= 0` fails somewhere.
    pub(super) fn refute(&self, goal: &Poly) -> bool {
        let negative = |values: &Values, point: u16| {
            let value = values.at(usize::from(point));
            value.is_some_and(|value| value < 0)
        };
        let values = self.values(goal);
        values.is_some_and(|values| self.left.iter().any(|&point| negative(&values, point)))
    }

    /// As many values as a column needs.
    fn width(&self) -> usize {
        self.left.last().map_or(0, |last| usize::from(*last) + 1)
    }

    fn uses(&mut self, p: &Poly) {
        let symbols = p.terms().flat_map(|(monomial, _)| monomial.symbols());
        for symbol in symbols {
            self.used |= bit(symbol.0);
        }
    }

    fn is_used(&self, symbol: SymbolId) -> bool {
        self.used & bit(symbol.0) != 0 || bit(symbol.0) == 0
    }

    /// A polynomial, to be computed; None if it has a number beyond 64 bits.
    fn values(&self, p: &Poly) -> Option<Values<'_>> {
        let term = |(monomial, c): (&Monomial, i128)| {
            let columns = monomial.symbols().map(|s| self.columns.get(s.0 as usize));
            let columns = columns.map(|column| column.map(|column| &**column));
            Some((i64::try_from(c).ok()?, columns.collect::<Option<_>>()?))
        };
        Some(Values(p.terms().map(term).collect::<Option<_>>()?))
    }
}

/// The bit of a symbol; none of those beyond 64.
fn bit(symbol: u32) -> u64 {
    1u64.checked_shl(symbol).unwrap_or(0)
}

/// A number, and the values of the symbols that it is multiplied with.
type Term<'p> = (i64, SmallVec<[&'p [i64]; 8]>);

/// The terms of a polynomial.
struct Values<'p>(SmallVec<[Term<'p>; 4]>);

impl Values<'_> {
    /// The value at a point; None beyond 64 bits, or where a symbol has none.
    fn at(&self, point: usize) -> Option<i64> {
        self.0.iter().try_fold(0i64, |sum, (c, columns)| {
            let mut values = columns.iter().map(|column| column[point]);
            let term = values.try_fold(*c, |product, value| match value {
                UNKNOWN => None,
                value => product.checked_mul(value),
            });
            sum.checked_add(term?)
        })
    }
}

/// The value of a free symbol at a point: the same for all symbols at the first points, then numbers of all magnitudes.
fn choose(point: u64, symbol: u64) -> i64 {
    let mixed = mix(point.wrapping_mul(0x9e37_79b9) ^ mix(symbol + 1));
    let (kind, number) = ((mixed >> 40) % 8, (mixed % 1000) as i64);
    match (point, kind) {
        (0..3, _) => point as i64,
        (3, _) => 16,
        (_, 0..2) => 0,
        (_, 2..4) => 1,
        (_, 4..6) => 1 + number % 8,
        _ => 10 + number,
    }
}

/// Scatters the bits of a number.
fn mix(number: u64) -> u64 {
    let spread = (number ^ (number >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (spread ^ (spread >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_of_what_is_free_cost_no_points() {
        let [n, q] = [0, 1].map(|symbol| Poly::symbol(SymbolId(symbol)));
        let mut points = Points::many();
        points.free();
        points.keep(&n.plus_constant(-2).unwrap());
        assert_eq!(points.left.len(), MANY);
        assert!(!points.refute(&n.plus_constant(-2).unwrap()));
        assert!(points.refute(&n.plus_constant(-3).unwrap()));
        // What is made of others stays what it is.
        points.made([&n], |[n]| Some(n - 3));
        points.keep(&q);
        assert!(points.left.len() < MANY && !points.refute(&n.plus_constant(-3).unwrap()));
        let all = points.clone();
        points.settle();
        assert!(points.left.len() <= ENOUGH && points.left.len() <= all.left.len());
        let gap = n.minus(&q).unwrap().plus_constant(-3).unwrap();
        assert!(!points.refute(&gap) && !points.refute(&gap.negated()));
    }

    #[test]
    fn a_claim_that_fails_somewhere_is_refuted_and_one_that_follows_is_not() {
        let (n, m, q) = (SymbolId(0), SymbolId(1), SymbolId(2));
        let [n, m, q] = [n, m, q].map(Poly::symbol);
        let mut points = Points::default();
        points.free();
        points.free();
        points.made([&n], |[n]| Some(n.div_euclid(4)));
        let rest = n.minus(&q.times(&Poly::constant(4)).unwrap()).unwrap();
        assert!(!points.refute(&rest));
        let less = rest.negated().plus_constant(3).unwrap();
        assert!(!points.refute(&less));
        assert!(points.refute(&rest.plus_constant(-1).unwrap()));
        let order = n.minus(&m).unwrap();
        assert!(points.refute(&order) && points.refute(&order.negated()));
        points.keep(&order);
        assert!(!points.refute(&order) && points.refute(&order.negated()));
        points.unknown();
        assert!(!points.refute(&Poly::symbol(SymbolId(3))));
    }
}
