//! On how many shapes the paper's method beats the others.

use serde::Serialize;

use super::{Gradient, ShapeFindings};

/// The proposed method against another one.
#[derive(Debug, Serialize)]
pub(crate) struct Wins {
    /// The other method.
    pub(crate) against: &'static str,
    /// Which gradient.
    pub(crate) gradient: Gradient,
    /// Shapes on which the proposed method is faster.
    pub(crate) as_measured: usize,
    /// The same, were im2col faster by the run's factor.
    pub(crate) with_fast_im2col: usize,
    /// Shapes in all.
    pub(crate) of: usize,
}

/// The proposed method against the two that the paper compares it with.
pub(crate) fn wins(shapes: &[ShapeFindings], im2col_speedup: f64) -> Vec<Wins> {
    let mut wins = Vec::new();
    for gradient in [Gradient::Dx, Gradient::Dk, Gradient::Both] {
        for against in ["col2im", "autodiff"] {
            let count = |speedup: f64| {
                let faster = |shape: &&ShapeFindings| {
                    let time = |method| {
                        shape
                            .methods
                            .get(method)
                            .map(|gradients| gradients.figure(gradient).with_im2col(speedup))
                    };
                    matches!((time("converters"), time(against)), (Some(proposed), Some(other)) if proposed < other)
                };
                shapes.iter().filter(faster).count()
            };
            wins.push(Wins {
                against,
                gradient,
                as_measured: count(1.0),
                with_fast_im2col: count(im2col_speedup),
                of: shapes.len(),
            });
        }
    }
    wins
}
