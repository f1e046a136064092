//! The values of sizes: those that the text bakes in (`bake`), those that the caller gives (`bind`), and those that an
//! input's extents determine (`solve`); and which is which (`sources`).

mod linear;
mod single;
mod solve;
mod source;

pub use solve::{bind, bind_own, solve};
pub use source::{Source, sources};

use crate::analysis::Bindings;
use crate::diagnostic::{Code, Diagnostic};
use crate::sema::eval::{FaultKind, Values};
use crate::sema::model::{Converter, Expr, ExprKind};
use crate::sema::names::listing;
use crate::sema::order::sorted;
use crate::source::Name;

/// The sizes whose values do not depend on free ones, evaluated.
///
/// # Errors
/// A value that is negative, does not fit 64 bits or divides by what is not positive.
pub fn bake(converter: &Converter) -> Result<Bindings, Vec<Diagnostic>> {
    let mut known: Bindings = vec![None; converter.sizes.len()];
    let errors = derive(converter, &with_values(converter), &mut known);
    if errors.is_empty() {
        Ok(known)
    } else {
        Err(errors)
    }
}

/// All sizes, where those without values are known.
///
/// # Errors
/// As [`bake`]; a size that is not known.
pub fn complete(converter: &Converter, mut known: Bindings) -> Result<Vec<i64>, Vec<Diagnostic>> {
    if let Some(missing) = undetermined(converter, &known) {
        return Err(vec![missing.label("it has no value")]);
    }
    let errors = derive(converter, &with_values(converter), &mut known);
    match known.into_iter().collect() {
        Some(sizes) if errors.is_empty() => Ok(sizes),
        _ => Err(errors),
    }
}

/// What is to be said of free sizes that are not known, all at once.
fn undetermined(converter: &Converter, known: &Bindings) -> Option<Diagnostic> {
    let sizes = converter.sizes.iter().zip(known);
    let missing: Vec<&Name> = sizes
        .filter(|(size, value)| size.value.is_none() && value.is_none())
        .map(|(size, _)| &size.name)
        .collect();
    let names = listing(missing.iter().map(|name| name.text.as_str()));
    let (message, help) = match missing.len() {
        0 => return None,
        1 => (
            format!("size {names} is not determined"),
            format!("give a value for {names}"),
        ),
        _ => (
            format!("sizes {names} are not determined"),
            "give a value for each".to_owned(),
        ),
    };
    Some(Diagnostic::new(Code::SizeMissing, missing[0].span, message).help(help))
}

/// The sizes with values, each after those that it uses.
fn with_values(converter: &Converter) -> Vec<usize> {
    let uses: Vec<Vec<usize>> = converter
        .sizes
        .iter()
        .map(|s| s.value.as_ref().map_or(Vec::new(), used))
        .collect();
    let (order, _) = sorted(&uses);
    order
        .into_iter()
        .filter(|&k| converter.sizes[k].value.is_some())
        .collect()
}

/// The sizes that an expression uses, each once.
fn used(expr: &Expr) -> Vec<usize> {
    let mut found = Vec::new();
    expr.walk(&mut |part| {
        if let ExprKind::Size(id) = part.kind {
            found.push(id.index());
        }
    });
    found.sort_unstable();
    found.dedup();
    found
}

/// Evaluates what has become known of the sizes with values, `order`.
fn derive(converter: &Converter, order: &[usize], known: &mut Bindings) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    for &k in order {
        let size = &converter.sizes[k];
        let (None, Some(value)) = (known[k], &size.value) else {
            continue;
        };
        match Values::of_sizes(known).number(value) {
            Ok(n) if n >= 0 => known[k] = Some(n),
            Ok(n) => {
                let message = format!("size `{}` is {n}", size.name.text);
                errors.push(
                    Diagnostic::new(Code::SizeMismatch, value.span, message)
                        .label("sizes are at least 0"),
                );
            }
            Err(fault) if fault.kind == FaultKind::Unknown => {}
            Err(fault) => errors.push(fault.diagnostic()),
        }
    }
    errors
}
