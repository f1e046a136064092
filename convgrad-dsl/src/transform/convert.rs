//! Conversions of what a converter moves.

use super::Made;
use super::compose::elements::{Stage, joined, through};
use crate::diagnostic::{Code, Diagnostic};
use crate::sema::model::{Conversion, Converter, Elements, Origin, Writes};
use crate::source::Span;
use crate::transform::Respan;

/// `cast(f, …)`, `quantize(f, …)` or `dequantize(f, …)`, which is `word`: first `f`, then the conversion of every element. What `f`
/// fills with is converted too.
///
/// # Errors
/// Element types that do not meet, two conversions, sums that would be converted, and fills that are not known after the
/// conversion.
pub fn convert(f: &Converter, elements: Elements, word: &str, span: Span) -> Made<Converter> {
    if f.rule.writes == Writes::Add && elements.conversion != Conversion::Same {
        let message = format!(
            "{} adds elements up, and sums are not converted",
            f.name.text
        );
        return Err(vec![
            Diagnostic::new(Code::NoConversion, span, message)
                .label("a sum would be converted")
                .help("run the two one after the other, with the sums stored"),
        ]);
    }
    let (inner, outer) = (
        Stage::from(f),
        Stage {
            name: word,
            elements: Some(elements),
        },
    );
    let mut converted = f.clone();
    converted.elements = joined(inner, outer, span)?;
    converted.rule.fill = through(f.rule.fill.as_ref(), inner, outer, span)?;
    for patch in &mut converted.rule.patches {
        if let Some(fill) = through(Some(&patch.fill), inner, outer, span)? {
            patch.fill = fill;
        }
    }
    converted.docs.clear();
    converted.public = false;
    converted.origin = Origin::Chain(String::new());
    converted.respan(span);
    Ok(converted)
}
