//! Products of symbols. Nearly all have few factors, which are kept without memory of their own.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use super::poly::SymbolId;

/// How many factors need no memory of their own.
const FEW: usize = 6;

/// A product of symbols, sorted, with repetition; the empty product is 1.
#[derive(Clone, Debug)]
pub(crate) struct Monomial(Factors);

#[derive(Clone, Debug)]
enum Factors {
    /// As many as the number says.
    Few(u8, [SymbolId; FEW]),
    Many(Box<[SymbolId]>),
}

impl Monomial {
    /// The product of sorted symbols.
    pub(super) fn of(symbols: &[SymbolId]) -> Monomial {
        let mut few = [SymbolId(0); FEW];
        Monomial(match few.get_mut(..symbols.len()) {
            Some(taken) => {
                taken.copy_from_slice(symbols);
                Factors::Few(symbols.len() as u8, few)
            }
            None => Factors::Many(symbols.into()),
        })
    }

    pub(crate) fn symbols(&self) -> &[SymbolId] {
        match &self.0 {
            Factors::Few(count, few) => few.get(..usize::from(*count)).unwrap_or(few),
            Factors::Many(many) => many,
        }
    }

    pub(crate) fn times(&self, other: &Monomial) -> Monomial {
        let (a, b) = (self.symbols(), other.symbols());
        let mut few = [SymbolId(0); FEW];
        let Some(joined) = few.get_mut(..a.len() + b.len()) else {
            let mut many = [a, b].concat();
            many.sort_unstable();
            return Monomial::of(&many);
        };
        joined[..a.len()].copy_from_slice(a);
        joined[a.len()..].copy_from_slice(b);
        if !a.is_empty() && !b.is_empty() {
            joined.sort_unstable();
        }
        Monomial::of(joined)
    }

    /// `self / other` if `other` divides it.
    pub(crate) fn over(&self, other: &Monomial) -> Option<Monomial> {
        if other.symbols().is_empty() {
            return Some(self.clone());
        }
        let mut divisor = other.symbols().iter().peekable();
        let mut rest = Vec::new();
        for symbol in self.symbols() {
            match divisor.peek() {
                Some(next) if *next == symbol => {
                    divisor.next();
                }
                Some(next) if *next < symbol => return None,
                _ => rest.push(*symbol),
            }
        }
        divisor.next().is_none().then(|| Monomial::of(&rest))
    }

    /// The factors that both have.
    pub(super) fn common(&self, other: &Monomial) -> Monomial {
        let mut rest = other.symbols().to_vec();
        let both = self.symbols().iter().filter(|symbol| {
            let at = rest.binary_search(symbol).ok();
            at.map(|at| rest.remove(at)).is_some()
        });
        Monomial::of(&both.copied().collect::<Vec<_>>())
    }
}

impl Default for Monomial {
    fn default() -> Self {
        Monomial(Factors::Few(0, [SymbolId(0); FEW]))
    }
}

impl PartialEq for Monomial {
    fn eq(&self, other: &Self) -> bool {
        self.symbols() == other.symbols()
    }
}

impl Eq for Monomial {}

impl PartialOrd for Monomial {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Monomial {
    fn cmp(&self, other: &Self) -> Ordering {
        self.symbols().cmp(other.symbols())
    }
}

impl Hash for Monomial {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.symbols().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(symbols: &[u32]) -> Monomial {
        let symbols: Vec<SymbolId> = symbols.iter().copied().map(SymbolId).collect();
        Monomial::of(&symbols)
    }

    #[test]
    fn short_and_long_products_multiply_and_divide() {
        let (a, b) = (product(&[1, 2, 2]), product(&[0, 2, 3, 4, 5]));
        let both = product(&[0, 1, 2, 2, 2, 3, 4, 5]);
        assert_eq!(a.times(&b), both);
        assert_eq!(both.over(&a), Some(b.clone()));
        assert_eq!(both.over(&b), Some(a.clone()));
        assert_eq!(a.over(&b), None);
        assert_eq!(b.over(&product(&[6])), None);
        assert_eq!(a.common(&b), product(&[2]));
        assert!(Monomial::default() < a && product(&[1]) < a && b < a);
    }
}
