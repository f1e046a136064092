//! Third pass: the order of the loops, outermost first.
//!
//! A gather rule is written in the order of its output, so that its digits are in order already. A relational rule is
//! sorted by the stride on the output's side, largest first, as far as strides compare for all sizes.
//!
//! Where a rule adds, the elements of one place are added in the order of the iterators. Only iterators that differ between two
//! iterations of one place matter for that: these stay in the order of the rule, all others move freely. A loop that does not
//! move the output stands where its stride on the input's side says: columns are added up a row at a time, rows one by one.

use crate::index::linear::{Linear, Piece};
use crate::index::poly::{Checked, Poly};
use crate::index::space::Space;
use crate::index::symbols::Symbols;
use crate::proof::closed;
use crate::sema::model::IterId;

/// What the place of a loop depends on: the strides of its digit, and whether it has to stay in order.
pub(crate) struct Mover {
    pub(crate) output: Poly,
    pub(crate) input: Poly,
    pub(crate) kept: bool,
}

/// Sorts digits (by their output strides) into an order in which no digit stands inside one of smaller stride, except
/// that those which are kept stay in order among themselves.
pub(crate) fn by_output(symbols: &Symbols, digits: &[Mover]) -> Vec<usize> {
    let size = |p: &Poly| {
        if symbols.nonneg(p) {
            p.clone()
        } else {
            p.negated()
        }
    };
    let smaller = |a: &Mover, b: &Mover| {
        let still = a.output.is_zero() || b.output.is_zero();
        let (a, b) = match still {
            true => (size(&a.input), size(&b.input)),
            false => (size(&a.output), size(&b.output)),
        };
        a != b && symbols.le(&a, &b)
    };
    let mut order: Vec<usize> = Vec::new();
    for digit in 0..digits.len() {
        let before = |other: &usize| {
            let (a, b) = (&digits[*other], &digits[digit]);
            !smaller(a, b) || (a.kept && b.kept)
        };
        // Behind everything that is not known to be smaller.
        let at = order.iter().rposition(before);
        order.insert(at.map_or(0, |at| at + 1), digit);
    }
    order
}

/// The iterators that may differ between two iterations of one place, in the order of the rule: those that no group of output
/// axes tells apart.
pub(crate) fn kept(space: &mut Space, left: &[Linear]) -> Checked<Vec<IterId>> {
    // Axes that share an iterator are one group.
    let mut groups: Vec<(Vec<IterId>, Vec<&Linear>)> = Vec::new();
    for form in left {
        let (mut ids, mut forms) = (Vec::new(), vec![form]);
        space.iterators(form, &mut ids);
        groups.retain_mut(|(other_ids, other_forms)| {
            let apart = other_ids.iter().all(|id| !ids.contains(id));
            if !apart {
                ids.append(other_ids);
                forms.append(other_forms);
            }
            apart
        });
        groups.push((ids, forms));
    }
    let mut told = Vec::new();
    for (ids, forms) in groups {
        if closed::tells(space, &forms, &ids)? {
            told.extend(ids);
        }
    }
    let all = (0..space.axes.len()).map(|at| IterId(u32::try_from(at).unwrap_or(u32::MAX)));
    Ok(all.filter(|id| !told.contains(id)).collect())
}

/// Whether a digit is one of an iterator that is kept in order.
pub(crate) fn stays(space: &Space, piece: &Piece, kept: &[IterId]) -> bool {
    let mut ids = Vec::new();
    space.iterators(&Linear::piece(piece.clone()), &mut ids);
    ids.iter().any(|id| kept.contains(id))
}
