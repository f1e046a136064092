//! Values for sizes, given where a formula is named: `im2col<R = 3, S = 3>`.

use crate::diagnostic::{Code, Diagnostic};
use crate::sema::model::{Converter, ExprKind, Layout, Size};
use crate::sema::names::{listing, nearest};
use crate::source::Name;

use super::Made;
use super::expr::Maker;

/// Something with sizes.
pub trait HasSizes {
    /// What it is called.
    fn name(&self) -> &Name;
    /// Its sizes.
    fn sizes_mut(&mut self) -> &mut Vec<Size>;
}

impl HasSizes for Converter {
    fn name(&self) -> &Name {
        &self.name
    }

    fn sizes_mut(&mut self) -> &mut Vec<Size> {
        &mut self.sizes
    }
}

impl HasSizes for Layout {
    fn name(&self) -> &Name {
        &self.name
    }

    fn sizes_mut(&mut self) -> &mut Vec<Size> {
        &mut self.sizes
    }
}

/// The same converter or layout with values for some of its sizes: each replaces the value that the size has, or bakes it.
///
/// # Errors
/// Names that are no sizes of it, or come twice; negative values.
pub fn with_values<T: HasSizes + Clone>(f: &T, values: &[(Name, i64)]) -> Made<T> {
    let mut with = f.clone();
    let owner = f.name().text.clone();
    let mut errors = Vec::new();
    for (at, (name, value)) in values.iter().enumerate() {
        let wrong = |code, message: String| Diagnostic::new(code, name.span, message);
        if let Some((first, _)) = values[..at].iter().find(|(n, _)| n.text == name.text) {
            let message = format!("the size {} is given twice", name.text);
            errors.push(
                wrong(Code::SizeMismatch, message)
                    .label("given again")
                    .secondary(first.span, "first given here"),
            );
            continue;
        }
        if *value < 0 {
            let message = format!("the size {} is given as {value}", name.text);
            errors.push(wrong(Code::SizeMismatch, message).label("sizes are at least 0"));
            continue;
        }
        let sizes = with.sizes_mut();
        if let Some(size) = sizes.iter_mut().find(|s| s.name.text == name.text) {
            let make = Maker { span: name.span };
            size.value = Some(make.of(ExprKind::Int(*value)));
            continue;
        }
        let names = || sizes.iter().map(|s| s.name.text.as_str());
        let message = format!("`{owner}` has no size `{}`", name.text);
        let error = wrong(Code::UnknownSize, message)
            .label("unknown size")
            .note(match sizes.is_empty() {
                true => "it has no sizes".to_owned(),
                false => format!("its sizes are {}", listing(names())),
            });
        errors.push(match nearest(&name.text, names()) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error,
        });
    }
    if errors.is_empty() {
        Ok(with)
    } else {
        Err(errors)
    }
}
