//! Sizes with values by their names: `P*Q`, where the loops hold what `P` and `Q` are made of, multiplied out.

use std::collections::BTreeMap;

use crate::nest::{Condition, Scalar};
use crate::sema::model::SizeId;

/// The most products that a sum is multiplied out to.
const MAX_TERMS: usize = 64;

/// A sum of products; each product as its factors in order, with how often it is added.
type Sum = BTreeMap<Vec<Scalar>, i64>;

/// Writes scalars with the names of sizes; `sizes` holds the value of every size of a converter.
#[derive(Clone, Copy)]
pub(crate) struct Named<'s> {
    pub(crate) sizes: &'s [Scalar],
}

impl Named<'_> {
    /// The same condition.
    pub(crate) fn condition(self, condition: &Condition) -> Condition {
        let all = |list: &[Condition]| list.iter().map(|c| self.condition(c)).collect();
        match condition {
            Condition::Compare(op, a, b) => Condition::Compare(*op, self.scalar(a), self.scalar(b)),
            Condition::All(list) => Condition::All(all(list)),
            Condition::Any(list) => Condition::Any(all(list)),
            Condition::Not(inner) => Condition::Not(Box::new(self.condition(inner))),
        }
    }

    /// The same number, with names where that makes it shorter.
    pub(crate) fn scalar(self, scalar: &Scalar) -> Scalar {
        let parts = match scalar {
            Scalar::Sum(_) | Scalar::Product(_) => self.terms(scalar),
            other => return self.whole(other),
        };
        // Sums that no name makes shorter may have parts that one does.
        parts
            .filter(|named| weight(named) < weight(scalar))
            .unwrap_or_else(|| scalar.map_children(&|child| self.scalar(child)))
    }

    /// What is no sum and no product.
    fn whole(self, scalar: &Scalar) -> Scalar {
        match self.size_of(scalar) {
            Some((size, beside)) => size.plus(Scalar::Const(-beside)),
            None => scalar.map_children(&|child| self.scalar(child)),
        }
    }

    /// The size whose value is the scalar plus a number.
    fn size_of(self, scalar: &Scalar) -> Option<(Scalar, i64)> {
        let sizes = (0u32..).zip(self.sizes);
        let mut found = sizes.filter_map(|(id, value)| {
            let (core, beside) = match value {
                Scalar::Sum(parts) => match parts.as_slice() {
                    [core, Scalar::Const(beside)] => (core, *beside),
                    _ => return None,
                },
                core => (core, 0),
            };
            let made = matches!(core, Scalar::Div(..) | Scalar::Min(_) | Scalar::Max(_));
            (made && core == scalar).then_some((Scalar::Size(SizeId(id)), beside))
        });
        found.next()
    }

    /// A sum or a product with names, multiplied out. None if that is too long.
    fn terms(self, scalar: &Scalar) -> Option<Scalar> {
        let mut terms: Vec<(Vec<Scalar>, i64)> = self.sum(scalar)?.into_iter().collect();
        let number = terms.first().is_some_and(|(factors, _)| factors.is_empty());
        // The number last.
        terms.rotate_left(usize::from(number));
        let products = terms.into_iter().map(|(mut factors, count)| {
            factors.insert(0, Scalar::Const(count));
            Scalar::product(factors)
        });
        Some(Scalar::sum(products.collect()))
    }

    fn sum(self, scalar: &Scalar) -> Option<Sum> {
        let one = |factor: Scalar| Sum::from([(vec![factor], 1)]);
        let number = |number: i64| match number {
            0 => Sum::new(),
            number => Sum::from([(Vec::new(), number)]),
        };
        Some(match scalar {
            Scalar::Const(value) => number(*value),
            Scalar::Sum(parts) => parts
                .iter()
                .try_fold(Sum::new(), |sum, part| plus(sum, self.sum(part)?))?,
            Scalar::Product(factors) => factors.iter().try_fold(number(1), |product, factor| {
                times(&product, &self.sum(factor)?)
            })?,
            other => match self.size_of(other) {
                Some((size, beside)) => plus(one(size), number(beside.checked_neg()?))?,
                None => one(self.whole(other)),
            },
        })
    }
}

fn plus(mut a: Sum, b: Sum) -> Option<Sum> {
    for (factors, count) in b {
        let sum = a.get(&factors).copied().unwrap_or(0).checked_add(count)?;
        match sum {
            0 => drop(a.remove(&factors)),
            sum => drop(a.insert(factors, sum)),
        }
    }
    (a.len() <= MAX_TERMS).then_some(a)
}

fn times(a: &Sum, b: &Sum) -> Option<Sum> {
    let mut product = Sum::new();
    for (x, c) in a {
        for (y, d) in b {
            let mut factors = [x.as_slice(), y].concat();
            factors.sort();
            product = plus(product, Sum::from([(factors, c.checked_mul(*d)?)]))?;
        }
    }
    Some(product)
}

/// How many operations and operands a scalar has.
fn weight(scalar: &Scalar) -> usize {
    1 + scalar.children().map(weight).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_of_sizes_come_back() {
        let free = |id| Scalar::Size(SizeId(id));
        let quotient = |id| free(id).over(Scalar::Const(2));
        let sizes = [
            free(0),
            free(1),
            quotient(0).plus(Scalar::Const(1)),
            quotient(1).plus(Scalar::Const(1)),
        ];
        let named = Named { sizes: &sizes };
        let all = Scalar::sum(vec![
            quotient(0).times(quotient(1)),
            quotient(0),
            quotient(1),
            Scalar::Const(1),
        ]);
        assert_eq!(named.scalar(&all), free(2).times(free(3)));
        let last = Scalar::min(vec![quotient(0), free(1)]);
        let expected = Scalar::min(vec![free(2).plus(Scalar::Const(-1)), free(1)]);
        assert_eq!(named.scalar(&last), expected);
        let other = free(0).plus(free(1)).times(free(1));
        assert_eq!(named.scalar(&other), other);
    }
}
