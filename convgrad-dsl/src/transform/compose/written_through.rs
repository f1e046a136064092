//! Composition where the second formula says of every place of the middle where its element goes: the first one writes
//! there.

use crate::index::normal::{Normalizer, forms};
use crate::sema::model::{Comparison, Converter, Expr, Form, Rule, Writes};
use crate::transform::expr::Maker;
use crate::transform::facts;
use crate::transform::solve::solve;
use crate::transform::swap::reads_inside;

/// `f` with what it writes handed on by `g`; None if `g` cannot be solved for where it reads, or reads a place twice. Fills are
/// not settled here.
pub(super) fn written_through(f: &Converter, g: &Converter, make: Maker) -> Option<Rule> {
    let mut rule = f.rule.clone();
    rule.form = Form::Relational;
    if g.rule.writes == Writes::Add {
        rule.writes = Writes::Add;
    }
    let inside = match f.rule.fill {
        // A sum has no `else` and leaves out what is read outside.
        Some(_) if rule.writes == Writes::Add => reads_inside(f, make),
        _ => Vec::new(),
    };
    let mut conds: Vec<_> = rule.guard.take().into_iter().chain(inside).collect();
    let iterators = match same_places(f, g) {
        Some(iterators) => iterators,
        None => {
            let model = facts::model(g).ok()?;
            let places: Vec<Expr> = (0..g.rule.source.len()).map(|k| make.iter(k)).collect();
            let source = model.forms.source.clone();
            let found = solve(&model.space, &source, &places, make).ok()??;
            let written: Vec<Expr> = found.iter().map(|e| e.at(&f.rule.left)).collect();
            for (value, iterator) in written.iter().zip(&g.rule.iterators) {
                conds.extend(make.inside(value, &iterator.extent));
            }
            for (source, place) in g.rule.source.iter().zip(&f.rule.left) {
                conds.push(make.compare(Comparison::Eq, source.at(&written), place.clone()));
            }
            written
        }
    };
    conds.extend(g.rule.guard.as_ref().map(|guard| guard.at(&iterators)));
    rule.left = g.rule.left.iter().map(|e| e.at(&iterators)).collect();
    rule.guard = make.all(conds);
    Some(rule)
}

/// The iterators of `f` as those of `g`, if `g` reads with them just where `f` writes, over the same ranges, and no two
/// iterations of `f` write one place, whether they pass its guard or not.
fn same_places(f: &Converter, g: &Converter) -> Option<Vec<Expr>> {
    let mut model = facts::model(f).ok()?;
    if f.rule.iterators.len() != g.rule.iterators.len() {
        return None;
    }
    // All over one space, so that it compares.
    let mut space = facts::model(g).ok()?.space;
    for at in 0..f.rule.iterators.len() {
        let extent = Normalizer::new(&mut space).size(&f.rule.iterators[at].extent)?;
        if extent != space.axes[at].extent {
            return None;
        }
    }
    let mut both = g.rule.clone();
    both.source.extend(f.rule.left.iter().cloned());
    let found = forms(&both, &mut space).ok()?;
    let (read, written) = found.source.split_at(g.rule.source.len());
    if read != written {
        return None;
    }
    let left = model.forms.left.clone();
    let alone = f.rule.guard.is_none() && f.rule.writes == Writes::Once;
    let once = alone || facts::injective(&mut model, &left, None).ok()?;
    let make = Maker { span: f.rule.span };
    once.then(|| (0..f.rule.iterators.len()).map(|k| make.iter(k)).collect())
}
