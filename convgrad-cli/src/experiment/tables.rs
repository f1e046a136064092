//! What the experiment found, as tables for people.

use std::fmt::Write;

use super::cube::Tiles;
use super::{Figure, Findings, Gradient, PROPOSED};
use crate::render::{ratio, table};
use crate::trial::{TIMED, worse};

/// All of it.
pub(crate) fn tables(findings: &Findings) -> String {
    [
        introduction(findings),
        times(findings, Gradient::Dx, "1a"),
        times(findings, Gradient::Dk, "1b"),
        stages(findings),
        fast_im2col(findings),
        cube(findings),
        verification(findings),
    ]
    .join("\n")
}

fn introduction(findings: &Findings) -> String {
    let machine = &findings.machine;
    let mut text = String::new();
    if findings.set == "paper" {
        text += "The shapes are the 20 of \"Gradient Code Generation for AI Accelerators with Specialized Data Layout Requirements\"\n\
                 (Tran, Wang, Ye, Colmenares): the convolutions of MobileNet-V2 that are not depthwise, at the paper's batch of 1.\n\
                 Its slides call them ResNet-50; only the first has a window larger than 1×1, a stride or a padding.\n";
    }
    let _ = writeln!(
        text,
        "{} shapes on {} ({} cores), {} of them used: measured peak {:.0} GFLOP/s (multiply-adds on registers), {:.1} GB/s (copy).",
        findings.shapes.len(),
        machine.cpu,
        machine.cores,
        findings.threads,
        machine.peak_gflops,
        machine.copy_gbs,
    );
    text + "Methods: fused (the engine), converters (the paper's proposal on the engine: converted operands are stored, no zeros inserted),\n\
            literal (the proposal to the letter: im2col's matrix and zeros for the stride are stored too), col2im (its \"Original\"),\n\
            autodiff (its \"AD\"). All of them share one GEMM. Times are medians; forward is im2col and GEMM.\n"
}

/// The times of a gradient relative to the forward convolution.
fn times(findings: &Findings, gradient: Gradient, number: &str) -> String {
    let mut header = vec!["shape".to_owned(), "forward ms".into()];
    header.extend(TIMED.map(|method| method.name().to_owned()));
    let row = |name: String, forward: &Figure, figure: &dyn Fn(&str) -> Option<Figure>| {
        let forward = forward.timing.median_ms;
        let mut row = vec![name, format!("{forward:.3}")];
        row.extend(TIMED.map(|method| match figure(method.name()) {
            Some(figure) => ratio(figure.timing.median_ms / forward),
            None => "-".into(),
        }));
        row
    };
    let mut rows: Vec<Vec<String>> = findings
        .shapes
        .iter()
        .map(|shape| {
            let name = format!("{}: {}", shape.shape.name, shape.shape);
            row(name, &shape.forward, &|method| {
                shape
                    .methods
                    .get(method)
                    .map(|gradients| gradients.figure(gradient))
            })
        })
        .collect();
    rows.push(row("total".into(), &findings.forward(), &|method| {
        Some(findings.total(method, gradient))
    }));
    let title = format!(
        "({number}) Time of {}, relative to the forward convolution\n",
        gradient.name()
    );
    title + &table(header, rows, 1)
}

/// Where the time of the proposed backward pass goes.
fn stages(findings: &Findings) -> String {
    let row = |name: String, figure: &Figure| {
        let mut row = vec![name, format!("{:.3}", figure.timing.median_ms)];
        row.extend(
            figure
                .shares()
                .map(|(_, share)| format!("{:.1} %", share * 100.0)),
        );
        row
    };
    let mut rows: Vec<Vec<String>> = findings
        .shapes
        .iter()
        .filter_map(|shape| {
            let name = format!("{}: {}", shape.shape.name, shape.shape);
            Some(row(
                name,
                &shape.methods.get(PROPOSED)?.figure(Gradient::Both),
            ))
        })
        .collect();
    rows.push(row(
        "total".into(),
        &findings.total(PROPOSED, Gradient::Both),
    ));
    let mut header = vec!["shape", "dX + dK ms"];
    header.extend(Figure::default().shares().map(|(name, _)| name));
    format!("(2) Where the time of the proposed backward pass ({PROPOSED}) goes\n")
        + &table(header, rows, 1)
}

