//! `convgrad bench convert`: converters beside a plain copy of the same bytes.

mod cases;
mod room;

use clap::Args;
use convgrad::conv::Context;
use convgrad::program::{ConvertTo, Instance, Program};
use convgrad::{Element, Number, TypedConverter};
use convgrad_dsl::analysis::{Bindings, analyze};
use convgrad_dsl::{library, sizes};
use half::{bf16, f16};
use serde::Serialize;

use crate::failure::{Failure, Result};
use crate::measure::{Budget, Machine, Timing, alternate, copy};
use crate::progress::Progress;
use crate::threads::Threads;
use crate::{memory, output, render};

use cases::{CASES, Case, FORMULAS, Kind, Volume};
use room::{Align, Room};

/// Time converters beside a plain copy of the same bytes
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Only the cases in whose names one of these words stands
    #[arg(long, value_name = "WORD,…", value_delimiter = ',')]
    cases: Vec<String>,
    /// The sizes of the elements in bytes
    #[arg(long, value_name = "BYTES,…", value_delimiter = ',', default_values = ["4", "2"], value_parser = ["1", "2", "4", "8"])]
    elements: Vec<String>,
    /// Tensors of a few kilobytes, each measured shortly: whether all of it works, and no more
    #[arg(long)]
    quick: bool,
    /// Where tensors begin, those of the copy as well: at a multiple of so many bytes, as libraries of tensors place them, or
    /// 16 bytes behind a line of memory with 16, as the system places what is large
    #[arg(long, value_name = "BYTES", default_value = "64", value_parser = Align::parse)]
    align: Align,
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
    /// Where tensors begin: at a multiple of so many bytes.
    align: usize,
    cases: Vec<CaseReport>,
}

#[derive(Debug, Serialize)]
struct CaseReport {
    name: &'static str,
    kind: Kind,
    /// About how large the output is.
    size: String,
    element_bytes: usize,
    /// Those of the output, written, and those that they are made of, read.
    bytes: usize,
    #[serde(flatten)]
    timing: Timing,
    gbs: f64,
    copy_gbs: f64,
    /// The time of the copy over the time of the converter.
    ratio: f64,
}

/// Measures every case at every size.
pub(crate) fn run(options: &Options) -> Result {
    let asked = |case: &&Case| {
        let mut words = options.cases.iter();
        options.cases.is_empty() || words.any(|word| case.name.contains(word.as_str()))
    };
    let cases: Vec<&Case> = CASES.iter().filter(asked).collect();
    if cases.is_empty() {
        let known: Vec<&str> = CASES.iter().map(|case| case.name).collect();
        let message = format!(
            "--cases: no name has such a word; there are {}",
            known.join(", ")
        );
        return Err(Failure::input(message));
    }
    let volumes: &[Volume] = match options.quick {
        true => &[Volume::Tiny],
        false => &[Volume::Small, Volume::Large],
    };
    let program = program()?;
    let context = options.threads.context()?;
    let mut report = Report {
        machine: Machine::measure(context.threads()),
        threads: context.threads(),
        align: options.align.bytes(),
        cases: Vec::new(),
    };
    let align = options.align;
    let mut progress = Progress::new(cases.len() * volumes.len() * options.elements.len());
    for &volume in volumes {
        for bytes in &options.elements {
            let fits = |case: &&&Case| case.element().is_none_or(|own| own.to_string() == *bytes);
            for &case in cases.iter().filter(fits) {
                progress.next(&format!(
                    "{}, {volume}, elements of {bytes} bytes",
                    case.name
                ));
                let size = bytes.parse().unwrap_or(size_of::<f32>());
                let instance = instance(&program, case, volume, size)?.on(&context);
                let elements = instance.elements();
                let types = elements.map(|own| (own.input.name(), own.output.name()));
                let measure = match (types, size) {
                    (Some(("f16", "f32")), _) => measure::<f16, f32>,
                    (Some(("f32", "bf16")), _) => measure::<f32, bf16>,
                    (Some(("f32", "i8")), _) => measure::<f32, i8>,
                    (Some(("i8", "f32")), _) => measure::<i8, f32>,
                    (Some(_), _) => measure::<f32, f16>,
                    (None, 1) => measure::<u8, u8>,
                    (None, 2) => measure::<f16, f16>,
                    (None, 8) => measure::<f64, f64>,
                    (None, _) => measure::<f32, f32>,
                };
                report
                    .cases
                    .push(measure(&instance, case, volume, align, &context)?);
            }
        }
    }
    drop(progress);
    match options.json {
        true => output::print_json(&report),
        false => output::print(&report.to_text()),
    }
}

