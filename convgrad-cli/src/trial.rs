//! One convolution on random tensors, by every method: what the measuring commands time and verify.

use convgrad::conv::{self, Activations, Context, Conv2d, Kernel, Layout, Method, PreparedKernel};
use serde::Serialize;

use crate::engine::Engine;
use crate::failure::{Failure, Result};
use crate::measure::Random;

/// The methods that are worth timing, in the order of the tables.
pub(crate) const TIMED: [Method; 5] = [
    Method::Fused,
    Method::Converters,
    Method::Literal,
    Method::Col2im,
    Method::Autodiff,
];

/// The three computations of a convolution layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Forward,
    Dx,
    Dk,
}

/// A convolution and its tensors.
#[derive(Debug)]
pub(crate) struct Trial {
    conv: Conv2d,
    layout: Layout,
    x: Vec<f32>,
    k: Vec<f32>,
    dy: Vec<f32>,
    /// For forward and dX by `fused`, if kernels are prepared beforehand.
    prepared: Option<[PreparedKernel<f32>; 2]>,
}

/// Norms of the differences to `direct` over the norms of what `direct` gives.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Errors {
    /// Of the output.
    pub(crate) forward: f64,
    /// Of the input's gradient.
    pub(crate) dx: f64,
    /// Of the kernel's gradient.
    pub(crate) dk: f64,
}

impl Errors {
    /// The largest of them; NaN if one is.
    pub(crate) fn largest(&self) -> f64 {
        worse(worse(self.forward, self.dx), self.dk)
    }
}

/// The larger of two errors, and NaN as the worst of all.
pub(crate) fn worse(a: f64, b: f64) -> f64 {
    if a.is_nan() || a > b { a } else { b }
}

impl Trial {
    /// Random tensors for a convolution, in a layout.
    pub(crate) fn new(conv: Conv2d, layout: Layout, context: &Context) -> Result<Self> {
        for method in [Method::Direct, Method::Literal] {
            let engine = Engine {
                conv,
                method,
                layout,
                context,
            };
            engine.ensure_memory_for_gradients::<f32>()?;
        }
        let mut random = Random::new(1);
        let mut numbers = |shape: [usize; 4]| random.numbers(shape.iter().product());
        let (input, kernel, output) = views(&conv, layout);
        let (x, k, dy) = (
            input.pack(&numbers(conv.input_shape())),
            kernel.pack(&numbers(conv.kernel_shape())),
            output.pack(&numbers(conv.output_shape())),
        );
        Ok(Trial {
            conv,
            layout,
            x: x.map_err(Failure::runtime)?,
            k: k.map_err(Failure::runtime)?,
            dy: dy.map_err(Failure::runtime)?,
            prepared: None,
        })
    }

    /// The same with the kernel prepared for `fused`, before anything is timed.
    pub(crate) fn prepared(self) -> Result<Self> {
        let forward = PreparedKernel::forward(&self.conv, self.layout, &self.k);
        let dx = PreparedKernel::backward_input(&self.conv, self.layout, &self.k);
        Ok(Trial {
            prepared: Some([
                forward.map_err(Failure::runtime)?,
                dx.map_err(Failure::runtime)?,
            ]),
            ..self
        })
    }

    /// A buffer for the result of a part, full of numbers that are no result.
    pub(crate) fn buffer(&self, part: Part) -> Vec<f32> {
        let like = match part {
            Part::Forward => &self.dy,
            Part::Dx => &self.x,
            Part::Dk => &self.k,
        };
        vec![f32::NAN; like.len()]
    }

