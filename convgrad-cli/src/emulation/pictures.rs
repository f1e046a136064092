//! What the emulation found, as pictures.

use convgrad::cube::Scheme;
use convgrad::cube::program::{By, Method};

use super::{Findings, Job};
use crate::failure::{Failure, Result};
use crate::render::chart::{GroupedBars, Scale};

/// The pictures: the name of each file, and the SVG.
pub(crate) fn pictures(findings: &Findings, set: &str) -> Result<Vec<(&'static str, String)>> {
    let dx = [Method::DxConverters, Method::DxCol2img];
    let dk = Scheme::ALL.map(Method::Dk);
    [
        ("cube-dx.svg", bars(findings, set, "dX", &dx)),
        ("cube-dk.svg", bars(findings, set, "dK", &dk)),
    ]
    .into_iter()
    .map(|(name, chart)| match chart.svg() {
        Ok(svg) => Ok((name, svg)),
        Err(error) => Err(Failure::environment(format!("cannot draw {name}: {error}"))),
    })
    .collect()
}

fn bars(findings: &Findings, set: &str, what: &str, methods: &[Method]) -> GroupedBars {
    let jobs: Vec<Job> = methods
        .iter()
        .flat_map(|&method| By::ALL.map(|by| Job { method, by }))
        .filter(|job| {
            findings
                .shapes
                .iter()
                .any(|shape| shape.figures(*job).is_some())
        })
        .collect();
    let name = |job: &Job| match job.by {
        By::Hardware => job.method.scheme().to_owned(),
        By::Software => format!("{}, software img2col", job.method.scheme()),
    };
    let groups = findings.shapes.iter().map(|shape| {
        let relative = |job: &Job| {
            let figures = shape.figures(*job);
            figures
                .and_then(|figures| figures.relative_to_forward)
                .unwrap_or(f64::NAN)
        };
        let label = format!("{}: {}", shape.shape.name, shape.shape);
        (label, jobs.iter().map(relative).collect())
    });
    GroupedBars {
        title: format!(
            "Cycles of {what} relative to the forward convolution, on an emulated {}",
            findings.profile
        ),
        subtitle: format!(
            "Each compared with forward with the same img2col. Shapes: {set}. Emulated from public facts and stated guesses, not measured."
        ),
        axis: format!("cycles of {what} / cycles of forward (logarithmic)"),
        scale: Scale::Logarithmic,
        baseline: Some((1.0, "forward = 1".into())),
        reach: None,
        series: jobs.iter().map(name).collect(),
        groups: groups.collect(),
    }
}
