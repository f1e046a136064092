//! Sums that are products multiplied out.

use std::collections::BTreeMap;

use crate::nest::Scalar;

/// A polynomial: for each product of things that are neither sums nor products its coefficient.
pub(super) type Terms = BTreeMap<Vec<Scalar>, i128>;

/// Multiplies a scalar out; None if that becomes long or leaves 128 bits.
pub(super) fn expand(scalar: &Scalar) -> Option<Terms> {
    match scalar {
        Scalar::Const(0) => Some(Terms::new()),
        Scalar::Const(n) => Some(Terms::from([(Vec::new(), i128::from(*n))])),
        Scalar::Sum(all) => all.iter().try_fold(Terms::new(), |mut sum, term| {
            for (monomial, coefficient) in expand(term)? {
                let entry = sum.entry(monomial).or_default();
                *entry = entry.checked_add(coefficient)?;
            }
            sum.retain(|_, coefficient| *coefficient != 0);
            Some(sum)
        }),
        Scalar::Product(all) => {
            let one = Terms::from([(Vec::new(), 1)]);
            all.iter().try_fold(one, |product, factor| {
                let factor = expand(factor)?;
                if product.len() * factor.len() > 64 {
                    return None;
                }
                let mut result = Terms::new();
                for (a, n) in &product {
                    for (b, m) in &factor {
                        let mut monomial = [a.as_slice(), b.as_slice()].concat();
                        monomial.sort();
                        let entry = result.entry(monomial).or_default();
                        *entry = entry.checked_add(n.checked_mul(*m)?)?;
                    }
                }
                result.retain(|_, coefficient| *coefficient != 0);
                Some(result)
            })
        }
        other => Some(Terms::from([(vec![other.clone()], 1)])),
    }
}

/// The factors by which one polynomial is a multiple of another; None if these are no single product.
pub(super) fn multiple(whole: &Terms, part: &Terms) -> Option<Vec<Scalar>> {
    let (first, coefficient) = part.iter().next()?;
    if whole.len() != part.len() {
        return None;
    }
    whole.iter().find_map(|(monomial, total)| {
        let mut factors = monomial.clone();
        for factor in first {
            factors.remove(factors.iter().position(|have| have == factor)?);
        }
        let number = total.checked_div(*coefficient)?;
        let same = part.iter().all(|(monomial, n)| {
            let mut product = [monomial.as_slice(), factors.as_slice()].concat();
            product.sort();
            n.checked_mul(number).as_ref() == whole.get(&product)
        });
        let number = Scalar::Const(i64::try_from(number).ok().filter(|_| same)?);
        factors.push(number);
        Some(factors)
    })
}
