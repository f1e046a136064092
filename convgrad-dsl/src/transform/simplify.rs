//! Rules as short as their normal forms allow.

use crate::diagnostic::Diagnostic;
use crate::index::linear::{Linear, Test};
use crate::index::normal::too_large;
use crate::index::poly::Checked;
use crate::index::space::Space;
use crate::proof::guard;
use crate::proof::setup::{self, Model};
use crate::sema::model::{Converter, Expr, Form};
use crate::sizes;

use super::expr::Maker;
use super::express::Writer;
use super::unwind::unwound;

/// A simplified converter, and what was found on the way.
pub(super) struct Simplified {
    pub(super) converter: Converter,
    /// Every read that passes the guard stays inside the input, for all sizes.
    pub(super) inside: bool,
}

/// The converter with its indices and its guard brought to normal form and written down again; without definitions, and
/// without the conjuncts of the guard that hold wherever the others do. Values stay what they are wherever the output
/// has elements.
///
/// # Errors
/// What is wrong with the sizes, the extents or an index.
pub(super) fn simplified(f: &Converter) -> Result<Simplified, Vec<Diagnostic>> {
    let bindings = sizes::bake(f)?;
    let mut model = setup::model(f, &bindings)?;
    written(&mut model).map_err(|why| vec![too_large(why, f.rule.span)])
}

/// The same where that works, and the converter itself where it does not: analysis says why then.
pub(super) fn simplified_or_same(f: Converter) -> Converter {
    match simplified(&f) {
        Ok(simplified) => simplified.converter,
        Err(_) => f,
    }
}

fn written(model: &mut Model<'_>) -> Checked<Simplified> {
    let mut converter = model.converter.clone();
    let input = model.input.clone();
    let space = &mut model.space;
    let forms = unwound(space, &model.forms)?;
    let tests = match &forms.guard {
        Some(guard) => needed(space, guard)?,
        None => Vec::new(),
    };
    let mut inside = true;
    for (form, extent) in forms.source.iter().zip(&input) {
        let last = Linear::constant(extent.plus_constant(-1)?);
        inside = inside
            && guard::implies(space, &tests, form)?
            && guard::implies(space, &tests, &last.minus(form)?)?;
    }
    let make = Maker {
        span: converter.rule.span,
    };
    let own = |id: crate::sema::model::IterId| make.iter(id.index());
    let mut writer = Writer::new(space, make, &own);
    let mut all = |forms: &[Linear]| -> Checked<Vec<Expr>> {
        forms.iter().map(|form| writer.linear(form)).collect()
    };
    converter.rule.source = all(&forms.source)?;
    if converter.rule.form == Form::Relational {
        converter.rule.left = all(&forms.left)?;
    }
    let conds = tests
        .iter()
        .map(|test| writer.test(test))
        .collect::<Checked<Vec<_>>>()?;
    converter.rule.guard = make.all(conds);
    converter.rule.definitions.clear();
    Ok(Simplified { converter, inside })
}

/// The conjuncts of a guard that do not follow from the others.
fn needed(space: &mut Space, guard: &Test) -> Checked<Vec<Test>> {
    let mut tests: Vec<Test> = Vec::new();
    for test in guard.conjuncts() {
        if guard::verdict(space, test)? != Some(true) && !tests.contains(test) {
            tests.push(test.clone());
        }
    }
    let mut at = 0;
    while at < tests.len() {
        let mut others = tests.clone();
        let test = others.remove(at);
        let follows = match &test {
            Test::AtLeast0(form) => guard::implies(space, &others, form)?,
            _ => false,
        };
        if follows {
            tests = others;
        } else {
            at += 1;
        }
    }
    Ok(tests)
}
