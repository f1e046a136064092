//! What the documentation of a generated type says: the user's words, the shapes, the checks and the proofs.

use proc_macro2::TokenStream;
use quote::quote;

use crate::compile::CompiledConverter;
use crate::emit::formula;
use crate::proof::{Decision, Obligation, Verdicts};

/// The `#[doc]` attributes of a type.
pub(super) fn attributes(lines: &[String]) -> TokenStream {
    lines.iter().map(|line| quote!(#[doc = #line])).collect()
}

/// The lines of a converter's documentation.
pub(super) fn converter(compiled: &CompiledConverter) -> Vec<String> {
    let converter = &compiled.converter;
    let shapes = format!(
        "`{} -> {}`",
        formula::operand(converter, &converter.input),
        formula::operand(converter, &converter.output)
    );
    let mut lines: Vec<String> = converter.docs.clone();
    if lines.is_empty() {
        lines.push(format!(" The converter {shapes}."));
    } else {
        lines.push(String::new());
        lines.push(format!(" Converts {shapes}."));
    }
    if let Some(elements) = converter.elements {
        lines.push(String::new());
        lines.push(format!(" {}", formula::elements(elements)));
    }
    let values = formula::values(&converter.rule);
    lines.extend(values.into_iter().map(|sentence| format!(" {sentence}")));
    let obligations = &compiled.analysis.obligations;
    if !obligations.is_empty() {
        lines.push(String::new());
        lines.push(" The constructor checks:".to_owned());
        lines.extend(obligations.iter().map(obligation));
    }
    lines.push(String::new());
    lines.push(format!(" {}", verdicts(&compiled.analysis.verdicts)));
    lines
}

fn obligation(obligation: &Obligation) -> String {
    format!(" - `{}`", obligation.text)
}

fn verdicts(verdicts: &Verdicts) -> String {
    let answers = [
        ("in bounds", verdicts.in_bounds),
        ("injective", verdicts.injective),
        ("surjective", verdicts.surjective),
        ("bijective", verdicts.bijective),
    ];
    let answers = answers.map(|(what, answer)| {
        let answer = match answer {
            Some(true) => "yes",
            Some(false) => "no",
            None => "depends on the sizes",
        };
        format!("{what}: {answer}")
    });
    let how = match verdicts.decided_by {
        Decision::Symbolic => " (proved)",
        Decision::Enumeration => " (by trying all positions)",
        Decision::Undecided => "",
    };
    format!("Of the positions that read, {}{how}.", answers.join(", "))
}
