//! Products of symbols. Nearly all have few factors, which are kept in one number.

use std::cmp::Ordering;
use std::rc::Rc;

use super::poly::SymbolId;

/// How many factors need no memory of their own.
const FEW: usize = 8;

/// Symbols from this one on do not fit a byte; the largest byte is left for the end of a product.
const LARGE: u32 = u8::MAX as u32 - 1;

/// A product of symbols, sorted, with repetition; the empty product is 1.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Monomial(Factors);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Factors {
    /// Small symbols, a byte each with the symbol's number plus 1, the first in the highest byte: the order of these
    /// numbers is that of the products.
    Few(u64),
    /// What does not fit.
    Many(Rc<Vec<SymbolId>>),
}

impl Monomial {
    /// The product of sorted symbols.
    pub(super) fn of(symbols: impl IntoIterator<Item = SymbolId>) -> Monomial {
        let mut few = [0; FEW];
        let mut symbols = symbols.into_iter();
        for at in 0.. {
            let Some(symbol) = symbols.next() else {
                break;
            };
            let (Some(byte), true) = (few.get_mut(at), symbol.0 < LARGE) else {
                let known = Monomial(Factors::Few(u64::from_be_bytes(few)));
                let all = known.symbols().chain([symbol]).chain(symbols);
                return Monomial(Factors::Many(Rc::new(all.collect())));
            };
            *byte = symbol.0 as u8 + 1;
        }
        Monomial(Factors::Few(u64::from_be_bytes(few)))
    }

    /// The factors, in order.
    pub(crate) fn symbols(&self) -> impl Iterator<Item = SymbolId> {
        let (mut few, many) = match &self.0 {
            Factors::Few(few) => (*few, [].as_slice()),
            Factors::Many(many) => (0, many.as_slice()),
        };
        let bytes = std::iter::from_fn(move || {
            let first = (few >> (u64::BITS - u8::BITS)) as u32;
            few <<= u8::BITS;
            first.checked_sub(1).map(SymbolId)
        });
        bytes.chain(many.iter().copied())
    }

    /// The order in which polynomials are divided, which products with a third keep: by the number of first symbols, then of
    /// second ones, and so on, the more the earlier. (The order of terms is another one: there 1 comes first, and `ab` before `b`.)
    pub(super) fn leads(&self, other: &Monomial) -> Ordering {
        if let (Factors::Few(a), Factors::Few(b)) = (&self.0, &other.0) {
            return ended(*a).cmp(&ended(*b));
        }
        let end = SymbolId(u32::MAX);
        let (a, b) = (self.symbols().chain([end]), other.symbols().chain([end]));
        a.cmp(b)
    }

    /// How many factors there are.
    pub(crate) fn degree(&self) -> usize {
        match &self.0 {
            Factors::Few(few) => FEW - few.trailing_zeros() as usize / 8,
            Factors::Many(many) => many.len(),
        }
    }

    /// Whether it is the empty product.
    pub(crate) fn is_one(&self) -> bool {
        self.0 == Factors::Few(0)
    }

    pub(crate) fn times(&self, other: &Monomial) -> Monomial {
        let (first, second) = (self.degree(), other.degree());
        match (&self.0, &other.0) {
            (_, Factors::Few(0)) => self.clone(),
            (Factors::Few(0), _) => other.clone(),
            (Factors::Few(a), Factors::Few(b)) if first + second <= FEW => {
                let mut joined = (a | b >> (8 * first)).to_be_bytes();
                joined[..first + second].sort_unstable();
                Monomial(Factors::Few(u64::from_be_bytes(joined)))
            }
            _ => {
                let mut all: Vec<SymbolId> = self.symbols().chain(other.symbols()).collect();
                all.sort_unstable();
                Monomial::of(all)
            }
        }
    }

    /// `self / other` if `other` divides it.
    pub(crate) fn over(&self, other: &Monomial) -> Option<Monomial> {
        if other.is_one() {
            return Some(self.clone());
        }
        let mut divisor = other.symbols().peekable();
        let rest = |symbol: &SymbolId| divisor.next_if_eq(symbol).is_none();
        let rest = Monomial::of(self.symbols().filter(rest));
        divisor.next().is_none().then_some(rest)
    }

    /// The factors that both have.
    pub(super) fn common(&self, other: &Monomial) -> Monomial {
        let mut others = other.symbols().peekable();
        Monomial::of(self.symbols().filter(|symbol| {
            while others.next_if(|other| other < symbol).is_some() {}
            others.next_if_eq(symbol).is_some()
        }))
    }
}

/// Few factors with the largest byte behind them in the place of the smallest.
fn ended(few: u64) -> u64 {
    let empty = few.trailing_zeros() / u8::BITS * u8::BITS;
    few | u64::MAX.checked_shr(u64::BITS - empty).unwrap_or(0)
}

impl Default for Monomial {
    fn default() -> Self {
        Monomial(Factors::Few(0))
    }
}

impl PartialOrd for Monomial {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Monomial {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Factors::Few(a), Factors::Few(b)) => a.cmp(b),
            _ => self.symbols().cmp(other.symbols()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(symbols: &[u32]) -> Monomial {
        Monomial::of(symbols.iter().copied().map(SymbolId))
    }

    #[test]
    fn short_and_long_products_multiply_and_divide() {
        let (a, b) = (product(&[1, 2, 2]), product(&[0, 2, 3, 4, 5, 300]));
        let both = product(&[0, 1, 2, 2, 2, 3, 4, 5, 300]);
        assert_eq!(a.times(&b), both);
        assert_eq!(both.over(&a), Some(b.clone()));
        assert_eq!(both.over(&b), Some(a.clone()));
        assert_eq!(a.over(&b), None);
        assert_eq!(b.over(&product(&[6])), None);
        assert_eq!(a.common(&b), product(&[2]));
        assert_eq!([a.degree(), both.degree()], [3, 9]);
        assert!(Monomial::default() < a && product(&[1]) < a && b < a);
    }

    #[test]
    fn products_are_in_the_order_of_their_factors() {
        let all: [&[u32]; 9] = [
            &[],
            &[0],
            &[0, 0, 7],
            &[0, 254],
            &[0, 255],
            &[1; 8],
            &[1; 9],
            &[1, 1, 3],
            &[255, 256],
        ];
        for (at, a) in all.iter().enumerate() {
            assert!(product(a).symbols().eq(a.iter().copied().map(SymbolId)));
            assert_eq!(product(a).is_one(), a.is_empty());
            for (other, b) in all.iter().enumerate() {
                assert_eq!(product(a).cmp(&product(b)), at.cmp(&other));
                for third in all {
                    let (ac, bc) = (product(a), product(b));
                    let (ac, bc) = (ac.times(&product(third)), bc.times(&product(third)));
                    assert_eq!(product(a).leads(&product(b)), ac.leads(&bc));
                }
                let (product, a, b) = (product(a).times(&product(b)), product(a), product(b));
                assert_eq!(product.over(&b), Some(a.clone()));
                assert_eq!(product.over(&a), Some(b));
            }
        }
    }
}
