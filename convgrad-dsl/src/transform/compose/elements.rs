//! Element types along a composition, or where a chain converts.

use crate::diagnostic::{Code, Diagnostic};
use crate::sema::model::{Conversion, Converter, Elements, Fill, Number, Writes};
use crate::source::Span;
use crate::transform::Made;

/// What elements pass: its name for messages, and what it makes of them.
#[derive(Clone, Copy)]
pub(in crate::transform) struct Stage<'s> {
    pub(in crate::transform) name: &'s str,
    pub(in crate::transform) elements: Option<Elements>,
}

impl<'s> From<&'s Converter> for Stage<'s> {
    fn from(converter: &'s Converter) -> Self {
        Stage {
            name: &converter.name.text,
            elements: converter.elements,
        }
    }
}

/// The element types of the composite.
///
/// # Errors
/// `f` writes other elements than `g` reads; both convert.
pub(in crate::transform) fn joined(f: Stage, g: Stage, span: Span) -> Made<Option<Elements>> {
    let (Some(first), Some(second)) = (f.elements, g.elements) else {
        return Ok(f.elements.or(g.elements));
    };
    let differ = |message: String| Diagnostic::new(Code::ElementTypesDiffer, span, message);
    if first.output != second.input {
        let message = format!("{} and {} have other element types", f.name, g.name);
        return Err(vec![
            differ(message)
                .label("element types that do not meet")
                .note(format!(
                    "{} writes {}, {} reads {}",
                    f.name,
                    first.output.name(),
                    g.name,
                    second.input.name()
                ))
                .help("convert between them: `cast(…, … -> …)`"),
        ]);
    }
    let conversion = match (first.conversion, second.conversion) {
        (conversion, Conversion::Same) | (Conversion::Same, conversion) => conversion,
        _ => {
            let message = format!("{} and {} both convert elements", f.name, g.name);
            return Err(vec![
                differ(message)
                    .label("two conversions in one rule")
                    .note("a rule converts an element once")
                    .help("run the two one after the other, with the tensor between them stored"),
            ]);
        }
    };
    Ok(Some(Elements {
        input: first.input,
        output: second.output,
        conversion,
    }))
}

/// Whether `f` adds up what `g` converts.
pub(super) fn sums_convert(f: &Converter, g: &Converter) -> bool {
    let converts = |elements: Elements| elements.conversion != Conversion::Same;
    f.rule.writes == Writes::Add && g.elements.is_some_and(converts)
}

/// A fill of `f` as `g` hands it on.
///
/// # Errors
/// A number that `g`'s conversion changes in a way that is not known here.
pub(in crate::transform) fn through(
    fill: Option<&Fill>,
    f: Stage,
    g: Stage,
    span: Span,
) -> Made<Option<Fill>> {
    let Some(fill) = fill else { return Ok(None) };
    let number = match g.elements {
        Some(elements) => exactly(fill.number, elements),
        None => Some(fill.number),
    };
    match number {
        Some(number) => Ok(Some(Fill {
            number,
            span: fill.span,
        })),
        None => Err(vec![
            Diagnostic::new(
                Code::FillNotRepresentable,
                span,
                format!(
                    "the fill {} of {} cannot be handed through {}'s conversion",
                    crate::emit::formula::number(fill.number),
                    f.name,
                    g.name
                ),
            )
            .label("not known after the conversion")
            .help("let it fill with 0, or run the two one after the other"),
        ]),
    }
}

/// The number after a conversion, where it comes out exactly.
fn exactly(number: Number, elements: Elements) -> Option<Number> {
    let zero = matches!(number, Number::Int(0)) || matches!(number, Number::Float(x) if x == 0.0);
    match elements.conversion {
        Conversion::Same => Some(number),
        Conversion::Cast if zero => Some(Number::Int(0)),
        // Of these every element type holds all exactly, those without a sign the ones that are not negative.
        Conversion::Cast => {
            let whole = match number {
                Number::Int(value) => value,
                Number::Float(value) => value as i128,
            };
            let small = (-127..=127).contains(&whole) && Number::Int(whole).same(number);
            let held = small && elements.output.holds(number);
            held.then_some(Number::Int(whole))
        }
        Conversion::Quantize { zero: point, .. } => zero.then_some(Number::Int(point.into())),
        Conversion::Dequantize { zero: point, .. } => {
            let none = Number::Int(point.into()).same(number);
            none.then_some(Number::Int(0))
        }
    }
}
