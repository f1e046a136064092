//! What the experiment found, as pictures.

use super::cube::Tiles;
use super::{Figure, Findings, Gradient, PROPOSED, ShapeFindings};
use crate::failure::{Failure, Result};
use crate::render::chart::{GroupedBars, Scale, StackedBars};
use crate::trial::TIMED;

/// The pictures: the name of each file, and the SVG.
pub(crate) fn pictures(findings: &Findings) -> Result<Vec<(&'static str, String)>> {
    let fast = findings.im2col_speedup;
    [
        (
            "dx-relative-to-forward.svg",
            times(findings, Gradient::Dx, 1.0).svg(),
        ),
        (
            "dk-relative-to-forward.svg",
            times(findings, Gradient::Dk, 1.0).svg(),
        ),
        (
            "dx-with-fast-im2col.svg",
            times(findings, Gradient::Dx, fast).svg(),
        ),
        (
            "dk-with-fast-im2col.svg",
            times(findings, Gradient::Dk, fast).svg(),
        ),
        ("totals.svg", totals(findings).svg()),
        ("wins.svg", wins(findings).svg()),
        (
            "stages-of-the-proposed-backward.svg",
            stages(findings).svg(),
        ),
        ("cube-tiles.svg", cube(findings).svg()),
    ]
    .into_iter()
    .map(|(name, svg)| match svg {
        Ok(svg) => Ok((name, svg)),
        Err(error) => Err(Failure::environment(format!("cannot draw {name}: {error}"))),
    })
    .collect()
}

fn label(shape: &ShapeFindings) -> String {
    format!("{}: {}", shape.shape.name, shape.shape)
}

fn method_names() -> Vec<String> {
    let explain = |name: &str| match name {
        "converters" => "converters (on the engine)".to_owned(),
        "literal" => "literal (the paper's)".to_owned(),
        "col2im" => "col2im (\"Original\")".to_owned(),
        "autodiff" => "autodiff (\"AD\")".to_owned(),
        "fused" => "fused (the engine)".to_owned(),
        other => other.to_owned(),
    };
    TIMED.iter().map(|method| explain(method.name())).collect()
}

/// What was measured, and where.
fn conditions(findings: &Findings) -> String {
    let threads = match findings.threads {
        1 => "1 thread".to_owned(),
        threads => format!("{threads} threads"),
    };
    format!(
        "{}, {threads}, {}",
        set_name(findings),
        findings.machine.cpu
    )
}

fn set_name(findings: &Findings) -> String {
    match findings.set.as_str() {
        "paper" => "The paper's 20 shapes (batch 1)".into(),
        set => format!("Shapes: {set}"),
    }
}

fn times(findings: &Findings, gradient: Gradient, im2col_speedup: f64) -> GroupedBars {
    let groups = findings.shapes.iter().map(|shape| {
        let forward = shape.forward.with_im2col(im2col_speedup);
        let values = TIMED
            .iter()
            .map(|method| match shape.methods.get(method.name()) {
                Some(gradients) => gradients.figure(gradient).with_im2col(im2col_speedup) / forward,
                None => f64::NAN,
            });
        (label(shape), values.collect())
    });
    let name = gradient.name();
    let assumed = if im2col_speedup == 1.0 {
        String::new()
    } else {
        format!(", were im2col {im2col_speedup} times faster")
    };
    GroupedBars {
        title: format!("Time of {name} relative to the forward convolution{assumed}"),
        subtitle: format!(
            "Bars to the left of 1: {name} takes less time than the forward convolution. {}.",
            conditions(findings)
        ),
        axis: format!("time of {name} / time of forward (logarithmic)"),
        scale: Scale::Logarithmic,
        baseline: Some((1.0, "forward = 1".into())),
        reach: None,
        series: method_names(),
        groups: groups.collect(),
    }
}

fn totals(findings: &Findings) -> GroupedBars {
    let mut groups = Vec::new();
    for gradient in [Gradient::Dx, Gradient::Dk] {
        for (speedup, what) in [
            (1.0, "as measured".to_owned()),
            (
                findings.im2col_speedup,
                format!("im2col {}× faster", findings.im2col_speedup),
            ),
        ] {
            let forward = findings.forward().with_im2col(speedup);
            let values = TIMED.iter().map(|method| {
                findings.total(method.name(), gradient).with_im2col(speedup) / forward
            });
            groups.push((format!("{}, {what}", gradient.name()), values.collect()));
        }
    }
    GroupedBars {
        title: "Total time of the gradients relative to the forward convolutions".into(),
        subtitle: format!(
            "Shorter is faster; all shapes together. {}.",
            conditions(findings)
        ),
        axis: "total time / total time of forward".into(),
        scale: Scale::Linear,
        baseline: None,
        reach: None,
        series: method_names(),
        groups,
    }
}

fn wins(findings: &Findings) -> GroupedBars {
    let groups = findings.wins.iter().map(|wins| {
        let counts = [wins.as_measured, wins.with_fast_im2col].map(|count| count as f64);
        (
            format!(
                "{}, {} against {}",
                wins.gradient.name(),
                wins.method,
                wins.against
            ),
            counts.to_vec(),
        )
    });
    GroupedBars {
        title: "Shapes on which the paper's method is the faster one".into(),
        subtitle: format!(
            "Of {} shapes. {}.",
            findings.shapes.len(),
            conditions(findings)
        ),
        axis: "shapes on which it is faster".into(),
        scale: Scale::Linear,
        baseline: None,
        reach: Some(findings.shapes.len() as f64),
        series: vec![
            "as measured".into(),
            format!("were im2col {} times faster", findings.im2col_speedup),
        ],
        groups: groups.collect(),
    }
}

fn stages(findings: &Findings) -> StackedBars {
    let shares = |figure: Figure| figure.shares().map(|(_, share)| share).to_vec();
    let mut bars: Vec<(String, Vec<f64>)> = findings
        .shapes
        .iter()
        .filter_map(|shape| {
            Some((
                label(shape),
                shares(shape.methods.get(PROPOSED)?.figure(Gradient::Both)),
            ))
        })
        .collect();
    bars.push((
        "all shapes".into(),
        shares(findings.total(PROPOSED, Gradient::Both)),
    ));
    StackedBars {
        title: "Where the time of the proposed backward pass goes".into(),
        subtitle: format!(
            "Method {PROPOSED}, dX and dK together. {}.",
            conditions(findings)
        ),
        axis: "share of the time".into(),
        parts: Figure::default()
            .shares()
            .map(|(name, _)| name.to_owned())
            .to_vec(),
        bars,
    }
}

fn cube(findings: &Findings) -> GroupedBars {
    let values = |tiles: Tiles| tiles.columns().map(|count| count as f64).to_vec();
    let mut groups: Vec<(String, Vec<f64>)> = findings
        .shapes
        .iter()
        .map(|shape| (label(shape), values(shape.cube_tiles)))
        .collect();
    groups.push((
        "all shapes".into(),
        values(findings.shapes.iter().map(|shape| shape.cube_tiles).sum()),
    ));
    GroupedBars {
        title: "Tile operations of the emulated Cube".into(),
        subtitle: format!(
            "16×16×16 multiply-accumulates; at one a cycle, the least cycles that a scheme takes. {}.",
            set_name(findings)
        ),
        axis: "tile operations (logarithmic)".into(),
        scale: Scale::Logarithmic,
        baseline: None,
        reach: None,
        series: Tiles::NAMES.map(String::from).to_vec(),
        groups,
    }
}
