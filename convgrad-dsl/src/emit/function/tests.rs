//! Golden functions: read them after a change, they are what users paste.

use super::{Language, function};
use crate::compile::compile;
use crate::sema::model::ElementType;

fn emitted(text: &str, language: Language, element: Option<ElementType>) -> String {
    let compiled = compile(text);
    assert!(compiled.stubs.is_empty(), "{:#?}", compiled.diagnostics);
    function(&compiled.converters[0], language, element).unwrap()
}

/// A golden file for each text.
macro_rules! golden {
    ($($name:ident: $language:ident, $element:expr, $text:literal)*) => {$(
        #[test]
        fn $name() {
            insta::assert_snapshot!(emitted($text, Language::$language, $element));
        }
    )*};
}

golden! {
    t_nc_in_c: C, None, "
        /// NC1HWC0 to NC1HWC0, batch and channels swapped.
        pub converter t_nc<N, C, H, W>(X[N, C/16, H, W, 16]) -> X_tnc[C, ceil(N/16), H, W, 16] {
            X_tnc[j0, j1, j2, j3, j4] = X[i0..] else 0
            where i0 = j1*16 + j4, i1 = j0/16, i2 = j2, i3 = j3, i4 = j0 % 16;
        }"
    im2col_in_rust: Rust, None, "
        converter im2col<C, H, W, R, S, s, p>(X[C, H, W]) -> Y[C*R*S, ((H + 2*p - R)/s + 1)*((W + 2*p - S)/s + 1)]
            requires s >= 1, R >= 1, S >= 1, H + 2*p >= R, W + 2*p >= S
        {
            Y[m, n] = X[m/(R*S), n/((W + 2*p - S)/s + 1)*s + m/S%R - p, n%((W + 2*p - S)/s + 1)*s + m%S - p] else 0;
        }"
    baked_in_rust: Rust, Some(ElementType::F32), "
        /// All sizes are constants.
        converter baked<N = 4, C = 2*(N + 6)>(X[N, C]) -> Y[ceil(C/16), N, 16] {
            Y[c1, n, c0] = X[n, c1*16 + c0] else -inf;
        }"
    scans_in_c: C, Some(ElementType::U8), "
        converter scans<N, M>(X[N]) -> Y[M] requires M >= 1 { Y[i*i % M] = X[(i ^ 3) % 7] if i != 2 else 0 for i < N; }"
    sum_in_rust: Rust, None, "
        converter sum<N, M>(X[M]) -> Y[M] { Y[j] += X[j] for j < M, _i < N; }"
    quantised_in_c: C, None, "
        converter pack<N, C>(X: f16[N, C]) -> Y: i8[N, ceil(C/32), 32] {
            Y[n, c1, c0] = quantize(X[n, c1*32 + c0], 0.05, 3) else 3;
        }"
    words_in_c: C, Some(ElementType::F16), "
        /// Ends a comment: */
        converter int<N, restrict, int>(X[N + restrict]) -> Y[N, 8] requires N >= 1, int >= 1 {
            Y[x, self] = X[((x * 5) ^ self) % N] if x * self != 6 else 0.5;
        }"
}

#[test]
fn fills_that_the_element_type_cannot_hold() {
    let compiled = compile("converter pad<N, M>(X[N]) -> Y[M] { Y[j] = X[j] else -1 }");
    let pad = &compiled.converters[0];
    for language in [Language::C, Language::Rust] {
        let error = function(pad, language, Some(ElementType::U8)).unwrap_err();
        assert_eq!(error.to_string(), "-1 is no number of the type u8");
        assert!(function(pad, language, Some(ElementType::I8)).is_ok());
    }
}
