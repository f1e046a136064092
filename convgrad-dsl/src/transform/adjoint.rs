//! `adjoint(f)`: the transpose of `f` as a matrix of zeros and ones.

use crate::diagnostic::{Code, Diagnostic};
use crate::sema::model::{Conversion, Converter, Fill, Number, Writes};
use crate::source::Span;

use super::expr::Maker;
use super::gather::gathered;
use super::owed::owed;
use super::simplify::simplified_or_same;
use super::swap::swapped;
use super::{Made, facts};

/// `adjoint(f)`: adds every output element of `f` to the input element that it was read from; a sum where `f` reads an element
/// twice. Fills contribute nothing.
///
/// # Errors
/// Element types that are converted on the way.
pub fn adjoint(f: &Converter, span: Span) -> Made<Converter> {
    if f.elements.is_some_and(|e| e.conversion != Conversion::Same) {
        let message = format!("{} converts its elements and has no adjoint", f.name.text);
        return Err(vec![
            Diagnostic::new(Code::ElementTypesDiffer, span, message)
                .label("not linear")
                .help("take the adjoint of the formula without the conversion"),
        ]);
    }
    let once = facts::reads_once(f)?;
    let mut made = swapped(f, span);
    made.stages = owed(f, Maker { span })?.stages;
    if !once {
        made.rule.writes = Writes::Add;
        return Ok(simplified_or_same(made));
    }
    made.rule.fill = Some(Fill {
        number: Number::Int(0),
        span,
    });
    Ok(gathered(made))
}
