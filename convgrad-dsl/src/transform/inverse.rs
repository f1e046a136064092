//! `inverse(f)`: from what was written back to what was read.

use crate::diagnostic::{Code, Diagnostic};
use crate::index::normal::too_large;
use crate::proof::point::place;
use crate::proof::property;
use crate::sema::model::{Conversion, Converter, Property, Writes};
use crate::sizes;
use crate::source::Span;

use super::expr::Maker;
use super::gather::gathered;
use super::owed::owed;
use super::swap::swapped;
use super::{Made, facts};

/// `inverse(f)`: writes what `f` reads and reads what `f` writes.
///
/// It fills nothing, so that it is a mistake, at the sizes at which it is one, if `f` reads an element twice or never. Where
/// the sizes have values, and where it is so at all sizes that give `f` elements, that is found here; otherwise the obligations
/// of the relation say it.
///
/// # Errors
/// Two places of `f` read one element, or an element is never read; sums; element types that are converted on the way.
pub fn inverse(f: &Converter, span: Span) -> Made<Converter> {
    let error = |what: &str| {
        let message = format!("{} cannot be inverted", f.name.text);
        Diagnostic::new(Code::NotInvertible, span, message).label(what)
    };
    if f.elements.is_some_and(|e| e.conversion != Conversion::Same) {
        return Err(vec![
            error("its elements are converted on the way")
                .note("what a conversion rounds does not come back")
                .help("convert after the inverse: `cast(inverse(…), …)`"),
        ]);
    }
    if f.rule.writes == Writes::Add && !facts::writes_once(f)? {
        return Err(vec![
            error("it adds elements up")
                .note("what a sum was made of cannot be told from it")
                .help("the adjoint gives every element the sum's gradient: `adjoint(…)`"),
        ]);
    }
    let twice = |note: String| {
        error("not injective")
            .note(note)
            .help("the adjoint adds up what was read several times: `adjoint(…)`")
    };
    let missed = |note: String| {
        error("not surjective")
            .note(note)
            .help("the adjoint leaves 0 where nothing was read: `adjoint(…)`")
    };
    let mut model = facts::model(f)?;
    let denied = facts::denied(&mut model).map_err(|why| vec![too_large(why, f.rule.span)])?;
    for (why, error, property) in [
        (
            denied.injective,
            &twice as &dyn Fn(_) -> _,
            Property::Injective,
        ),
        (denied.surjective, &missed, Property::Surjective),
    ] {
        if let Some(why) = why {
            let mut error: Diagnostic = error(why.told(&model, &f.input));
            let example = property::counterexample(property, f, &sizes::bake(f)?);
            error
                .notes
                .extend(example.into_iter().flat_map(|(_, notes)| notes));
            return Err(vec![error]);
        }
    }
    if let Some(known) = facts::reads(&model) {
        let input = &f.input.name.text;
        if let Some((a, b)) = &known.twice {
            let (a, b, read) = (model.written(a), model.written(b), model.read(a));
            return Err(vec![twice(format!("witness {a} and {b} both read {read}"))]);
        }
        if let Some(index) = known.missed {
            let index = index.iter().map(|i| i64::try_from(*i).unwrap_or(i64::MAX));
            let place = place(input, Some(index.collect()));
            return Err(vec![missed(format!("witness {place} is never read"))]);
        }
    }
    let mut made = swapped(f, span);
    made.stages = owed(f, Maker { span })?.stages;
    Ok(gathered(made))
}
