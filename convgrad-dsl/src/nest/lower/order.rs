//! Third pass: the order of the loops, outermost first.
//!
//! A gather rule is written in the order of its output, so that its digits are in order already. A relational rule is
//! sorted by the stride on the output's side, largest first, as far as strides compare for all sizes.

use crate::index::poly::Poly;
use crate::index::symbols::Symbols;

/// Sorts digits (by their output strides) into an order in which no digit stands inside one of smaller stride.
pub(crate) fn by_output(symbols: &Symbols, strides: &[Poly]) -> Vec<usize> {
    let size = |p: &Poly| {
        if symbols.nonneg(p) {
            p.clone()
        } else {
            p.negated()
        }
    };
    let sizes: Vec<Poly> = strides.iter().map(size).collect();
    let mut order: Vec<usize> = Vec::new();
    for digit in 0..strides.len() {
        let smaller = |other: &usize| {
            let (a, b) = (&sizes[*other], &sizes[digit]);
            a != b && symbols.le(a, b)
        };
        // Behind everything that is not known to be smaller.
        let at = order.iter().rposition(|other| !smaller(other));
        order.insert(at.map_or(0, |at| at + 1), digit);
    }
    order
}
