//! Measuring every method on every shape, and verifying it against the definition.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use convgrad::conv::{Context, Conv2d, Layout, Method, Stages};

use super::cube::Tiles;
use super::wins::wins;
use super::{Figure, Findings, Gradients, ShapeFindings};
use crate::failure::Result;
use crate::measure::{Budget, Machine, Timing, time};
use crate::progress::Progress;
use crate::shapes::{Shape, ShapeSet};
use crate::trial::{Part, TIMED, Trial};

/// What to measure.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The shapes.
    pub(crate) set: ShapeSet,
    /// The threads.
    pub(crate) context: Context,
    /// How long a figure may take.
    pub(crate) budget: Budget,
    /// By what factor im2col is assumed to be faster.
    pub(crate) im2col_speedup: f64,
}

/// Runs the experiment.
pub(crate) fn run(plan: Plan) -> Result<Findings> {
    let convs = plan
        .set
        .shapes
        .iter()
        .map(Shape::conv)
        .collect::<Result<Vec<Conv2d>>>()?;
    let mut progress = Progress::new(convs.len());
    let mut shapes = Vec::new();
    for (shape, conv) in plan.set.shapes.iter().zip(convs) {
        progress.next(&format!("{}: {shape}", shape.name));
        shapes.push(examine(&plan, shape, conv)?);
    }
    Ok(Findings {
        machine: Machine::measure(plan.context.threads()),
        threads: plan.context.threads(),
        set: plan.set.name,
        im2col_speedup: plan.im2col_speedup,
        wins: wins(&shapes, plan.im2col_speedup),
        shapes,
    })
}

/// Everything about one shape.
fn examine(plan: &Plan, shape: &Shape, conv: Conv2d) -> Result<ShapeFindings> {
    let trial = Trial::new(conv, Layout::Nchw, &plan.context)?;
    let verified: Vec<Method> = Method::ALL
        .into_iter()
        .filter(|&method| method != Method::Direct)
        .collect();
    let errors = trial.errors(&plan.context, &verified)?;
    // The yardstick is im2col and GEMM, as in the paper, not what the engine makes of them.
    let forward = figure(plan, &trial, Method::Literal, Part::Forward)?;
    let mut methods = BTreeMap::new();
    for method in TIMED {
        let dx = figure(plan, &trial, method, Part::Dx)?;
        let dk = figure(plan, &trial, method, Part::Dk)?;
        methods.insert(method.name(), Gradients { dx, dk });
    }
    Ok(ShapeFindings {
        shape: shape.clone(),
        flops: conv.flops(),
        forward,
        methods,
        relative_errors: verified
            .iter()
            .map(|method| method.name())
            .zip(errors)
            .collect(),
        cube_tiles: Tiles::of(&conv)?,
    })
}

/// Times a computation, and its stages in the same runs.
fn figure(plan: &Plan, trial: &Trial, method: Method, part: Part) -> Result<Figure> {
    let mut result = trial.buffer(part);
    let start = Instant::now();
    let (timing, stages) = plan.context.measure(|context| {
        time(plan.budget, || {
            trial.run(context, method, part, &mut result)
        })
    });
    Ok(divide(timing?, &stages, start.elapsed()))
}

/// Divides a median among the stages, as the time of all runs, `elapsed`, divides among theirs.
///
/// Stages of groups that are computed side by side may add up to more than there was; no stage takes more than its part of the whole.
fn divide(timing: Timing, stages: &Stages, elapsed: Duration) -> Figure {
    let whole = elapsed
        .max(stages.total())
        .as_secs_f64()
        .max(f64::MIN_POSITIVE);
    let share = |stage: Duration| stage.as_secs_f64() / whole * timing.median_ms;
    Figure {
        timing,
        converters_ms: share(stages.converters),
        im2col_ms: share(stages.im2col),
        gemm_ms: share(stages.gemm),
        col2im_ms: share(stages.col2im),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_never_take_more_than_the_whole() {
        let timing = Timing {
            median_ms: 6.0,
            min_ms: 5.0,
        };
        let stages = Stages {
            im2col: Duration::from_millis(20),
            gemm: Duration::from_millis(10),
            ..Stages::default()
        };
        let alone = divide(timing, &stages, Duration::from_millis(60));
        assert!((alone.im2col_ms - 2.0).abs() < 1e-9 && (alone.gemm_ms - 1.0).abs() < 1e-9);
        // Two threads, each with a group: 30 ms of work in 15 ms.
        let side_by_side = divide(timing, &stages, Duration::from_millis(15));
        assert!((side_by_side.im2col_ms - 4.0).abs() < 1e-9);
        assert!(
            side_by_side.with_im2col(1e9) > 1.9,
            "a faster im2col takes no negative time"
        );
        assert_eq!(
            divide(timing, &Stages::default(), Duration::ZERO).im2col_ms,
            0.0
        );
    }
}
