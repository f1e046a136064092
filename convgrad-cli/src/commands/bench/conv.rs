//! `convgrad bench conv`: convolutions and their gradients, by several methods.

use std::collections::BTreeMap;

use clap::Args;
use convgrad::conv::{Context, Conv2d, Layout, Method};
use serde::Serialize;

use crate::failure::Result;
use crate::measure::{Budget, Machine, Timing, time};
use crate::progress::Progress;
use crate::shapes::{self, Shape};
use crate::threads::Threads;
use crate::trial::{Errors, Part, TIMED, Trial, worse};
use crate::{args, output, render};

/// Time convolutions and their gradients
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The shapes: a set (paper, resnet50, mobilenetv2, depthwise, vgg16) or a JSON or CSV file
    #[arg(long, value_name = "SET|FILE", default_value = "paper")]
    shapes: String,
    /// The methods, separated by commas
    #[arg(
        long,
        value_name = "METHOD,…",
        value_delimiter = ',',
        value_parser = args::method(),
        default_values = TIMED.map(Method::name),
    )]
    methods: Vec<Method>,
    /// The layout of the tensors
    #[arg(long, value_name = "LAYOUT", value_parser = args::layout(), default_value = Layout::default().name())]
    layout: Layout,
    /// Prepare the kernels of `fused` for forward and dX beforehand, and do not count the time that this takes
    #[arg(long)]
    prepared: bool,
    #[command(flatten)]
    threads: Threads,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Report {
    machine: Machine,
    threads: usize,
    layout: &'static str,
    /// Whether the kernels of `fused` were prepared beforehand.
    prepared: bool,
    shapes: Vec<ShapeReport>,
}

#[derive(Debug, Serialize)]
struct ShapeReport {
    #[serde(flatten)]
    shape: Shape,
    flops: u64,
    /// Of the two operands and the result, each once: what every part reads and writes at least.
    bytes: u64,
    forward: Timings,
    dx: Timings,
    dk: Timings,
    /// By the name of the method, the most bytes of buffers that any part had in use at once, stored tensors of other kinds apart.
    scratch_bytes: BTreeMap<&'static str, usize>,
    max_rel_error: f64,
}

/// Timings by the name of the method.
type Timings = BTreeMap<&'static str, Timing>;

/// Measures every shape by every method.
pub(crate) fn run(options: &Options) -> Result {
    let set = shapes::load(&options.shapes)?;
    let convs = set
        .shapes
        .iter()
        .map(Shape::conv)
        .collect::<Result<Vec<Conv2d>>>()?;
    let context = options.threads.context()?;
    let mut progress = Progress::new(convs.len());
    let mut report = Report {
        machine: Machine::measure(context.threads()),
        threads: context.threads(),
        layout: options.layout.name(),
        prepared: options.prepared,
        shapes: Vec::new(),
    };
    for (shape, conv) in set.shapes.into_iter().zip(convs) {
        progress.next(&format!("{}: {shape}", shape.name));
        report.shapes.push(measure(options, &context, shape, conv)?);
    }
    drop(progress);
    if options.json {
        return output::print_json(&report);
    }
    output::print(&report.to_text(&options.methods))
}

fn measure(
    options: &Options,
    context: &Context,
    shape: Shape,
    conv: Conv2d,
) -> Result<ShapeReport> {
    let mut trial = Trial::new(conv, options.layout, context)?;
    if options.prepared {
        trial = trial.prepared()?;
    }
    let [mut forward, mut dx, mut dk] = [Timings::new(), Timings::new(), Timings::new()];
    let mut scratch_bytes = BTreeMap::new();
    for &method in &options.methods {
        let timing = |part| {
            let mut result = trial.buffer(part);
            time(Budget::CAREFUL, || {
                trial.run(context, method, part, &mut result)
            })
        };
        forward.insert(method.name(), timing(Part::Forward)?);
        dx.insert(method.name(), timing(Part::Dx)?);
        dk.insert(method.name(), timing(Part::Dk)?);
        scratch_bytes.insert(method.name(), trial.scratch(context, method)?);
    }
    let errors = trial.errors(context, &options.methods)?;
    Ok(ShapeReport {
        shape,
        flops: conv.flops(),
        bytes: trial.bytes(),
        forward,
        dx,
        dk,
        scratch_bytes,
        max_rel_error: errors.iter().map(Errors::largest).fold(0.0, worse),
    })
}

impl Report {
    fn to_text(&self, methods: &[Method]) -> String {
        let machine = &self.machine;
        let mut text = format!(
            "{} ({} cores), {} used: peak {:.0} GFLOP/s (multiply-adds on registers), {:.1} GB/s (copy); {}{}\n",
            machine.cpu,
            machine.cores,
            self.threads,
            machine.peak_gflops,
            machine.copy_gbs,
            self.layout,
            if self.prepared {
                ", kernels prepared"
            } else {
                ""
            },
        );
        let header = [
            "shape",
            "method",
            "forward ms",
            "dX ms",
            "dK ms",
            "forward GFLOP/s",
            "dX GFLOP/s",
            "dK GFLOP/s",
            "% of peak",
            "GB/s",
            "% of copy",
            "scratch KiB",
        ];
        let mut rows = Vec::new();
        for shape in &self.shapes {
            for method in methods {
                let timings = [&shape.forward, &shape.dx, &shape.dk];
                let times = timings.map(|timings| {
                    timings
                        .get(method.name())
                        .map_or(f64::NAN, |timing| timing.median_ms)
                });
                let rates = times.map(|time| shape.flops as f64 / time / 1e6);
                let mut row = vec![
                    format!("{}: {}", shape.shape.name, shape.shape),
                    method.name().to_owned(),
                ];
                row.extend(times.map(|time| format!("{time:.3}")));
                row.extend(rates.map(|rate| format!("{rate:.1}")));
                let mean = 3.0 * shape.flops as f64 / times.iter().sum::<f64>() / 1e6;
                row.push(format!("{:.1} %", mean / machine.peak_gflops * 100.0));
                let rate = 3.0 * shape.bytes as f64 / times.iter().sum::<f64>() / 1e6;
                row.push(format!("{rate:.1}"));
                row.push(format!("{:.1} %", rate / machine.copy_gbs * 100.0));
                let scratch = shape.scratch_bytes.get(method.name());
                row.push(
                    scratch.map_or_else(String::new, |bytes| bytes.div_ceil(1024).to_string()),
                );
                rows.push(row);
            }
        }
        text += &render::table(header, rows, 2);
        let worst = self
            .shapes
            .iter()
            .map(|shape| shape.max_rel_error)
            .fold(0.0, worse);
        text + &format!("largest relative error against the definition: {worst:.1e}\n")
    }
}
