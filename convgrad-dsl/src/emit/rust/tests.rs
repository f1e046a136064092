//! Golden expansions.

use quote::quote;

use crate::compile::compile;

/// The expansion of a text without errors, formatted.
fn expand(text: &str) -> String {
    let compiled = compile(text);
    let errors: Vec<_> = compiled
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.is_error())
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    pretty(&compiled)
}

fn pretty(compiled: &crate::compile::Compiled) -> String {
    let krate = quote!(::convgrad);
    let converters = compiled.converters.iter().map(|c| super::item(c, &krate));
    let convolutions = compiled
        .convolutions
        .iter()
        .map(|c| super::convolution(c, &krate));
    let stubs = compiled.stubs.iter().map(|s| super::stub(s, &krate));
    let tokens = quote!(#(#converters)* #(#convolutions)* #(#stubs)*);
    match syn::parse2(tokens.clone()) {
        Ok(file) => prettyplease::unparse(&file),
        Err(error) => panic!("{error}: {tokens}"),
    }
}

#[test]
fn t_nc() {
    println!(
        "{}",
        expand(
            "converter t_nc<N, C, H, W>(X[N, C/16, H, W, 16]) -> X_tnc[C, ceil(N/16), H, W, 16] {
    X_tnc[j0, j1, j2, j3, j4] = X[i0..] else 0
    where i0 = j1*16 + j4, i1 = j0/16, i2 = j2, i3 = j3, i4 = j0 % 16;
}"
        )
    );
    println!("{}", expand("converter im2col<N, C, H, W, R, S, p, s>(X[N, C, H, W]) -> Y[N, C, R, S, (H+2*p-R)/s+1, (W+2*p-S)/s+1] requires s >= 1, H + 2*p >= R, W + 2*p >= S {
    Y[n, c, r, q, i, j] = X[n, c, i*s + r - p, j*s+q-p] else 0;
}"));
}
