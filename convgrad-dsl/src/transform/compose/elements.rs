//! Element types along a composition.

use crate::diagnostic::{Code, Diagnostic};
use crate::sema::model::{Conversion, Converter, Elements, Fill, Number};
use crate::source::Span;
use crate::transform::Made;

/// The element types of the composite.
///
/// # Errors
/// `f` writes other elements than `g` reads; both convert.
pub(super) fn joined(f: &Converter, g: &Converter, span: Span) -> Made<Option<Elements>> {
    let (Some(first), Some(second)) = (f.elements, g.elements) else {
        return Ok(f.elements.or(g.elements));
    };
    let differ = |message: String| Diagnostic::new(Code::ElementTypesDiffer, span, message);
    if first.output != second.input {
        let message = format!(
            "{} and {} have other element types",
            f.name.text, g.name.text
        );
        return Err(vec![
            differ(message)
                .label("element types that do not meet")
                .note(format!(
                    "{} writes {}, {} reads {}",
                    f.name.text,
                    first.output.name(),
                    g.name.text,
                    second.input.name()
                ))
                .help("convert between them: `cast(…, … -> …)`"),
        ]);
    }
    let conversion = match (first.conversion, second.conversion) {
        (conversion, Conversion::Same) | (Conversion::Same, conversion) => conversion,
        _ => {
            let message = format!("{} and {} both convert elements", f.name.text, g.name.text);
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

/// A fill of `f` as `g` hands it on.
///
/// # Errors
/// A number that `g`'s conversion changes in a way that is not known here.
pub(super) fn through(
    fill: Option<&Fill>,
    f: &Converter,
    g: &Converter,
    span: Span,
) -> Made<Option<Fill>> {
    let Some(fill) = fill else { return Ok(None) };
    let number = match g.elements {
        Some(elements) => converted(fill.number, elements),
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
                    f.name.text,
                    g.name.text
                ),
            )
            .label("not known after the conversion")
            .help("let it fill with 0, or run the two one after the other"),
        ]),
    }
}

/// The number after a conversion, where it comes out exactly.
fn converted(number: Number, elements: Elements) -> Option<Number> {
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