    /// Computes one part by a method.
    pub(crate) fn run(
        &self,
        context: &Context,
        method: Method,
        part: Part,
        result: &mut [f32],
    ) -> Result {
        let Trial {
            conv,
            layout,
            x,
            k,
            dy,
            prepared,
        } = self;
        match (part, prepared) {
            (Part::Forward, Some([kernel, _])) if method == Method::Fused => {
                kernel.run(context, x, result)
            }
            (Part::Dx, Some([_, kernel])) if method == Method::Fused => {
                kernel.run(context, dy, result)
            }
            (Part::Forward, _) => conv::forward(context, conv, method, *layout, x, k, result),
            (Part::Dx, _) => conv::backward_input(context, conv, method, *layout, k, dy, result),
            (Part::Dk, _) => conv::backward_kernel(context, conv, method, *layout, x, dy, result),
        }
        .map_err(Failure::runtime)
    }

    /// Bytes of the three tensors, each once.
    pub(crate) fn bytes(&self) -> u64 {
        let elements = self.x.len() + self.k.len() + self.dy.len();
        (elements * size_of::<f32>()) as u64
    }

    /// The most bytes of buffers that a method has in use at once, over all parts.
    pub(crate) fn scratch(&self, context: &Context, method: Method) -> Result<usize> {
        let mut most = 0;
        for part in [Part::Forward, Part::Dx, Part::Dk] {
            let mut result = self.buffer(part);
            let (outcome, bytes) =
                context.measure_scratch(|cx| self.run(cx, method, part, &mut result));
            outcome?;
            most = most.max(bytes);
        }
        Ok(most)
    }

    /// A result in NCHW.
    fn unpack(&self, part: Part, result: &[f32]) -> Result<Vec<f32>> {
        let (input, kernel, output) = views(&self.conv, self.layout);
        match part {
            Part::Forward => output.unpack(result),
            Part::Dx => input.unpack(result),
            Part::Dk => kernel.unpack(result),
        }
        .map_err(Failure::runtime)
    }

    /// The errors of methods, in their order.
    pub(crate) fn errors(&self, context: &Context, methods: &[Method]) -> Result<Vec<Errors>> {
        let all = |method| -> Result<[Vec<f32>; 3]> {
            let run = |part| {
                let mut result = self.buffer(part);
                self.run(context, method, part, &mut result)?;
                self.unpack(part, &result)
            };
            Ok([run(Part::Forward)?, run(Part::Dx)?, run(Part::Dk)?])
        };
        let expected = all(Method::Direct)?;
        methods
            .iter()
            .map(|&method| {
                let found = all(method)?;
                let [forward, dx, dk] =
                    [0, 1, 2].map(|index| relative_error(&found[index], &expected[index]));
                Ok(Errors { forward, dx, dk })
            })
            .collect()
    }
}

/// Where input, kernel and output lie.
fn views(conv: &Conv2d, layout: Layout) -> (Activations, Kernel, Activations) {
    let formats = layout.formats();
    (
        Activations::input(formats.input, conv),
        Kernel::of(formats.kernel, conv),
        Activations::output(formats.output, conv),
    )
}

/// The norm of the difference over the norm of `expected`.
fn relative_error(found: &[f32], expected: &[f32]) -> f64 {
    let norm = |values: &mut dyn Iterator<Item = f64>| {
        values.map(|value| value * value).sum::<f64>().sqrt()
    };
    let pairs = found.iter().zip(expected);
    let difference = norm(&mut pairs.map(|(&a, &b)| f64::from(a) - f64::from(b)));
    let size = norm(&mut expected.iter().map(|&value| f64::from(value)));
    if difference == 0.0 {
        0.0
    } else {
        difference / size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_relative_to_the_norm() {
        assert_eq!(relative_error(&[3.0, 5.0], &[3.0, 4.0]), 0.2);
        assert_eq!(relative_error(&[0.0], &[0.0]), 0.0);
        assert!(relative_error(&[f32::NAN], &[1.0]).is_nan());
    }

    #[test]
    fn nan_is_the_worst() {
        assert_eq!(worse(1.0, 2.0), 2.0);
        assert!(worse(f64::NAN, 2.0).is_nan() && worse(2.0, f64::NAN).is_nan());
    }
}