/// The same totals with a faster im2col, and who wins.
fn fast_im2col(findings: &Findings) -> String {
    let factor = findings.im2col_speedup;
    let forward = findings.forward();
    let rows = TIMED
        .iter()
        .map(|method| {
            let mut row = vec![method.name().to_owned()];
            for gradient in [Gradient::Dx, Gradient::Dk] {
                let total = findings.total(method.name(), gradient);
                for speedup in [1.0, factor] {
                    row.push(ratio(
                        total.with_im2col(speedup) / forward.with_im2col(speedup),
                    ));
                }
            }
            row
        })
        .collect();
    let header = [
        "total".to_owned(),
        "dX / forward".into(),
        format!("im2col {factor}×"),
        "dK / forward".into(),
        format!("im2col {factor}×"),
    ];
    let mut text =
        format!("(3) If im2col were {factor} times faster, in the forward convolution too\n");
    text += &table(header, rows, 1);
    text += "The proposed method, to the letter (literal) and on the engine (converters), is faster than\n";
    for wins in &findings.wins {
        let _ = writeln!(
            text,
            "  {:8} for {:7} on {} of {} shapes ({}) as measured, on {} with im2col {factor} times faster",
            wins.against,
            wins.gradient.name(),
            wins.as_measured,
            wins.of,
            wins.method,
            wins.with_fast_im2col,
        );
    }
    if findings.set == "paper" {
        text += "The paper's slides report, against col2im (\"Original\"): 12 of 20, and 18 of 20 with im2col assumed\n\
                 about 5 times faster (CPU library kernels; the slides give no times of dK).\n";
    }
    text
}

fn cube(findings: &Findings) -> String {
    let row = |name: String, tiles: Tiles| {
        let mut row = vec![name];
        row.extend(tiles.columns().map(grouped));
        row
    };
    let mut rows: Vec<Vec<String>> = findings
        .shapes
        .iter()
        .map(|shape| {
            row(
                format!("{}: {}", shape.shape.name, shape.shape),
                shape.cube_tiles,
            )
        })
        .collect();
    rows.push(row(
        "total".into(),
        findings.shapes.iter().map(|shape| shape.cube_tiles).sum(),
    ));
    let mut header = vec!["shape"];
    header.extend(Tiles::NAMES);
    "(4) Tile operations of the emulated Cube (16×16×16 multiply-accumulates)\n".to_owned()
        + &table(header, rows, 1)
        + "dK literal is the paper's, an image at a time; folded takes the images of all channels as one matrix; direct needs no converter.\n"
}

fn verification(findings: &Findings) -> String {
    let mut worst = std::collections::BTreeMap::new();
    for shape in &findings.shapes {
        for (&method, errors) in &shape.relative_errors {
            let entry: &mut [f64; 3] = worst.entry(method).or_default();
            for (worst, error) in entry.iter_mut().zip([errors.forward, errors.dx, errors.dk]) {
                *worst = worse(*worst, error);
            }
        }
    }
    let rows = worst
        .into_iter()
        .map(|(method, errors)| {
            let mut row = vec![method.to_owned()];
            row.extend(errors.map(|error| format!("{error:.1e}")));
            row
        })
        .collect();
    "Largest relative error against the definition (direct, sums in f64)\n".to_owned()
        + &table(["method", "forward", "dX", "dK"], rows, 1)
}

/// A number with its digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_threes() {
        assert_eq!(
            [0, 999, 1000, 10_668_672].map(grouped),
            ["0", "999", "1,000", "10,668,672"]
        );
    }
}
