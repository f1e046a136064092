//! Sizes at which everything that is known holds. A claim that fails at one of them needs no attempt at a proof.

use std::rc::Rc;

use smallvec::SmallVec;

use super::poly::{Monomial, Poly};

/// How many there are at first: one a bit of [`Points::alive`].
const MOST: usize = 64;

/// A value for every point.
type Column = [i64; MOST];

/// What stands for a value that is not computed here, or too large.
const UNKNOWN: i64 = i64::MIN;

/// Points: a value for every symbol. Those at which a fact fails are left out as facts come.
#[derive(Clone, Debug)]
pub(super) struct Points {
    /// The values of each symbol.
    columns: Vec<Rc<Column>>,
    /// Which points are left, a bit each.
    alive: u64,
}

impl Default for Points {
    fn default() -> Self {
        Points {
            columns: Vec::new(),
            alive: u64::MAX,
        }
    }
}

impl Points {
    /// Values for a symbol that may have any that is not negative.
    pub(super) fn free(&mut self) {
        let symbol = self.columns.len() as u64;
        let column = std::array::from_fn(|point| choose(point as u64, symbol));
        self.columns.push(Rc::new(column));
    }

    /// The values of a symbol that is made of others; `value` computes it from those of polynomials.
    pub(super) fn made<const N: usize>(
        &mut self,
        parts: [&Poly; N],
        value: impl Fn([i64; N]) -> Option<i64>,
    ) {
        let mut column = [UNKNOWN; MOST];
        let parts = parts.map(|part| self.values(part));
        for point in self.points() {
            let parts = parts.each_ref().map(|part| part.as_ref()?.at(point));
            if parts.iter().all(Option::is_some)
                && let Some(made) = value(parts.map(Option::unwrap_or_default))
            {
                column[point] = made;
            }
        }
        drop(parts);
        self.columns.push(Rc::new(column));
    }

    /// The values of a symbol of which nothing is known here.
    pub(super) fn unknown(&mut self) {
        self.columns.push(Rc::new([UNKNOWN; MOST]));
    }

    /// Leaves out where a new fact fails.
    pub(super) fn keep(&mut self, fact: &Poly) {
        let mut alive = 0;
        if let Some(values) = self.values(fact) {
            for point in self.points() {
                let holds = values.at(point).is_some_and(|value| value >= 0);
                alive |= u64::from(holds) << point;
            }
        }
        self.alive = alive;
    }

    /// Whether `goal >= 0` fails somewhere.
    pub(super) fn refute(&self, goal: &Poly) -> bool {
        self.values(goal).is_some_and(|values| {
            let negative = |point| values.at(point).is_some_and(|value| value < 0);
            self.points().any(negative)
        })
    }

    /// The points that are left.
    fn points(&self) -> impl Iterator<Item = usize> + use<> {
        let alive = self.alive;
        (0..MOST).filter(move |point| alive >> point & 1 == 1)
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

/// A number, and the values of the symbols that it is multiplied with.
type Term<'p> = (i64, SmallVec<[&'p Column; 8]>);

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
        // Seven of eight are positive, since products of many sizes have to be.
        (_, 0) => 0,
        (_, 1..4) => 1,
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
    use crate::index::poly::SymbolId;

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
