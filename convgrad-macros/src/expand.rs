//! The expansion: everything that compiled, a stub for what did not, and the diagnostics.

use convgrad_dsl::compile::compile;
use convgrad_dsl::emit::rust;
use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::report;
use crate::text::Text;

pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let (krate, items) = match split_crate(input) {
        Ok(split) => split,
        Err(error) => return error,
    };
    let text = Text::new(items);
    let compiled = compile(&text.text);
    let mut output = TokenStream::new();
    for diagnostic in &compiled.diagnostics {
        output.extend(match diagnostic.is_error() {
            true => report::error(diagnostic, &text),
            false => report::warning(diagnostic, &text),
        });
    }
    output.extend(
        compiled
            .converters
            .iter()
            .map(|item| rust::item(item, &krate)),
    );
    output.extend(
        compiled
            .convolutions
            .iter()
            .map(|item| rust::convolution(item, &krate)),
    );
    output.extend(compiled.stubs.iter().map(|stub| rust::stub(stub, &krate)));
    output
}

/// Takes `crate = path;` off the front: the crate that the expansion names instead of `::convgrad`.
fn split_crate(input: TokenStream) -> Result<(TokenStream, TokenStream), TokenStream> {
    let tokens: Vec<TokenTree> = input.into_iter().collect();
    let is = |at: usize, expected: &str| tokens.get(at).is_some_and(|t| t.to_string() == expected);
    if !(is(0, "crate") && is(1, "=")) {
        return Ok((quote!(::convgrad), tokens.into_iter().collect()));
    }
    let end = (2..tokens.len()).find(|at| is(*at, ";"));
    match end {
        Some(end) if end > 2 => Ok((
            tokens[2..end].iter().cloned().collect(),
            tokens[end + 1..].iter().cloned().collect(),
        )),
        _ => Err(report::spanned(
            tokens[0].span(),
            tokens[1].span(),
            "the path of a crate and a semicolon are expected: `crate = path;`",
        )),
    }
}