/// The standard library, and the converters that are measured beside it.
fn program() -> Result<Program> {
    let text = format!("{}{FORMULAS}", library::text());
    Program::compile(text).map_err(Failure::environment)
}

/// The converter of a case, ready to run.
fn instance(program: &Program, case: &Case, volume: Volume, element: usize) -> Result<Instance> {
    let wrong = |what: String| Failure::environment(format!("{}: {what}", case.name));
    let formula = program
        .converter(case.converter)
        .map_err(Failure::environment)?;
    let converter = &formula.compiled().converter;
    let first = |diagnostics: Vec<convgrad_dsl::diagnostic::Diagnostic>| {
        let message = diagnostics
            .first()
            .map(|diagnostic| diagnostic.message.clone());
        wrong(message.unwrap_or_default())
    };
    let bindings = sizes::bind_own(converter, &case.sizes(volume, element)).map_err(first)?;
    let values: Bindings = bindings.clone();
    let values: Option<Vec<i64>> = values.into_iter().collect();
    let values = values.ok_or_else(|| wrong("a size has no value".into()))?;
    let (analysis, _) = analyze(converter, &bindings).map_err(first)?;
    Instance::new(converter, &analysis, &values).map_err(Failure::runtime)
}

fn measure<X: ConvertTo<Y>, Y: Element>(
    instance: &Instance,
    case: &'static Case,
    volume: Volume,
    align: Align,
    context: &Context,
) -> Result<CaseReport> {
    let typed = instance.typed::<X, Y>().map_err(Failure::runtime)?;
    let count = |shape: &[usize]| shape.iter().product::<usize>();
    let (read, written) = (
        count(instance.input_shape()),
        count(instance.output_shape()),
    );
    // As many bytes as the output has, and as many as its elements are made of; the copy reads one half and writes the other.
    let bytes = written * (size_of::<X>() + size_of::<Y>());
    memory::ensure(
        (read * size_of::<X>() + written * size_of::<Y>() + bytes) as u128,
        case.name,
    )?;
    // Zeros would be pages that the system has not made yet, all of them one.
    let x = Room::new(
        align,
        read,
        X::from_number(Number::Int(1)).unwrap_or_default(),
    );
    let mut y = Room::new(align, written, Y::default());
    let from = Room::new(align, bytes / 2, 1_u8);
    let mut to = Room::new(align, bytes / 2, 0_u8);
    let budget = match volume {
        Volume::Tiny => Budget::QUICK,
        _ => Budget::CAREFUL,
    };
    let (timing, copy) = alternate(
        budget,
        || {
            typed
                .convert(x.elements(), y.elements_mut())
                .map_err(Failure::runtime)
        },
        || {
            copy(context.threads(), from.elements(), to.elements_mut());
            Ok(())
        },
    )?;
    let rate = |timing: Timing| bytes as f64 / timing.median_ms / 1e6;
    Ok(CaseReport {
        name: case.name,
        kind: case.kind,
        size: volume.to_string(),
        element_bytes: size_of::<Y>(),
        bytes,
        timing,
        gbs: rate(timing),
        copy_gbs: rate(copy),
        ratio: copy.median_ms / timing.median_ms,
    })
}

impl Report {
    fn to_text(&self) -> String {
        let machine = &self.machine;
        let mut text = format!(
            "{} ({} cores), {} used, tensors at multiples of {} bytes: {:.1} GB/s (copy)\n",
            machine.cpu, machine.cores, self.threads, self.align, machine.copy_gbs
        );
        let header = [
            "case",
            "size",
            "bytes an element",
            "ms",
            "GB/s",
            "copy GB/s",
            "ratio to a copy",
        ];
        let rows = self.cases.iter().map(|case| {
            vec![
                case.name.to_owned(),
                case.size.clone(),
                case.element_bytes.to_string(),
                format!("{:.3}", case.timing.median_ms),
                format!("{:.1}", case.gbs),
                format!("{:.1}", case.copy_gbs),
                render::ratio(case.ratio),
            ]
        });
        text += &render::table(header, rows.collect(), 2);
        let permutations = self
            .cases
            .iter()
            .filter(|case| case.kind == Kind::Permutation);
        let logarithms: Vec<f64> = permutations.map(|case| case.ratio.ln()).collect();
        if !logarithms.is_empty() {
            let mean = logarithms.iter().sum::<f64>() / logarithms.len() as f64;
            text += &format!(
                "geometric mean of the permutations: {}\n",
                render::ratio(mean.exp())
            );
        }
        text
    }
}
