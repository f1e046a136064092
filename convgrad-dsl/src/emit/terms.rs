//! Sums and products in the order in which they read best.

use crate::nest::Scalar;

/// The terms of a sum, each with whether it is subtracted: something positive goes first where there is such a term,
/// and a number only if nothing else can.
pub(crate) fn signed(terms: &[Scalar]) -> Vec<(bool, Scalar)> {
    let mut terms: Vec<(bool, Scalar)> = terms
        .iter()
        .map(|term| match negated(term) {
            Some(positive) => (true, positive),
            None => (false, term.clone()),
        })
        .collect();
    let first = terms
        .iter()
        .position(|(negative, term)| !negative && !is_number(term))
        .or_else(|| terms.iter().position(|(negative, _)| !negative));
    let first = first.map(|at| terms.remove(at));
    terms.sort_by_key(|(_, term)| is_number(term));
    first.into_iter().chain(terms).collect()
}

/// What a negative scalar is the negative of.
pub(crate) fn negated(scalar: &Scalar) -> Option<Scalar> {
    let positive = |n: i64| (n < 0).then(|| n.checked_neg()).flatten();
    match scalar {
        Scalar::Const(n) => positive(*n).map(Scalar::Const),
        Scalar::Product(factors) => {
            let (k, n) = factors.iter().enumerate().find_map(|(k, f)| match f {
                Scalar::Const(n) => Some((k, positive(*n)?)),
                _ => None,
            })?;
            let mut factors = factors.clone();
            match n {
                1 => drop(factors.remove(k)),
                n => factors[k] = Scalar::Const(n),
            }
            Some(match factors.len() {
                1 => factors.remove(0),
                _ => Scalar::Product(factors),
            })
        }
        _ => None,
    }
}

/// The factors of a product, numbers last.
pub(crate) fn factors(all: &[Scalar]) -> Vec<&Scalar> {
    let mut order: Vec<&Scalar> = all.iter().collect();
    order.sort_by_key(|factor| is_number(factor));
    order
}

/// Whether a scalar is a number.
pub(crate) fn is_number(scalar: &Scalar) -> bool {
    matches!(scalar, Scalar::Const(_))
}
