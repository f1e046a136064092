//! On how many shapes the paper's method beats the others, to the letter and on the engine.

use serde::Serialize;

use super::{Gradient, PROPOSED, ShapeFindings};

/// A form of the proposed method against another method.
#[derive(Debug, Serialize)]
pub(crate) struct Wins {
    /// Which form.
    pub(crate) method: &'static str,
    /// The other method.
    pub(crate) against: &'static str,
    /// Which gradient.
    pub(crate) gradient: Gradient,
    /// Shapes on which it is faster.
    pub(crate) as_measured: usize,
    /// The same, were im2col faster by the run's factor.
    pub(crate) with_fast_im2col: usize,
    /// Shapes in all.
    pub(crate) of: usize,
}

/// Both forms of the proposed method against the two that the paper compares it with.
pub(crate) fn wins(shapes: &[ShapeFindings], im2col_speedup: f64) -> Vec<Wins> {
    let mut wins = Vec::new();
    let gradients = [Gradient::Dx, Gradient::Dk, Gradient::Both];
    for (method, gradient) in [PROPOSED, "converters"]
        .into_iter()
        .flat_map(|method| gradients.map(|gradient| (method, gradient)))
    {
        for against in ["col2im", "autodiff"] {
            let count = |speedup: f64| {
                let faster = |shape: &&ShapeFindings| {
                    let time = |method| {
                        shape
                            .methods
                            .get(method)
                            .map(|gradients| gradients.figure(gradient).with_im2col(speedup))
                    };
                    matches!((time(method), time(against)), (Some(proposed), Some(other)) if proposed < other)
                };
                shapes.iter().filter(faster).count()
            };
            wins.push(Wins {
                method,
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
