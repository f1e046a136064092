// Types that do not go together. Who uses such a converter hears of nothing else.
use convgrad::convgrad;
use convgrad::half::f16;

convgrad! {
    converter half<N>(X: f32[N]) -> Y: f16[N] { Y[j] = X[j]; }
    converter rounded<N>(X: f32[N]) -> Y: i32[N] { Y[j] = cast(X[j]); }
    converter narrowed<N>(X: i16[N]) -> Y: i8[N] { Y[j] = cast(X[j]); }
    converter unknown<N>(X: float32[N]) -> Y: f16[N] { Y[j] = cast(X[j]); }
    converter one_side<N>(X: f32[N]) -> Y[N] { Y[j] = X[j]; }
    converter misspelt<N>(X: f32[N]) -> Y: i8[N] { Y[j] = quantise(X[j], 0.05, 3); }
    converter scale<N>(X: f32[N]) -> Y: i8[N] { Y[j] = quantize(X[j], 0, 3); }
    converter zero<N>(X: f32[N]) -> Y: u8[N] { Y[j] = quantize(X[j], 0.05, -1); }
    converter fill<N>(X: f32[N]) -> Y: i8[N + 1] { Y[j] = quantize(X[j], 0.05, 3) else 128; }
    converter twice = cast(cast(fill, f16 -> f32), i8 -> f16);
}

fn main() -> Result<(), convgrad::Error> {
    Half::new(1)?.convert(&[1.0f32], &mut [f16::ONE])
}
