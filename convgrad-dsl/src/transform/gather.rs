//! Relational rules in gather form: the output's places become the iterators.

use crate::index::linear::{Linear, Test};
use crate::index::poly::Checked;
use crate::proof::guard;
use crate::proof::setup::{self, Model};
use crate::sema::model::{Comparison, Converter, Expr, Fill, Form, Iterator, Number, Writes};
use crate::sizes;
use crate::source::Name;

use super::divisors::bounded;
use super::expr::Maker;
use super::simplify::{simplified, simplified_or_same};
use super::solve::solve;

/// The same converter in gather form, if `left` can be solved for the iterators; unchanged if it is in gather form already.
///
/// The image condition becomes the guard: the iterators stay in their ranges, and have the place as their `left`. What of
/// it always holds is left out. A rule without `else` has a gather form only if all of it always holds.
pub fn gather(f: &Converter) -> Option<Converter> {
    match f.rule.form {
        Form::Gather => Some(f.clone()),
        Form::Relational => solved(&simplified_or_same(f.clone())),
    }
}

/// The gather form of a relational rule that is as short as can be.
fn solved(f: &Converter) -> Option<Converter> {
    let make = Maker { span: f.rule.span };
    let bindings = sizes::bake(f).ok()?;
    let mut model = setup::model(f, &bindings).ok()?;
    if !writes_inside(&mut model).ok()? {
        return None;
    }
    let places: Vec<Expr> = (0..f.rule.left.len()).map(|k| make.iter(k)).collect();
    let forms = model.forms.left.clone();
    let iterators = solve(&model.space, &forms, &places, make).ok()??;
    let mut conds = Vec::new();
    for (value, iterator) in iterators.iter().zip(&f.rule.iterators) {
        conds.extend(make.inside(value, &iterator.extent));
    }
    for (left, place) in f.rule.left.iter().zip(&places) {
        conds.push(make.compare(Comparison::Eq, left.at(&iterators), place.clone()));
    }
    conds.extend(f.rule.guard.as_ref().map(|guard| guard.at(&iterators)));
    let mut made = f.clone();
    made.rule.form = Form::Gather;
    made.rule.writes = Writes::Once;
    made.rule.iterators = places_of(f);
    made.rule.left = places;
    made.rule.source = f.rule.source.iter().map(|e| e.at(&iterators)).collect();
    made.rule.guard = make.all(conds);
    if f.rule.writes == Writes::Add {
        made.rule.fill = Some(Fill {
            number: Number::Int(0),
            span: make.span,
        });
    }
    let found = simplified(&bounded(made)).ok()?;
    let mut made = found.converter;
    let everywhere = made.rule.guard.is_none();
    if everywhere && found.inside && made.rule.patches.is_empty() {
        made.rule.fill = None;
    }
    (everywhere || made.rule.fill.is_some()).then_some(made)
}

/// In gather form, where there is one, and as short as can be.
pub(super) fn gathered(f: Converter) -> Converter {
    if f.rule.form == Form::Gather {
        return f;
    }
    let short = simplified_or_same(f);
    solved(&short).unwrap_or(short)
}

/// One iterator a place of the output: `j0`, `j1`, ….
pub(super) fn places_of(f: &Converter) -> Vec<Iterator> {
    let taken = |prefix: &str| {
        let numbered = |text: &str| {
            text.strip_prefix(prefix)
                .is_some_and(|rest| rest.parse::<usize>().is_ok())
        };
        f.sizes.iter().any(|size| numbered(&size.name.text))
    };
    let prefix = ["j", "i", "k", "place_"]
        .into_iter()
        .find(|prefix| !taken(prefix))
        .unwrap_or("output_place_");
    let extents = f.output.extents.iter().enumerate();
    let iterators = extents.map(|(at, extent)| Iterator {
        name: Name {
            text: format!("{prefix}{at}"),
            span: f.rule.span,
        },
        extent: extent.clone(),
    });
    iterators.collect()
}

/// Whether nothing is ever written outside the output.
fn writes_inside(model: &mut Model<'_>) -> Checked<bool> {
    let conjuncts: Vec<Test> = match &model.forms.guard {
        Some(test) => test.conjuncts().into_iter().cloned().collect(),
        None => Vec::new(),
    };
    let output = model.output.clone();
    for (form, extent) in model.forms.left.clone().iter().zip(&output) {
        let last = Linear::constant(extent.plus_constant(-1)?);
        let inside = guard::implies(&mut model.space, &conjuncts, form)?
            && guard::implies(&mut model.space, &conjuncts, &last.minus(form)?)?;
        if !inside {
            return Ok(false);
        }
    }
    Ok(true)
}
