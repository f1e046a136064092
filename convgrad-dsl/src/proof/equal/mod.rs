//! Whether two converters are equal: the same shapes and the same elements and fills at every place of the output, at all
//! sizes that both accept.
//!
//! Both are brought to gather form over one index space, so that the cuts of one refine the digits of the other. What
//! then has to be shown is that some conditions hold nowhere ([`cases::differences`]): by algebra for all sizes, by
//! trying the values of single components at constant ones. Where neither helps, the formulas are read literally: at
//! constant sizes that decides, with free sizes a few are tried, which can only refute.

mod cases;
mod joint;
mod literal;
mod pair;

use crate::analysis::analyze;
use crate::diagnostic::Code;
use crate::index::poly::Checked;
use crate::sema::expr::count;
use crate::sema::model::{Conversion, Converter, Elements, Form};
use crate::{sizes, transform};

use super::{Answer, Decision};
use joint::Joint;

/// Decides `f == g`; free sizes of either that are among `given` have that value.
pub fn equal(f: &Converter, g: &Converter, given: &[(String, i64)]) -> Answer {
    let refuted = |why: String| Answer::refuted(Decision::Symbolic, Code::NotEqual, vec![why]);
    if !same_elements(f.elements, g.elements) {
        return refuted("the element types or their conversions differ".into());
    }
    for (what, a, b) in [
        ("reads", &f.input, &g.input),
        ("writes", &f.output, &g.output),
    ] {
        let (left, right) = (a.extents.len(), b.extents.len());
        if left != right {
            return refuted(format!(
                "the left side {what} a tensor of {}, the right side one of {right}",
                count(left, "axis")
            ));
        }
    }
    let joint = Joint::new(f, g, given);
    let constant = joint.unbound().is_empty();
    if constant && !(accepts(f, given) && accepts(g, given)) {
        // There is nothing to compare.
        return Answer::proved(Decision::Symbolic);
    }
    let shown = match by_cases(f, g, given) {
        Ok(Shown::Open) | Err(_) => joint.read(),
        // Whether both accept the sizes at which they differ is known of constant ones only.
        Ok(Shown::Different(_)) if !constant => joint.read(),
        Ok(shown) => shown,
    };
    match shown {
        Shown::Equal(decided_by) => Answer::proved(decided_by),
        Shown::NoSizes if given.is_empty() => {
            refuted("there are no sizes at which both take the same input".into())
        }
        Shown::NoSizes => Answer::proved(Decision::Symbolic),
        Shown::Different(notes) => Answer::refuted(Decision::Enumeration, Code::NotEqual, notes),
        Shown::Open => Answer::open(),
    }
}

/// What was found out about two converters.
enum Shown {
    Equal(Decision),
    /// They differ, and how.
    Different(Vec<String>),
    /// There are no sizes that both accept.
    NoSizes,
    Open,
}

/// Compares gather forms, if both converters have one.
fn by_cases(f: &Converter, g: &Converter, given: &[(String, i64)]) -> Checked<Shown> {
    match gathered(f).zip(gathered(g)) {
        Some((f, g)) => pair::compare(&Joint::new(&f, &g, given)),
        None => Ok(Shown::Open),
    }
}

/// The converter in gather form, if it has one whose places hold an element or the fill.
fn gathered(converter: &Converter) -> Option<Converter> {
    let gathered = match converter.rule.form {
        Form::Gather => Some(converter.clone()),
        Form::Relational => transform::gather(converter),
    };
    gathered.filter(|gathered| gathered.rule.patches.is_empty())
}

/// Whether a converter accepts these sizes.
fn accepts(converter: &Converter, given: &[(String, i64)]) -> bool {
    let bindings = sizes::bind_own(converter, given);
    bindings.is_ok_and(|bindings| analyze(converter, &bindings).is_ok())
}

/// Whether elements are the same where both converters accept them.
fn same_elements(f: Option<Elements>, g: Option<Elements>) -> bool {
    let plain = |e: Elements| match e.conversion {
        Conversion::Same => true,
        Conversion::Cast => e.input == e.output,
        Conversion::Quantize { .. } | Conversion::Dequantize { .. } => false,
    };
    match (f, g) {
        (None, None) => true,
        (None, Some(elements)) | (Some(elements), None) => plain(elements),
        (Some(f), Some(g)) => {
            let types = f.input == g.input && f.output == g.output;
            types && (f.conversion == g.conversion || plain(f) && plain(g))
        }
    }
}
