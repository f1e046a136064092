//! Composition where the first formula says of every place what it holds: the second one reads it there.

use crate::sema::model::{Converter, Rule};
use crate::transform::expr::Maker;
use crate::transform::swap::reads_inside;

/// `f` in gather form, read where `g` reads: the rule of `g` with `f`'s source. Fills are not settled here.
pub(super) fn read_through(f: &Converter, g: &Converter, make: Maker) -> Rule {
    let at = &g.rule.source;
    let mut conds = Vec::from_iter(g.rule.guard.clone());
    // Outside of the tensor in the middle nothing of `f` counts. A formula without `else` never gets there.
    if g.rule.fill.is_some() {
        conds.extend(reads_inside(g, make));
    }
    conds.extend(f.rule.guard.as_ref().map(|guard| guard.at(at)));
    let mut rule = g.rule.clone();
    rule.source = f.rule.source.iter().map(|index| index.at(at)).collect();
    // A rule with an `else` fills what it reads outside; a sum has none, and leaves it out.
    let filled = f.rule.fill.is_some() || g.rule.fill.is_some();
    if filled && g.rule.writes == crate::sema::model::Writes::Add {
        let axes = rule.source.iter().zip(&f.input.extents);
        conds.extend(axes.flat_map(|(index, extent)| make.inside(index, extent)));
    }
    rule.guard = make.all(conds);
    rule
}
