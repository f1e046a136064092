//! `compose(f, g)`: the tensor in the middle eliminated.
//!
//! `sizes` says what the sizes of `g` are in terms of `f`'s; after that both have the sizes of the composite. Then one of two
//! ways: with `f` in gather form, `g` reads what `f` would have put where it reads (`read_through`); with `g` solved for its
//! iterators, `f` writes where `g` would have put what it reads there (`written_through`). `fills` sees to it that inner fills
//! survive where `g` reads them, `elements` that the element types fit.

pub(super) mod elements;
mod fills;
mod read_through;
mod sizes;
mod written_through;

use crate::diagnostic::{Code, Diagnostic};
use crate::sema::model::{Converter, Fill, Form, Number, Origin, Writes};
use crate::source::Span;

use super::Made;
use super::divisors::bounded;
use super::expr::Maker;
use super::gather::{gather, gathered};
use super::owed::{Owed, owed};
use super::simplify::{simplified, simplified_or_same};
use super::substitute::Respan;
use super::swap::{names_apart, told_apart};
use read_through::read_through;
use written_through::written_through;

/// `compose(f, g)`: first `f`, then `g`. The converter has `f`'s sizes, and those of `g` that `f`'s output leaves open.
///
/// # Errors
/// Shapes that do not meet; element types that do not; a middle that cannot be eliminated.
pub fn compose(f: &Converter, g: &Converter, span: Span) -> Made<Converter> {
    let make = Maker { span };
    let elements = elements::joined(f.into(), g.into(), span)?;
    let mut joined = sizes::joined(f, g, make)?;
    let owed = [owed(&joined.f, make)?, owed(&joined.g, make)?];
    let mut stages = Vec::new();
    for Owed {
        conditions,
        stages: of_part,
    } in owed
    {
        joined.f.requires.extend(conditions.iter().cloned());
        joined.g.requires.extend(conditions);
        stages.extend(of_part);
    }
    let f = simplified(&joined.f)?.converter;
    let g = simplified(&joined.g)?.converter;
    let zero = Fill {
        number: Number::Int(0),
        span,
    };
    let own = match f.rule.writes {
        Writes::Once => f.rule.fill.as_ref(),
        Writes::Add => Some(&zero),
    };
    let fill = elements::through(own, (&f).into(), (&g).into(), span)?;
    if g.rule.writes == Writes::Add || f.rule.writes == Writes::Add {
        only_zeros(&f, &g, fill.as_ref().map(|fill| fill.number), span)?;
    }
    let fills = fills::Fills {
        f: &f,
        g: &g,
        inner: fill,
        make,
    };
    let through = gather(&f).map(|f| read_through(&f, &g, make));
    // Sums that are converted are no sums of what is converted.
    let scattered = || match elements::sums_convert(&f, &g) {
        true => None,
        false => written_through(&f, &g, make),
    };
    let Some(rule) = through.or_else(scattered) else {
        return Err(vec![stuck(&f, &g, span)]);
    };
    let mut composite = g.clone();
    composite.name = f.name.clone();
    composite.docs.clear();
    composite.public = false;
    composite.input = f.input.clone();
    told_apart(&composite.input, &mut composite.output);
    composite.elements = elements;
    composite.origin = Origin::Chain(String::new());
    composite.stages = stages;
    composite.rule = rule;
    composite.rule.patches.clear();
    composite.rule.fill = fills.outer();
    if composite.rule.writes == Writes::Add {
        composite.rule.fill = None;
    } else if composite.rule.fill.is_some() {
        composite.rule.patches = fills.patches()?;
    }
    composite.respan(span);
    names_apart(&composite.sizes, &mut composite.rule.iterators);
    for patch in &mut composite.rule.patches {
        names_apart(&composite.sizes, &mut patch.iterators);
    }
    Ok(finished(bounded(composite)))
}

/// The rule as short as can be, without fills that nothing is left to.
fn finished(composite: Converter) -> Converter {
    let mut composite = match composite.rule.writes {
        Writes::Once => gathered(composite),
        Writes::Add => simplified_or_same(composite),
    };
    if composite.rule.form == Form::Gather
        && let Ok(found) = simplified(&composite)
    {
        let everywhere = found.inside && found.converter.rule.guard.is_none();
        composite = found.converter;
        if everywhere {
            composite.rule.fill = None;
            composite.rule.patches.clear();
        }
    }
    composite
}

/// Sums begin at 0, and numbers that are added up are no fills any more.
fn only_zeros(f: &Converter, g: &Converter, inner: Option<Number>, span: Span) -> Made<()> {
    let zero = |number: Number| match number {
        Number::Int(value) => value == 0,
        Number::Float(value) => value == 0.0,
    };
    let outer = g.rule.fill.as_ref().map(|fill| fill.number);
    let patches = f.rule.patches.iter().chain(&g.rule.patches);
    let mut numbers = inner
        .into_iter()
        .chain(outer)
        .chain(patches.map(|p| p.fill.number));
    match numbers.find(|number| !zero(*number)) {
        None => Ok(()),
        Some(number) => Err(vec![
            Diagnostic::new(
                Code::MiddleStays,
                span,
                format!("{} and {} cannot be made one rule", f.name.text, g.name.text),
            )
            .label(format!(
                "one of them adds up, the other fills with {}",
                crate::emit::formula::number(number)
            ))
            .note("places that nothing is added to hold 0")
            .help("let it fill with 0, or run the two one after the other, with the tensor between them stored"),
        ]),
    }
}

fn stuck(f: &Converter, g: &Converter, span: Span) -> Diagnostic {
    let (f_name, g_name) = (&f.name.text, &g.name.text);
    let sums = match f.rule.writes {
        Writes::Add => "it adds elements up, and no rule adds up and then does something else",
        Writes::Once => "its left side cannot be solved for its iterators",
    };
    Diagnostic::new(
        Code::MiddleStays,
        span,
        format!("{f_name} and {g_name} cannot be made one rule"),
    )
    .label("the tensor between them cannot be eliminated")
    .note(format!("{f_name} has no gather form: {sums}"))
    .note(format!(
        "{g_name} has no scatter form: its source cannot be solved for its iterators"
    ))
    .help("run the two one after the other, with the tensor between them stored")
}
