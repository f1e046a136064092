//! Diagnostics as errors of the Rust compiler, under the tokens they are about.

use std::fmt::Write;

use convgrad_dsl::diagnostic::Diagnostic;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::text::Text;

/// A `compile_error!` that underlines the primary place of a diagnostic.
pub(crate) fn error(diagnostic: &Diagnostic, text: &Text) -> TokenStream {
    let (first, last) = text.tokens(diagnostic.span);
    spanned(first, last, &message(diagnostic, text))
}

/// An error from the first token to the last one.
///
/// Spans cannot be joined on stable Rust, but an error that is reported on several tokens keeps the first and the last one.
pub(crate) fn spanned(first: Span, last: Span, message: &str) -> TokenStream {
    let (first, last) = (Ident::new("first", first), Ident::new("last", last));
    syn::Error::new_spanned(quote!(#first #last), message).into_compile_error()
}

/// A warning, as a lint that points at the first token.
///
/// Stable Rust lets macros report errors only. The use of something deprecated is a warning that carries a text.
pub(crate) fn warning(diagnostic: &Diagnostic, text: &Text) -> TokenStream {
    let (first, _) = text.tokens(diagnostic.span);
    let name = Ident::new("warning", first.resolved_at(Span::mixed_site()));
    let note = message(diagnostic, text);
    quote! {
        const _: () = {
            #[deprecated(note = #note)]
            #[allow(non_upper_case_globals)]
            const #name: () = ();
            #name
        };
    }
}

/// The whole of a diagnostic: what is wrong, where else to look, why, and how to mend it.
fn message(diagnostic: &Diagnostic, text: &Text) -> String {
    // Writing to a string does not fail.
    let mut message = format!("{}: {}", diagnostic.code.number(), diagnostic.message);
    if !diagnostic.label.is_empty() {
        let _ = write!(message, "\n  = here: {}", diagnostic.label);
    }
    for label in &diagnostic.labels {
        let _ = write!(
            message,
            "\n  = note: `{}`: {}",
            text.excerpt(label.span),
            label.text
        );
    }
    for note in &diagnostic.notes {
        let _ = write!(message, "\n  = note: {note}");
    }
    if let Some(help) = &diagnostic.help {
        let _ = write!(message, "\n  = help: {help}");
    }
    message
}
