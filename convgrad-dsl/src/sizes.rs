//! The values of sizes: those that the text bakes in, and those that an input's extents determine.

use crate::analysis::Bindings;
use crate::diagnostic::{Code, Diagnostic};
use crate::sema::eval::{FaultKind, Values};
use crate::sema::model::Converter;

/// The sizes whose values do not depend on free ones, evaluated. A value that cannot be one is an error.
pub fn bake(converter: &Converter) -> Result<Bindings, Vec<Diagnostic>> {
    let mut known: Bindings = vec![None; converter.sizes.len()];
    let errors = derive(converter, &mut known);
    if errors.is_empty() {
        Ok(known)
    } else {
        Err(errors)
    }
}

/// Evaluates the values whose sizes are known, until no more become known.
fn derive(converter: &Converter, known: &mut Bindings) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    let mut open: Vec<usize> = (0..known.len())
        .filter(|&k| known[k].is_none() && converter.sizes[k].value.is_some())
        .collect();
    loop {
        let before = open.len();
        open.retain(|&k| {
            let Some(value) = &converter.sizes[k].value else {
                return false;
            };
            match Values::of_sizes(known).number(value) {
                Ok(n) if n >= 0 => known[k] = Some(n),
                Ok(n) => {
                    let message = format!("size `{}` is {n}", converter.sizes[k].name.text);
                    errors.push(
                        Diagnostic::new(Code::SizeMismatch, value.span, message)
                            .label("sizes are at least 0"),
                    );
                }
                Err(fault) if fault.kind == FaultKind::Unknown => return true,
                Err(fault) => errors.push(fault.diagnostic()),
            }
            false
        });
        if open.len() == before {
            return errors;
        }
    }
}
