//! `convgrad!` compiles iterator formulas where they stand.
//!
//! A thin shim around `convgrad_dsl`: tokens become text with a map of where they came from, diagnostics go back to the very
//! tokens they are about.
#![forbid(unsafe_code)]

mod expand;
mod report;
mod text;

/// Compiles the items of the formula language where they stand: converters and convolutions.
#[proc_macro]
pub fn convgrad(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand::expand(input.into()).into()
}
