//! Values for sizes that have others: what was derived is derived anew.

use convgrad_dsl::compile::compile;
use convgrad_dsl::diagnostic::Code;

const EQUAL: &str = "
use std::{FRACTAL_Z, NC1HWC0, NCHW, fractal_z_to_nchw, nc1hwc0_to_nchw, t_nc};

layout BLOCKS<N, B = 4>[n] = [n/B, n%B];
layout PLAIN<N>[n] = [n];

converter crop = BLOCKS -> PLAIN;
converter crop_8 = crop<B = 8>;
assert crop_8 == BLOCKS<B = 8> -> PLAIN;
assert crop_8<B = 2> == BLOCKS<B = 2> -> PLAIN;
assert adjoint(crop<B = 8>) == PLAIN -> BLOCKS<B = 8>;
assert inverse(inverse(crop_8<B = 2>)) == inverse(inverse(BLOCKS<B = 2> -> PLAIN));

converter join<N, B = 4>(X[N, B]) -> Y[N*B] { Y[i] = X[i/B, i%B]; }
converter joined = compose(join, PLAIN -> PLAIN);
assert joined<B = 2> == compose(join<B = 2>, PLAIN -> PLAIN);

assert nc1hwc0_to_nchw<C0 = 32> == NC1HWC0<C0 = 32> -> NCHW;
assert fractal_z_to_nchw<C0 = 32, N0 = 8> == FRACTAL_Z<C0 = 32, N0 = 8> -> NCHW;
assert t_nc<C0 = 32> == NC1HWC0<C0 = 32> -> NC1HWC0 by [n, c, h, w] -> [c, n, h, w];
";

#[test]
fn derived_converters_take_other_values() {
    let compiled = compile(EQUAL);
    assert_eq!(compiled.diagnostics, []);
    assert_eq!(compiled.assertions.len(), 8);
    for assertion in &compiled.assertions {
        let text = &assertion.assertion.text;
        assert_eq!(assertion.answer.holds, Some(true), "{text}");
    }
}

#[test]
fn values_reach_through_many_chains_but_not_through_any_number() {
    let text = |count: usize| {
        let mut text = "layout L<N, B = 4>[n] = [n/B, n%B];\nlayout P<N>[n] = [n];\n".to_owned();
        text += "converter c0 = L -> P;\n";
        for k in 1..=count {
            text += &format!("converter c{k} = c{};\n", k - 1);
        }
        text + &format!("converter last = c{count}<B = 2>;\n")
    };
    assert_eq!(compile(&text(12)).diagnostics, []);
    let diagnostics = compile(&text(100)).diagnostics;
    let codes: Vec<Code> = diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(codes, [Code::ExpansionTooLarge], "{diagnostics:?}");
}
