//! From one element type to another: what `cast`, `quantize` and `dequantize` of the language mean.
//!
//! | conversion | from | to | an element `x` becomes |
//! |---|---|---|---|
//! | [`Cast`] | floats, integers | floats | the nearest value, ties to even; what is too large an infinity; NaN stays NaN |
//! | [`Cast`] | integers | integers that hold all of them | the same number |
//! | [`Quantize`] | floats | integers | `round(x / scale) + zero`, ties to even, saturating; NaN `zero` |
//! | [`Dequantize`] | integers | floats | `(x - zero) * scale` |
//!
//! Quantised numbers are divided and multiplied in `f32`, or in `f64` where the float is one, by the scale as the nearest number
//! of that type; `f16` and `bf16` are widened first and rounded afterwards, as a cast does. Sums and differences with `zero` are
//! exact.

mod cast;
mod quantize;
pub(crate) mod round;

pub use cast::Cast;
pub use quantize::{Dequantize, Quantize};

/// A way from elements of the type `X` to elements of the type `Y`.
pub trait Convert<X: Copy, Y>: Copy + Send + Sync + 'static {
    /// One element.
    fn one(self, x: X) -> Y;

    /// Neighbours to neighbours, as many as both slices have: what [`one`](Convert::one) makes of each.
    #[inline]
    fn all(self, x: &[X], y: &mut [Y]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y = self.one(*x);
        }
    }
}

#[cfg(test)]
mod tests;
