//! What the emulation found, as tables.

use convgrad::cube::profile::{Knob, Profile};
use convgrad::cube::program::{By, Method};

use super::{Findings, Job, Measured, ShapeRuns};
use crate::render::{ratio, table};

/// What a core is made of, and who says so.
pub(crate) fn description(profile: &Profile) -> String {
    let row = |knob: Knob| {
        let setting = profile.setting(knob);
        vec![
            knob.name().into(),
            setting.trust.name().into(),
            setting.source.clone(),
            setting.value.to_string(),
        ]
    };
    let rows = Knob::ALL.into_iter().map(row).collect();
    let header = ["setting", "trust", "source", profile.name()];
    table(header, rows, 3)
}

/// The short titles of the schemes.
fn title(method: Method) -> String {
    match method {
        Method::Forward => "forward".into(),
        Method::DxConverters => "dX conv.".into(),
        Method::DxCol2img => "dX col2img".into(),
        Method::Dk(scheme) => format!("dK {}", scheme.name()),
    }
}

/// Cycles of forward and of every scheme relative to it, shape by shape.
pub(crate) fn tables(findings: &Findings) -> String {
    let mut text = format!("core: {}\n", findings.profile);
    for by in By::ALL {
        text.push_str(&format!(
            "\n{} img2col: cycles of forward, its use of the cube, and cycles relative to it\n",
            by.name()
        ));
        let methods = Method::ALL.into_iter().skip(1);
        let header = ["shape", "", "cycles", "cube"].map(String::from);
        let header = header.into_iter().chain(methods.map(title));
        let mut rows: Vec<_> = findings.shapes.iter().map(|shape| row(shape, by)).collect();
        rows.push(total(findings, by));
        text.push_str(&table(header, rows, 2));
    }
    let runs = findings.shapes.iter().flat_map(|shape| &shape.runs);
    let figures = runs.filter_map(|run| match &run.result {
        Measured::Done(figures) => figures.sampled.as_ref(),
        Measured::Not { .. } => None,
    });
    let (samples, tiles, of) = figures.fold((0, 0, 0), |(samples, tiles, of), sampled| {
        (samples + 1, tiles + sampled.tiles, of + sampled.of)
    });
    if samples > 0 {
        text.push_str(&format!(
            "\nsampled: the numbers of {samples} runs were computed and compared for {tiles} of {of} tiles of sums; all cycles are those of whole programs\n"
        ));
    }
    text
}

fn row(shape: &ShapeRuns, by: By) -> Vec<String> {
    let mut cells = vec![shape.shape.name.clone(), shape.shape.to_string()];
    let forward = shape.figures(Job {
        method: Method::Forward,
        by,
    });
    cells.push(forward.map_or("-".into(), |figures| figures.cycles.to_string()));
    let share = |figures: &super::Figures| {
        format!(
            "{:.0}%",
            100.0 * figures.tile_macs as f64 / figures.cycles as f64
        )
    };
    cells.push(forward.map_or("-".into(), share));
    for method in Method::ALL.into_iter().skip(1) {
        let figures = shape.figures(Job { method, by });
        let relative = figures.and_then(|figures| figures.relative_to_forward);
        cells.push(relative.map_or("-".into(), ratio));
    }
    cells
}

/// The sums over the shapes that every column has.
fn total(findings: &Findings, by: By) -> Vec<String> {
    let sum = |method| {
        let cycles = findings.shapes.iter().map(|shape| {
            shape
                .figures(Job { method, by })
                .map(|figures| figures.cycles)
        });
        cycles.sum::<Option<u64>>()
    };
    let forward = sum(Method::Forward);
    let mut cells = vec!["all".into(), String::new()];
    cells.push(forward.map_or("-".into(), |cycles| cycles.to_string()));
    cells.push(String::new());
    for method in Method::ALL.into_iter().skip(1) {
        let relative = sum(method).zip(forward);
        cells.push(relative.map_or("-".into(), |(cycles, forward)| {
            ratio(cycles as f64 / forward as f64)
        }));
    }
    cells
}
