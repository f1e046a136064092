//! `convgrad paper`: the paper's experiment, verified.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::experiment::{self, Findings, Plan, ShapeFindings};
use crate::failure::{Failure, Result};
use crate::files::Staged;
use crate::measure::Budget;
use crate::threads::Threads;
use crate::{output, shapes};

/// Repeat the paper's experiment: verify every gradient and compare the methods
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    threads: Threads,
    /// Take a few seconds only, for rough figures
    #[arg(long)]
    quick: bool,
    /// Write all numbers to a file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Draw pictures into a folder, which is made if it is not there
    #[arg(long, value_name = "DIR")]
    svg: Option<PathBuf>,
    /// By what factor im2col is assumed to be faster in the paper's comparison
    #[arg(long, value_name = "FACTOR", default_value_t = 5.0, value_parser = factor)]
    im2col_speedup: f64,
    /// The shapes: a set (paper, resnet50, mobilenetv2, depthwise, vgg16) or a JSON or CSV file
    #[arg(long, value_name = "SET|FILE", default_value = "paper")]
    shapes: String,
}

fn factor(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(factor) if factor >= 1.0 && factor.is_finite() => Ok(factor),
        _ => Err("expected a number of at least 1".into()),
    }
}

/// Measures, prints, writes, and fails if a gradient is wrong.
pub(crate) fn run(options: &Options) -> Result {
    let set = shapes::load(&options.shapes)?;
    let mut staged = Staged::new();
    let json = options
        .json
        .as_deref()
        .map(|path| staged.reserve(path))
        .transpose()?;
    if let Some(folder) = &options.svg {
        std::fs::create_dir_all(folder)
            .map_err(|error| Failure::file(folder, format!("cannot make the folder: {error}")))?;
        // What cannot be written is better known before the work than after it.
        Staged::new().reserve(&folder.join("picture.svg"))?;
    }
    let findings = experiment::run(Plan {
        set,
        context: options.threads.context()?,
        budget: if options.quick {
            Budget::QUICK
        } else {
            Budget::CAREFUL
        },
        im2col_speedup: options.im2col_speedup,
    })?;
    // Whoever reads the tables may go away, as in `convgrad paper --json FILE | head`; the files and the verdict do not depend on it.
    let printed = output::print(&experiment::tables(&findings));
    if let Some(slot) = json {
        let document = output::to_json(&findings)?;
        staged.write(slot, |out| out.write_all(document.as_bytes()))?;
    }
    if let Some(folder) = &options.svg {
        draw(&mut staged, folder, &findings)?;
    }
    staged.publish()?;
    judge(&findings.shapes)?;
    printed
}

fn draw(staged: &mut Staged, folder: &Path, findings: &Findings) -> Result {
    for (name, svg) in experiment::pictures(findings)? {
        let slot = staged.reserve(&folder.join(name))?;
        staged.write(slot, |out| out.write_all(svg.as_bytes()))?;
    }
    Ok(())
}

/// Fails where a method is off.
fn judge(shapes: &[ShapeFindings]) -> Result {
    let wrong = experiment::wrong(shapes);
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Failure::input(format!(
        "some results are wrong:\n  {}",
        wrong.join("\n  ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Figure;
    use crate::trial::Errors;

    #[test]
    fn a_wrong_gradient_fails_the_command() {
        let judge = |dx| {
            let errors = Errors {
                forward: 0.0,
                dx,
                dk: 0.0,
            };
            judge(&[ShapeFindings {
                shape: shapes::load("paper").unwrap().shapes.remove(0),
                flops: 1,
                forward: Figure::default(),
                methods: Default::default(),
                relative_errors: [("col2im", errors)].into(),
                cube_tiles: Default::default(),
            }])
        };
        assert!(judge(1e-6).is_ok());
        // Failures of this kind end the command with 1.
        for wrong in [1e-3, f64::INFINITY, f64::NAN] {
            match judge(wrong) {
                Err(Failure::Input(message)) => {
                    assert!(message.contains("col2im, dX"), "{message}")
                }
                other => panic!("{wrong}: {other:?}"),
            }
        }
    }
}
