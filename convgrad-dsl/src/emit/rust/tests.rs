//! Golden expansions: read them after a change, they are what users step through.

use quote::quote;

use crate::compile::compile;

/// The expansion of a text, formatted.
fn expand(text: &str) -> String {
    let compiled = compile(text);
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

/// A golden file for each text, which must compile to so many items without errors.
macro_rules! golden {
    ($($name:ident: $text:literal)*) => {$(
        #[test]
        fn $name() {
            let compiled = compile($text);
            assert!(compiled.stubs.is_empty(), "{:#?}", compiled.diagnostics);
            insta::assert_snapshot!(expand($text));
        }
    )*};
}

golden! {
    t_nc: "
        /// NC1HWC0 to NC1HWC0, batch and channels swapped.
        pub converter t_nc<N, C, H, W>(X[N, C/16, H, W, 16]) -> X_tnc[C, ceil(N/16), H, W, 16] {
            X_tnc[j0, j1, j2, j3, j4] = X[i0..] else 0
            where i0 = j1*16 + j4, i1 = j0/16, i2 = j2, i3 = j3, i4 = j0 % 16;
        }"
    t_ncf: "
        pub converter t_ncf<N, C1, Hs, Ws, H, W>(X[N, C1, Hs, Ws, 16]) -> Z[ceil(N/16)*H*W, C1, 16, 16]
            requires H <= Hs, W <= Ws
        {
            Z[j0, j1, j2, j3] = X[i0..] else 0
            where i0 = (j0/(H*W))*16 + j3, i1 = j1, i2 = j0/W - (j0/(H*W))*H, i3 = j0 % W, i4 = j2;
        }"
    flip_rot: "
        pub converter flip_rot<C1, N1, HW>(Z[C1*HW, N1, 16, 16]) -> FR[N1*HW, C1, 16, 16] requires HW >= 1 {
            FR[j0, j1, j2, j3] = Z[j1*HW + HW - 1 - j0 % HW, j0/HW, j3, j2];
        }"
    strided: "
        pub converter strided<N, C1, P, Q, S, T>(G[N, C1, P, Q, 16]) -> D[N, C1, (P-1)*S+1, (Q-1)*T+1, 16]
            requires P >= 1, Q >= 1, S >= 1, T >= 1
        {
            D[j0, j1, j2, j3, j4] = G[j0, j1, j2/S, j3/T, j4] if j2 % S == 0 && j3 % T == 0 else 0;
        }"
    im2col: "
        converter im2col<C, H, W, R, S, s, p>(X[C, H, W]) -> Y[C*R*S, ((H + 2*p - R)/s + 1)*((W + 2*p - S)/s + 1)]
            requires s >= 1, R >= 1, S >= 1, H + 2*p >= R, W + 2*p >= S
        {
            Y[m, n] = X[m/(R*S), n/((W + 2*p - S)/s + 1)*s + m/S%R - p, n%((W + 2*p - S)/s + 1)*s + m%S - p] else 0;
        }"
    window: "
        converter window<N, C, H, W, R, S, s, p>(X[N, C, H, W]) -> Y[N, C, R, S, (H + 2*p - R)/s + 1, (W + 2*p - S)/s + 1]
            requires s >= 1, H + 2*p >= R, W + 2*p >= S
        {
            Y[n, c, r, q, i, j] = X[n, c, i*s + r - p, j*s + q - p] else 0;
        }"
    baked: "
        /// All sizes are constants.
        converter baked<N = 4, C = 2*(N + 6)>(X[N, C]) -> Y[ceil(C/16), N, 16] {
            Y[c1, n, c0] = X[n, c1*16 + c0] else -inf;
        }"
    scatter: "
        converter scatter<N, C, H, W>(X[N, C, H, W]) -> Y[N, ceil(C/16), H, W, 16] {
            Y[n, c/16, h, w, c%16] = X[n, c, h, w] else 0 for n < N, c < C, h < H, w < W;
        }"
    per_element: "
        converter per_element<N, type>(X[N + type]) -> Y[N, 8] requires N >= 1 {
            Y[loop, self] = X[((loop * 5) ^ self) % N] if loop * self != 6 else 0.5;
        }"
    col2im: "
        converter col2im<C, H, W, R, S, s, p>(Y[C, R, S, (H + 2*p - R)/s + 1, (W + 2*p - S)/s + 1]) -> X[C, H, W]
            requires s >= 1, R >= 1, S >= 1, H + 2*p >= R, W + 2*p >= S
        {
            X[c, h, w] += Y[c, r, q, i, j] if h >= 0 && h < H && w >= 0 && w < W
            for c < C, r < R, q < S, i < (H + 2*p - R)/s + 1, j < (W + 2*p - S)/s + 1
            where h = i*s + r - p, w = j*s + q - p;
        }"
    sums: "
        converter sums<N, C = 16>(X[N, C]) -> S[C] { S[c] += X[n, c]; }"
    patches: "
        converter ragged<N>(X[N]) -> Y[ceil(N/16), 16] { Y[i, j] = X[i*16 + j] else 1.5; }
        converter slices<N, M>(X[N, M]) -> Y[N + 2, M] { Y[i, j] = X[i - 1, j] else -1; }
        converter patches = compose(ragged, slices);"
    obligations: "
        converter obligations<N, K>(X[N]) -> Y[K] {
            Y[j] = X[j*3 + 2];
        }"
    quantised: "
        /// NCHW to NC1HWC0 of quantised numbers, 32 channels a block.
        pub converter quantised<N, C, H, W>(X: f32[N, C, H, W]) -> Y: i8[N, ceil(C/32), H, W, 32] {
            Y[n, c1, h, w, c0] = quantize(X[n, c1*32 + c0, h, w], 0.05, -3) else -3;
        }"
    typed: "
        converter typed<N>(X: bf16[N]) -> Y: bf16[N + 2] { Y[i] = X[i - 1] else 0.5; }"
    scans: "
        converter scans<N, M>(X[N]) -> Y[M] requires M >= 1 { Y[i*i % M] = X[(i ^ 3) % 7] if i != 2 else 0 for i < N; }"
    stem: "
        /// The first convolution.
        pub convolution stem {
            input NC1HWC0, kernel FRACTAL_Z, output NC1HWC0, stride 2, padding [1, 2], dilation 1, groups 1,
        }"
}

#[test]
fn stub_of_a_converter() {
    let text = "pub converter broken<N, C>(X[N, C]) -> Y[C, N] { Y[i, j] = X[j, k]; }";
    assert_eq!(compile(text).stubs.len(), 1);
    insta::assert_snapshot!(expand(text));
}

#[test]
fn stub_of_a_convolution() {
    let text = "convolution broken { input NCHW, kernel NCHW }";
    assert_eq!(compile(text).stubs.len(), 1);
    insta::assert_snapshot!(expand(text));
}
