//! Normal forms know no names: what is to be stated of a divisor is said where the converter is at hand.

use crate::diagnostic::{Code, Diagnostic};
use crate::proof::text::{self, Names};
use crate::sema::model::{Converter, Expr};
use crate::source::Span;

/// Names the divisors in the help of errors that ask for a statement about them.
pub(crate) fn named(converter: &Converter, errors: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let names = Names::from(converter).expanded();
    errors
        .into_iter()
        .map(|error| {
            let divisor = match error.code {
                Code::DivisorUnknown => find(converter, error.span),
                _ => None,
            };
            match divisor.map(|divisor| text::limit(&divisor, names)) {
                Some(divisor) => error.help(format!(
                    "state it after the operands, `requires {divisor} >= 1`; it is checked once a call"
                )),
                None => error,
            }
        })
        .collect()
}

/// The expression that stands at a place.
fn find(converter: &Converter, span: Span) -> Option<Expr> {
    let mut found = None;
    let mut look = |expr: &Expr| {
        expr.walk(&mut |part| {
            if part.span == span && found.is_none() {
                found = Some(part.clone());
            }
        });
    };
    let rule = &converter.rule;
    converter
        .sizes
        .iter()
        .filter_map(|size| size.value.as_ref())
        .chain(&converter.input.extents)
        .chain(&converter.output.extents)
        .chain(rule.definitions.iter().map(|definition| &definition.value))
        .chain(&rule.left)
        .chain(&rule.source)
        .for_each(&mut look);
    let conditions = rule.guard.iter().chain(&converter.requires);
    conditions.for_each(|cond| cond.walk(&mut look));
    found
}
