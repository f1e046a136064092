//! Random geometries and numbers.

use proptest::prelude::*;

use crate::conv::{Activations, Context, Conv2d, Formats, Kernel};
use crate::cube::{self, Counts, Real, Scheme};
use crate::error::Result;

/// Small geometries of every kind: ragged channels, groups, asymmetric and oversized padding, stride, dilation, empty batches.
pub(in crate::cube) fn geometry() -> impl Strategy<Value = Conv2d> {
    let pair = |low: usize, high: usize| prop::array::uniform2(low..high);
    let channels = (
        1usize..4,
        prop::sample::select(vec![1, 2, 3, 5, 15, 16, 17, 20]),
        1usize..20,
    );
    (
        0usize..4,
        channels,
        pair(1, 9),
        pair(1, 4),
        pair(1, 4),
        pair(1, 4),
        prop::array::uniform4(0usize..5),
    )
        .prop_filter_map(
            "the kernel must fit",
            |(n, (groups, c, k), [h, w], [r, s], stride, dilation, padding)| {
                // Larger numbers only where they do not make the test slow.
                let (c, k) = if groups > 1 {
                    (c.min(5), k.min(6))
                } else {
                    (c, k)
                };
                Conv2d::builder([n, groups * c, h, w], [groups * k, c, r, s])
                    .stride(stride)
                    .dilation(dilation)
                    .padding(padding)
                    .groups(groups)
                    .build()
                    .ok()
            },
        )
}

/// Random numbers between -1 and 1, never 0.
#[derive(Debug)]
pub(in crate::cube) struct Random(pub(in crate::cube) u64);

impl Random {
    pub(in crate::cube) fn next(&mut self) -> f64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11;
        (2 * bits + 1) as f64 / (1u64 << 53) as f64 - 1.0
    }

    pub(in crate::cube) fn tensor(&mut self, shape: [usize; 4]) -> Vec<f64> {
        (0..shape.iter().product()).map(|_| self.next()).collect()
    }
}

/// A seed that is not 0, for which the generator would stand still.
pub(in crate::cube) fn seed() -> impl Strategy<Value = Random> {
    (1..u64::MAX).prop_map(Random)
}

pub(in crate::cube) fn to_f32(data: &[f64]) -> Vec<f32> {
    data.iter().map(|&value| value as f32).collect()
}

pub(in crate::cube) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The results of [`cube::forward()`] and its gradients in new tensors, on the threads of the caller's pool.
///
/// What is not written stays NaN.
pub(in crate::cube) struct Run<'a> {
    pub(in crate::cube) conv: &'a Conv2d,
    pub(in crate::cube) formats: Formats,
}

impl Run<'_> {
    fn into<T: Real>(
        len: usize,
        compute: impl FnOnce(&mut [T]) -> Result<Counts>,
    ) -> Result<(Vec<T>, Counts)> {
        let mut result = vec![T::from_accumulator(f32::NAN); len];
        let counts = compute(&mut result)?;
        Ok((result, counts))
    }

    pub(in crate::cube) fn forward<T: Real>(
        &self,
        x: &[T],
        kernel: &[T],
    ) -> Result<(Vec<T>, Counts)> {
        let len = Activations::output(self.formats.output, self.conv).len();
        Self::into(len, |y| {
            cube::forward(&Context::default(), self.conv, self.formats, x, kernel, y)
        })
    }

    pub(in crate::cube) fn backward_input<T: Real>(
        &self,
        kernel: &[T],
        dy: &[T],
    ) -> Result<(Vec<T>, Counts)> {
        let len = Activations::input(self.formats.input, self.conv).len();
        Self::into(len, |dx| {
            cube::backward_input(&Context::default(), self.conv, self.formats, kernel, dy, dx)
        })
    }

    pub(in crate::cube) fn backward_kernel<T: Real>(
        &self,
        x: &[T],
        dy: &[T],
        scheme: Scheme,
    ) -> Result<(Vec<T>, Counts)> {
        let len = Kernel::of(self.formats.kernel, self.conv).len();
        Self::into(len, |dk| {
            cube::backward_kernel(
                &Context::default(),
                self.conv,
                self.formats,
                x,
                dy,
                dk,
                scheme,
            )
        })
    }
}
